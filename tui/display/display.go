// Package display draws the frames of a bubbletea program as soon as there is
// one, and does nothing while there is none.
//
// bubbletea v1 draws by a clock of its own: sixty times a second it looks
// whether there is a new frame, which keeps a processor from resting, and lets
// a key wait for the next look. Here bubbletea looks once a second, and what
// it would draw is thrown away. It still switches the modes of the terminal,
// since it knows when: the alternate screen, the mouse, and all of it before
// and after another program has the terminal.
package display

import (
	"io"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// pause is the least time between two frames.
const pause = time.Second / 120

// Run runs a program on the alternate screen of out until it ends.
func Run(m tea.Model, out io.Writer, options ...tea.ProgramOption) error {
	d := newDisplay(out)
	done := make(chan struct{})
	defer close(done)
	go d.drawUntil(done)
	options = append([]tea.ProgramOption{tea.WithAltScreen(), tea.WithOutput(d.output()), tea.WithFPS(1)}, options...)
	_, err := tea.NewProgram(model{Model: m, display: d}, options...).Run()
	return err
}

// model is a model whose views the display draws.
type model struct {
	tea.Model
	display       *display
	width, height int
}

// Update learns the size of the terminal.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		m.width, m.height = size.Width, size.Height
	}
	var cmd tea.Cmd
	m.Model, cmd = m.Model.Update(msg)
	return m, cmd
}

// View leaves nothing to draw for bubbletea.
func (m model) View() string {
	m.display.show(frame{m.Model.View(), m.width, m.height})
	return ""
}

// display draws on a terminal that it shares with a bubbletea program.
type display struct {
	frames chan frame // at most the latest one

	mu     sync.Mutex
	out    io.Writer
	active bool  // the alternate screen is on
	drawn  frame // what is on it
}

// frame is a view and the size of the terminal that it was made for, in cells.
type frame struct {
	view          string
	width, height int
}

func newDisplay(out io.Writer) *display {
	return &display{out: out, frames: make(chan frame, 1)}
}

// show hands over a frame and returns at once. One that was not drawn yet gives
// way to it.
func (d *display) show(f frame) {
	select {
	case <-d.frames:
	default:
	}
	select {
	case d.frames <- f:
	default:
	}
}

// drawUntil draws what is shown until done is closed.
func (d *display) drawUntil(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case f := <-d.frames:
			if d.draw(f) {
				time.Sleep(pause)
			}
		}
	}
}

// draw writes the lines of a frame that are not on the screen yet; it reports
// whether there were any.
func (d *display) draw(f frame) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active || f == d.drawn {
		return false
	}
	var before []string
	if f.width == d.drawn.width && f.height == d.drawn.height {
		before = strings.Split(d.drawn.view, "\n")
	}
	lines := strings.Split(f.view, "\n")
	lines = lines[:min(len(lines), f.height)]
	var b strings.Builder
	for i, line := range lines {
		if i < len(before) && before[i] == line {
			continue
		}
		line = ansi.Truncate(line, f.width, "")
		b.WriteString(ansi.CursorPosition(1, i+1) + line)
		if ansi.StringWidth(line) < f.width { // else the last cell would go
			b.WriteString(ansi.EraseLineRight)
		}
	}
	if len(lines) < f.height && len(before) != len(lines) {
		b.WriteString(ansi.CursorPosition(1, len(lines)+1) + ansi.EraseScreenBelow)
	}
	// Where a terminal shows the cursor all the same, it is out of the way.
	b.WriteString(ansi.CursorPosition(1, f.height))
	_, _ = io.WriteString(d.out, b.String()) // there is nobody to tell
	d.drawn = f
	return true
}

// output is where bubbletea writes.
func (d *display) output() io.Writer {
	if file, ok := d.out.(term.File); ok { // of which bubbletea asks the size
		return terminal{file, modes{d}}
	}
	return modes{d}
}

// modes passes on what switches a mode of the terminal, and drops frames.
type modes struct{ display *display }

// Write implements io.Writer. bubbletea writes a sequence, or a frame, at once.
func (m modes) Write(p []byte) (int, error) {
	d, s := m.display, string(p)
	// A frame begins at home; going there alone is a part of clearing.
	if strings.HasPrefix(s, ansi.CursorHomePosition) && s != ansi.CursorHomePosition {
		return len(p), nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s {
	case ansi.SetModeAltScreenSaveCursor:
		d.active, d.drawn = true, frame{}
	case ansi.ResetModeAltScreenSaveCursor:
		d.active = false
	case ansi.EraseEntireScreen:
		d.drawn = frame{}
	}
	return d.out.Write(p)
}

// terminal is modes on a terminal.
type terminal struct {
	term.File
	modes
}

// Write is that of modes.
func (t terminal) Write(p []byte) (int, error) { return t.modes.Write(p) }
