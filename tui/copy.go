package tui

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader/printable"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// copyMsg asks for something to be copied, and copiedMsg says how that went.
type (
	copyMsg   struct{ item ui.Copyable }
	copiedMsg struct {
		item ui.Copyable
		err  error
	}
)

// copies returns what the screen has to copy.
func (m *model) copies() []ui.Copyable {
	if c, ok := m.top().(ui.Copier); ok {
		return c.Copies()
	}
	return nil
}

// copyMain copies the main thing of what has the focus.
func (m *model) copyMain() tea.Cmd {
	all := m.copies()
	if len(all) == 0 {
		m.notice = func(t *texts.Texts) string { return t.Copy.Nothing }
		return nil
	}
	return m.copyCmd(all[0])
}

// askCopy lets the learner choose among the parts.
func (m *model) askCopy() tea.Cmd {
	all := m.copies()
	switch len(all) {
	case 0:
		m.notice = func(t *texts.Texts) string { return t.Copy.Nothing }
		return nil
	case 1:
		m.notice = func(t *texts.Texts) string { return t.Copy.NoParts }
		return nil
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = printable.Line(c.Name, 200)
	}
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Copy.Title },
		Body:  func(t *texts.Texts) string { return t.Copy.Body },
		Items: names, Choices: true,
		Yes: func(i int) tea.Msg { return copyMsg{all[i]} },
	})
}

// copyCmd puts a text into the clipboard. What a Pod printed may be pasted
// into a shell: it keeps no control sequences.
func (m *model) copyCmd(item ui.Copyable) tea.Cmd {
	clipboard := m.env.Clipboard
	return func() tea.Msg {
		item.Text = printable.Text(item.Text)
		return copiedMsg{item, clipboard.Copy(item.Text)}
	}
}

// copied says what was copied.
func (m *model) copied(msg copiedMsg) tea.Cmd {
	if msg.err != nil {
		m.fail(ui.ErrorMsg{Err: msg.err, Doing: func(t *texts.Texts) string { return t.Copy.While }})
		return nil
	}
	what := printable.Line(msg.item.Name, 200)
	lines := strings.Count(strings.TrimRight(msg.item.Text, "\n"), "\n") + 1
	m.notice = func(t *texts.Texts) string {
		if lines == 1 {
			return texts.Fill(t.Copy.CopiedLine, "what", what)
		}
		return texts.Fill(t.Copy.Copied, "what", what, "n", strconv.Itoa(lines))
	}
	return nil
}
