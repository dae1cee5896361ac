package lab

import (
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/layout"
)

// Wheel scrolls the pane under the pointer.
func (s *Screen) Wheel(x, _, lines int) { s.panes[s.paneAt(x)].Scroll(lines) }

// Click gives the focus to the pane under the pointer, or to the one whose
// name in the border was hit. It selects a check, and explains the selected
// one.
func (s *Screen) Click(x, y int) tea.Cmd {
	p := s.paneAt(x)
	if y == 0 {
		if tab, ok := s.tabAt(x); ok {
			p = tab
		}
	}
	s.focusOn(p)
	if p == checksPane && y > 0 {
		s.clickCheck(y - 1) // below the border
	}
	return nil
}

// paneAt returns the pane in a column.
func (s *Screen) paneAt(x int) paneID {
	switch {
	case !s.wide():
		return s.focus
	case x < s.docWidth():
		return s.doc
	default:
		return checksPane
	}
}

// tabAt returns the pane that is named in a column of the upper border.
func (s *Screen) tabAt(x int) (paneID, bool) {
	panes, shown := s.available(), s.focus
	if s.wide() {
		panes, shown = s.docs(), s.doc
	}
	for i := range panes {
		// The names up to this one end where the next begins.
		if x < 3+layout.Widest(s.tabs(panes[:i+1], shown)) {
			return panes[i], x >= 3
		}
	}
	return 0, false
}

// clickCheck selects the check in a row of the pane, or explains it.
func (s *Screen) clickCheck(row int) {
	line, ok := s.panes[checksPane].LineAt(row)
	if !ok {
		return
	}
	at := -1
	for i, begins := range s.rows {
		if line >= begins {
			at = i
		}
	}
	switch at {
	case -1:
		return
	case s.check:
		s.open = !s.open
	default:
		s.check = at
	}
	s.layOut()
	s.showCheck()
}

// docs lists the panes that stand beside the checks.
func (s *Screen) docs() []paneID {
	var docs []paneID
	for _, p := range s.available() {
		if p != checksPane {
			docs = append(docs, p)
		}
	}
	return docs
}
