package report

import (
	"strings"

	"github.com/rivo/uniseg"

	"podlab/grader/report"
)

// column is a column of a table on a terminal.
type column struct {
	title string
	right bool // aligned to the right, as numbers are
}

// row is a row of it, with a sign before it and a report.Faint line below.
type row struct {
	sign  string // one cell wide
	cells []string
	below string
}

// gap stands between columns.
const gap = "  "

// columns writes rows below their titles; the column wide takes the width that
// the others leave and is wrapped. Where that is too little each row becomes
// a paragraph: the wide cell, and below it the others behind their titles.
func (t *table) columns(columns []column, wide int, rows []row) {
	widths := make([]int, len(columns))
	left := t.Width - len(gap)
	for i, c := range columns {
		widths[i] = uniseg.StringWidth(c.title)
		for _, r := range rows {
			widths[i] = max(widths[i], uniseg.StringWidth(r.cells[i]))
		}
		if i != wide {
			left -= widths[i] + len(gap)
		}
	}
	if left < 16 {
		t.paragraphs(columns, wide, rows)
		return
	}
	widths[wide] = min(widths[wide], left)
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	t.Println(t.Styled(report.Faint, strings.TrimRight(gap+t.cells(columns, widths, titles), " ")))
	lead := len(gap)
	for _, w := range widths[:wide] {
		lead += w + len(gap)
	}
	for _, r := range rows {
		cells := append([]string(nil), r.cells...)
		wrapped := report.Wrap(t.Lang, cells[wide], widths[wide])
		cells[wide] = wrapped[0]
		t.Println(r.sign + " " + t.cells(columns, widths, cells))
		for _, l := range wrapped[1:] {
			t.Println(strings.Repeat(" ", lead) + l)
		}
		for _, l := range report.Wrap(t.Lang, r.below, t.Width-lead) {
			t.Println(strings.Repeat(" ", lead) + t.Styled(report.Faint, l))
		}
	}
}

func (t *table) cells(columns []column, widths []int, cells []string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(gap)
		}
		if c.right {
			b.WriteString(strings.Repeat(" ", max(0, widths[i]-uniseg.StringWidth(cells[i]))) + cells[i])
		} else {
			b.WriteString(report.Pad(cells[i], widths[i]))
		}
	}
	return b.String()
}

func (t *table) paragraphs(columns []column, wide int, rows []row) {
	for _, r := range rows {
		t.Hang(r.sign+" "+r.cells[0]+" ", 3+uniseg.StringWidth(r.cells[0]), r.cells[wide])
		var rest []string
		for i, c := range columns {
			if i != wide && i != 0 {
				rest = append(rest, c.title+t.say.Colon+r.cells[i])
			}
		}
		t.Hang("    ", 4, strings.Join(rest, " · "))
		t.Hang("    ", 4, r.below)
	}
}

// scale draws percent as a bar of some cells, with a mark where it is to get
// to, if mark is not negative. A bar is full for 100 only, and empty for 0.
func scale(percent, cells, mark int) string {
	full := min(percent, 100) * cells / 100
	if percent > 0 {
		full = max(full, 1)
	}
	var b strings.Builder
	for i := range cells {
		switch {
		case mark >= 0 && i == mark*cells/100:
			b.WriteString("│")
		case i < full:
			b.WriteString("█")
		default:
			b.WriteString("░")
		}
	}
	return b.String()
}
