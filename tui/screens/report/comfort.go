package report

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Copies is the report, and the debrief with its code; the one that has the
// focus comes first.
func (s *Screen) Copies() []ui.Copyable {
	t := s.ui.Texts.Copy
	text := s.data.Exercise.Text(s.ui.Lang).Debrief
	report := ui.Copyable{Name: t.Report, Text: s.plain()}
	debrief := ui.Copyable{Name: t.Debrief, Text: text}
	copies := []ui.Copyable{report, debrief}
	if s.wide() && s.onDebrief {
		copies = []ui.Copyable{debrief, report}
	}
	return append(copies, ui.CopyBlocks(text)...)
}

// plain is the report as text.
func (s *Screen) plain() string {
	th, t := s.ui.Theme, s.ui.Texts
	said := s.data.Exercise.Localize(s.data.Report, s.ui.Lang)
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line(s.Title())
	line(texts.Fill(t.Common.PointsOf, "n", strconv.Itoa(said.Points), "max", strconv.Itoa(said.MaxPoints)),
		"  ", t.Common.Share(said.Score))
	if s.data.Elapsed > 0 {
		line(t.Report.Time, ": ", texts.Fill(t.Report.TimeOf,
			"time", layout.Clock(s.data.Elapsed), "minutes", strconv.Itoa(s.data.Minutes)))
	}
	line(t.Report.Hints, ": ", texts.Fill(t.Report.HintsUsed, "n", strconv.Itoa(s.data.HintsUsed),
		"all", strconv.Itoa(len(s.data.Exercise.Text(s.ui.Lang).Hints))))
	line()
	for _, c := range said.Checks {
		symbol, _ := th.Status(c.Status)
		line(symbol, " ", c.Title, "  ", t.Common.Verdict(c.Status), " ", strconv.Itoa(c.Earned), "/", strconv.Itoa(c.Points))
		if actual := strings.TrimSpace(c.Actual); actual != "" {
			line("  ", t.Lab.Actual, ": ", strings.ReplaceAll(actual, "\n", "\n  "))
		}
	}
	return b.String()
}

// Wheel scrolls the pane under the pointer.
func (s *Screen) Wheel(x, _, lines int) {
	if s.wide() && x >= s.resultWidth() {
		s.debrief.Scroll(lines)
		return
	}
	s.result.Scroll(lines)
}

// Click gives the pane under the pointer the focus.
func (s *Screen) Click(x, _ int) tea.Cmd {
	s.onDebrief = s.wide() && x >= s.resultWidth()
	return nil
}
