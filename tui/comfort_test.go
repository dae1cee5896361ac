package tui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/labs/practice"
	"podlab/labs/progress"
	"podlab/tui/backend"
	"podlab/tui/tmux"
	"podlab/tui/ui"
)

// comparisons are a Pod with differences, a Service that is right, and a
// ConfigMap that is not there.
func comparisons() []practice.Comparison {
	const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: mc3\n"
	const pod = `apiVersion: v1
kind: Pod
metadata:
  name: mc3
  labels:
    app: mc3
spec:
  containers:
  - name: webapp
    image: busybox:1.37
    command:
    - httpd
    - -f
    - -p
    - "5000"
  - name: nginx
    image: nginx:1.29-alpine
    volumeMounts:
    - name: conf
      mountPath: /etc/nginx/nginx.conf
      readOnly: true
      subPath: nginx.conf
`
	mine := strings.NewReplacer(
		"      readOnly: true\n      subPath: nginx.conf\n", "",
		"/etc/nginx/nginx.conf", "/etc/nginx",
	).Replace(pod) + "  restartPolicy: Never\n"
	return []practice.Comparison{
		{Kind: "Pod", Name: "mc3", Mine: mine, Solution: pod},
		{Kind: "Service", Name: "mc3", Mine: service, Solution: service},
		{Kind: "ConfigMap", Name: "mc3-nginx-conf", Solution: "kind: ConfigMap\n"},
	}
}

// inSolution opens the first solution of mc3.
func inSolution(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	d.press("a")
	d.shows("projected")
	d.press("enter")
	d.shows("apiVersion")
	return d
}

func comparing(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	w.practice.compared = comparisons()
	d := inSolution(t, w, width, height)
	d.press("v")
	d.shows("Service mc3")
	return d
}

var comfortScenes = []scene{
	{"compare", comparing},
	{"compare-end", func(t *testing.T, w *world, width, height int) *driver {
		d := comparing(t, w, width, height)
		d.press("end")
		return d
	}},
	{"compare-equal", func(t *testing.T, w *world, width, height int) *driver {
		w.practice.compared = comparisons()[1:2]
		d := inSolution(t, w, width, height)
		d.press("v")
		d.shows("Service mc3")
		return d
	}},
	{"copied", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("y")
		d.until("the copy", func() bool { return w.clipboard.holds() != "" && d.m.notice != nil })
		return d
	}},
	{"copy-other", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("Y")
		d.shows(d.say().Copy.Body)
		return d
	}},
	{"split-no-tmux", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("S")
		d.shows("tmux")
		return d
	}},
	{"mouse", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("M")
		return d
	}},
	{"layout", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("W", "W")
		return d
	}},
}

func TestGoldenComfort(t *testing.T) { goldenScenes(t, comfortScenes) }

// y copies the main thing of the pane that has the focus.
func TestCopyMain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		keys   []string
		copies string // a part of what is copied
		says   string
	}{
		{"task", nil, "- `webapp`, image `busybox:1.37`", "Copied: the task ("},
		{"check", []string{"tab", "down", "down"}, "Found: nginx passes requests on to port 5001", "Copied: the check \"A request"},
		{"hint", []string{"h", "h"}, "Look at the port in `proxy_pass`.", "Copied: hint 2"},
		{"solution", []string{"a", "enter"}, testManifest, "Copied: the solution \"subpath\" (11 lines)"},
		{"report", []string{"g"}, "✗ A request to the Service reaches webapp  failed 0/5\n  Found: nginx", "Copied: the report ("},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed)
			d := inLab(t, w, 80, 24)
			for _, key := range tt.keys {
				d.press(key)
				switch key {
				case "a":
					d.shows("projected")
				case "enter":
					d.shows("apiVersion")
				case "g":
					d.shows("Not everything passed")
				}
			}
			d.press("y")
			d.shows(tt.says)
			if got := w.clipboard.holds(); !strings.Contains(got, tt.copies) {
				t.Errorf("the clipboard holds\n%s\nwithout %q", got, tt.copies)
			}
		})
	}
}

func TestCopyEngineOutput(t *testing.T) {
	w := newWorld()
	w.cluster.err = noEngine()
	d := start(t, w, 80, 24)
	d.shows("No container engine answers")
	d.press("y")
	d.shows("Copied: the engine's output (2 lines)")
	if got := w.clipboard.holds(); !strings.HasPrefix(got, "Cannot connect") {
		t.Errorf("the clipboard holds %q", got)
	}
}

func TestNothingToCopy(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows("50 %")
	for _, key := range []string{"y", "Y"} {
		d.press(key)
		d.shows("nothing to copy")
		d.press("down")
	}
}

