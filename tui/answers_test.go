package tui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/labs/progress"
	"podlab/tui/ui"
)

// What a key answers stands on one line: none of it may be cut off on the
// smallest screen.
func TestNoticesFit(t *testing.T) {
	for _, lang := range content.Langs() {
		s, err := testSpeech(lang)
		if err != nil {
			t.Fatal(err)
		}
		c, l, w, k := s.Texts.Common, s.Texts.Lab, s.Texts.Welcome, s.Texts.Catalog
		for _, notice := range []string{
			c.MouseOn, c.MouseOff, c.LayoutAuto, c.LayoutOne, c.LayoutBeside, c.LayoutNarrow, c.LayoutNotHere,
			l.Split, l.SplitNoTmux, l.SplitNoRoom, l.ExpandInChecks, l.SolutionFirst, l.BusyNow, l.NotStarted,
			w.WaitLooking, w.WaitCreating, w.WaitCancelling, w.NotRunning, w.NotRunningFailed,
			k.NoSearch, k.OnlyUnsolved, k.AllDone, k.NothingFound, s.Texts.Report.OnePane, s.Texts.Report.Last,
			s.Texts.Copy.Nothing, s.Texts.Copy.NoParts,
		} {
			if width := ansi.StringWidth(notice); width > minWidth-2 {
				t.Errorf("%s: %q is %d cells wide", lang, notice, width)
			}
		}
	}
}

// manyKeys is a screen with more keys than fit on the page of keys.
type manyKeys struct {
	ui.Screen
	n int
}

func (s manyKeys) Help() []key.Binding {
	var all []key.Binding
	for i := range s.n {
		all = append(all, key.NewBinding(key.WithKeys("x"), key.WithHelp(fmt.Sprintf("key-%d", i), fmt.Sprintf("does the thing %d!", i))))
	}
	return all
}

// However many keys there are, the page of keys leads to all of them, in
// every language on the smallest screen.
func TestPageOfKeys(t *testing.T) {
	for _, lang := range content.Langs() {
		for _, n := range []int{5, 19, 24, 25, 26, 27, 28, 29, 30, 60} {
			w := newWorld()
			w.options.Lang = lang
			d := start(t, w, 80, 24)
			d.shows(d.say().Common.Share(50))
			d.m.screens = append(d.m.screens, manyKeys{d.m.top(), n})
			d.press("?")
			pages := d.view()
			for range n {
				d.press("down")
				pages += d.view()
			}
			for _, item := range ui.HelpItems(append(d.m.top().Help(), d.m.everywhere()...)) {
				if !strings.Contains(pages, item[1]) {
					t.Errorf("%s, %d keys: %q is not on the page of keys:\n%s", lang, n, item, d.view())
				}
			}
			d.press("esc")
			d.lacks("does the thing")
		}
	}
}

