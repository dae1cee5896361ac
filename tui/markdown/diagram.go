package markdown

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"podlab/tui/theme"
)

// diagram lays out a drawing: its lines in the colour of borders, what is
// written in it as text. A drawing that is too wide is cut, since broken lines
// would be no drawing any more.
func diagram(source string, th *theme.Theme, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(source, "\n"), "\n") {
		line = "  " + drawn(line, th)
		lines = append(lines, ansi.Truncate(line, width, th.Symbols.Ellipsis))
	}
	return lines
}

// drawn styles one line of a drawing.
func drawn(line string, th *theme.Theme) string {
	var b, stretch strings.Builder
	var style lipgloss.Style
	flush := func() {
		if stretch.Len() > 0 {
			b.WriteString(style.Render(stretch.String()))
			stretch.Reset()
		}
	}
	drawing := false
	for _, r := range line {
		plain, isStroke := stroke(r)
		if isStroke != drawing && r != ' ' {
			flush()
			drawing = isStroke
		}
		style = th.Text
		if drawing {
			style = th.Border
		}
		if isStroke && th.ASCII {
			r = plain
		}
		stretch.WriteRune(r)
	}
	flush()
	return b.String()
}

// stroke reports whether a drawing uses r for its lines, and what stands for
// it where nothing but ASCII may be drawn.
func stroke(r rune) (plain rune, ok bool) {
	switch r {
	case '─':
		return '-', true
	case '│':
		return '|', true
	case '┌', '┐', '└', '┘', '├', '┤', '┬', '┴', '┼':
		return '+', true
	case '►':
		return '>', true
	case '◄':
		return '<', true
	case '▲':
		return '^', true
	case '▼':
		return 'v', true
	case '█':
		return '#', true
	case '✗':
		return 'x', true
	case '·':
		return '-', true
	default:
		return r, false
	}
}
