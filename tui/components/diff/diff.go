// Package diff finds the lines in which two texts differ, and shows them as
// "diff -u" would, with what encloses them.
package diff

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"podlab/tui/layout"
	"podlab/tui/theme"
	"podlab/tui/wrap"
)

// Side says in which of the texts a line is.
type Side int

// The sides.
const (
	Both Side = iota
	Mine
	Theirs
	// Folded stands for lines that are in both and of no interest.
	Folded
)

// Line is a line of a comparison.
type Line struct {
	Side Side
	Text string
	// Count is how many lines a folded one stands for.
	Count int
}

// Around each difference, so many equal lines are shown; to fold fewer than
// minFold would save nothing.
const (
	around  = 3
	minFold = 3
)

// Lines compares two YAML texts. Equal lines that are far from any difference
// are folded, but for the lines that a difference belongs to. Texts that are
// equal give nothing.
func Lines(mine, theirs string) []Line {
	if mine == theirs {
		return nil
	}
	edits := udiff.Lines(mine, theirs)
	// With all lines around it, there is one hunk, which holds everything.
	whole, err := udiff.ToUnifiedDiff("", "", mine, edits, strings.Count(mine, "\n")+1)
	if err != nil { // edits that do not fit their own text: there are none
		return nil
	}
	var lines []Line
	for _, hunk := range whole.Hunks {
		for _, l := range hunk.Lines {
			line := Line{Text: strings.TrimRight(l.Content, "\n")}
			switch l.Kind {
			case udiff.Delete:
				line.Side = Mine
			case udiff.Insert:
				line.Side = Theirs
			}
			lines = append(lines, line)
		}
	}
	return fold(inOrder(lines))
}

// inOrder puts what ends an element before what follows the element, where a
// difference has both. A diff writes first what is only in one text, whatever
// it belongs to.
func inOrder(lines []Line) []Line {
	out := make([]Line, 0, len(lines))
	for i := 0; i < len(lines); {
		mine := end(lines, i, Mine)
		theirs := end(lines, mine, Theirs)
		if theirs == i {
			out = append(out, lines[i])
			i++
			continue
		}
		a, b := lines[i:mine], lines[mine:theirs]
		for len(a) > 0 || len(b) > 0 {
			if len(b) == 0 || len(a) > 0 && depth(a[0].Text) >= depth(b[0].Text) {
				out, a = append(out, a[0]), a[1:]
			} else {
				out, b = append(out, b[0]), b[1:]
			}
		}
		i = theirs
	}
	return out
}

// end returns where the lines of a side that begin at i end.
func end(lines []Line, i int, side Side) int {
	for i < len(lines) && lines[i].Side == side {
		i++
	}
	return i
}

// fold replaces equal lines that nobody needs.
func fold(lines []Line) []Line {
	keep := make([]bool, len(lines))
	for i, line := range lines {
		if line.Side == Both {
			continue
		}
		for j := max(i-around, 0); j <= min(i+around, len(lines)-1); j++ {
			keep[j] = true
		}
		keepParents(lines, i, keep)
	}
	var out []Line
	for i := 0; i < len(lines); {
		end := i
		for end < len(lines) && !keep[end] {
			end++
		}
		switch {
		case end-i >= minFold:
			out = append(out, Line{Side: Folded, Count: end - i, Text: indent(lines[i].Text)})
			i = end
		case end > i:
			out = append(out, lines[i:end]...)
			i = end
		default:
			out = append(out, lines[i])
			i++
		}
	}
	return out
}

// keepParents keeps the lines that line i is inside of, by its indentation.
func keepParents(lines []Line, i int, keep []bool) {
	inner := depth(lines[i].Text)
	for j := i - 1; j >= 0 && inner > 0; j-- {
		if d := depth(lines[j].Text); d < inner {
			keep[j], inner = true, d
		}
	}
}

// depth is the column at which a line of YAML begins; the dash of a list counts
// half, since its element is inside of what has the same column.
func depth(text string) int {
	d := 2 * (len(text) - len(strings.TrimLeft(text, " ")))
	if strings.HasPrefix(text[d/2:], "- ") {
		d++
	}
	return d
}

func indent(text string) string { return text[:len(text)-len(strings.TrimLeft(text, " "))] }

// Render lays the lines out in width cells. folded says how many lines are
// folded.
func Render(lines []Line, th *theme.Theme, width int, folded func(n int) string) []string {
	var out []string
	for _, line := range lines {
		sign, style := "  ", th.Text
		switch line.Side {
		case Mine:
			sign, style = "- ", th.Failed
		case Theirs:
			sign, style = "+ ", th.Passed
		case Folded:
			text := line.Text + th.Symbols.Ellipsis + " " + folded(line.Count)
			out = append(out, "  "+th.Faint.Render(layout.Split(text, "", width-2, th.Symbols.Ellipsis)))
			continue
		}
		for _, part := range wrap.Hard(line.Text, width-2) {
			out = append(out, style.Render(sign+part))
		}
	}
	return out
}

// Text writes lines as "diff -u" writes its hunks.
func Text(lines []Line, folded func(n int) string) string {
	var b strings.Builder
	for _, line := range lines {
		switch line.Side {
		case Mine:
			b.WriteString("-" + line.Text)
		case Theirs:
			b.WriteString("+" + line.Text)
		case Folded:
			b.WriteString("@@ " + folded(line.Count) + " @@")
		default:
			b.WriteString(" " + line.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}
