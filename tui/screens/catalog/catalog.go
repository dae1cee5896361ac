// Package catalog is the list of labs, grouped by pattern.
package catalog

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/progress"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Deps is what the screen works with.
type Deps struct {
	Labs     []*labs.Lab
	Records  backend.Records
	Practice backend.Practice
}

// Screen is the list of labs.
type Screen struct {
	env  *ui.Env
	ui   *ui.UI
	deps Deps
	id   stream.ID

	labs    []*labs.Lab
	records map[string]progress.Record
	// exercises of labs whose title varies with their params.
	exercises map[string]backend.Exercise
	cursor    int

	list          pager.Pager
	width, height int
}

type loadedMsg struct {
	id        stream.ID
	records   map[string]progress.Record
	exercises map[string]backend.Exercise
	err       error
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, deps Deps) *Screen {
	return &Screen{env: env, ui: u, deps: deps, id: env.IDs.Next(), labs: deps.Labs}
}

// Init reads the scores.
func (s *Screen) Init() tea.Cmd { return s.loadCmd() }

// Refresh reads the scores again.
func (s *Screen) Refresh() tea.Cmd { return s.loadCmd() }

// loadCmd reads the scores, and expands the labs whose titles are templates.
func (s *Screen) loadCmd() tea.Cmd {
	id, deps, all := s.id, s.deps, s.labs
	return func() tea.Msg {
		exercises := map[string]backend.Exercise{}
		for _, lab := range all {
			if !templated(lab) {
				continue
			}
			e, err := deps.Practice.Exercise(lab.ID)
			if err != nil {
				return loadedMsg{id: id, err: err}
			}
			exercises[lab.ID] = e
		}
		records, err := deps.Records.All()
		return loadedMsg{id, records, exercises, err}
	}
}

func templated(lab *labs.Lab) bool {
	for _, t := range lab.Texts {
		if strings.Contains(t.Title+t.Summary, "{{") {
			return true
		}
	}
	return false
}

// Select puts the cursor on a lab.
func (s *Screen) Select(id string) {
	for i, lab := range s.labs {
		if lab.ID == id {
			s.cursor = i
		}
	}
	s.layOut()
}

// After returns the lab after id in the list; ok is false for the last one.
func (s *Screen) After(id string) (next string, ok bool) {
	for i, lab := range s.labs {
		if lab.ID == id && i+1 < len(s.labs) {
			return s.labs[i+1].ID, true
		}
	}
	return "", false
}

// Update moves the cursor and opens labs.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case loadedMsg:
		if msg.id != s.id {
			return nil
		}
		if msg.err != nil {
			return ui.Fail(msg.err, func(t *texts.Texts) string { return t.Common.WhileRecords })
		}
		s.records, s.exercises = msg.records, msg.exercises
		s.layOut()
	case tea.KeyMsg:
		cmd := s.press(msg)
		s.layOut()
		return cmd
	}
	return nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	last := len(s.labs) - 1
	if last < 0 {
		return nil
	}
	page := max(s.height/3, 1)
	switch {
	case key.Matches(msg, keys.Open):
		return ui.Cmd(ui.OpenLabMsg{ID: s.labs[s.cursor].ID})
	case key.Matches(msg, keys.Unsolved):
		return s.nextUnsolved()
	case key.Matches(msg, keys.Cluster):
		return ui.Cmd(ui.OpenClusterMsg{})
	case key.Matches(msg, keys.Up):
		s.cursor--
	case key.Matches(msg, keys.Down):
		s.cursor++
	case key.Matches(msg, keys.PageUp):
		s.cursor -= page
	case key.Matches(msg, keys.PageDown):
		s.cursor += page
	case key.Matches(msg, keys.Top):
		s.cursor = 0
	case key.Matches(msg, keys.Bottom):
		s.cursor = last
	}
	s.cursor = min(max(s.cursor, 0), last)
	return nil
}

func (s *Screen) nextUnsolved() tea.Cmd {
	for i := range s.labs {
		at := (s.cursor + 1 + i) % len(s.labs)
		if !s.solved(s.labs[at]) {
			s.cursor = at
			return nil
		}
	}
	return ui.Notice(func(t *texts.Texts) string { return t.Catalog.AllDone })
}

func (s *Screen) solved(lab *labs.Lab) bool {
	r := s.records[lab.ID]
	return r.MaxPoints > 0 && r.BestPoints >= r.MaxPoints
}

// text returns what is said of a lab, its params filled in.
func (s *Screen) text(lab *labs.Lab) *labs.Text {
	if e, ok := s.exercises[lab.ID]; ok {
		return e.Text(s.ui.Lang)
	}
	if t, ok := lab.Texts[s.ui.Lang]; ok {
		return t
	}
	return lab.Texts[content.English]
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

// Status says how many labs are solved.
func (s *Screen) Status() string {
	solved := 0
	for _, lab := range s.labs {
		if s.solved(lab) {
			solved++
		}
	}
	return texts.Fill(s.ui.Texts.Catalog.Solved, "solved", itoa(solved), "all", itoa(len(s.labs)))
}

// Footer lists the keys that matter most.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Move, k.Open, k.Unsolved, k.Language, k.Quit}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Open, k.Unsolved, k.Cluster}
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
