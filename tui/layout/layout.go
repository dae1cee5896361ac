// Package layout builds lines out of labels, texts and bars.
package layout

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"podlab/content"
	"podlab/tui/theme"
	"podlab/tui/wrap"
)

// Text wraps text and styles each line.
func Text(lang content.Lang, text string, width int, style lipgloss.Style) []string {
	lines := wrap.Text(lang, clean(text), width)
	for i, line := range lines {
		if line != "" {
			lines[i] = style.Render(line)
		}
	}
	return lines
}

// Labelled wraps text in a column beside label, which takes labelWidth cells;
// on narrow screens below it.
func Labelled(lang content.Lang, label string, labelStyle lipgloss.Style, labelWidth int, text string, width int) []string {
	return Beside(label, labelStyle, labelWidth, width, func(width int) []string {
		return wrap.Text(lang, clean(text), width)
	})
}

// Beside is Labelled for lines that body lays out for a width.
func Beside(label string, labelStyle lipgloss.Style, labelWidth, width int, body func(width int) []string) []string {
	if width-labelWidth-2 < 24 {
		return append([]string{labelStyle.Render(label)}, Indent("  ", body(width-2))...)
	}
	lines := Indent(strings.Repeat(" ", labelWidth+2), body(width-labelWidth-2))
	if len(lines) > 0 {
		head := PadRight(labelStyle.Render(label), labelWidth+2)
		lines[0] = head + strings.TrimPrefix(lines[0], strings.Repeat(" ", labelWidth+2))
	}
	return lines
}

// clean takes out what would break a frame: control sequences, and tabs, whose
// width the terminal decides.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		}
		return r
	}, ansi.Strip(text))
}

// Widest returns the width of the widest of texts.
func Widest(texts ...string) int {
	w := 0
	for _, t := range texts {
		w = max(w, ansi.StringWidth(t))
	}
	return w
}

// Indent puts prefix before every line.
func Indent(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = prefix + line
	}
	return out
}

// Split puts left and right at the two ends of a line; left gives way.
func Split(left, right string, width int, ellipsis string) string {
	if right == "" {
		return ansi.Truncate(left, width, ellipsis)
	}
	right = ansi.Truncate(right, width, ellipsis)
	left = ansi.Truncate(left, max(width-ansi.StringWidth(right)-1, 0), ellipsis)
	gap := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	return left + strings.Repeat(" ", max(gap, 0)) + right
}

// PadLeft puts text at the right of width cells.
func PadLeft(text string, width int) string {
	return strings.Repeat(" ", max(width-ansi.StringWidth(text), 0)) + text
}

// PadRight puts text at the left of width cells.
func PadRight(text string, width int) string {
	return text + strings.Repeat(" ", max(width-ansi.StringWidth(text), 0))
}

// Bar draws how much of total is done.
func Bar(th *theme.Theme, done, total int64, width int) string {
	full := 0
	if total > 0 {
		full = int(min(done, total) * int64(width) / total)
	}
	return th.Passed.Render(strings.Repeat(th.Symbols.BarFull, full)) +
		th.Faint.Render(strings.Repeat(th.Symbols.BarEmpty, width-full))
}

// Clock writes a duration as 4:05 or 1:04:05.
func Clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Bytes writes a size in the unit that suits it.
func Bytes(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	default:
		return fmt.Sprintf("%d KiB", n>>10)
	}
}

// Keys returns the words for footers: "Enter open · q quit", as many as fit
// into width cells; the last binding always has its place.
func Keys(th *theme.Theme, width int, items [][2]string) string {
	if len(items) == 0 {
		return ""
	}
	render := func(item [2]string) string {
		return th.Key.Render(item[0]) + " " + th.Faint.Render(item[1])
	}
	sep := th.Faint.Render(" " + th.Symbols.Dot + " ")
	last := render(items[len(items)-1])
	room := width - ansi.StringWidth(last)
	var b strings.Builder
	for _, item := range items[:len(items)-1] {
		next := render(item) + sep
		if ansi.StringWidth(next) > room {
			break
		}
		room -= ansi.StringWidth(next)
		b.WriteString(next)
	}
	return ansi.Truncate(b.String()+last, width, th.Symbols.Ellipsis)
}
