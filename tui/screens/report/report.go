// Package report is the screen after grading: the score, each check, and the
// debrief that explains how it works.
package report

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"podlab/grader"
	"podlab/tui/components/pager"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/markdown"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// wideFrom is the width from which the debrief stands beside the result.
const wideFrom = 110

// Screen is the report of a graded lab.
type Screen struct {
	ui   *ui.UI
	data ui.OpenReportMsg

	// On narrow screens all is in result.
	result, debrief pager.Pager
	onDebrief       bool // the focus, on wide screens
	width, height   int
}

// New makes the screen.
func New(u *ui.UI, data ui.OpenReportMsg) *Screen { return &Screen{ui: u, data: data} }

// Init does nothing.
func (s *Screen) Init() tea.Cmd { return nil }

// Update scrolls and leaves.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	keys := s.ui.Keys
	switch {
	case key.Matches(press, keys.BackToLab):
		return ui.Cmd(ui.BackMsg{})
	case key.Matches(press, keys.NextLab):
		return ui.Cmd(ui.OpenNextLabMsg{ID: s.data.Lab})
	case key.Matches(press, keys.List):
		return ui.Cmd(ui.OpenCatalogMsg{})
	case key.Matches(press, keys.NextPane, keys.PrevPane):
		if !s.wide() {
			return ui.Notice(func(t *texts.Texts) string { return t.Report.OnePane })
		}
		s.onDebrief = !s.onDebrief
	case s.wide() && s.onDebrief:
		s.debrief.Update(press, keys)
	default:
		s.result.Update(press, keys)
	}
	return nil
}

func (s *Screen) wide() bool { return s.ui.Layout.Beside(s.width, wideFrom) }

// Arranges marks the screen as one with two panes.
func (s *Screen) Arranges() {}

func (s *Screen) resultWidth() int {
	if s.wide() {
		return s.width * 9 / 20
	}
	return s.width
}

// View draws the result, and on wide screens the debrief beside it.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts.Report
	result := pane.Of(t.Title, &s.result, !s.wide() || !s.onDebrief)
	if !s.wide() {
		return result.Render(th, s.width, s.height)
	}
	debrief := pane.Of(t.Debrief, &s.debrief, s.onDebrief)
	return lipgloss.JoinHorizontal(lipgloss.Top,
		result.Render(th, s.resultWidth(), s.height),
		debrief.Render(th, s.width-s.resultWidth(), s.height))
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

// layOut builds the lines of both panes; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	width := s.resultWidth() - pane.FrameWidth
	lines := s.resultLines(width)
	text := s.data.Exercise.Text(s.ui.Lang).Debrief
	if s.wide() {
		s.debrief.SetHeight(s.height - pane.FrameHeight)
		s.debrief.SetLines(markdown.Render(text, s.ui.Lang, s.ui.Theme, s.width-s.resultWidth()-pane.FrameWidth))
	} else {
		lines = append(lines, "", s.ui.Theme.Accent.Render(s.ui.Texts.Report.Debrief), "")
		lines = append(lines, markdown.Render(text, s.ui.Lang, s.ui.Theme, width)...)
	}
	s.result.SetHeight(s.height - pane.FrameHeight)
	s.result.SetLines(lines)
}

func (s *Screen) resultLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Report
	said := s.data.Exercise.Localize(s.data.Report, s.ui.Lang)
	head := th.Pending.Render(th.Symbols.Pending + " " + t.Partly)
	if s.data.Report.FullMarks() {
		head = th.Passed.Render(th.Symbols.Passed + " " + t.Full)
	}
	if s.data.Report.SolvedInPart() {
		head = th.Passed.Render(th.Symbols.Unverifiable + " " + t.InPart)
	}
	lines := []string{head, ""}
	if s.data.Report.Trouble() {
		lines = append(lines, layout.Text(s.ui.Lang, t.Trouble, width, th.Trouble)...)
		lines = append(lines, "")
	}

	score := texts.Fill(s.ui.Texts.Common.PointsOf, "n", strconv.Itoa(said.Points), "max", strconv.Itoa(said.MaxPoints)) +
		"  " + layout.Bar(th, int64(said.Points), int64(said.MaxPoints), 10) + " " + s.ui.Texts.Common.Share(said.Score)
	clock := th.Symbols.Skipped
	if s.data.Elapsed > 0 {
		clock = texts.Fill(t.TimeOf, "time", layout.Clock(s.data.Elapsed), "minutes", strconv.Itoa(s.data.Minutes))
	}
	hints := texts.Fill(t.HintsUsed, "n", strconv.Itoa(s.data.HintsUsed),
		"all", strconv.Itoa(len(s.data.Exercise.Text(s.ui.Lang).Hints)))
	seen := t.No
	if s.data.SolutionSeen {
		seen = t.Yes
	}
	rows := [][2]string{{t.Score, score}, {t.Time, clock}, {t.Hints, hints}, {t.SolutionSeen, seen}}
	if n, all := s.data.Report.Verifiable(); n < all {
		verified := texts.Fill(s.ui.Texts.Common.Verifiable, "n", strconv.Itoa(n), "max", strconv.Itoa(all))
		rows = append(rows[:1:1], append([][2]string{{t.Verified, verified}}, rows[1:]...)...)
	}
	labels := 0
	for _, row := range rows {
		labels = max(labels, layout.Widest(row[0]))
	}
	for _, row := range rows {
		lines = append(lines, th.Faint.Render(layout.PadRight(row[0], labels))+"  "+row[1])
	}

	lines = append(lines, "", th.Accent.Render(t.Checks))
	for _, c := range said.Checks {
		symbol, style := th.Status(c.Status)
		points := strconv.Itoa(c.Earned) + "/" + strconv.Itoa(c.Points)
		right := points
		if c.Status != grader.Passed {
			right = style.Render(s.ui.Texts.Common.Verdict(c.Status)) + " " + points
		}
		title := layout.Text(s.ui.Lang, c.Title, max(width-2-2-layout.Widest(right), 8), th.Text)
		check := layout.Indent("  ", title)
		check[0] = layout.Split(style.Render(symbol)+" "+title[0], right, width, th.Symbols.Ellipsis)
		lines = append(lines, check...)
		if actual := strings.TrimSpace(c.Actual); actual != "" {
			label := s.ui.Texts.Lab.Actual
			lines = append(lines, layout.Indent("  ",
				layout.Labelled(s.ui.Lang, label, th.Faint, layout.Widest(label), actual, width-2))...)
		}
	}
	return lines
}

// Title names the lab.
func (s *Screen) Title() string {
	return s.data.Lab + "  " + s.data.Exercise.Text(s.ui.Lang).Title
}

// Status is empty.
func (s *Screen) Status() string { return "" }

// Footer lists the keys that matter most.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Scroll, k.BackToLab, k.NextLab, k.List, k.Quit}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.NextPane, k.BackToLab, k.NextLab, k.List}
}

// Leaving loses nothing.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}
