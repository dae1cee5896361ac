// Package concept shows the pages that explain the patterns, one at a time,
// and the list of all.
package concept

import (
	"strconv"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/tui/components/pager"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Screen is a page, or the list from which another one is chosen.
type Screen struct {
	ui *ui.UI

	at      int  // the page that is shown
	listing bool // the list has the keys
	cursor  int  // in the list

	page   pager.Pager
	blocks []int // the lines of page at which its blocks begin
	list   pager.Pager

	width, height int
}

// New makes the screen for the page with that id, the first page where there
// is none.
func New(u *ui.UI, id string) *Screen {
	s := &Screen{ui: u}
	for i, page := range u.Concepts {
		if page.ID == id {
			s.at, s.cursor = i, i
		}
	}
	return s
}

// Page returns the page that is shown, in the language of the moment.
func (s *Screen) Page() content.Concept { return s.ui.Concepts[s.at] }

// Init has nothing to do: the pages came with the language.
func (s *Screen) Init() tea.Cmd { return nil }

// Update handles keys.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	if s.listing {
		s.pressInList(k)
		s.layOut()
		return nil
	}
	return s.press(k)
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back):
		return ui.Cmd(ui.BackMsg{})
	case key.Matches(msg, keys.NextConcept):
		s.open(s.at + 1)
	case key.Matches(msg, keys.PrevConcept):
		s.open(s.at - 1)
	case key.Matches(msg, keys.Contents):
		s.listing, s.cursor = true, s.at
		s.layOut()
	default:
		s.page.Update(msg, keys)
	}
	return nil
}

func (s *Screen) pressInList(msg tea.KeyMsg) {
	keys := s.ui.Keys
	last := len(s.ui.Concepts) - 1
	switch {
	case key.Matches(msg, keys.Open):
		s.open(s.cursor)
	case key.Matches(msg, keys.Back, keys.Contents):
		s.listing, s.cursor = false, s.at
	case key.Matches(msg, keys.Up):
		s.cursor = max(s.cursor-1, 0)
	case key.Matches(msg, keys.Down):
		s.cursor = min(s.cursor+1, last)
	case key.Matches(msg, keys.PageUp, keys.Top):
		s.cursor = 0
	case key.Matches(msg, keys.PageDown, keys.Bottom):
		s.cursor = last
	}
}

// open shows a page from its beginning; after the last comes the first.
func (s *Screen) open(page int) {
	all := len(s.ui.Concepts)
	s.at = (page + all) % all
	s.cursor, s.listing = s.at, false
	s.page.ScrollTo(0)
	s.layOut()
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look; the learner stays at the same block of the
// page.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}

// Title names the screen.
func (s *Screen) Title() string { return s.ui.Texts.Concept.Title }

// Status says which page of how many this is.
func (s *Screen) Status() string {
	return texts.Fill(s.ui.Texts.Concept.PageOf, "n", strconv.Itoa(s.at+1), "all", strconv.Itoa(len(s.ui.Concepts)))
}

// Footer lists the keys that matter most now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	if s.listing {
		return []key.Binding{k.Move, k.Open, k.Back}
	}
	return []key.Binding{k.Scroll, k.NextConcept, k.Contents, k.Back}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	keys := []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom}
	if s.listing {
		return append(keys, k.Open, k.Back)
	}
	return append(keys, k.NextConcept, k.PrevConcept, k.Contents, k.Back)
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
