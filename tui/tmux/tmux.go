// Package tmux talks to the tmux that podlab runs in: it opens a pane beside
// podlab's, and fills the clipboard.
package tmux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The sizes that decide how a pane is split, in cells: podlab keeps what it
// needs, and a shell with fewer lines is no place to work.
const (
	besideFrom  = 160
	podlabLines = 24
	shellLines  = 8
)

// patience is how long tmux may take to answer.
const patience = 5 * time.Second

// ErrNoRoom means that the pane is too small to be split.
var ErrNoRoom = errors.New("the tmux pane is too small to be split")

// Client is the tmux around podlab. It is safe for concurrent use.
type Client struct {
	pane string // podlab's, empty where tmux does not say
	run  func(stdin string, args ...string) (stdout string, err error)
}

// New returns the tmux that the environment names, nil outside of tmux.
func New(getenv func(string) string) *Client {
	if getenv("TMUX") == "" {
		return nil
	}
	return &Client{pane: getenv("TMUX_PANE"), run: run}
}

// run asks the tmux that $TMUX names, which the process inherits.
func run(stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		if said := strings.TrimSpace(problems.String()); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return "", fmt.Errorf("tmux %s: %w", args[0], err)
	}
	return out.String(), nil
}

// SetClipboard puts text into a new tmux buffer and into the clipboard of the
// terminal. It does not depend on the option set-clipboard, whose default makes
// tmux drop what a program sends to the clipboard by itself. It needs tmux 3.2.
func (c *Client) SetClipboard(text string) error {
	_, err := c.run(text, "load-buffer", "-w", "-")
	return err
}

// Split runs cmd in a new pane, beside podlab's or, where that would become
// too narrow, below it, and returns when the pane is there. It fails with
// ErrNoRoom where podlab would be left with less than it needs.
func (c *Client) Split(cmd *exec.Cmd) error {
	width, height, err := c.size()
	if err != nil {
		return err
	}
	args := []string{"split-window"}
	switch lines := min(height/2, height-1-podlabLines); { // one line divides the panes
	case width >= besideFrom:
		args = append(args, "-h")
	case lines >= shellLines:
		args = append(args, "-v", "-l", strconv.Itoa(lines))
	default:
		return ErrNoRoom
	}
	args = append(args, c.target()...)
	dir, environ := cmd.Dir, cmd.Env
	if dir == "" {
		if dir, err = os.Getwd(); err != nil {
			return fmt.Errorf("find the directory for the new pane: %w", err)
		}
	}
	if environ == nil {
		environ = os.Environ()
	}
	args = append(args, "-c", dir)
	for _, entry := range environment(environ) {
		args = append(args, "-e", entry)
	}
	_, err = c.run("", append(append(args, "--"), cmd.Args...)...)
	return err
}

// size returns the size of podlab's pane.
func (c *Client) size() (width, height int, err error) {
	args := append([]string{"display-message", "-p"}, c.target()...)
	out, err := c.run("", append(args, "#{pane_width} #{pane_height}")...)
	if err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscan(out, &width, &height); err != nil {
		return 0, 0, fmt.Errorf("tmux says %q instead of the size of its pane: %w", strings.TrimSpace(out), err)
	}
	return width, height, nil
}

func (c *Client) target() []string {
	if c.pane == "" {
		return nil
	}
	return []string{"-t", c.pane}
}

// What tmux takes of an environment: a command to its server may have 16 KiB,
// and a single long variable must not use them up.
const (
	maxEntry   = 1 << 10
	maxEnviron = 12 << 10
)

// environment returns the variables that a new pane gets from podlab's
// environment. The pane would otherwise have those of the day when the tmux
// server was started. What each pane has of its own, and what would make the
// command too long, is left to tmux.
func environment(environ []string) []string {
	var out []string
	size := 0
	for _, entry := range environ {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || name == "" || len(entry) > maxEntry || size+len(entry) > maxEnviron {
			continue
		}
		switch name {
		case "TMUX", "TMUX_PANE", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
			"COLUMNS", "LINES", "PWD", "OLDPWD", "SHLVL", "_":
			continue
		}
		size += len(entry)
		out = append(out, entry)
	}
	return out
}
