// Package pane draws frames around lines, exactly as large as they are told.
package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"podlab/tui/components/pager"
	"podlab/tui/theme"
)

// Frame is the size that a pane's border adds to its content, and the blank
// at either side.
const (
	FrameWidth  = 4
	FrameHeight = 2
)

// Pane is a titled frame.
type Pane struct {
	// Title stands in the upper border, styled or not.
	Title   string
	Lines   []string
	Focused bool
	// Above and Below say that there is more to scroll to.
	Above, Below bool
}

// Of makes a pane of what a pager shows.
func Of(title string, p *pager.Pager, focused bool) Pane {
	above, below := p.More()
	return Pane{Title: title, Lines: p.Visible(), Focused: focused, Above: above, Below: below}
}

// Render draws the pane in width by height cells. What does not fit is cut.
func (p Pane) Render(th *theme.Theme, width, height int) string {
	style := th.Border
	if p.Focused {
		style = th.Accent
	}
	lines := th.Lines
	inner := max(width-FrameWidth, 0)
	rows := make([]string, 0, height)
	rows = append(rows, p.top(th, width))
	left, right := style.Render(lines.Left)+" ", " "+style.Render(lines.Right)
	for i := range max(height-FrameHeight, 0) {
		line := ""
		if i < len(p.Lines) {
			line = p.Lines[i]
		}
		rows = append(rows, left+Fit(line, inner)+right)
	}
	rows = append(rows, p.bottom(th, width))
	return strings.Join(rows[:min(len(rows), max(height, 0))], "\n")
}

func (p Pane) top(th *theme.Theme, width int) string {
	style := th.Border
	if p.Focused {
		style = th.Accent
	}
	title := p.Title
	if title != "" {
		title = " " + ansi.Truncate(title, max(width-6, 0), th.Symbols.Ellipsis) + " "
	}
	rest := max(width-3-ansi.StringWidth(title), 0)
	return style.Render(th.Lines.TopLeft+th.Lines.Top) + title +
		style.Render(strings.Repeat(th.Lines.Top, rest)+th.Lines.TopRight)
}

func (p Pane) bottom(th *theme.Theme, width int) string {
	style := th.Border
	if p.Focused {
		style = th.Accent
	}
	mark := ""
	if p.Above {
		mark += th.Symbols.Up
	}
	if p.Below {
		mark += th.Symbols.Down
	}
	if mark != "" {
		mark = " " + mark + " "
	}
	rest := max(width-3-ansi.StringWidth(mark), 0)
	return style.Render(th.Lines.BottomLeft+strings.Repeat(th.Lines.Bottom, rest)) + mark +
		style.Render(th.Lines.Bottom+th.Lines.BottomRight)
}

// Fit cuts or pads line to exactly width cells.
func Fit(line string, width int) string {
	line = ansi.Truncate(line, width, "")
	return line + strings.Repeat(" ", max(width-ansi.StringWidth(line), 0))
}

// Overlay draws box over the middle of screen, whose lines are as wide as
// width.
func Overlay(screen, box string, width, height int) string {
	under := strings.Split(screen, "\n")
	over := strings.Split(box, "\n")
	boxWidth := 0
	for _, line := range over {
		boxWidth = max(boxWidth, ansi.StringWidth(line))
	}
	x, y := max((width-boxWidth)/2, 0), max((height-len(over))/2, 0)
	for i, line := range over {
		row := y + i
		for row >= len(under) {
			under = append(under, "")
		}
		base := Fit(under[row], width)
		// A wide character that the box halves leaves a blank.
		left := Fit(ansi.Truncate(base, x, ""), x)
		room := width - x - boxWidth
		right := ansi.TruncateLeft(base, x+boxWidth, "")
		if ansi.StringWidth(right) > room {
			right = ansi.TruncateLeft(base, x+boxWidth+1, "")
		}
		gap := room - ansi.StringWidth(right)
		under[row] = left + Fit(line, boxWidth) + strings.Repeat(" ", max(gap, 0)) + right
	}
	return strings.Join(under, "\n")
}
