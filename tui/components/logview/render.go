package logview

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"podlab/tui/layout"
	"podlab/tui/theme"
	"podlab/tui/wrap"
)

// markWidth is the width of the marks that rows with matches have: highlights
// alone would not show without colours.
const markWidth = 2

// Render draws the rows in the window, at most as many as it is high. Head
// draws what stands before a line, in the cells that SetSize left for it; it may
// be nil where there are none.
func (v *View) Render(th *theme.Theme, head func(Line) string) []string {
	rows := make([]string, 0, v.height)
	for n := max(v.top.line, v.ring.first); n < v.ring.next && len(rows) < v.height; n++ {
		spans := v.rows(n)
		first := 0
		if n == v.top.line {
			first = min(v.top.row, len(spans)-1)
		}
		l := v.ring.at(n)
		matches := v.search.needle.find(l.Text)
		for i := first; i < len(spans) && len(rows) < v.height; i++ {
			before := strings.Repeat(" ", v.headWidth)
			if i == 0 && head != nil && v.headWidth > 0 {
				before = layout.PadRight(head(l.Line), v.headWidth)
			}
			rows = append(rows, v.mark(th, n, matches, spans[i])+before+v.row(th, n, matches, spans[i]))
		}
	}
	return rows
}

// mark says whether a row shows the beginning of the current match, or another
// match.
func (v *View) mark(th *theme.Theme, number uint64, matches []wrap.Span, row wrap.Span) string {
	if !v.search.active() {
		return ""
	}
	mark := " "
	for k, m := range matches {
		switch {
		case v.search.on && v.search.at == match{number, k} && row.Start <= m.Start && m.Start < row.End:
			return th.Accent.Render(th.Symbols.Cursor) + " "
		case m.Start < row.End && m.End > row.Start:
			mark = th.Accent.Render(th.Symbols.Bullet)
		}
	}
	return mark + " "
}

// row draws the text of a row, with its matches.
func (v *View) row(th *theme.Theme, number uint64, matches []wrap.Span, row wrap.Span) string {
	l := v.ring.at(number)
	style := th.Text
	if l.Say != nil {
		rule := th.Lines.Top + th.Lines.Top
		if text := rule + " " + l.Text + " " + rule; len(matches) == 0 && layout.Widest(text) <= v.textWidth() {
			return th.Faint.Render(text)
		}
		style = th.Faint
	}
	if !v.cut {
		return v.paint(th, style, number, matches, row)
	}
	part, blanks := wrap.Window(l.Text, v.left, v.textWidth())
	end := ""
	if part.End < len(l.Text) { // there is more to the right
		part, blanks = wrap.Window(l.Text, v.left, v.textWidth()-1)
		gap := v.textWidth() - 1 - blanks - wrap.Width(l.Text[part.Start:part.End])
		end = strings.Repeat(" ", max(gap, 0)) + th.Faint.Render(th.Symbols.Ellipsis)
	}
	return strings.Repeat(" ", blanks) + v.paint(th, style, number, matches, part) + end
}

// paint styles a part of a line, and what of its matches is in it.
func (v *View) paint(th *theme.Theme, style lipgloss.Style, number uint64, matches []wrap.Span, part wrap.Span) string {
	text := v.ring.at(number).Text
	var b strings.Builder
	at := part.Start
	put := func(style lipgloss.Style, to int) {
		if to > at {
			b.WriteString(style.Render(text[at:to]))
			at = to
		}
	}
	for k, m := range matches {
		if m.End <= part.Start || m.Start >= part.End {
			continue
		}
		put(style, max(m.Start, part.Start))
		look := th.Accent
		if v.search.on && v.search.at == (match{number, k}) {
			look = th.Selected
		}
		put(look, min(m.End, part.End))
	}
	put(style, part.End)
	return b.String()
}

// widestShown returns the width of the widest line in the window.
func (v *View) widestShown() int {
	widest := 0
	for n := v.top.line; n < v.ring.next && n <= v.lastShown(); n++ {
		widest = max(widest, wrap.Width(v.ring.at(n).Text))
	}
	return widest
}
