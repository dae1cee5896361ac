// Package dialog asks the learner a question in a box over the screen.
package dialog

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/ui"
)

// Dialog is an open question.
type Dialog struct {
	question ui.Question
	cursor   int
}

// New opens a question.
func New(q ui.Question) *Dialog { return &Dialog{question: q} }

// Update answers the question: done says that the dialog is over, and answer,
// unless it is nil, is to be delivered.
func (d *Dialog) Update(msg tea.KeyMsg, u *ui.UI) (done bool, answer tea.Msg) {
	keys := u.Keys
	n := len(d.question.Items)
	switch {
	case key.Matches(msg, keys.No):
		return true, nil
	case d.question.Choices && n > 0:
		switch {
		case key.Matches(msg, keys.Up):
			d.cursor = (d.cursor + n - 1) % n
		case key.Matches(msg, keys.Down):
			d.cursor = (d.cursor + 1) % n
		case key.Matches(msg, keys.Choose):
			return true, d.question.Yes(d.cursor)
		}
	case key.Matches(msg, keys.Yes):
		return true, d.question.Yes(0)
	}
	return false, nil
}

// Render draws the box, at most as large as the space it has.
func (d *Dialog) Render(u *ui.UI, width, height int) string {
	th := u.Theme
	width = min(width-4, 64)
	inner := width - pane.FrameWidth
	lines := layout.Text(u.Lang, d.question.Body(u.Texts), inner, th.Text)
	lines = append(lines, "")
	// Of a long list, the part around the cursor is shown.
	room := max(height-pane.FrameHeight-len(lines)-2, 1)
	first := max(min(d.cursor-room/2, len(d.question.Items)-room), 0)
	for i := first; i < min(first+room, len(d.question.Items)); i++ {
		mark, style := "  "+th.Symbols.Bullet+" ", th.Text
		if d.question.Choices {
			mark = "    "
			if i == d.cursor {
				mark, style = "  "+th.Accent.Render(th.Symbols.Cursor)+" ", th.Accent
			}
		}
		item := layout.Split(d.question.Items[i], "", inner-4, th.Symbols.Ellipsis)
		lines = append(lines, mark+style.Render(item))
	}
	if len(d.question.Items) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, layout.Keys(th, inner, ui.HelpItems(d.Keys(u))))
	box := pane.Pane{Title: th.Accent.Render(d.question.Title(u.Texts)), Lines: lines, Focused: true}
	return box.Render(th, width, min(len(lines)+pane.FrameHeight, height))
}

// Keys lists the keys that answer.
func (d *Dialog) Keys(u *ui.UI) []key.Binding {
	if d.question.Choices {
		return []key.Binding{u.Keys.Move, u.Keys.Choose, u.Keys.Cancel}
	}
	return []key.Binding{u.Keys.Yes, u.Keys.No}
}
