package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// confirm asks a yes-or-no question on the terminal. An empty answer means
// def; the end of input, and of ctx, mean no.
func (a *App) confirm(ctx context.Context, question string, def bool) bool {
	choices := "[y/N]"
	if def {
		choices = "[Y/n]"
	}
	_, _ = fmt.Fprintf(a.Stderr, "%s %s ", question, choices)
	answer := make(chan string, 1)
	go func() { // reading a terminal cannot be cancelled; podlab ends soon
		line, err := bufio.NewReader(a.Stdin).ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			line = "no"
		}
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(a.Stderr)
		return false
	case s := <-answer:
		if s == "" {
			return def
		}
		return s == "y" || s == "yes" || slices.Contains(a.say.Yes, s)
	}
}

// interrupted is the error of a command that was told to stop: quiet where the
// learner said no, plain where it was Ctrl-C.
func (a *App) interrupted(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New(a.say.Errors.Cancelled.with())
	}
	return exitError(exitTrouble)
}