// On every screen, every key that the page of keys lists does something, or
// says why not. Keys that move stand still at an edge.
func TestEveryKeyAnswers(t *testing.T) {
	for _, s := range []struct {
		name string
		open func(t *testing.T, w *world) *driver
	}{
		{"language", func(t *testing.T, w *world) *driver {
			w.options.LangExplicit = false
			return start(t, w, 80, 24)
		}},
		{"looking", func(t *testing.T, w *world) *driver {
			w.options.Cluster = silentCluster{w.cluster, make(chan struct{})}
			return start(t, w, 80, 24)
		}},
		{"offer", func(t *testing.T, w *world) *driver {
			w.cluster.create = func(context.Context, cluster.Listener) error { return noEngine() }
			w.cluster.state = cluster.Absent
			d := start(t, w, 80, 24)
			d.shows("kubeconfig")
			return d
		}},
		{"creating", func(t *testing.T, w *world) *driver {
			d := provisioning(t, w, 80, 24)
			d.shows("345 MiB")
			return d
		}},
		{"failed", func(t *testing.T, w *world) *driver {
			w.cluster.err = noEngine()
			d := start(t, w, 80, 24)
			d.shows("No container engine")
			return d
		}},
		{"catalogue", func(t *testing.T, w *world) *driver {
			d := start(t, w, 80, 24)
			d.shows(d.say().Common.Share(50))
			return d
		}},
		{"nothing found", func(t *testing.T, w *world) *driver {
			d := start(t, w, 80, 24)
			d.shows(d.say().Common.Share(50))
			d.press("/", "z", "z", "z", "enter")
			d.shows("No lab matches")
			return d
		}},
		{"all solved", func(t *testing.T, w *world) *driver {
			for id := range w.records.all {
				delete(w.records.all, id)
			}
			for _, id := range []string{"mc1", "mc3", "init-ordering"} {
				w.records.all[id] = progress.Record{Attempts: 1, BestPoints: 20, MaxPoints: 20}
			}
			d := start(t, w, 80, 24)
			d.shows("3 of 3 solved")
			return d
		}},
		{"one unsolved", func(t *testing.T, w *world) *driver {
			w.records.all["mc3"] = progress.Record{Attempts: 1, BestPoints: 20, MaxPoints: 20}
			d := start(t, w, 80, 24)
			d.shows("2 of 3 solved")
			return d
		}},
		{"lab", func(t *testing.T, w *world) *driver { return inLab(t, w, 80, 24) }},
		{"lab, checks", func(t *testing.T, w *world) *driver {
			d := inLab(t, w, 80, 24)
			d.press("tab")
			return d
		}},
		{"lab, last hint", func(t *testing.T, w *world) *driver {
			d := inLab(t, w, 80, 24)
			d.press("h", "h", "h")
			return d
		}},
		{"lab, solution", func(t *testing.T, w *world) *driver { return inSolution(t, w, 80, 24) }},
		{"lab that failed", func(t *testing.T, w *world) *driver {
			w.practice.startErr = errors.New("connection refused")
			d := start(t, w, 80, 24)
			d.shows(d.say().Common.Share(50))
			d.press("enter")
			d.shows("connection refused")
			return d
		}},
		{"exams", func(t *testing.T, w *world) *driver { return onExams(t, w, 80, 24) }},
		{"exam, list", func(t *testing.T, w *world) *driver { return midExam(t, w, 80, 24) }},
		{"exam, task", func(t *testing.T, w *world) *driver {
			d := midExam(t, w, 80, 24)
			d.press("down", "enter")
			return d
		}},
		{"exam, result", func(t *testing.T, w *world) *driver { return graded(t, w, 80, 24) }},
		{"exam, history", func(t *testing.T, w *world) *driver {
			w.exams.results = append(w.exams.results, earlier(w.exams))
			d := onExams(t, w, 80, 24)
			d.press("h")
			d.shows("2026-02-20")
			return d
		}},
		{"report", func(t *testing.T, w *world) *driver {
			w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Errored)
			d := inLab(t, w, 80, 24)
			d.press("g")
			d.shows("Not everything passed")
			return d
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			w := newAnsweringWorld()
			bindings := func(m *model) []key.Binding { return append(m.top().Help(), m.everywhere()...) }
			d := s.open(t, w)
			for i, binding := range bindings(d.m) {
				for _, name := range binding.Keys() {
					if i > 0 || name != binding.Keys()[0] {
						w = newAnsweringWorld()
						d = s.open(t, w)
					}
					answers(t, d, w, binding, name)
				}
			}
		})
	}
}

// newAnsweringWorld is a world that notes when a shell is opened.
func newAnsweringWorld() *world {
	w := newWorld()
	w.options.Shell = func(string) (*exec.Cmd, error) {
		w.practice.note("shell")
		return exec.Command("true"), nil
	}
	w.options.ExamShell = func(int) (*exec.Cmd, error) { return w.options.Shell("") }
	return w
}

// answers presses a key and waits until it has done something.
func answers(t *testing.T, d *driver, w *world, binding key.Binding, name string) {
	t.Helper()
	keys := d.m.ui.Keys
	before := d.view()
	d.press(name)
	switch binding.Help() {
	case keys.Up.Help(), keys.Down.Help(), keys.PageUp.Help(), keys.PageDown.Help(), keys.Top.Help(), keys.Bottom.Help():
		return
	}
	d.until(binding.Help().Key+" "+binding.Help().Desc, func() bool {
		return d.quit || d.view() != before || w.practice.called("shell")
	})
}
