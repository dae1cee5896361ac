package tui

import (
	"bytes"
	"context"
	"encoding/base64"
	"testing"
	"time"

	"podlab/grader"
	"podlab/tui/clipboard"
)

// On a terminal, while bubbletea draws: the clipboard's sequence arrives in
// one piece, and the mouse is taken when it is wanted, and again after the
// shell had the terminal.
func TestComfortOnTerminal(t *testing.T) {
	keys, terminal, screen := openTerminal(t)
	w := newWorld()
	w.options.Input, w.options.Output = terminal, terminal
	w.options.Clipboard = clipboard.New(terminal, func(string) string { return "" })
	ended := make(chan error, 1)
	go func() { ended <- Run(context.Background(), w.options) }()
	press := func(key string) {
		t.Helper()
		if _, err := keys.WriteString(key); err != nil {
			t.Fatal(err)
		}
	}

	waitFor(t, "the list of labs", func() bool { return screen.contains("50 %") })
	press("\r")
	waitFor(t, "a watch", func() bool { return w.practice.watches() > 0 })
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed))
	press("y")
	task := fakeExercise("mc3").Text(w.options.Lang).Task
	waitFor(t, "the task in the clipboard", func() bool {
		return screen.contains("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(task)) + "\a")
	})

	const takesMouse = "\x1b[?1002h"
	if screen.contains(takesMouse) {
		t.Error("the mouse is taken although nobody wants that")
	}
	press("M")
	waitFor(t, "the mouse", func() bool { return screen.contains(takesMouse) })
	press("s")
	waitFor(t, "the mouse after the shell", func() bool { return screen.count(takesMouse) == 2 })
	press("M")
	waitFor(t, "the end of the mouse", func() bool { return screen.contains("Mouse off") })
	press("\x03")
	waitFor(t, "the question", func() bool { return screen.contains("Quit podlab?") })
	press("y")
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(patience):
		t.Error("Run did not end")
	}
}

func (b *safeBuffer) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Count(b.buf.Bytes(), []byte(text))
}
