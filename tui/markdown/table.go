package markdown

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	extast "github.com/yuin/goldmark/extension/ast"
)

const (
	columnGap = 2
	// minColumn is the narrowest that a column is made: below it, a table reads
	// worse than a list.
	minColumn = 10
)

// table lays out the columns as wide as their cells. Where that does not fit,
// the widest columns give way and break their cells into lines; where even
// that is too tight, each row becomes a list of "heading: cell".
func (r *renderer) table(table *extast.Table, width int) []string {
	var rows [][]runs
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		style := r.theme.Text
		if row == table.FirstChild() {
			style = r.theme.Strong
		}
		var cells []runs
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, r.collect(cell, style))
		}
		rows = append(rows, cells)
	}
	if len(rows) == 0 {
		return nil
	}
	widths := columnWidths(rows, width)
	if widths == nil || r.linear {
		return r.tableAsList(rows, width)
	}
	var lines []string
	for i, row := range rows {
		lines = append(lines, r.row(row, widths)...)
		if i == 0 {
			lines = append(lines, r.theme.Faint.Render(strings.Repeat(r.theme.Lines.Top, sum(widths)+columnGap*(len(widths)-1))))
		}
	}
	return lines
}

// columnWidths returns the widths of the columns, nil where they cannot be
// made to fit.
func columnWidths(rows [][]runs, width int) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for col := range widths {
			if col < len(row) {
				widths[col] = max(widths[col], ansi.StringWidth(plain(row[col])))
			}
		}
	}
	room := width - columnGap*(len(widths)-1)
	for sum(widths) > room {
		widest := 0
		for col := range widths {
			if widths[col] > widths[widest] {
				widest = col
			}
		}
		if widths[widest] <= minColumn {
			return nil
		}
		widths[widest]--
	}
	return widths
}

// row lays out the cells of a row side by side, on as many lines as the
// longest of them needs.
func (r *renderer) row(cells []runs, widths []int) []string {
	columns := make([][]string, len(widths))
	height := 0
	for col := range min(len(cells), len(widths)) {
		columns[col] = r.layOut(cells[col], widths[col])
		height = max(height, len(columns[col]))
	}
	lines := make([]string, height)
	for i := range lines {
		var b strings.Builder
		for col, column := range columns {
			cell := ""
			if i < len(column) {
				cell = column[i]
			}
			b.WriteString(cell)
			if col < len(columns)-1 {
				b.WriteString(strings.Repeat(" ", max(widths[col]-ansi.StringWidth(cell), 0)+columnGap))
			}
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// tableAsList lays out a table whose columns do not fit side by side.
func (r *renderer) tableAsList(rows [][]runs, width int) []string {
	heads := rows[0]
	var lines []string
	for _, row := range rows[1:] {
		for col, cell := range row {
			var both runs
			if col < len(heads) && len(heads[col]) > 0 {
				both = append(both, heads[col]...)
				both = append(both, run{": ", r.theme.Strong})
			}
			both = append(both, cell...)
			mark := "  "
			if col == 0 {
				mark = r.theme.Symbols.Bullet + " "
			}
			lines = append(lines, prefix(r.layOut(both, width-2), mark, "  ")...)
		}
	}
	return lines
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}
