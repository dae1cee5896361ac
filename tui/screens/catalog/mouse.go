package catalog

import (
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/ui"
)

// Wheel moves the cursor, which the list follows.
func (s *Screen) Wheel(_, _, lines int) {
	s.move(s.cursor + lines)
}

// Click puts the cursor on a lab; a click on the lab at the cursor opens it.
func (s *Screen) Click(_, y int) tea.Cmd {
	row := y - 2 // below the border and the heading
	if s.search.Shown() {
		row--
	}
	line, ok := s.list.LineAt(row)
	if !ok || s.rows[line] < 0 {
		return nil
	}
	if s.rows[line] == s.cursor {
		return ui.Cmd(ui.OpenLabMsg{ID: s.labs[s.cursor].ID})
	}
	s.move(s.rows[line])
	return nil
}

func (s *Screen) move(to int) {
	s.placed = true
	s.cursor = max(min(to, len(s.labs)-1), 0)
	s.layOut()
}
