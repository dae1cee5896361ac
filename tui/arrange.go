package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/backend"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// arranged returns u with a layout.
func arranged(u *ui.UI, layout backend.Layout) *ui.UI {
	copied := *u
	copied.Layout = layout
	return &copied
}

// nextLayout arranges the panes in another way, where there are some.
func (m *model) nextLayout() tea.Cmd {
	if _, ok := m.top().(ui.Arranger); !ok {
		m.notice = func(t *texts.Texts) string { return t.Common.LayoutNotHere }
		return nil
	}
	layout := m.settings.Layout.Next()
	m.settings.Layout = layout
	m.setUI(m.ui)
	m.notice = func(t *texts.Texts) string {
		switch {
		case layout == backend.OnePane:
			return t.Common.LayoutOne
		case layout == backend.SideBySide && m.width < backend.MinBeside:
			return texts.Fill(t.Common.LayoutNarrow, "n", strconv.Itoa(backend.MinBeside))
		case layout == backend.SideBySide:
			return t.Common.LayoutBeside
		default:
			return t.Common.LayoutAuto
		}
	}
	return m.saveCmd()
}
