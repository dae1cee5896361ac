// Package catalog is the list of labs, grouped by pattern.
package catalog

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs"
	"podlab/labs/progress"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/components/search"
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

	labs    []*labs.Lab // those that the search lets through
	records map[string]progress.Record
	exam    ui.ExamMsg
	placed  bool // the cursor was put on the suggested lab, or moved
	cursor  int
	search  search.Bar

	list          pager.Pager
	rows          []int // the lab of each line of the list, -1 for a heading
	width, height int
}

type loadedMsg struct {
	id      stream.ID
	records map[string]progress.Record
	err     error
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, deps Deps) *Screen {
	return &Screen{env: env, ui: u, deps: deps, id: env.IDs.Next(), labs: deps.Labs, search: search.New()}
}

// Init reads the scores.
func (s *Screen) Init() tea.Cmd { return s.loadCmd() }

// Refresh reads the scores again.
func (s *Screen) Refresh() tea.Cmd { return s.loadCmd() }

// loadCmd reads the scores.
func (s *Screen) loadCmd() tea.Cmd {
	id, deps := s.id, s.deps
	return func() tea.Msg {
		records, err := deps.Records.All()
		return loadedMsg{id, records, err}
	}
}

// Select puts the cursor on a lab, and ends a search that hides it.
func (s *Screen) Select(id string) {
	if !slices.ContainsFunc(s.labs, func(l *labs.Lab) bool { return l.ID == id }) {
		s.search.Clear()
		s.filter()
	}
	s.placed = true
	for i, lab := range s.labs {
		if lab.ID == id {
			s.cursor = i
		}
	}
	s.layOut()
}

// After returns the lab that is suggested after id; ok is false when all others
// are solved.
func (s *Screen) After(id string) (next string, ok bool) {
	lab := labs.Suggest(s.deps.Labs, func(l *labs.Lab) bool { return l.ID == id || s.done(l) })
	if lab == nil {
		return "", false
	}
	return lab.ID, true
}

// suggested returns the lab to do next, nil when all are solved.
func (s *Screen) suggested() *labs.Lab { return labs.Suggest(s.deps.Labs, s.done) }

// Typing reports whether keys are text for the search.
func (s *Screen) Typing() bool { return s.search.Typing() }

// filter finds the labs that the search lets through: those of which id,
// title, summary and pattern together hold each word.
func (s *Screen) filter() {
	at := ""
	if s.cursor < len(s.labs) {
		at = s.labs[s.cursor].ID
	}
	s.labs, s.cursor = nil, 0
	for _, lab := range s.deps.Labs {
		title, summary := lab.Headline(s.ui.Lang)
		if !s.search.Matches(lab.ID, title, summary, s.pattern(lab.Pattern)) {
			continue
		}
		if lab.ID == at {
			s.cursor = len(s.labs)
		}
		s.labs = append(s.labs, lab)
	}
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
		s.records = msg.records
		if next := s.suggested(); next != nil && !s.placed {
			s.Select(next.ID)
		}
		s.layOut()
	case ui.ExamMsg:
		s.exam = msg
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
	s.placed = true
	if s.search.Typing() {
		cmd := s.search.Update(msg, keys)
		s.filter()
		return cmd
	}
	switch {
	case key.Matches(msg, keys.Search):
		return s.search.Open()
	case key.Matches(msg, keys.EndSearch):
		if s.search.Text() == "" {
			return ui.Notice(func(t *texts.Texts) string { return t.Catalog.NoSearch })
		}
		s.search.Clear()
		s.filter()
		return nil
	case key.Matches(msg, keys.Cluster):
		return ui.Cmd(ui.OpenClusterMsg{})
	case key.Matches(msg, keys.Exam):
		return ui.Cmd(ui.OpenExamMsg{})
	}
	last := len(s.labs) - 1
	if last < 0 {
		return s.nothingHere()
	}
	page := max(s.height/3, 1)
	switch {
	case key.Matches(msg, keys.Open):
		return ui.Cmd(ui.OpenLabMsg{ID: s.labs[s.cursor].ID})
	case key.Matches(msg, keys.Unsolved):
		return s.nextUnsolved()
	case key.Matches(msg, keys.Concept):
		return ui.Cmd(ui.OpenConceptMsg{ID: string(s.labs[s.cursor].Pattern)})
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

// nextUnsolved moves to the lab that is suggested; from there to the next
// one in the list that is not solved.
func (s *Screen) nextUnsolved() tea.Cmd {
	next := s.suggested()
	if next == nil {
		return ui.Notice(func(t *texts.Texts) string { return t.Catalog.AllDone })
	}
	if s.labs[s.cursor] != next {
		s.Select(next.ID)
		return nil
	}
	for i := range s.labs[1:] {
		at := (s.cursor + 1 + i) % len(s.labs)
		if !s.done(s.labs[at]) {
			s.cursor = at
			return nil
		}
	}
	return ui.Notice(func(t *texts.Texts) string { return t.Catalog.OnlyUnsolved })
}

// nothingHere says why there is no lab to do anything with.
func (s *Screen) nothingHere() tea.Cmd {
	return ui.Notice(func(t *texts.Texts) string {
		if len(s.deps.Labs) == 0 {
			return t.Catalog.Empty
		}
		return t.Catalog.NothingFound
	})
}

// done reports whether a lab was solved at least as far as a cluster could
// verify it: others come first.
func (s *Screen) done(lab *labs.Lab) bool {
	r := s.records[lab.ID]
	return r.Solved()
}

func (s *Screen) solved(lab *labs.Lab) bool {
	r := s.records[lab.ID]
	return r.FullMarks()
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.filter()
	s.layOut()
}

// Title is empty: the pane says it.
func (s *Screen) Title() string { return "" }

// Status says how many labs are solved.
func (s *Screen) Status() string {
	solved := s.countSolved(s.deps.Labs)
	return texts.Fill(s.ui.Texts.Catalog.Solved, "solved", itoa(solved), "all", itoa(len(s.deps.Labs)))
}

func (s *Screen) countSolved(all []*labs.Lab) int {
	solved := 0
	for _, lab := range all {
		if s.solved(lab) {
			solved++
		}
	}
	return solved
}

// Footer lists the keys that matter most.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch {
	case s.search.Typing():
		return []key.Binding{k.KeepSearch, k.EndSearch}
	case s.search.Text() != "":
		return []key.Binding{k.Move, k.Open, k.Search, k.EndSearch, k.Quit}
	}
	return []key.Binding{k.Move, k.Open, k.Unsolved, k.Search, k.Exam, k.Concept, k.Language, k.Quit}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Open, k.Unsolved, k.Search, k.EndSearch, k.Concept, k.Exam, k.Cluster}
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
