package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// terminal is podlab's TUI on a pseudo terminal, which answers as a dark one
// does and notes when frames have arrived.
type terminal struct {
	cmd    *exec.Cmd
	pty    *os.File
	began  time.Time
	frames chan time.Time // when a piece of a frame came

	mu   sync.Mutex
	seen []byte // since the last lead
	err  error  // why nothing more comes
}

// open starts the TUI on a terminal of that size.
func (b *bench) open(ctx context.Context, columns, rows uint16) (*terminal, error) {
	cmd := b.command(ctx)
	t := &terminal{cmd: cmd, began: time.Now(), frames: make(chan time.Time, 1000)}
	var err error
	if t.pty, err = pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		return nil, fmt.Errorf("start the TUI: %w", err)
	}
	go t.read()
	return t, nil
}

func (t *terminal) close() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
	_ = t.pty.Close()
}

// positionRE is in every frame: the cursor goes to lines by their numbers.
var positionRE = regexp.MustCompile(`\x1b\[\d+;\d*H`)

func (t *terminal) read() {
	chunk := make([]byte, 64<<10)
	for {
		n, err := t.pty.Read(chunk)
		now, got := time.Now(), chunk[:n]
		if bytes.Contains(got, []byte("\x1b]11;?")) {
			_, _ = t.pty.WriteString("\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[1;1R")
		}
		if positionRE.Match(got) {
			select {
			case t.frames <- now:
			default: // nobody looks
			}
		}
		t.mu.Lock()
		t.seen = append(t.seen, got...)
		t.err = err
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// The keys that are no text.
const (
	enter    = "\r"
	tab      = "\t"
	up       = "\x1b[A"
	down     = "\x1b[B"
	pageUp   = "\x1b[5~"
	pageDown = "\x1b[6~"
)

// lead presses a key, or types a text, and waits until the terminal shows what
// that leads to.
func (t *terminal) lead(press, shows string, limit time.Duration) error {
	t.mu.Lock()
	t.seen = nil
	t.mu.Unlock()
	if _, err := t.pty.WriteString(press); err != nil {
		return fmt.Errorf("press %q: %w", press, err)
	}
	return t.await(shows, limit)
}

// await waits until the terminal has shown text.
func (t *terminal) await(text string, limit time.Duration) error {
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		t.mu.Lock()
		seen, err := t.seen, t.err
		t.mu.Unlock()
		switch {
		case bytes.Contains(seen, []byte(text)):
			return nil
		case err != nil:
			return fmt.Errorf("the TUI ended before it showed %q: %q", text, seen)
		case time.Now().After(deadline):
			return fmt.Errorf("the TUI did not show %q within %v, but: %s", text, limit, ansi.Strip(string(seen[max(len(seen)-4096, 0):])))
		}
	}
}

// keyToFrame presses a key that changes the screen and returns how long the
// frame took that shows it.
func (t *terminal) keyToFrame(key string) (time.Duration, error) {
	for len(t.frames) > 0 { // of a clock that ticked meanwhile
		<-t.frames
	}
	began := time.Now()
	if _, err := t.pty.WriteString(key); err != nil {
		return 0, fmt.Errorf("press %q: %w", key, err)
	}
	at, ok := t.frame(time.Second)
	if !ok {
		return 0, fmt.Errorf("no frame within a second of the key %q", key)
	}
	return at.Sub(began), nil
}

// frame returns when the next frame was complete: a large one comes in pieces.
func (t *terminal) frame(limit time.Duration) (at time.Time, ok bool) {
	for {
		select {
		case at = <-t.frames:
			ok, limit = true, 5*time.Millisecond
		case <-time.After(limit):
			return at, ok
		}
	}
}
