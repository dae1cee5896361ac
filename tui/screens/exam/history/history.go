// Package history is the list of earlier exams, and how the learner does in
// each pattern.
package history

import (
	"errors"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/labs/history"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Screen is the list.
type Screen struct {
	env   *ui.Env
	ui    *ui.UI
	exams backend.Exams
	id    stream.ID

	read       bool
	results    []*exam.Result
	trend      []history.Pattern
	blueprints []exam.Blueprint
	cursor     int

	list, patterns pager.Pager
	width, height  int
}

type readMsg struct {
	id         stream.ID
	results    []*exam.Result
	trend      []history.Pattern
	blueprints []exam.Blueprint
	err        error
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, exams backend.Exams) *Screen {
	return &Screen{env: env, ui: u, exams: exams, id: env.IDs.Next()}
}

// Init reads the results.
func (s *Screen) Init() tea.Cmd { return s.readCmd() }

// readCmd reads the results. Those that can be read are shown even if others
// cannot.
func (s *Screen) readCmd() tea.Cmd {
	id, exams := s.id, s.exams
	return func() tea.Msg {
		results, err := exams.Results()
		trend, trendErr := exams.Trend(results)
		blueprints, blueprintsErr := exams.Blueprints()
		return readMsg{id, results, trend, blueprints, errors.Join(err, trendErr, blueprintsErr)}
	}
}

// Update moves the cursor and opens results.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case readMsg:
		if msg.id != s.id {
			return nil
		}
		s.read, s.results, s.trend, s.blueprints = true, msg.results, msg.trend, msg.blueprints
		if msg.err != nil {
			cmd = ui.Fail(msg.err, func(t *texts.Texts) string { return t.Exam.WhileResult })
		}
	case tea.KeyMsg:
		cmd = s.press(msg)
	}
	s.layOut()
	return cmd
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys, last := s.ui.Keys, len(s.results)-1
	switch {
	case key.Matches(msg, keys.Back):
		return ui.Cmd(ui.BackMsg{})
	case last < 0:
		return nil
	case key.Matches(msg, keys.Open):
		return ui.Cmd(ui.OpenExamResultMsg{Result: s.results[s.cursor]})
	case key.Matches(msg, keys.Up):
		s.cursor--
	case key.Matches(msg, keys.Down):
		s.cursor++
	case key.Matches(msg, keys.Top):
		s.cursor = 0
	case key.Matches(msg, keys.Bottom):
		s.cursor = last
	case key.Matches(msg, keys.PageUp):
		s.cursor -= max(s.listHeight()-1, 1)
	case key.Matches(msg, keys.PageDown):
		s.cursor += max(s.listHeight()-1, 1)
	}
	s.cursor = max(min(s.cursor, last), 0)
	return nil
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}

// Title is empty: the pane says it.
func (s *Screen) Title() string { return "" }

// Status is empty.
func (s *Screen) Status() string { return "" }

// Footer lists the keys that matter most.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	if len(s.results) == 0 {
		return []key.Binding{k.Back}
	}
	return []key.Binding{k.Move, k.Open, k.Back}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Open, k.Back}
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
