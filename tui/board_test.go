package tui

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/grader"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// onBoard opens the projector layout of mc3, in which a check then changes.
func onBoard(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	d.press("B")
	d.shows(d.say().Common.Failed)
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Pending))
	d.shows(d.say().Board.Changed)
	return d
}

// manyVerdicts is a report of n checks, of which the titles repeat.
func manyVerdicts(n int) *grader.Report {
	r := verdicts(grader.Passed, grader.Failed, grader.Pending, grader.Errored)
	for len(r.Results) < n {
		r.Results = append(r.Results, r.Results[len(r.Results)-4])
	}
	r.Results = r.Results[:n]
	return r
}

var boardScenes = []scene{
	{"board", onBoard},
	{"board-full", func(t *testing.T, w *world, width, height int) *driver {
		d := onBoard(t, w, width, height)
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed))
		d.shows(d.say().Board.Done)
		return d
	}},
	{"board-trouble", func(t *testing.T, w *world, width, height int) *driver {
		d := onBoard(t, w, width, height)
		w.practice.trouble(0, errors.New("dial tcp 127.0.0.1:6443: i/o timeout"))
		d.shows(strings.Fields(d.say().Board.Trouble)[0])
		return d
	}},
	{"board-12", func(t *testing.T, w *world, width, height int) *driver {
		d := onBoard(t, w, width, height)
		w.practice.sees(0, manyVerdicts(12))
		d.shows(d.say().Common.Errored)
		return d
	}},
}

func TestGoldenBoard(t *testing.T) { goldenScenes(t, boardScenes) }

func TestGoldenBoardSizes(t *testing.T) {
	for _, scene := range boardScenes {
		t.Run(scene.name, func(t *testing.T) {
			w := newWorld()
			golden(t, scene.name+"/en-200x60", scene.play(t, w, 200, 60).view())
		})
	}
	t.Run("ascii", func(t *testing.T) {
		w := newWorld()
		w.look.ASCII = true
		d := start(t, w, 80, 24)
		d.shows(d.say().Common.Share(50))
		d.press("enter")
		d.until("a watch", func() bool { return w.practice.watches() > 0 })
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
		d.shows("++x~")
		d.press("B")
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Pending))
		d.shows("just now")
		for _, r := range d.view() {
			if r > '~' {
				t.Errorf("%q is not ASCII", r)
			}
		}
		golden(t, "board/en-80x24-ascii", d.view())
	})
}

// The board needs a lab that is set up; Esc leads back to it.
func TestBoardOpensAndCloses(t *testing.T) {
	w := newWorld()
	w.practice.startErr = errors.New("refused")
	d := start(t, w, 80, 24)
	d.shows(d.say().Common.Share(50))
	d.press("enter")
	d.shows("refused")
	d.press("B")
	d.shows("not set up yet")
	w.practice.mu.Lock()
	w.practice.startErr = nil
	w.practice.mu.Unlock()
	d.press("x", "r")
	d.until("a watch", func() bool { return w.practice.watches() == 1 })
	d.press("B")
	d.shows("Taking a first look")
	d.shows("0 of 4 checks passed")
	w.practice.sees(0, verdicts(grader.Passed, grader.Failed, grader.Failed, grader.Failed))
	d.shows("1 of 4 checks passed")
	d.lacks("just now") // the first look is no change
	d.press("esc")
	d.shows("[Task]")
	if w.practice.watches() != 1 {
		t.Errorf("%d watches, the board needs none of its own", w.practice.watches())
	}
}

// What changed is marked for some seconds only.
func TestBoardMarksWhatChanged(t *testing.T) {
	w := newWorld()
	now := testClock
	w.options.Now = func() time.Time { return now }
	d := onBoard(t, w, 80, 24)
	now = now.Add(9 * time.Second)
	d.send(tea.WindowSizeMsg{Width: 81, Height: 24}) // whatever draws it anew
	d.lacks("just now")
	d.shows("3 of 4 checks passed")
}

// More checks than fit are on pages that turn by themselves, and by keys.
func TestBoardPages(t *testing.T) {
	w := newWorld()
	d := onBoard(t, w, 80, 24)
	w.practice.sees(0, manyVerdicts(30))
	d.shows("page 1 of 3")
	d.press("pgdown")
	d.shows("page 2 of 3")
	d.press("up", "up")
	d.shows("page 3 of 3")
	d.press("down")
	d.shows("page 1 of 3")
	d.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	d.lacks("page 1")
}

func TestBoardSpeaksTheLanguageOfTheMoment(t *testing.T) {
	d := onBoard(t, newWorld(), 80, 24)
	d.press("L")
	d.shows("3 von 4 Prüfpunkten erfüllt")
	d.shows("Eine Anfrage an den Service erreicht webapp")
}

// Whatever the size and the number of checks, no frame is broken: the driver
// looks at each.
func TestBoardResize(t *testing.T) {
	for _, lang := range []content.Lang{content.English, content.Chinese} {
		w := newWorld()
		w.options.Lang = lang
		d := onBoard(t, w, 80, 24)
		for _, n := range []int{1, 4, 12, 30} {
			w.practice.sees(0, manyVerdicts(n))
			d.shows(texts.Fill(d.say().Board.Passed, "passed", strconv.Itoa((n+3)/4), "all", strconv.Itoa(n)))
			for width := minWidth; width < 220; width += 7 {
				d.send(tea.WindowSizeMsg{Width: width, Height: minHeight + width%41})
			}
		}
	}
}

// What is judged between the key and the board's first frame is on the board.
func TestBoardMissesNothingWhileItOpens(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 80, 24)
	_, open := d.m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("B")})
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Pending))
	told := false
	for !told { // the lab tells all screens, and there is no board yet
		msg := <-d.msgs
		verdicts, ok := msg.(ui.VerdictsMsg)
		told = ok && verdicts.Report.Results[2].Status == grader.Passed
		d.send(msg)
	}
	d.run(open)
	d.shows("3 of 4 checks passed")
	d.shows("just now")
}
