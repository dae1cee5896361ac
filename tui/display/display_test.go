package display

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// screen is what a display wrote since the last take.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.buf.Reset()
	return s.buf.String()
}

// opened is a display whose alternate screen is on.
func opened(t *testing.T) (*display, *screen) {
	t.Helper()
	s := &screen{}
	d := newDisplay(s)
	write(t, d, ansi.SetModeAltScreenSaveCursor)
	s.take()
	return d, s
}

func write(t *testing.T, d *display, sequence string) {
	t.Helper()
	if n, err := io.WriteString(d.output(), sequence); err != nil || n != len(sequence) {
		t.Fatalf("write %q: %d, %v", sequence, n, err)
	}
}

func TestDraw(t *testing.T) {
	d, s := opened(t)
	at := func(row int, text string) string { return ansi.CursorPosition(1, row) + text }
	const clear, below = ansi.EraseLineRight, ansi.EraseScreenBelow
	steps := []struct {
		name  string
		frame frame
		want  string
	}{
		{"all of the first", frame{"one\ntwo\nthree", 6, 3}, at(1, "one"+clear) + at(2, "two"+clear) + at(3, "three"+clear) + at(3, "")},
		{"nothing twice", frame{"one\ntwo\nthree", 6, 3}, ""},
		{"what changed", frame{"one\n2\nthree", 6, 3}, at(2, "2"+clear) + at(3, "")},
		{"a full line keeps its last cell", frame{"one\nsecond\nthree", 6, 3}, at(2, "second") + at(3, "")},
		{"fewer lines", frame{"one", 6, 3}, at(2, below) + at(3, "")},
		{"all in another size", frame{"one", 7, 3}, at(1, "one"+clear) + at(2, below) + at(3, "")},
		{"no more than fits", frame{"one and a half\ntwo", 6, 1}, at(1, "one an") + at(1, "")},
	}
	for _, step := range steps {
		drew := d.draw(step.frame)
		if got := s.take(); got != step.want || drew != (step.want != "") {
			t.Errorf("%s: wrote %q (%t), want %q", step.name, got, drew, step.want)
		}
	}
}

// bubbletea switches modes; its frames are dropped.
func TestModes(t *testing.T) {
	d, s := opened(t)
	write(t, d, ansi.CursorHomePosition+"\r \x1b[K")
	if got := s.take(); got != "" {
		t.Errorf("a frame came through: %q", got)
	}
	for _, mode := range []string{ansi.HideCursor, ansi.SetModeMouseButtonEvent, ansi.CursorHomePosition} {
		write(t, d, mode)
		if got := s.take(); got != mode {
			t.Errorf("of the mode %q came %q", mode, got)
		}
	}
}

// While another program has the terminal, nothing is drawn; afterwards all is
// drawn anew.
func TestAlternateScreen(t *testing.T) {
	d, s := opened(t)
	f := frame{"one", 3, 1}
	d.draw(f)
	write(t, d, ansi.ResetModeAltScreenSaveCursor)
	s.take()
	if d.draw(frame{"two", 3, 1}); s.take() != "" {
		t.Error("a frame was drawn over another program")
	}
	write(t, d, ansi.SetModeAltScreenSaveCursor)
	s.take()
	if d.draw(f); !strings.Contains(s.take(), "one") {
		t.Error("the screen was not drawn again")
	}
}

// clock is a program that shows how many messages it got.
type clock struct{ n int }

type tickMsg struct{}

func (c clock) Init() tea.Cmd { return nil }

func (c clock) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tickMsg); ok {
		c.n++
	}
	return c, nil
}

func (c clock) View() string { return strings.Repeat("x", c.n) }

// What came last is shown, however much came at once, and soon.
func TestRun(t *testing.T) {
	s := &screen{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	input, keys := io.Pipe()
	defer func() { _ = keys.Close() }()
	many := func() tea.Msg {
		var all tea.BatchMsg
		for range 50 {
			all = append(all, func() tea.Msg { return tickMsg{} })
		}
		return all
	}
	go func() { ended <- Run(starting{clock{}, many}, s, tea.WithContext(ctx), tea.WithInput(input)) }()
	var seen string
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(seen, strings.Repeat("x", 50)); time.Sleep(time.Millisecond) {
		seen += s.take()
		if time.Now().After(deadline) {
			t.Fatalf("the last frame was not drawn: %q", seen)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, tea.ErrProgramKilled) {
		t.Errorf("Run ended with %v", err)
	}
	seen += s.take()
	if last := strings.LastIndex(seen, ansi.ResetModeAltScreenSaveCursor); last < strings.LastIndex(seen, "x") {
		t.Errorf("something was drawn after the end: %q", seen)
	}
}

// starting is a program that begins with the size of its terminal and cmd.
type starting struct {
	clock
	cmd tea.Cmd
}

func (s starting) Init() tea.Cmd {
	return tea.Sequence(func() tea.Msg { return tea.WindowSizeMsg{Width: 80, Height: 24} }, s.cmd)
}

func (s starting) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m, cmd := s.clock.Update(msg)
	return starting{m.(clock), s.cmd}, cmd
}
