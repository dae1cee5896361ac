package lab

import (
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader/printable"
	"podlab/labs/practice"
	"podlab/tui/components/diff"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// comparison is the learner's objects beside the solution that is shown.
type comparison struct {
	shown   bool // instead of the manifest
	reading bool
	again   bool             // they changed while they were read
	objects []comparedObject // nil until they were read
}

// comparedObject is an object and its differences.
type comparedObject struct {
	practice.Comparison
	lines []diff.Line
}

func (o comparedObject) name() string { return o.Kind + " " + o.Name }

type comparedMsg struct {
	from
	solution string
	objects  []practice.Comparison
	err      error
}

// toggleComparison shows the comparison instead of the manifest, or the
// manifest again. A solution that the learner has not asked for stays hidden.
func (s *Screen) toggleComparison() tea.Cmd {
	if s.solution == nil {
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.SolutionFirst })
	}
	s.comparison.shown = s.focus != solutionPane || !s.comparison.shown
	s.focusOn(solutionPane)
	s.panes[solutionPane].Show(0, 1)
	return s.compareAgain()
}

// compareAgain reads the learner's objects if they are shown, at most once at
// a time.
func (s *Screen) compareAgain() tea.Cmd {
	switch {
	case !s.comparison.shown:
		return nil
	case s.comparison.reading:
		s.comparison.again = true
		return nil
	}
	s.comparison.reading, s.comparison.again = true, false
	return s.compareCmd()
}

// compareCmd reads the learner's objects.
func (s *Screen) compareCmd() tea.Cmd {
	ctx, id, lab, p, answer := s.ctx, from(s.id), s.lab.ID, s.deps.Practice, *s.solution
	return func() tea.Msg {
		objects, err := p.Compare(ctx, lab, answer)
		return comparedMsg{id, answer.Name, objects, err}
	}
}

func (s *Screen) compared(msg comparedMsg) tea.Cmd {
	if s.solution == nil || msg.solution != s.solution.Name {
		return nil // another one is shown by now
	}
	first := s.comparison.objects == nil
	s.comparison.reading = false
	if msg.err != nil {
		if !first {
			return nil // what was read stands; the watch says that the cluster is silent
		}
		s.comparison.shown = false
		return s.failure(msg.err, func(t *texts.Texts) string { return t.Diff.While })
	}
	s.comparison.objects = []comparedObject{}
	for _, o := range msg.objects {
		o.Mine = printable.Text(o.Mine)
		s.comparison.objects = append(s.comparison.objects, comparedObject{o, diff.Lines(o.Mine, o.Solution)})
	}
	if s.comparison.again {
		return s.compareAgain()
	}
	return nil
}

// comparisonLines shows the objects that differ, and names the others.
func (s *Screen) comparisonLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Diff
	lines := layout.Text(s.ui.Lang, texts.Fill(t.Head, "name", s.solution.Name), width, th.Accent)
	if s.comparison.objects == nil {
		return append(append(lines, ""), s.banner(th.Pending, th.Symbols.Pending, t.Comparing, width)...)
	}
	if slices.ContainsFunc(s.comparison.objects, func(o comparedObject) bool { return o.Mine != "" && len(o.lines) > 0 }) {
		lines = append(lines, th.Failed.Render("- "+t.Mine), th.Passed.Render("+ "+t.Solution))
	}
	lines = append(lines, "")
	same := 0
	for _, o := range s.comparison.objects {
		switch {
		case o.Mine == "":
			text := texts.Fill(t.Missing, "object", o.name())
			lines = append(lines, layout.Text(s.ui.Lang, th.Symbols.NotYet+" "+text, width, th.Pending)...)
		case len(o.lines) == 0:
			same++
			text := texts.Fill(t.Equal, "object", o.name())
			lines = append(lines, layout.Text(s.ui.Lang, th.Symbols.Passed+" "+text, width, th.Passed)...)
		default:
			lines = append(lines, th.Strong.Render(o.name()))
			lines = append(lines, diff.Render(o.lines, th, width, s.folded)...)
			lines = append(lines, "")
		}
	}
	if same == len(s.comparison.objects) {
		lines = append(lines, "")
		lines = append(lines, layout.Text(s.ui.Lang, t.AllEqual, width, th.Passed)...)
	}
	return lines
}

func (s *Screen) folded(n int) string {
	return texts.Fill(s.ui.Texts.Diff.Folded, "n", strconv.Itoa(n))
}

// comparisonText is the comparison as plain text.
func (s *Screen) comparisonText() string {
	t := s.ui.Texts.Diff
	var b strings.Builder
	b.WriteString("--- " + t.Mine + "\n+++ " + t.Solution + "\n")
	for _, o := range s.comparison.objects {
		switch {
		case o.Mine == "":
			b.WriteString("\n" + texts.Fill(t.Missing, "object", o.name()) + "\n")
		case len(o.lines) == 0:
			b.WriteString("\n" + texts.Fill(t.Equal, "object", o.name()) + "\n")
		default:
			b.WriteString("\n" + o.name() + "\n" + diff.Text(o.lines, s.folded))
		}
	}
	return b.String()
}
