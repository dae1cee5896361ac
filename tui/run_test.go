package tui

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The shell has the terminal for itself, as programs in it will ask, and the
// screen comes back when it ends.
func TestShellOnTerminal(t *testing.T) {
	user, program, screen := openTerminal(t)
	w := newWorld()
	onTerminal := filepath.Join(t.TempDir(), "on-terminal")
	w.options.Shell = func(string) (*exec.Cmd, error) {
		return exec.Command("sh", "-c", `test -t 0 && test -t 1 && echo "in the shell" && touch "$0"`, onTerminal), nil
	}
	w.options.Input, w.options.Output = program, program
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, w.options) }()

	press := func(key string) {
		t.Helper()
		if _, err := user.WriteString(key); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the list of labs", func() bool { return screen.contains("50 %") })
	press("\r")
	waitFor(t, "the lab", func() bool { return w.practice.watches() > 0 && screen.contains("12:34") })
	press("s")
	waitFor(t, "the shell", func() bool { return screen.contains("in the shell") })
	waitFor(t, "the lab again", func() bool { return screen.containsAfter("in the shell", "12:34") })
	if _, err := os.Stat(onTerminal); err != nil {
		t.Errorf("the shell is not on the terminal: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// containsAfter reports whether text was shown after what.
func (b *safeBuffer) containsAfter(what, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, after, ok := bytes.Cut(b.buf.Bytes(), []byte(what))
	return ok && bytes.Contains(after, []byte(text))
}
