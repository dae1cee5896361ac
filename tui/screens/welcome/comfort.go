package welcome

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/texts"
	"podlab/tui/ui"
)

// notNow says why a key does nothing in this state.
func (s *Screen) notNow() tea.Cmd {
	state := s.state
	return ui.Notice(func(t *texts.Texts) string {
		switch state {
		case asking:
			return t.Welcome.NotRunning
		case creating:
			return t.Welcome.WaitCreating
		case cancelling:
			return t.Welcome.WaitCancelling
		case failed:
			return t.Welcome.NotRunningFailed
		default:
			return t.Welcome.WaitLooking
		}
	})
}

// Copies is what the engine said of a failure, and what podlab says of it.
func (s *Screen) Copies() []ui.Copyable {
	if s.state != failed {
		return nil
	}
	t := s.ui.Texts.Copy
	problem, remedy, output := s.ui.Problem(s.err)
	said := ui.Copyable{Name: t.Problem, Text: strings.TrimSpace(problem+"\n"+remedy) + "\n"}
	if output = strings.TrimSpace(output); output == "" {
		return []ui.Copyable{said}
	}
	return []ui.Copyable{{Name: t.Output, Text: output + "\n"}, said}
}

// Wheel scrolls the screen.
func (s *Screen) Wheel(_, _, lines int) { s.body.Scroll(lines) }

// Click does nothing: there is only one pane.
func (s *Screen) Click(_, _ int) tea.Cmd { return nil }
