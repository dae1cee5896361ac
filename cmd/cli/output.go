package cli

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// writeJSON writes v as indented JSON and a newline.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// column is a column of a table.
type column struct {
	title string
	right bool // aligned to the right, as numbers are
}

// writeTable writes rows below the columns' titles, two blanks between them,
// by the cells that the text takes on a terminal: Chinese and Korean take two
// for a character.
func writeTable(w io.Writer, columns []column, rows [][]string) error {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = ansi.StringWidth(c.title)
		for _, row := range rows {
			widths[i] = max(widths[i], ansi.StringWidth(row[i]))
		}
	}
	out := printer{w: w}
	line := func(cells func(i int) string) {
		var b strings.Builder
		for i, c := range columns {
			if i > 0 {
				b.WriteString("  ")
			}
			cell := cells(i)
			if c.right {
				b.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)))
				b.WriteString(cell)
			} else {
				b.WriteString(pad(cell, widths[i]))
			}
		}
		out.line("%s", strings.TrimRight(b.String(), " "))
	}
	line(func(i int) string { return columns[i].title })
	for _, row := range rows {
		line(func(i int) string { return row[i] })
	}
	return out.err
}

// pad fills s with blanks to a number of terminal cells.
func pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-ansi.StringWidth(s)))
}
