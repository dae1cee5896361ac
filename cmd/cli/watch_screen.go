package cli

import (
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"podlab/grader/report"
)

// Control sequences of the screen that a watch draws on.
const (
	openScreen  = "\x1b[?1049h\x1b[?25l" // the alternate screen, no cursor
	closeScreen = "\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	clearLine   = "\x1b[K"
	clearBelow  = "\x1b[J"
)

// screenView redraws a table on a screen of its own whenever it changes or the
// terminal does, and leaves the last one behind.
type screenView struct {
	app     *App
	resized chan os.Signal

	mu      sync.Mutex
	last    *report.Report
	at      time.Time // when last came
	problem string    // the cluster does not answer
}

func newScreenView(a *App) *screenView {
	v := &screenView{app: a, resized: make(chan os.Signal, 1)}
	signal.Notify(v.resized, syscall.SIGWINCH)
	go func() {
		for range v.resized {
			v.mu.Lock()
			_ = v.draw() // a terminal that is gone shows at the next report
			v.mu.Unlock()
		}
	}()
	return v
}

func (v *screenView) show(r *report.Report) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last == nil {
		if err := v.app.printf("%s", openScreen); err != nil {
			return err
		}
	}
	v.last, v.at = r, time.Now()
	return v.draw()
}

func (v *screenView) trouble(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.problem = ""
	if err != nil {
		v.problem = v.app.say.Watch.Trouble.with("error", err.Error())
	}
	if v.last == nil {
		v.app.watchTrouble(err)
		return
	}
	_ = v.draw()
}

// draw draws what is known. Each line goes over what stood there: a screen
// that is cleared first flickers on a projector.
func (v *screenView) draw() error {
	if v.last == nil {
		return nil
	}
	a := v.app
	// What is wrong fits on a screen, why it matters does not; "podlab grade"
	// says it.
	brief := *v.last
	brief.Checks = make([]report.Check, len(v.last.Checks))
	for i, c := range v.last.Checks {
		c.Why = ""
		brief.Checks[i] = c
	}
	var b strings.Builder
	if err := a.reportTable(&b, &brief); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	foot := []string{"", a.say.Watch.Stop.with("time", v.at.Format(time.TimeOnly))}
	if v.problem != "" {
		foot = append(foot, v.problem)
	}
	if rows := height(a.Stdout); rows > 0 && len(lines)+len(foot) > rows {
		// The score is the last line, and the one that is looked for.
		score := lines[len(lines)-1]
		keep := max(0, rows-len(foot)-2)
		lines = append(lines[:keep:keep], "…", score)
	}
	lines = append(lines, foot...)
	return a.printf("%s%s%s%s", home, strings.Join(lines, clearLine+"\r\n"), clearLine, clearBelow)
}

// end goes back to the learner's screen and leaves the last report there.
func (v *screenView) end() {
	signal.Stop(v.resized)
	close(v.resized)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last == nil {
		return
	}
	_ = v.app.printf("%s", closeScreen)
	_ = v.app.reportTable(v.app.Stdout, v.last)
}

// height is the number of rows of the terminal behind stream, 0 where it is
// none.
func height(stream any) int {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	_, rows, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return rows
}
