// Package clipboard puts text into the clipboard of the learner's terminal,
// which may be at the other end of an SSH connection.
package clipboard

import (
	"fmt"
	"io"

	"github.com/aymanbagabas/go-osc52/v2"

	"podlab/tui/tmux"
)

// Clipboard is that of the terminal behind a program's output. Whether the
// terminal lets programs write to it, nobody can ask.
type Clipboard struct {
	out    io.Writer
	mode   osc52.Mode
	buffer func(text string) error // of tmux; nil elsewhere
}

// New makes the Clipboard of the terminal that out leads to, through the tmux
// or the screen that the environment names.
func New(out io.Writer, getenv func(string) string) *Clipboard {
	c := &Clipboard{out: out}
	if t := tmux.New(getenv); t != nil {
		c.buffer = t.SetClipboard
	} else if getenv("STY") != "" {
		c.mode = osc52.ScreenMode
	}
	return c
}

// Copy puts text into the clipboard.
//
// The sequence goes out in one Write, while bubbletea may be drawing. A frame
// is one Write as well, and an *os.File lets one Write end before the next
// begins, so that neither cuts the other in two.
func (c *Clipboard) Copy(text string) error {
	if c.buffer != nil && c.buffer(text) == nil {
		return nil
	}
	// An older tmux passes the sequence on where its set-clipboard is "on".
	if _, err := osc52.New(text).Mode(c.mode).WriteTo(c.out); err != nil {
		return fmt.Errorf("write to the clipboard of the terminal: %w", err)
	}
	return nil
}