// Y offers the single blocks; what a Pod printed cannot do anything to the
// terminal that it is pasted into.
func TestCopyOther(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 80, 24)
	d.press("Y")
	d.shows("What would you like to copy?")
	d.press("down")
	d.shows("▸ proxy_pass")
	d.press("enter")
	d.shows("Copied: proxy_pass http://127.0.0.1:5000;")
	if got := w.clipboard.holds(); got != "proxy_pass http://127.0.0.1:5000;" {
		t.Errorf("the clipboard holds %q", got)
	}
	report := verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed)
	report.Results[2].Actual = []content.Message{content.Say("found", "port", "5001\x1b]52;c;ZXZpbA==\a\x1b[201~rm")}
	w.practice.sees(0, report)
	d.shows("✓✓✗✓")
	d.press("tab", "down", "down", "y")
	d.until("the check", func() bool { return strings.Contains(w.clipboard.holds(), "5001") })
	if got := w.clipboard.holds(); strings.ContainsAny(got, "\x1b\a") {
		t.Errorf("the clipboard holds control sequences: %q", got)
	}
}

func TestCopyFails(t *testing.T) {
	w := newWorld()
	w.clipboard.err = errors.New("broken pipe")
	d := inLab(t, w, 80, 24)
	d.press("y")
	d.shows("Copying did not work")
	d.shows("broken pipe")
}

// v is of no use before a solution was asked for; then it goes back and
// forth, and what the learner changes shows at once.
func TestCompare(t *testing.T) {
	w := newWorld()
	w.practice.compared = comparisons()
	d := inLab(t, w, 80, 24)
	d.press("v")
	d.shows("Show a solution first")
	d.lacks("only in the solution")
	if w.practice.called("compare mc3 subpath") {
		t.Error("compared with a solution that nobody asked for")
	}
	d.press("a")
	d.shows("projected")
	d.press("enter")
	d.shows("Variant: subpath")
	d.press("v")
	d.shows("- only in yours")
	d.shows("-       mountPath: /etc/nginx")
	d.press("end")
	d.shows("-   restartPolicy: Never")
	d.shows("ConfigMap mc3-nginx-conf: you have not created it yet")

	w.practice.mu.Lock()
	w.practice.compared = comparisons()[1:2]
	w.practice.mu.Unlock()
	w.practice.holds(0, grader.Objects{})
	d.shows("Your objects match the solution")
	d.press("y")
	d.shows("Copied: the comparison")
	d.press("v")
	d.shows("Variant: subpath")
	d.press("tab", "v") // from another pane it leads there
	d.shows("Your objects match the solution")
}

func TestCompareFails(t *testing.T) {
	w := newWorld()
	w.practice.compareErr = errors.New("connection refused")
	d := inSolution(t, w, 80, 24)
	d.press("v")
	d.shows("Your objects for mc3 could not be compared")
	d.shows("Variant: subpath")
}

// fakeSplitter remembers what it was to run.
type fakeSplitter struct {
	err error
	ran chan *exec.Cmd
}

func (f fakeSplitter) Split(cmd *exec.Cmd) error {
	f.ran <- cmd
	return f.err
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		err  error
		says string
	}{
		{nil, "in the tmux pane beside"},
		{tmux.ErrNoRoom, "too little room"},
		{errors.New("no server running"), "no server running"},
	} {
		w := newWorld()
		split := fakeSplitter{tt.err, make(chan *exec.Cmd, 1)}
		w.options.Split = split
		w.options.Shell = func(lab string) (*exec.Cmd, error) { return exec.Command("podlab", "shell", lab), nil }
		d := inLab(t, w, 80, 24)
		d.press("S")
		d.shows(tt.says)
		if cmd := <-split.ran; strings.Join(cmd.Args, " ") != "podlab shell mc3" {
			t.Errorf("the pane runs %q", cmd.Args)
		}
	}
}

// The shell needs a lab that is set up: before, its keys say so, and right
// after they work.
func TestShellWhileStarting(t *testing.T) {
	w := newWorld()
	shells := make(chan string, 1)
	w.options.Shell = func(lab string) (*exec.Cmd, error) {
		shells <- lab
		return exec.Command("true"), nil
	}
	w.practice.hold = make(chan struct{})
	d := start(t, w, 80, 24)
	d.shows("50 %")
	d.press("enter")
	d.shows("Setting up the lab")
	for _, key := range []string{"s", "S"} {
		d.press(key)
		d.shows("Please wait until the current step has finished")
		d.press("up")
	}
	close(w.practice.hold)
	d.until("a watch", func() bool { return w.practice.watches() > 0 })
	d.press("s")
	d.until("a shell", func() bool { return len(shells) > 0 })
}

