// Package search is a line in which a learner types what to look for.
package search

import (
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/keymap"
	"podlab/tui/layout"
	"podlab/tui/match"
	"podlab/tui/theme"
)

// Bar holds the text of a search. It is shown while it is typed into, and as
// long as it holds a text.
type Bar struct {
	input textinput.Model
}

// New makes an empty Bar.
func New() Bar {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = 60
	return Bar{input: in}
}

// Open lets the learner type.
func (b *Bar) Open() tea.Cmd { return b.input.Focus() }

// Clear ends the search.
func (b *Bar) Clear() {
	b.input.Reset()
	b.input.Blur()
}

// Typing reports whether keys are text.
func (b *Bar) Typing() bool { return b.input.Focused() }

// Text returns what is searched for.
func (b *Bar) Text() string { return b.input.Value() }

// Shown reports whether View has a line.
func (b *Bar) Shown() bool { return b.Typing() || b.Text() != "" }

// Update handles a key that was pressed while typing.
func (b *Bar) Update(msg tea.KeyMsg, keys keymap.Map) tea.Cmd {
	switch {
	case key.Matches(msg, keys.EndSearch):
		b.Clear()
		return nil
	case key.Matches(msg, keys.KeepSearch):
		b.input.Blur()
		return nil
	}
	var cmd tea.Cmd
	b.input, cmd = b.input.Update(msg)
	return cmd
}

// Matches reports whether the texts together hold every word that is searched
// for, in whatever case. An empty search matches everything.
func (b *Bar) Matches(texts ...string) bool { return match.Words(b.Text(), texts...) }

// View draws the line behind its label; empty when it is not Shown.
func (b *Bar) View(th *theme.Theme, label string, width int) string {
	if !b.Shown() {
		return ""
	}
	text := b.Text()
	if b.Typing() {
		// The end of the text is where the learner types.
		before, at, after := parts(text, b.input.Position())
		text = before + th.Selected.Render(at) + after
	}
	return layout.Split(th.Accent.Render(label)+" "+text, "", width, th.Symbols.Ellipsis)
}

// parts splits a text at the cursor, which stands on a blank at its end.
func parts(text string, position int) (before, at, after string) {
	runes := []rune(text)
	if position >= len(runes) {
		return text, " ", ""
	}
	return string(runes[:position]), string(runes[position : position+1]), string(runes[position+1:])
}
