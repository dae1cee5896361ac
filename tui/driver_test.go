package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"podlab/content"
	"podlab/tui/speech"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// driver runs a model as bubbletea would, without a terminal: commands run in
// goroutines, and their messages are delivered while a test waits for
// something to show. After each message it checks the frame.
type driver struct {
	t      testing.TB
	m      *model
	msgs   chan tea.Msg
	quit   bool
	cancel context.CancelFunc
	// streamed counts the messages of streams that were delivered.
	streamed int
}

func testSpeech(lang content.Lang) (speech.Speech, error) {
	s, err := speech.Load(lang)
	s.Cluster = testClusterTexts[lang]
	return s, err
}

func start(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	steadyWidths()
	s, err := testSpeech(w.options.Lang)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	look := w.look
	env := &ui.Env{Context: ctx, IDs: &stream.Source{}, Now: w.options.Now, Jobs: &ui.Jobs{}, Clipboard: w.options.Clipboard}
	m := newModel(w.options, env, ui.New(s, theme.New(look)), look, w.settings.saved)
	m.speech = testSpeech
	d := &driver{t: t, m: m, msgs: make(chan tea.Msg, 1000), cancel: cancel}
	t.Cleanup(cancel)
	d.run(m.Init())
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		if msg := cmd(); msg != nil {
			d.msgs <- msg
		}
	}()
}

func (d *driver) send(msg tea.Msg) {
	d.t.Helper()
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	if strings.HasPrefix(fmt.Sprintf("%T", msg), "stream.Msg") {
		d.streamed++
	}
	_, cmd := d.m.Update(msg)
	d.run(cmd)
	d.checkFrame()
}

// checkFrame asserts that the view fits its window.
func (d *driver) checkFrame() {
	d.t.Helper()
	lines := strings.Split(d.m.View(), "\n")
	if d.m.height > 0 && len(lines) > d.m.height {
		d.t.Fatalf("the view has %d lines, the window %d:\n%s", len(lines), d.m.height, d.view())
	}
	for i, line := range lines {
		if w := lipgloss.Width(line); w > d.m.width {
			d.t.Fatalf("line %d is %d cells wide, the window %d: %q", i+1, w, d.m.width, ansi.Strip(line))
		}
	}
}

// view returns the frame as a person reads it.
func (d *driver) view() string {
	lines := strings.Split(ansi.Strip(d.m.View()), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// until delivers messages until done.
func (d *driver) until(what string, done func() bool) {
	d.t.Helper()
	deadline := time.After(patience)
	for !done() {
		select {
		case msg := <-d.msgs:
			d.send(msg)
		case <-time.After(time.Millisecond): // done may look at a fake
		case <-deadline:
			d.t.Fatalf("waited in vain for %s:\n%s", what, d.view())
		}
	}
}

// shows delivers messages until text is on the screen.
func (d *driver) shows(text string) {
	d.t.Helper()
	d.until(text, func() bool { return strings.Contains(d.view(), text) })
}

// lacks fails when text is on the screen.
func (d *driver) lacks(text string) {
	d.t.Helper()
	if strings.Contains(d.view(), text) {
		d.t.Errorf("%q is on the screen:\n%s", text, d.view())
	}
}

var namedKeys = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"ctrl+c": tea.KeyCtrlC, "pgdown": tea.KeyPgDown, "end": tea.KeyEnd, "home": tea.KeyHome,
	"pgup": tea.KeyPgUp, "shift+tab": tea.KeyShiftTab, "left": tea.KeyLeft, "right": tea.KeyRight,
	"ctrl+b": tea.KeyCtrlB, "ctrl+f": tea.KeyCtrlF,
}

// press presses keys, by their names or as text.
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		if named, ok := namedKeys[k]; ok {
			d.send(tea.KeyMsg{Type: named})
			continue
		}
		d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
	}
}

// say returns the texts of the language that is shown.
func (d *driver) say() *texts.Texts { return d.m.ui.Texts }

// patience is how long a test waits for something that has to come.
const patience = 10 * time.Second
