package lab

import (
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/ui"
)

// tellObjects tells the screens that lie over this one what the namespace
// holds: one watch serves them all.
func (s *Screen) tellObjects() tea.Cmd {
	s.told++
	return ui.Cmd(ui.ObjectsMsg{
		Lab: s.lab.ID, Version: s.told, Known: s.looked, Objects: s.objects, Trouble: s.trouble,
	})
}

// openLogs shows the logs and events of the lab.
func (s *Screen) openLogs() tea.Cmd {
	if !s.started {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.NotStarted })
	}
	return ui.Cmd(ui.OpenLogsMsg{Lab: s.lab.ID})
}
