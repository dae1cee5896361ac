package catalog

import (
	"strconv"
	"strings"

	"podlab/labs"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

const (
	summaryHeight = 3 // lines of the pane that describes the lab at the cursor
	levels        = 3
)

// View draws the list, and the summary of the lab at the cursor below it.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts.Catalog
	if len(s.deps.Labs) == 0 {
		return pane.Pane{Title: t.Title, Lines: []string{t.Empty}, Focused: true}.Render(th, s.width, s.height)
	}
	listHeight := s.height - summaryHeight - pane.FrameHeight
	list := pane.Of(t.Title, &s.list, true)
	list.Lines = append([]string{s.heading(s.columns())}, list.Lines...)
	if bar := s.search.View(th, t.Search, s.width-pane.FrameWidth); bar != "" {
		list.Lines = append([]string{bar}, list.Lines...)
	}
	view := list.Render(th, s.width, listHeight)
	var below pane.Pane
	if len(s.labs) == 0 {
		below.Lines = layout.Text(s.ui.Lang, t.NothingFound, s.width-pane.FrameWidth, th.Faint)
	} else {
		below = s.summary(s.labs[s.cursor])
	}
	return view + "\n" + below.Render(th, s.width, summaryHeight+pane.FrameHeight)
}

// summary describes the lab at the cursor.
func (s *Screen) summary(lab *labs.Lab) pane.Pane {
	th, t := s.ui.Theme, s.ui.Texts.Catalog
	title, summary := lab.Headline(s.ui.Lang)
	lines := layout.Text(s.ui.Lang, summary, s.width-pane.FrameWidth, th.Text)
	var remarks []string
	if r := s.records[lab.ID]; r.Attempts > 0 {
		remarks = append(remarks, texts.Fill(t.Attempts, "n", itoa(r.Attempts)))
	}
	if r := s.records[lab.ID]; r.SolvedInPart() {
		remarks = append(remarks, texts.Fill(t.SolvedInPart, "n", itoa(r.VerifiedPoints), "max", itoa(r.VerifiedOf)))
	}
	if lab == s.suggested() {
		remarks = append(remarks, t.Suggested)
	}
	if s.exam.Closes(lab.ID) {
		lines = layout.Text(s.ui.Lang, s.ui.Texts.Exam.ClosedWhy, s.width-pane.FrameWidth, th.Pending)
		remarks = nil
	}
	if len(remarks) > 0 && len(lines) < summaryHeight {
		lines = append(lines, th.Faint.Render(strings.Join(remarks, "  ")))
	}
	return pane.Pane{Title: lab.ID + "  " + title, Lines: lines}
}

// columns holds the widths of the list.
type columns struct {
	id, title, level, minutes, points, best int
	dotsOnly                                bool
}

func (s *Screen) columns() columns {
	t := s.ui.Texts
	c := columns{
		id:      layout.Widest("mc3"),
		level:   layout.Widest(t.Catalog.Columns.Level),
		minutes: layout.Widest(t.Catalog.Columns.Minutes),
		points:  layout.Widest(t.Catalog.Columns.Points, "100"),
		best:    layout.Widest(t.Catalog.Columns.Best, "100 %", t.Exam.ClosedTag),
	}
	for _, lab := range s.deps.Labs {
		c.id = max(c.id, layout.Widest(lab.ID))
		c.level = max(c.level, levels+1+layout.Widest(s.level(lab)))
		c.minutes = max(c.minutes, layout.Widest(s.minutes(lab)))
	}
	const cursorAndSymbol, gap = 4, 2
	room := func() int {
		left := s.width - pane.FrameWidth - cursorAndSymbol
		for _, width := range []int{c.id, c.level, c.minutes, c.points, c.best} {
			if width > 0 {
				left -= width + gap
			}
		}
		return left
	}
	// Where there is too little room for the title, less important columns
	// make place, one after the other.
	if room() < 24 {
		c.level, c.dotsOnly = max(levels, layout.Widest(t.Catalog.Columns.Level)), true
	}
	if room() < 24 {
		c.points = 0
	}
	// The summary below says the id; a title that is cut says little.
	if room() < 28 {
		c.id = 0
	}
	if room() < 20 {
		c.level = 0
	}
	c.title = max(room(), 4)
	return c
}

func (s *Screen) level(lab *labs.Lab) string { return s.ui.Texts.Catalog.Levels[itoa(lab.Level)] }

func (s *Screen) minutes(lab *labs.Lab) string {
	return texts.Fill(s.ui.Texts.Common.Minutes, "n", itoa(lab.Minutes))
}

