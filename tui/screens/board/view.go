package board

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

const (
	margin    = 2 // cells at either side
	headLines = 3 // title, bar, and what lies between the bar and the checks
	maxScale  = 4
	maxBlock  = 5 // rows of the largest symbols
)

// View draws the board.
func (s *Screen) View() string {
	rows := make([]string, s.height)
	for i := range rows {
		line := ""
		if i < len(s.lines) {
			line = s.lines[i]
		}
		rows[i] = pane.Fit(strings.Repeat(" ", margin)+line, s.width)
	}
	return strings.Join(rows, "\n")
}

// layOut builds the lines; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	width := s.width - 2*margin
	figures := s.figures(width)
	room := s.height - headLines - len(figures)
	pages := s.paginate(width, room)
	s.pages = len(pages)
	s.page = min(s.page, s.pages-1)

	s.lines = append([]string{s.titleLine(width)}, figures...)
	state := s.stateLine(width)
	s.lines = append(s.lines, s.barLine(width), state)
	if state != "" && len(pages[s.page]) < room {
		s.lines = append(s.lines, "")
	}
	s.lines = append(s.lines, pages[s.page]...)
}

// titleLine is the lab's title, and the page if there are several.
func (s *Screen) titleLine(width int) string {
	th, page := s.ui.Theme, ""
	if s.pages > 1 {
		page = texts.Fill(s.ui.Texts.Board.Page, "n", strconv.Itoa(s.page+1), "all", strconv.Itoa(s.pages))
	}
	return layout.Split(th.Accent.Render(s.exercise.Text(s.ui.Lang).Title), th.Strong.Render(page), width, th.Symbols.Ellipsis)
}

// figures are the score at the left and the time at the right, as large as
// they can be without taking the checks' room.
func (s *Screen) figures(width int) []string {
	th := s.ui.Theme
	earned, all := s.score()
	score, clock := strconv.Itoa(earned)+"/"+strconv.Itoa(all), layout.Clock(s.elapsed())
	const between = 4
	scale := 1
	for next := 2; next <= maxScale && fontRows*next <= s.height*3/10; next++ {
		if figuresWidth(score, next)+between+figuresWidth(clock, 1) <= width {
			scale = next
		}
	}
	style := th.Strong
	if s.said != nil && s.now.Report.Solved() {
		style = th.Passed.Bold(true)
	}
	left := figures(score, th.Symbols.BarFull, scale)
	var right []string
	for small := scale; small > 0 && right == nil; small-- {
		if figuresWidth(score, scale)+between+figuresWidth(clock, small) <= width {
			right = figures(clock, th.Symbols.BarFull, small)
		}
	}
	if right == nil { // an attempt of hours
		right = []string{clock}
	}
	lines := []string{""}
	for i, line := range left {
		time := ""
		if i < len(right) {
			time = th.Faint.Render(right[i])
		}
		lines = append(lines, layout.Split(style.Render(line), time, width, ""))
	}
	return append(lines, "")
}

// score returns the points earned, and all there are to earn.
func (s *Screen) score() (earned, all int) {
	if s.said == nil {
		return 0, s.lab.Points()
	}
	return s.said.Points, s.said.MaxPoints
}

// barLine shows how many checks have passed.
func (s *Screen) barLine(width int) string {
	th := s.ui.Theme
	checks, passed := s.checks(), 0
	for _, c := range checks {
		if c.Status == grader.Passed {
			passed++
		}
	}
	count := texts.Fill(s.ui.Texts.Board.Passed, "passed", strconv.Itoa(passed), "all", strconv.Itoa(len(checks)))
	bar := layout.Bar(th, int64(passed), int64(len(checks)), max(width-layout.Widest(count)-2, 4))
	return bar + "  " + th.Strong.Render(count)
}

// stateLine says what matters beside the verdicts; it is empty otherwise.
func (s *Screen) stateLine(width int) string {
	th, t := s.ui.Theme, s.ui.Texts.Board
	line := func(style lipgloss.Style, symbol, text string) string {
		return layout.Split(style.Bold(true).Render(symbol+" "+text), "", width, th.Symbols.Ellipsis)
	}
	switch {
	case s.now.Trouble != nil:
		return line(th.Trouble, th.Symbols.Errored, t.Trouble)
	case s.said == nil:
		return line(th.Pending, th.Symbols.Pending, t.Waiting)
	case s.now.Report.FullMarks():
		return line(th.Passed, th.Symbols.Passed, t.Done)
	case s.now.Report.SolvedInPart():
		return line(th.Passed, th.Symbols.Unverifiable, t.DoneInPart+" ("+verifiable(s.ui.Texts.Common, s.now.Report)+")")
	}
	if n, all := s.now.Report.Verifiable(); n < all {
		return line(th.Pending, th.Symbols.Unverifiable, verifiable(s.ui.Texts.Common, s.now.Report))
	}
	return ""
}

// verifiable says how many points the cluster can show.
func verifiable(t texts.Common, r *grader.Report) string {
	n, all := r.Verifiable()
	return texts.Fill(t.Verifiable, "n", strconv.Itoa(n), "max", strconv.Itoa(all))
}

