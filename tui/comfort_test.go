package tui

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/tui/backend"
	"podlab/tui/tmux"
)

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
	d.shows(d.say().Common.Share(50))
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
	d.shows(d.say().Common.Share(50))
	d.press("W")
	d.shows("There is only one pane here")
	d.press("enter")
	d.shows("Namespace")
	d.press("W", "W")
	d.shows("from 96 columns on")
}
