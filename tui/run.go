// Package tui is podlab's terminal interface: it brings the cluster up, lists
// the labs, shows a lab beside its live checks, and reports.
//
// The root model (model.go, view.go) holds a stack of screens, each in its own
// package below screens. Neither Update nor View does I/O: whatever may take
// time is a tea.Cmd, named fooCmd, whose result is a fooMsg.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/mattn/go-runewidth"

	"podlab/tui/display"
	"podlab/tui/speech"
	"podlab/tui/stream"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// Run shows the TUI until the learner leaves it or ctx ends. What it was
// doing then is cancelled, and Run returns when that has cleaned up after
// itself.
func Run(ctx context.Context, o Options) error {
	steadyWidths()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Input == nil {
		o.Input = os.Stdin
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	o.Shell = onTerminal(o.Shell, o.Output)
	settings, err := o.Settings.Load()
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if !o.LangExplicit && settings.Lang != "" {
		o.Lang = settings.Lang
	}
	said, err := speech.Load(o.Lang)
	if err != nil {
		return err
	}
	look := theme.Options{
		Mode: theme.Mode(settings.Theme),
		// Both were found out when bubbletea was loaded; NO_COLOR is honoured.
		TerminalDark: lipgloss.HasDarkBackground(),
		Profile:      lipgloss.ColorProfile(),
		ASCII:        o.ASCII,
	}

	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	env := &ui.Env{Context: inner, IDs: &stream.Source{}, Now: o.Now, Jobs: &ui.Jobs{}, Clipboard: o.Clipboard}
	m := newModel(o, env, ui.New(said, theme.New(look)), look, settings)
	err = display.Run(m, o.Output, tea.WithContext(ctx), tea.WithInput(o.Input))
	cancel()
	if !m.quitting { // it was ended from outside
		env.Jobs.Wait()
	}
	if err != nil && !(errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil) {
		return fmt.Errorf("run the TUI: %w", err)
	}
	return nil
}

// onTerminal lets a shell write to the terminal itself, instead of to where
// bubbletea writes.
func onTerminal(shell ShellCommand, out io.Writer) ShellCommand {
	return func(lab string) (*exec.Cmd, error) {
		cmd, err := shell(lab)
		if err == nil && cmd.Stdout == nil {
			cmd.Stdout = out
		}
		return cmd, err
	}
}

// steadyWidths makes widths independent of the locale: under Chinese, Japanese
// and Korean ones go-runewidth would count "…", "•" and "─" as two cells,
// unlike lipgloss and most terminals.
func steadyWidths() { runewidth.DefaultCondition.EastAsianWidth = false }
