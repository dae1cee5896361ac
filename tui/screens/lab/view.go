package lab

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/markdown"
	"podlab/tui/texts"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// wideFrom is the width from which the checks stand beside the task.
const wideFrom = 110

// View draws one pane, or on wide screens two.
func (s *Screen) View() string {
	if !s.wide() {
		return pane.Of(s.tabs(s.available(), s.focus), &s.panes[s.focus], true).
			Render(s.ui.Theme, s.width, s.height)
	}
	left := pane.Of(s.tabs(s.docs(), s.doc), &s.panes[s.doc], s.focus != checksPane)
	right := pane.Of(s.tabs([]paneID{checksPane}, s.focus), &s.panes[checksPane], s.focus == checksPane)
	return lipgloss.JoinHorizontal(lipgloss.Top,
		left.Render(s.ui.Theme, s.docWidth(), s.height),
		right.Render(s.ui.Theme, s.width-s.docWidth(), s.height))
}

func (s *Screen) wide() bool { return s.ui.Layout.Beside(s.width, wideFrom) }

// Arranges marks the screen as one with two panes.
func (s *Screen) Arranges() {}

func (s *Screen) docWidth() int {
	if s.wide() {
		return s.width * 11 / 20
	}
	return s.width
}

func (s *Screen) checksWidth() int {
	if s.wide() {
		return s.width - s.docWidth()
	}
	return s.width
}

// tabs names the panes that share a frame; the one that is shown is marked by
// brackets, whatever the colours.
func (s *Screen) tabs(panes []paneID, shown paneID) string {
	th := s.ui.Theme
	parts := make([]string, len(panes))
	for i, p := range panes {
		if p == shown {
			parts[i] = th.Accent.Render("[" + s.name(p) + "]")
		} else {
			parts[i] = th.Faint.Render(s.name(p))
		}
	}
	return strings.Join(parts, " ")
}

func (s *Screen) name(p paneID) string {
	t := s.ui.Texts.Lab
	switch p {
	case checksPane:
		passed, all := s.count()
		return t.Checks + " " + strconv.Itoa(passed) + "/" + strconv.Itoa(all)
	case hintsPane:
		if s.exercise == nil {
			return t.Hints
		}
		return t.Hints + " " + strconv.Itoa(s.hints) + "/" + strconv.Itoa(len(s.exercise.Text(s.ui.Lang).Hints))
	case solutionPane:
		if s.comparison.shown {
			return s.ui.Texts.Diff.Pane
		}
		return t.Solution
	case podsPane:
		return s.podsName()
	default:
		return t.Task
	}
}

func (s *Screen) count() (passed, all int) {
	if s.report == nil {
		return 0, len(s.lab.Checks)
	}
	for _, r := range s.report.Results {
		if r.Status == grader.Passed {
			passed++
		}
	}
	return passed, len(s.report.Results)
}

// Title names the lab.
func (s *Screen) Title() string {
	if s.exercise == nil {
		return s.lab.ID
	}
	return s.lab.ID + "  " + s.exercise.Text(s.ui.Lang).Title
}

// Status shows all verdicts at a glance, and the time.
func (s *Screen) Status() string {
	th := s.ui.Theme
	var b strings.Builder
	switch {
	case s.trouble != nil:
		b.WriteString(th.Symbols.Errored)
	case s.report != nil:
		for _, r := range s.report.Results {
			symbol, _ := th.Status(r.Status)
			b.WriteString(symbol)
		}
	default:
		b.WriteString(strings.Repeat(th.Symbols.NotYet, len(s.lab.Checks)))
	}
	clock := texts.Fill(s.ui.Texts.Common.Minutes, "n", strconv.Itoa(s.lab.Minutes))
	if d := s.elapsed(); d > 0 {
		clock = layout.Clock(d) + " / " + clock
	}
	return b.String() + "  " + clock
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look; verdicts are said anew, without grading.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	if s.report != nil && s.exercise != nil {
		s.said = s.exercise.Localize(s.report, u.Lang)
	}
	s.layOut()
}

// layOut builds the lines of the panes that are shown; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	for i := range s.panes {
		s.panes[i].SetHeight(s.height - pane.FrameHeight)
	}
	width := s.docWidth() - pane.FrameWidth
	s.panes[taskPane].SetLines(s.taskLines(width))
	lines, _ := s.hintLines(width)
	s.panes[hintsPane].SetLines(lines)
	s.panes[solutionPane].SetLines(s.solutionLines(width))
	lines, _, _ = s.checkLines(s.checksWidth() - pane.FrameWidth)
	s.panes[checksPane].SetLines(lines)
	s.layOutPods(width, s.height-pane.FrameHeight)
}

