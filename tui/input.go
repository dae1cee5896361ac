package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/ui"
)

// wheelLines is how far a notch of the mouse wheel scrolls.
const wheelLines = 3

// pressEach handles the keys of one message. bubbletea makes one of all
// characters that one read of the terminal brought, as when a learner types
// faster than the program reads.
func (m *model) pressEach(msg tea.KeyMsg) tea.Cmd {
	switch {
	case msg.Paste:
		return m.paste(msg)
	case msg.Type != tea.KeyRunes || len(msg.Runes) < 2:
		return m.press(msg)
	}
	var cmds []tea.Cmd
	for _, r := range msg.Runes {
		cmds = append(cmds, m.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
	}
	return tea.Batch(cmds...)
}

// paste gives a pasted text to a screen that takes text. Elsewhere its
// characters would be taken for commands that nobody meant.
func (m *model) paste(msg tea.KeyMsg) tea.Cmd {
	if t, ok := m.top().(ui.Typist); ok && t.Typing() && !m.covered() {
		return m.top().Update(msg)
	}
	return nil
}

// covered reports whether something lies over the screen and takes the keys.
func (m *model) covered() bool {
	return m.quitting || m.tooSmall() || m.dialog != nil || m.help || m.details
}

// point handles the mouse.
func (m *model) point(msg tea.MouseMsg) tea.Cmd {
	s, ok := m.top().(ui.Pointed)
	x, y := msg.X, msg.Y-headerHeight
	if !m.settings.Mouse || !ok || m.covered() || msg.Action != tea.MouseActionPress || y < 0 || y >= m.bodyHeight() {
		return nil
	}
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		s.Wheel(x, y, -wheelLines)
	case tea.MouseButtonWheelDown:
		s.Wheel(x, y, wheelLines)
	case tea.MouseButtonLeft:
		m.notice = nil
		return s.Click(x, y)
	}
	return nil
}

// mouseCmd takes the mouse where the learner wants that. It is off by
// default, so that the terminal selects text.
func (m *model) mouseCmd() tea.Cmd {
	if m.settings.Mouse {
		return tea.EnableMouseCellMotion
	}
	return nil
}

func (m *model) toggleMouse() tea.Cmd {
	m.settings.Mouse = !m.settings.Mouse
	on := m.settings.Mouse
	m.notice = func(t *texts.Texts) string {
		if on {
			return t.Common.MouseOn
		}
		return t.Common.MouseOff
	}
	if on {
		return tea.Batch(m.mouseCmd(), m.saveCmd())
	}
	return tea.Batch(tea.DisableMouse, m.saveCmd())
}