// checks returns the verdicts in words, or before the first look the titles.
func (s *Screen) checks() []report.Check {
	if s.said != nil {
		return s.said.Checks
	}
	checks := make([]report.Check, len(s.lab.Checks))
	for i, c := range s.lab.Checks {
		checks[i] = report.Check{ID: c.ID, Title: s.exercise.Text(s.ui.Lang).Checks[c.ID].Title}
	}
	return checks
}

// size is how large the rows are.
type size struct {
	block int  // rows of the symbol
	gap   int  // empty lines between two rows
	cut   bool // titles are cut to a line instead of wrapped
}

// sizes lists the sizes from the largest to the smallest.
func sizes() []size {
	var all []size
	for block := maxBlock; block > 0; block-- {
		all = append(all, size{block: block, gap: 1})
	}
	return append(all, size{block: 1}, size{block: 1, cut: true})
}

// paginate lays out the rows in the largest size in which all fit into room
// lines; where none will do, on pages.
func (s *Screen) paginate(width, room int) [][]string {
	var rows [][]string
	for _, sz := range sizes() {
		rows = s.rows(sz, width)
		var lines []string
		for i, row := range rows {
			if i > 0 {
				lines = append(lines, make([]string, sz.gap)...)
			}
			lines = append(lines, row...)
		}
		if len(lines) <= room {
			return [][]string{lines}
		}
	}
	pages, page := [][]string{}, []string(nil)
	for _, row := range rows {
		if len(page) > 0 && len(page)+len(row) > room {
			pages, page = append(pages, page), nil
		}
		page = append(page, row...)
	}
	return append(pages, page)
}

// rows lays out each check.
func (s *Screen) rows(sz size, width int) [][]string {
	checks := s.checks()
	words := 0
	for _, c := range checks {
		words = max(words, layout.Widest(s.ui.Texts.Common.Verdict(c.Status)))
	}
	rows := make([][]string, len(checks))
	for i, c := range checks {
		if sz.block > 1 {
			rows[i] = s.tallRow(c, sz.block, width)
		} else {
			rows[i] = s.flatRow(c, words, sz.cut, width)
		}
	}
	return rows
}

// symbol draws a verdict's symbol as a block, behind a mark if it is new.
func (s *Screen) symbol(c report.Check, height, width int) []string {
	th := s.ui.Theme
	symbol, style := th.Status(c.Status)
	mark := "  "
	if s.fresh(c.ID) {
		mark = th.Accent.Render(th.Symbols.Cursor) + " "
	}
	lines := make([]string, height)
	for i := range lines {
		lines[i] = mark + style.Bold(true).Render(strings.Repeat(symbol, width))
	}
	return lines
}

// news is the word for a check that has just changed.
func (s *Screen) news(c report.Check) string {
	if !s.fresh(c.ID) {
		return ""
	}
	return s.ui.Theme.Accent.Render(s.ui.Texts.Board.Changed)
}

// tallRow has the verdict beside the middle of the symbol and the title below
// the verdict.
func (s *Screen) tallRow(c report.Check, block, width int) []string {
	th := s.ui.Theme
	_, style := th.Status(c.Status)
	symbol := s.symbol(c, block, 2*block)
	indent := layout.Widest(symbol[0]) + 2
	word := style.Bold(true).Render(s.ui.Texts.Common.Verdict(c.Status))
	if news := s.news(c); news != "" {
		word += "  " + th.Symbols.Dot + "  " + news
	}
	text := []string{layout.Split(word, "", width-indent, th.Symbols.Ellipsis)}
	text = append(text, layout.Text(s.ui.Lang, c.Title, width-indent, th.Strong)...)
	above := max(block-len(text), 0) / 2
	return beside(symbol, append(make([]string, above), text...), indent)
}

// flatRow has everything on one line, and the rest of a long title below.
func (s *Screen) flatRow(c report.Check, words int, cut bool, width int) []string {
	th := s.ui.Theme
	_, style := th.Status(c.Status)
	symbol := s.symbol(c, 1, 3)
	indent := layout.Widest(symbol[0]) + 1
	word := style.Bold(true).Render(layout.PadRight(s.ui.Texts.Common.Verdict(c.Status), words)) + "  "
	news := s.news(c)
	room := width - indent - words - 2
	if news != "" {
		room -= layout.Widest(news) + 1
	}
	title := layout.Text(s.ui.Lang, c.Title, max(room, 12), th.Strong)
	if cut && len(title) > 1 {
		whole := layout.Text(s.ui.Lang, c.Title, layout.Widest(c.Title), th.Strong)[0]
		title = []string{layout.Split(whole, "", max(room, 12), th.Symbols.Ellipsis)}
	}
	text := layout.Indent(strings.Repeat(" ", words+2), title)
	text[0] = layout.Split(word+title[0], news, width-indent, th.Symbols.Ellipsis)
	return beside(symbol, text, indent)
}

// beside puts text at the right of a block of lines, indent cells from its
// left.
func beside(block, text []string, indent int) []string {
	lines := make([]string, max(len(block), len(text)))
	for i := range lines {
		if i < len(block) {
			lines[i] = block[i]
		}
		if i < len(text) && text[i] != "" {
			lines[i] = layout.PadRight(lines[i], indent) + text[i]
		}
	}
	return lines
}