func (s *Screen) taskLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Lab
	if s.exercise == nil {
		if s.failed {
			return s.banner(th.Failed, th.Symbols.Failed, t.StartFailed, width)
		}
		return s.banner(th.Pending, th.Symbols.Pending, t.Starting, width)
	}
	var lines []string
	switch {
	case s.failed:
		lines = append(s.banner(th.Failed, th.Symbols.Failed, t.StartFailed, width), "")
	case s.job != none:
		lines = append(s.banner(th.Pending, th.Symbols.Pending, s.jobName(), width), "")
	}
	lines = append(lines, markdown.Render(s.exercise.Text(s.ui.Lang).Task, s.ui.Lang, th, width)...)
	lines = append(lines, "")
	labels := layout.Widest(t.Namespace, t.WorkDir)
	lines = append(lines, layout.Labelled(s.ui.Lang, t.Namespace, th.Faint, labels, s.namespace(), width)...)
	lines = append(lines, layout.Labelled(s.ui.Lang, t.WorkDir, th.Faint, labels, s.deps.Practice.WorkDir(s.lab.ID), width)...)
	return lines
}

// namespace as the exercise was made for.
func (s *Screen) namespace() string {
	if s.exercise == nil {
		return ""
	}
	return s.exercise.In()
}

func (s *Screen) jobName() string {
	t := s.ui.Texts.Lab
	switch s.job {
	case resetting:
		return t.Resetting
	case applying:
		return t.Applying
	case grading:
		return t.Grading
	default:
		return t.Starting
	}
}

func (s *Screen) banner(style lipgloss.Style, symbol, text string, width int) []string {
	return layout.Text(s.ui.Lang, symbol+" "+text, width, style)
}

// hintLines shows the hints so far; last is the line at which the last begins.
func (s *Screen) hintLines(width int) (lines []string, last int) {
	if s.exercise == nil {
		return nil, 0
	}
	th, t := s.ui.Theme, s.ui.Texts.Lab
	hints := s.exercise.Text(s.ui.Lang).Hints
	all := strconv.Itoa(len(hints))
	for i, hint := range hints[:min(s.hints, len(hints))] {
		last = len(lines)
		lines = append(lines, th.Accent.Render(texts.Fill(t.HintN, "n", strconv.Itoa(i+1), "all", all)))
		lines = append(lines, markdown.Render(hint, s.ui.Lang, th, width)...)
		lines = append(lines, "")
	}
	more := t.NoMoreHints
	switch left := len(hints) - s.hints; {
	case s.hints == 0:
		more = texts.Fill(t.NoHints, "all", all)
	case left > 0:
		more = texts.Fill(t.MoreHints, "n", strconv.Itoa(left))
	}
	return append(lines, layout.Text(s.ui.Lang, more, width, th.Faint)...), last
}

// showHint scrolls to the last hint.
func (s *Screen) showHint() {
	lines, last := s.hintLines(s.docWidth() - pane.FrameWidth)
	s.panes[hintsPane].Show(last, len(lines))
}

func (s *Screen) solutionLines(width int) []string {
	switch {
	case s.solution == nil:
		return nil
	case s.comparison.shown:
		return s.comparisonLines(width)
	}
	th, t := s.ui.Theme, s.ui.Texts.Lab
	lines := []string{th.Accent.Render(texts.Fill(t.SolutionShown, "name", s.solution.Name)), ""}
	lines = append(lines, code(s.solution.Manifest, th, width)...)
	for _, step := range s.solution.Steps {
		lines = append(lines, "")
		switch {
		case step.Apply != nil:
			lines = append(lines, layout.Text(s.ui.Lang, t.StepChange, width, th.Accent)...)
			lines = append(lines, code(*step.Apply, th, width)...)
		case step.Delete != nil:
			text := texts.Fill(t.StepDelete, "command", step.Delete.DeleteCommand())
			lines = append(lines, layout.Text(s.ui.Lang, text, width, th.Accent)...)
		default:
			text := texts.Fill(t.StepWait, "checks", strings.Join(s.exercise.Text(s.ui.Lang).Titles(step.Passed), "; "))
			lines = append(lines, layout.Text(s.ui.Lang, text, width, th.Accent)...)
		}
	}
	return lines
}

func code(m labs.Manifest, th *theme.Theme, width int) []string {
	return markdown.Code(strings.TrimRight(string(m.Data), "\n"), th, width)
}

