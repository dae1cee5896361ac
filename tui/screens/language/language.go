// Package language is the first screen of a first start: it asks for the
// language, each named in itself.
package language

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/ui"
)

// Screen asks for the language.
type Screen struct {
	ui            *ui.UI
	cursor        int
	width, height int
}

// New makes the screen with lang chosen in advance.
func New(u *ui.UI, lang content.Lang) *Screen {
	return &Screen{ui: u, cursor: max(slices.Index(content.Langs(), lang), 0)}
}

// Init does nothing.
func (s *Screen) Init() tea.Cmd { return nil }

// Update moves the choice; everything is said in the chosen language at once.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	keys, langs := s.ui.Keys, content.Langs()
	switch {
	case key.Matches(press, keys.Up):
		s.cursor = (s.cursor + len(langs) - 1) % len(langs)
		return ui.Cmd(ui.PreviewLangMsg{Lang: langs[s.cursor]})
	case key.Matches(press, keys.Down):
		s.cursor = (s.cursor + 1) % len(langs)
		return ui.Cmd(ui.PreviewLangMsg{Lang: langs[s.cursor]})
	case key.Matches(press, keys.Choose):
		return ui.Cmd(ui.LanguageChosenMsg{Lang: langs[s.cursor]})
	}
	return nil
}

// View draws the list of languages.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts
	inner := s.width - pane.FrameWidth
	lines := []string{""}
	lines = append(lines, layout.Text(s.ui.Lang, t.Language.Ask, inner, th.Strong)...)
	lines = append(lines, "")
	for i, lang := range content.Langs() {
		if i == s.cursor {
			lines = append(lines, "  "+th.Accent.Render(th.Symbols.Cursor+" "+lang.Name()))
		} else {
			lines = append(lines, "    "+lang.Name())
		}
	}
	lines = append(lines, "")
	lines = append(lines, layout.Text(s.ui.Lang, t.Language.Later, inner, th.Faint)...)
	return pane.Pane{Title: t.Language.Title, Lines: lines, Focused: true}.Render(th, s.width, s.height)
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) { s.width, s.height = width, height }

// SetUI changes language and look; the choice follows the language.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.cursor = max(slices.Index(content.Langs(), u.Lang), 0)
}

// Title is empty: the pane says it.
func (s *Screen) Title() string { return "" }

// Status is empty.
func (s *Screen) Status() string { return "" }

// Footer lists the keys.
func (s *Screen) Footer() []key.Binding {
	return []key.Binding{s.ui.Keys.Move, s.ui.Keys.Choose, s.ui.Keys.Quit}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	return []key.Binding{s.ui.Keys.Up, s.ui.Keys.Down, s.ui.Keys.Choose}
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
