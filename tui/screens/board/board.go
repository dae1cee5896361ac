// Package board is the projector layout of a lab's live checks: figures and
// rows that can be read from the back of a room.
package board

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/stream"
	"podlab/tui/ui"
)

const (
	// markFor is how long a check that changed is marked.
	markFor = 8 * time.Second
	// pageFor is how long a page is shown when there are several.
	pageFor = 10 * time.Second
)

// Screen is the board of one lab. It lies over the lab's screen, which watches
// and tells it what it shows.
type Screen struct {
	env      *ui.Env
	ui       *ui.UI
	id       stream.ID
	lab      *labs.Lab
	exercise backend.Exercise

	now     ui.VerdictsMsg
	said    *report.Report       // now's report in the language of the screen
	changed map[string]time.Time // by check: when its verdict changed

	page   int
	turned time.Time // when the page was turned

	lines         []string
	pages         int
	width, height int
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, msg ui.OpenBoardMsg) *Screen {
	s := &Screen{
		env: env, ui: u, id: env.IDs.Next(), lab: msg.Lab, exercise: msg.Exercise, now: msg.Now,
		changed: map[string]time.Time{}, turned: env.Now(),
	}
	s.localize()
	return s
}

// Init starts the clock and asks for what is new since the board was asked for.
func (s *Screen) Init() tea.Cmd {
	return tea.Batch(ui.Cmd(ui.WantVerdictsMsg{Lab: s.lab.ID}), s.tickCmd())
}

func (s *Screen) tickCmd() tea.Cmd { return ui.TickCmd(s.id, time.Second) }

// Update takes verdicts, turns pages and leaves.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case ui.VerdictsMsg:
		if msg.Lab == s.lab.ID && msg.Version > s.now.Version {
			s.take(msg)
		}
	case ui.TickMsg:
		if msg.ID != s.id {
			return nil
		}
		if now := s.env.Now(); s.pages > 1 && now.Sub(s.turned) >= pageFor {
			s.turn(1)
		}
		cmd = s.tickCmd()
	case tea.KeyMsg:
		cmd = s.press(msg)
	}
	s.layOut()
	return cmd
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back, keys.Board):
		return ui.Cmd(ui.BackMsg{})
	case key.Matches(msg, keys.Up, keys.PageUp):
		s.turn(-1)
	case key.Matches(msg, keys.Down, keys.PageDown):
		s.turn(1)
	}
	return nil
}

// turn turns pages, round and round.
func (s *Screen) turn(by int) {
	pages := max(s.pages, 1)
	s.page = (s.page + by + pages) % pages
	s.turned = s.env.Now()
}

// take shows new verdicts and notes which of them have changed. The first
// ones are no change.
func (s *Screen) take(msg ui.VerdictsMsg) {
	was := map[string]grader.Status{}
	if s.now.Report != nil {
		for _, r := range s.now.Report.Results {
			was[r.ID] = r.Status
		}
	}
	if msg.Report != nil {
		for _, r := range msg.Report.Results {
			if before, known := was[r.ID]; known && before != r.Status {
				s.changed[r.ID] = s.env.Now()
			}
		}
	}
	s.now = msg
	s.localize()
}

func (s *Screen) localize() {
	s.said = nil
	if s.now.Report != nil {
		s.said = s.exercise.Localize(s.now.Report, s.ui.Lang)
	}
}

// fresh reports whether a check has changed lately.
func (s *Screen) fresh(id string) bool {
	at, ok := s.changed[id]
	return ok && s.env.Now().Sub(at) < markFor
}

// elapsed since the attempt began; zero where that is not known.
func (s *Screen) elapsed() time.Duration {
	switch {
	case s.now.StartedAt.IsZero():
		return 0
	case s.now.Ended.After(s.now.StartedAt):
		return s.now.Ended.Sub(s.now.StartedAt)
	default:
		return s.env.Now().Sub(s.now.StartedAt)
	}
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.localize()
	s.layOut()
}

// Title names the lab.
func (s *Screen) Title() string { return s.lab.ID }

// Status is empty: the board says everything itself.
func (s *Screen) Status() string { return "" }

// Footer lists the keys that work now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	if s.pages > 1 {
		return []key.Binding{k.PageUp, k.PageDown, k.BackToLab}
	}
	return []key.Binding{k.BackToLab}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.PageUp, k.PageDown, k.BackToLab}
}

// Leaving says what the lab's screen would: it lies below.
func (s *Screen) Leaving() string { return s.ui.Texts.Common.QuitLab }

// Close does nothing: the watch is the lab's.
func (s *Screen) Close() {}
