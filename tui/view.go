package tui

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// Heights of what surrounds the screen.
const (
	headerHeight = 1
	footerHeight = 1
	errorHeight  = 2
)

// View draws what a person sees; with --ascii nothing but letters leaves ASCII.
func (m *model) View() string {
	if m.look.ASCII {
		return theme.ASCII(m.draw(), m.width)
	}
	return m.draw()
}

// draw puts together header, screen, errors and footer, and what lies over
// them.
func (m *model) draw() string {
	if m.width == 0 {
		return ""
	}
	if m.tooSmall() {
		return m.viewTooSmall()
	}
	body := m.top().View()
	switch {
	case m.dialog != nil:
		body = pane.Overlay(body, m.dialog.Render(m.ui, m.width, m.bodyHeight()), m.width, m.bodyHeight())
	case m.help:
		body = pane.Overlay(body, m.viewHelp(), m.width, m.bodyHeight())
	case m.details && len(m.errors) > 0:
		body = pane.Overlay(body, m.viewDetails(), m.width, m.bodyHeight())
	}
	parts := []string{m.viewHeader(), body}
	if len(m.errors) > 0 {
		parts = append(parts, m.viewErrors())
	}
	return strings.Join(append(parts, m.viewFooter()), "\n")
}

func (m *model) tooSmall() bool { return m.width < minWidth || m.height < minHeight }

func (m *model) bodyHeight() int {
	h := m.height - headerHeight - footerHeight
	if len(m.errors) > 0 {
		h -= errorHeight
	}
	return h
}

// resize tells every screen its size when it has changed.
func (m *model) resize() {
	size := [2]int{m.width, m.bodyHeight()}
	if m.width == 0 || m.tooSmall() || size == m.sized {
		return
	}
	m.sized = size
	for _, s := range m.screens {
		s.SetSize(m.width, m.bodyHeight())
	}
}

func (m *model) viewTooSmall() string {
	text := texts.Fill(m.ui.Texts.Common.TooSmall,
		"width", strconv.Itoa(m.width), "height", strconv.Itoa(m.height),
		"minWidth", strconv.Itoa(minWidth), "minHeight", strconv.Itoa(minHeight))
	lines := layout.Text(m.ui.Lang, text, m.width, m.ui.Theme.Text)
	return strings.Join(lines[:min(len(lines), m.height)], "\n")
}

func (m *model) viewHeader() string {
	th := m.ui.Theme
	left := " podlab"
	if title := m.top().Title(); title != "" {
		left += "  " + th.Symbols.Dot + "  " + title
	}
	right := m.ui.Lang.Name() + " "
	if m.width < 100 { // the title needs the room
		right = strings.ToUpper(string(m.ui.Lang)) + " "
	}
	if status := m.top().Status(); status != "" {
		right = status + "  " + th.Symbols.Dot + "  " + right
	}
	if clock := m.examClock(); clock != "" {
		right = clock + "  " + th.Symbols.Dot + "  " + right
	}
	return th.Bar.Render(pane.Fit(layout.Split(left, right, m.width, th.Symbols.Ellipsis), m.width))
}

// viewErrors shows the last error in its place, on exactly errorHeight lines.
func (m *model) viewErrors() string {
	th, last := m.ui.Theme, m.errors[len(m.errors)-1]
	problem, remedy, _ := m.ui.Problem(last.Err)
	head := th.Failed.Render(" "+th.Symbols.Failed+" ") + th.Strong.Render(last.Doing(m.ui.Texts))
	keys := layout.Keys(th, m.width/2, ui.HelpItems([]key.Binding{m.ui.Keys.ErrorDetails, m.ui.Keys.CloseError})) + " "
	if more := len(m.errors) - 1; more > 0 {
		keys = th.Faint.Render(texts.Fill(m.ui.Texts.Common.MoreErrors, "n", strconv.Itoa(more))+" "+th.Symbols.Dot+" ") + keys
	}
	if remedy != "" {
		problem += ". " + remedy
	}
	// One line, whatever the error holds.
	what := strings.Join(layout.Text(m.ui.Lang, strings.Join(strings.Fields(problem), " "), 4*m.width, th.Text), " ")
	return layout.Split(head, keys, m.width, th.Symbols.Ellipsis) + "\n" +
		layout.Split("   "+what, "", m.width, th.Symbols.Ellipsis)
}

// viewDetails shows the last error in full.
func (m *model) viewDetails() string {
	th, last := m.ui.Theme, m.errors[len(m.errors)-1]
	problem, remedy, output := m.ui.Problem(last.Err)
	width := min(m.width-4, 96)
	inner := width - pane.FrameWidth
	lines := layout.Text(m.ui.Lang, last.Doing(m.ui.Texts), inner, th.Strong)
	lines = append(lines, "")
	lines = append(lines, layout.Text(m.ui.Lang, problem, inner, th.Text)...)
	if remedy != "" {
		lines = append(lines, "", th.Accent.Render(m.ui.Texts.Welcome.Remedy))
		lines = append(lines, layout.Text(m.ui.Lang, remedy, inner, th.Text)...)
	}
	if output != "" {
		lines = append(lines, "", th.Accent.Render(m.ui.Texts.Welcome.OutputTitle))
		lines = append(lines, layout.Text(m.ui.Lang, output, inner, th.Faint)...)
	}
	height := min(len(lines)+pane.FrameHeight, m.bodyHeight())
	return pane.Pane{Title: m.ui.Texts.Common.ErrorTitle, Lines: lines, Focused: true}.Render(th, width, height)
}

func (m *model) viewFooter() string {
	th := m.ui.Theme
	if m.notice != nil {
		text := " " + th.Accent.Render(m.notice(m.ui.Texts))
		return layout.Split(text, "", m.width, th.Symbols.Ellipsis)
	}
	var keys []key.Binding
	switch {
	case m.quitting:
		return ""
	case m.dialog != nil:
		keys = m.dialog.Keys(m.ui)
	case m.help:
		keys = m.helpKeys()
	case m.details:
		keys = []key.Binding{m.ui.Keys.Back}
	default:
		keys = append(m.top().Footer(), m.ui.Keys.Help)
	}
	return " " + layout.Keys(th, m.width-2, ui.HelpItems(keys))
}
