package lab

import (
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/tmux"
	"podlab/tui/ui"
)

// splitShell opens the shell beside the task.
func (s *Screen) splitShell() tea.Cmd {
	if s.deps.Split == nil {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.SplitNoTmux })
	}
	return s.splitCmd()
}

func (s *Screen) splitted(err error) tea.Cmd {
	switch {
	case errors.Is(err, tmux.ErrNoRoom):
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.SplitNoRoom })
	case err != nil:
		return s.failure(err, func(t *texts.Texts) string { return t.Common.WhileShell })
	default:
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.Split })
	}
}