// checkLines shows the verdicts; the selected check takes the lines from
// first to before end.
func (s *Screen) checkLines(width int) (lines []string, first, end int) {
	th, t := s.ui.Theme, s.ui.Texts.Lab
	switch {
	case s.failed:
		lines = s.banner(th.Failed, th.Symbols.Failed, t.StartFailed, width)
	case s.trouble != nil:
		lines = s.banner(th.Trouble, th.Symbols.Errored, t.Trouble, width)
		lines = append(lines, layout.Text(s.ui.Lang, s.trouble.Error(), width, th.Faint)...)
	case s.job != none:
		lines = s.banner(th.Pending, th.Symbols.Pending, s.jobName(), width)
	case s.report == nil:
		lines = s.banner(th.Pending, th.Symbols.Pending, t.FirstLook, width)
	case s.report.FullMarks():
		lines = s.banner(th.Passed, th.Symbols.Passed, t.AllPassed, width)
	case s.report.SolvedInPart():
		n, all := s.report.Verifiable()
		lines = s.banner(th.Passed, th.Symbols.Unverifiable,
			texts.Fill(t.SolvedInPart, "n", strconv.Itoa(n), "max", strconv.Itoa(all)), width)
	default:
		lines = layout.Text(s.ui.Lang, s.points(), width, th.Faint)
	}
	lines = append(lines, "")
	s.rows = s.rows[:0]
	for i, c := range s.checks() {
		s.rows = append(s.rows, len(lines))
		if i == s.check {
			first = len(lines)
		}
		lines = append(lines, s.checkLine(c, i == s.check, width)...)
		if i == s.check {
			if s.open {
				lines = append(lines, s.explanation(c, width)...)
			}
			end = len(lines)
		}
	}
	return lines, first, end
}

func (s *Screen) points() string {
	earned, all := s.report.Score()
	t := s.ui.Texts.Common
	points := texts.Fill(t.PointsOf, "n", strconv.Itoa(earned), "max", strconv.Itoa(all))
	if n, all := s.report.Verifiable(); n < all {
		points += "  " + s.ui.Theme.Symbols.Dot + "  " + texts.Fill(t.Verifiable, "n", strconv.Itoa(n), "max", strconv.Itoa(all))
	}
	return points
}

// checks returns the verdicts in words, or before the first look the titles.
func (s *Screen) checks() []report.Check {
	if s.said != nil {
		return s.said.Checks
	}
	checks := make([]report.Check, len(s.lab.Checks))
	for i, c := range s.lab.Checks {
		checks[i] = report.Check{ID: c.ID, Title: c.ID, Points: c.Points}
		if s.exercise != nil {
			text := s.exercise.Text(s.ui.Lang).Checks[c.ID]
			checks[i].Title, checks[i].Expected, checks[i].Why = text.Title, text.Expected, text.Why
		}
	}
	return checks
}

// checkLine shows symbol, title, verdict in a word, and points.
func (s *Screen) checkLine(c report.Check, selected bool, width int) []string {
	th := s.ui.Theme
	symbol, style := th.Status(c.Status)
	word := s.ui.Texts.Common.Verdict(c.Status)
	right := style.Render(word) + " " + layout.PadLeft(strconv.Itoa(c.Points), 2)
	cursor := "  "
	titleStyle := th.Text
	if selected {
		cursor = th.Accent.Render(th.Symbols.Cursor) + " "
		titleStyle = th.Strong
	}
	title := layout.Text(s.ui.Lang, c.Title, max(width-4-2-ansi.StringWidth(right), 8), titleStyle)
	lines := layout.Indent("    ", title)
	lines[0] = layout.Split(cursor+style.Render(symbol)+" "+title[0], right, width, th.Symbols.Ellipsis)
	return lines
}

// explanation says what was expected, what is there, and why it matters.
func (s *Screen) explanation(c report.Check, width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Lab
	labels := layout.Widest(t.Expected, t.Actual, t.Why)
	width -= 4
	var lines []string
	explain := func(label, text string) {
		lines = append(lines, layout.Beside(label, th.Strong, labels, width, func(width int) []string {
			return markdown.Render(text, s.ui.Lang, th, width)
		})...)
	}
	if c.Expected != "" {
		explain(t.Expected, c.Expected)
	}
	// What is there comes from the cluster and is no Markdown.
	if actual := strings.TrimSpace(c.Actual); actual != "" {
		lines = append(lines, layout.Labelled(s.ui.Lang, t.Actual, th.Strong, labels, actual, width)...)
	}
	if c.Why != "" {
		explain(t.Why, c.Why)
	}
	return append(layout.Indent("    ", lines), "")
}

// showCheck scrolls to the selected check.
func (s *Screen) showCheck() {
	_, first, end := s.checkLines(s.checksWidth() - pane.FrameWidth)
	s.panes[checksPane].Show(first, end)
}
