package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/lipgloss"

	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/screens/catalog"
	"podlab/tui/ui"
)

// helpGap lies between the columns of the page of keys.
const helpGap = "    "

// layOutHelp builds the page of keys; viewHelp only shows it.
func (m *model) layOutHelp() {
	if !m.help || m.width == 0 {
		return
	}
	height := m.bodyHeight() - pane.FrameHeight
	lines := m.helpLines(m.width-pane.FrameWidth, height)
	m.helpWidth = layout.Widest(lines...) + pane.FrameWidth
	m.helpPage.SetHeight(height)
	m.helpPage.SetLines(lines)
}

// viewHelp shows the keys of the screen and those that work everywhere.
func (m *model) viewHelp() string {
	p := pane.Of(m.ui.Texts.Common.HelpTitle, &m.helpPage, true)
	return p.Render(m.ui.Theme, min(m.helpWidth, m.width), len(p.Lines)+pane.FrameHeight)
}

// helpKeys are the keys of the page itself.
func (m *model) helpKeys() []key.Binding {
	if above, below := m.helpPage.More(); above || below {
		return []key.Binding{m.ui.Keys.Scroll, m.ui.Keys.Back}
	}
	return []key.Binding{m.ui.Keys.Back}
}

// everywhere lists the keys that work on every screen.
func (m *model) everywhere() []key.Binding {
	k := m.ui.Keys
	keys := []key.Binding{k.Language, k.Theme, k.Layout, k.Mouse, k.Copy, k.CopyOther, k.Help, k.Quit, k.ForceQuit}
	if _, listed := m.top().(*catalog.Screen); m.mayReturn() && !listed {
		keys = append(keys, k.Exam)
	}
	if len(m.errors) > 0 {
		keys = append(keys, k.ErrorDetails, k.CloseError)
	}
	return keys
}

// helpLines sets the two lists side by side; where they are too long for
// that, in as many columns as there is width for. What is then still too high
// is scrolled.
func (m *model) helpLines(width, height int) []string {
	t := m.ui.Texts.Common
	here := m.helpColumn(t.KeysHere, m.top().Help())
	anywhere := m.helpColumn(t.KeysAnywhere, m.everywhere())
	if lines := columns(here, anywhere); len(lines) <= height && layout.Widest(lines...) <= width {
		return lines
	}
	for rows := (len(here) + len(anywhere) + 3) / 4; rows < len(here)+len(anywhere); rows++ {
		// The second heading begins a column, or stands apart with keys below.
		gap := 1
		switch rest := rows - len(here)%rows; {
		case rest == rows:
			gap = 0
		case rest < 3:
			gap = rest
		}
		all := slices.Concat(here, make([]string, gap), anywhere)
		if lines := columns(slices.Collect(slices.Chunk(all, rows))...); layout.Widest(lines...) <= width {
			return lines
		}
	}
	return slices.Concat(here, []string{""}, anywhere)
}

// columns sets columns side by side.
func columns(all ...[]string) []string {
	parts := make([]string, 0, 2*len(all))
	for i, column := range all {
		if i > 0 {
			parts = append(parts, helpGap)
		}
		parts = append(parts, strings.Join(column, "\n"))
	}
	return strings.Split(lipgloss.JoinHorizontal(lipgloss.Top, parts...), "\n")
}

func (m *model) helpColumn(title string, bindings []key.Binding) []string {
	items := ui.HelpItems(bindings)
	width := 0
	for _, item := range items {
		width = max(width, layout.Widest(item[0]))
	}
	lines := []string{m.ui.Theme.Accent.Render(title)}
	for _, item := range items {
		lines = append(lines, m.ui.Theme.Key.Render(layout.PadRight(item[0], width))+"  "+item[1])
	}
	return lines
}