// What one read of the terminal brings is many keys, unless it was pasted.
func TestKeysInOneRead(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows("50 %")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/mc3")})
	d.shows("Search: mc3")
	d.lacks("The growing page")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" 反向"), Paste: true})
	d.shows("Search: mc3 反向")
	d.press("esc")
	d.shows("The growing page")
	d.press("home")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jj")})
	d.shows("─ init-ordering  Wait for the Services")
	before := d.view()
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q/L?"), Paste: true})
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true})
	if after := d.view(); after != before {
		t.Errorf("a paste was taken for keys:\n%s", after)
	}
	d.press("?")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/x"), Paste: true})
	d.shows("Everywhere")
}

// Layout, theme, language and mouse are remembered together.
func TestSettingsPersist(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 120, 40)
	d.press("W")
	d.shows("Layout: one pane at a time")
	d.shows("[Task] Checks 2/4")
	d.press("W")
	d.shows("Layout: side by side")
	d.lacks("[Task] Checks")
	d.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	d.lacks("[Task] Checks")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 30})
	d.shows("[Task] Checks 2/4")
	d.press("T", "M")
	d.shows("Mouse on")
	d.press("L")
	want := Settings{Lang: content.German, Theme: "dark", Layout: backend.SideBySide, Mouse: true}
	d.until("the settings", func() bool { s, _ := w.settings.Load(); return s == want })

	// The next start begins with them.
	again := newWorld()
	again.settings.saved = want
	d = inLab(t, again, 100, 30)
	d.lacks("[Task] Checks")
	if cmd := d.m.mouseCmd(); cmd == nil {
		t.Error("the mouse is not taken although the settings say so")
	}
}

func TestLayoutSaysWhyNot(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows("50 %")
	d.press("W")
	d.shows("There is only one pane here")
	d.press("enter")
	d.shows("Namespace")
	d.press("W", "W")
	d.shows("from 96 columns on")
}

func wheel(button tea.MouseButton, x, y int) tea.MouseMsg {
	return tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress}
}

func TestMouse(t *testing.T) {
	w := newWorld()
	d := start(t, w, 120, 40)
	d.shows("50 %")
	row := func(text string) int {
		t.Helper()
		for y, line := range strings.Split(d.view(), "\n") {
			if strings.Contains(line, text) {
				return y
			}
		}
		t.Fatalf("%q is not on the screen:\n%s", text, d.view())
		return 0
	}
	click := func(x, y int) { d.send(wheel(tea.MouseButtonLeft, x, y)) }
	click(10, row("init-ordering"))
	d.lacks("─ init-ordering")
	d.press("M")
	click(10, row("init-ordering"))
	d.shows("─ init-ordering")
	click(10, row("Shared network")) // a heading
	d.shows("─ init-ordering")
	d.send(wheel(tea.MouseButtonWheelUp, 10, 10))
	d.shows("─ mc1")
	click(10, row("A reverse proxy beside"))
	d.shows("─ mc3")
	click(10, row("A reverse proxy beside"))
	d.shows("12:34")
	d.until("a watch", func() bool { return w.practice.watches() > 0 })
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
	d.shows("✓✓✗…")
	click(80, row("A request to the Service"))
	d.shows("▸ ✗ A request")
	click(80, row("A request to the Service"))
	d.shows("Found")
	click(9, 1) // "Hints" in the border
	d.shows("[Hints 0/3]")
	click(4, 1)
	d.shows("[Task]")
	d.press("M")
	d.shows("Mouse off")
	click(9, 1)
	d.shows("[Task]")

	d.press("M", "?")
	click(4, 1) // the page of keys is in front
	d.shows("Everywhere")
}

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
			d.shows("50 %")
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

func TestWheelScrolls(t *testing.T) {
	w := newWorld()
	w.practice.graded = verdicts(grader.Failed, grader.Failed, grader.Failed, grader.Errored)
	d := inLab(t, w, 80, 24)
	d.press("M", "g")
	d.shows("Not everything passed")
	d.lacks("one network namespace")
	for range 5 {
		d.send(wheel(tea.MouseButtonWheelDown, 10, 10))
	}
	d.shows("one network namespace")
	for range 5 {
		d.send(wheel(tea.MouseButtonWheelUp, 10, 10))
	}
	d.lacks("one network namespace")
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
			d.shows("50 %")
			return d
		}},
		{"nothing found", func(t *testing.T, w *world) *driver {
			d := start(t, w, 80, 24)
			d.shows("50 %")
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
			d.shows("50 %")
			d.press("enter")
			d.shows("connection refused")
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
