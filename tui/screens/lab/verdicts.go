package lab

import (
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/ui"
)

// tellVerdicts tells the screens that lie over this one how the lab is judged,
// if they do not know yet.
func (s *Screen) tellVerdicts() tea.Cmd {
	now := ui.VerdictsMsg{
		Lab: s.lab.ID, Version: s.verdicts.Version + 1,
		Report: s.report, Trouble: s.trouble, StartedAt: s.startedAt, Ended: s.ended,
	}
	was := s.verdicts
	if was.Report == now.Report && sameError(was.Trouble, now.Trouble) &&
		was.StartedAt.Equal(now.StartedAt) && was.Ended.Equal(now.Ended) {
		return nil
	}
	s.verdicts = now
	return ui.Cmd(now)
}

// sameError compares what people read: the values of errors cannot all be
// compared.
func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Error() == b.Error()
}

// openBoard shows the checks for a projector.
func (s *Screen) openBoard() tea.Cmd {
	if s.exercise == nil || !s.started {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.NotStarted })
	}
	return ui.Cmd(ui.OpenBoardMsg{Lab: s.lab, Exercise: s.exercise, Now: s.verdicts})
}