func (s *Screen) heading(c columns) string {
	t := s.ui.Texts.Catalog.Columns
	id, title := t.Lab, ""
	if c.id == 0 {
		id, title = "", t.Lab
	}
	return s.ui.Theme.Faint.Render(strings.Repeat(" ", 4) + row(c, s.ui.Theme.Symbols.Ellipsis, id, title, t.Level, t.Minutes, t.Points, t.Best))
}

// row puts the cells of a line side by side; columns without width are left
// out.
func row(c columns, ellipsis string, id, title, level, minutes, points, best string) string {
	cells := []string{cell(title, c.title, ellipsis)}
	if c.id > 0 {
		cells = append([]string{cell(id, c.id, ellipsis)}, cells...)
	}
	if c.level > 0 {
		cells = append(cells, cell(level, c.level, ellipsis))
	}
	for _, number := range []struct {
		text  string
		width int
	}{{minutes, c.minutes}, {points, c.points}, {best, c.best}} {
		if number.width > 0 {
			cells = append(cells, layout.PadLeft(layout.Split(number.text, "", number.width, ellipsis), number.width))
		}
	}
	return strings.Join(cells, "  ")
}

func cell(text string, width int, ellipsis string) string {
	return pane.Fit(layout.Split(text, "", width, ellipsis), width)
}

// layOut builds the lines of the list; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	th, t := s.ui.Theme, s.ui.Texts
	c := s.columns()
	var lines []string
	s.rows = s.rows[:0]
	var pattern labs.Pattern
	at := 0 // line of the cursor
	for i, lab := range s.labs {
		if lab.Pattern != pattern || i == 0 {
			pattern = lab.Pattern
			lines = append(lines, s.patternLine(pattern))
			s.rows = append(s.rows, -1)
		}
		title, _ := lab.Headline(s.ui.Lang)
		symbol := th.Faint.Render(th.Symbols.NotYet)
		r := s.records[lab.ID]
		best := th.Symbols.Skipped
		switch {
		case s.solved(lab):
			symbol = th.Passed.Render(th.Symbols.Passed)
		case r.SolvedInPart():
			symbol = th.Passed.Render(th.Symbols.Unverifiable)
		case r.Attempts > 0 || r.MaxPoints > 0:
			symbol = th.Pending.Render(th.Symbols.Pending)
		}
		if r.MaxPoints > 0 {
			best = s.ui.Texts.Common.Share(100 * r.BestPoints / r.MaxPoints)
		}
		if s.exam.Closes(lab.ID) { // nothing can be done with it now
			symbol, best = th.Pending.Render(th.Symbols.Skipped), t.Exam.ClosedTag
		}
		level := strings.Repeat(th.Symbols.LevelFull, min(max(lab.Level, 0), levels)) +
			strings.Repeat(th.Symbols.LevelEmpty, levels-min(max(lab.Level, 0), levels))
		if !c.dotsOnly {
			level += " " + t.Catalog.Levels[itoa(lab.Level)]
		}
		line := row(c, th.Symbols.Ellipsis, lab.ID, title, level, s.minutes(lab), itoa(lab.Points()), best)
		mark := "  "
		if i == s.cursor {
			mark = th.Accent.Render(th.Symbols.Cursor) + " "
			line = th.Strong.Render(line)
			at = len(lines)
		}
		lines = append(lines, mark+symbol+" "+line)
		s.rows = append(s.rows, i)
	}
	height := s.height - summaryHeight - 2*pane.FrameHeight - 1
	if s.search.Shown() {
		height--
	}
	s.list.SetHeight(height)
	s.list.SetLines(lines)
	s.list.Show(max(at-1, 0), at+1) // with the heading that may be above it
}

// patternLine is the heading of a pattern, with how many of its labs are solved.
func (s *Screen) patternLine(p labs.Pattern) string {
	th := s.ui.Theme
	var of []*labs.Lab
	for _, lab := range s.deps.Labs {
		if lab.Pattern == p {
			of = append(of, lab)
		}
	}
	return th.Accent.Render(s.pattern(p)) + "  " + th.Faint.Render(itoa(s.countSolved(of))+"/"+itoa(len(of)))
}

func (s *Screen) pattern(p labs.Pattern) string {
	if name, ok := s.ui.Texts.Catalog.Patterns[string(p)]; ok {
		return name
	}
	return string(p)
}

func itoa(n int) string { return strconv.Itoa(n) }
