package picture

import (
	"github.com/charmbracelet/x/ansi"
)

// span is a piece of text in one ink.
type span struct {
	text string
	ink  ink
}

// line is text in several inks.
type line []span

func (l line) width() int {
	w := 0
	for _, s := range l {
		w += ansi.StringWidth(s.text)
	}
	return w
}

// cut shortens a line to width cells.
func (l line) cut(width int, ellipsis string) line {
	if l.width() <= width {
		return l
	}
	var out line
	for _, s := range l {
		w := ansi.StringWidth(s.text)
		if w >= width {
			if text := ansi.Truncate(s.text+ellipsis, max(width, 0), ellipsis); text != "" {
				out = append(out, span{text, s.ink})
			}
			return out
		}
		out = append(out, s)
		width -= w
	}
	return out
}

// or returns the first of the lines that fits into width, else the last.
func (l line) or(width int, others ...line) line {
	for _, o := range others {
		if l.width() <= width {
			return l
		}
		l = o
	}
	return l
}

// tail shortens text at its beginning: the end of a path tells more.
func tail(text string, width int, ellipsis string) string {
	w := ansi.StringWidth(text)
	if w <= width {
		return text
	}
	return ansi.TruncateLeft(text, w-width+ansi.StringWidth(ellipsis), ellipsis)
}
