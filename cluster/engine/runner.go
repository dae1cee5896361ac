package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"podlab/cluster"
)

// Command is one call of an engine's command line.
type Command struct {
	Name string
	Args []string
	// Stdin is read to its end; nil for none.
	Stdin io.Reader
	// Stdout receives what the program prints; nil drops it.
	Stdout io.Writer
}

// Runner runs commands. Tests inject their own.
type Runner interface {
	// Run runs c to its end. When ctx ends first, the program is killed. A
	// program that cannot be started or exits with another code than 0 is a
	// *RunError.
	Run(ctx context.Context, c Command) error
}

// RunError is a command that failed.
type RunError struct {
	Command []string
	// Output is the end of what the program wrote to its standard error.
	Output string
	Err    error
}

// Error names the command, its exit and the last line that it said.
func (e *RunError) Error() string {
	msg := fmt.Sprintf("%s: %v", strings.Join(e.Command, " "), e.Err)
	if last := cluster.LastLine(e.Output); last != "" {
		msg += ": " + last
	}
	return msg
}

// Unwrap returns the cause.
func (e *RunError) Unwrap() error { return e.Err }

// Output returns what a failed command said, or "" where err is of another kind.
func Output(err error) string {
	var run *RunError
	if errors.As(err, &run) {
		return run.Output
	}
	return ""
}

// Local runs commands on this machine.
type Local struct{}

// Run implements Runner.
func (Local) Run(ctx context.Context, c Command) error {
	cmd := exec.CommandContext(ctx, c.Name, c.Args...)
	stderr := &tail{limit: 64 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, stderr
	// A Ctrl-C in the terminal must not kill the engine's client while it
	// cleans up; ctx decides when a command ends.
	detach(cmd)
	// Do not wait for a grandchild that keeps the pipes open.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return &RunError{Command: append([]string{c.Name}, c.Args...), Output: stderr.String(), Err: err}
	}
	return nil
}

// tail keeps the last limit bytes that are written to it.
type tail struct {
	limit int
	buf   []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - t.limit; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.buf)) }
