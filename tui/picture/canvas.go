package picture

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"

	"podlab/tui/theme"
)

// ink is what a cell is drawn with; the theme says how it looks.
type ink int

const (
	plain ink = iota
	strong
	faint
	accent
	passed
	failed
	pending
	framed // the frames of Pods and containers
	piped  // volumes
	routed // Services
	path
)

func (i ink) style(th *theme.Theme) lipgloss.Style {
	switch i {
	case strong:
		return th.Strong
	case faint:
		return th.Faint
	case accent, routed:
		return th.Accent
	case passed:
		return th.Passed
	case failed:
		return th.Failed
	case pending:
		return th.Pending
	case framed:
		return th.Border
	case piped, path:
		return th.Code
	default:
		return th.Text
	}
}

// arms are the directions in which a line leaves a cell.
type arms uint8

const (
	up arms = 1 << iota
	right
	down
	left

	across  = left | right
	upright = up | down
)

// weight is how thick a line is: frames and routes are light, volumes heavy,
// so that a picture without colours tells them apart.
type weight int

const (
	light weight = iota
	heavy
)

// cell of a canvas. It holds text or lines.
type cell struct {
	text  string // a character as people see it; "" for a blank
	tail  bool   // the second half of a wide character
	ink   ink
	lines [2]arms // of either weight
}

// canvas is a grid of cells that grows downwards as needed.
type canvas struct {
	th    *theme.Theme
	width int
	rows  [][]cell
}

func newCanvas(th *theme.Theme, width int) *canvas { return &canvas{th: th, width: width} }

// at returns a cell; nil beyond the sides.
func (c *canvas) at(x, y int) *cell {
	if x < 0 || x >= c.width || y < 0 {
		return nil
	}
	for len(c.rows) <= y {
		c.rows = append(c.rows, make([]cell, c.width))
	}
	return &c.rows[y][x]
}

// put writes text from x on, in at most width cells, and returns how many it
// took.
func (c *canvas) put(x, y int, text string, i ink, width int) int {
	width = min(width, c.width-x)
	text = ansi.Truncate(text, max(width, 0), c.th.Symbols.Ellipsis)
	start, state := x, -1
	for text != "" {
		var char string
		char, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		n := ansi.StringWidth(char)
		if n == 0 {
			continue
		}
		for k := range n {
			c.clear(x+k, y)
		}
		if at := c.at(x, y); at != nil {
			*at = cell{text: char, ink: i}
		}
		for k := 1; k < n; k++ {
			if at := c.at(x+k, y); at != nil {
				*at = cell{tail: true, ink: i}
			}
		}
		x += n
	}
	return x - start
}

// clear takes the text out of a cell; of a wide character both halves.
func (c *canvas) clear(x, y int) {
	at := c.at(x, y)
	if at == nil {
		return
	}
	if at.tail {
		if head := c.at(x-1, y); head != nil {
			*head = cell{}
		}
	}
	if next := c.at(x+1, y); next != nil && next.tail {
		*next = cell{}
	}
	*at = cell{}
}

// spans writes a line of spans.
func (c *canvas) spans(x, y int, l line, width int) int {
	used := 0
	for _, s := range l.cut(width, c.th.Symbols.Ellipsis) {
		used += c.put(x+used, y, s.text, s.ink, width-used)
	}
	return used
}

// draw adds arms to a cell, and joins what is there.
func (c *canvas) draw(x, y int, a arms, w weight, i ink) {
	at := c.at(x, y)
	if at == nil {
		return
	}
	if at.text != "" || at.tail {
		c.clear(x, y)
	}
	if at.lines == [2]arms{} || i != framed {
		at.ink = i
	}
	at.lines[w] |= a
}

// horizontal draws a line between two cells, both included: it ends in them.
// What it meets on the way is left whole: it passes beneath it. Frames are no
// obstacle; a line goes through the wall of a Pod.
func (c *canvas) horizontal(x1, x2, y int, w weight, i ink) {
	for x := x1; x <= x2; x++ {
		switch at := c.at(x, y); {
		case at == nil:
		case x == x1 && x < x2:
			c.draw(x, y, right, w, i)
		case x == x2 && x > x1:
			c.draw(x, y, left, w, i)
		case at.ink != framed && (at.lines[light]|at.lines[heavy])&upright == upright:
		default:
			c.draw(x, y, across, w, i)
		}
	}
}

// vertical draws a line between two cells, both included.
func (c *canvas) vertical(x, y1, y2 int, w weight, i ink) {
	for y := y1; y <= y2; y++ {
		switch {
		case y == y1 && y < y2:
			c.draw(x, y, down, w, i)
		case y == y2 && y > y1:
			c.draw(x, y, up, w, i)
		case y1 < y2:
			c.draw(x, y, upright, w, i)
		}
	}
}

// frame draws a rectangle.
func (c *canvas) frame(x, y, width, height int) {
	x2, y2 := x+width-1, y+height-1
	for i := x + 1; i < x2; i++ {
		c.draw(i, y, across, light, framed)
		c.draw(i, y2, across, light, framed)
	}
	for i := y + 1; i < y2; i++ {
		c.draw(x, i, upright, light, framed)
		c.draw(x2, i, upright, light, framed)
	}
	c.draw(x, y, right|down, light, framed)
	c.draw(x2, y, left|down, light, framed)
	c.draw(x, y2, right|up, light, framed)
	c.draw(x2, y2, left|up, light, framed)
}

// glyph returns the character of a cell of lines.
func (c *canvas) glyph(at *cell) string {
	l, h := at.lines[light], at.lines[heavy]
	switch {
	case h == 0:
		return joint(c.th.Lines, l)
	case l == 0:
		return joint(c.th.Heavy, h)
	case h == left:
		return c.th.Taps.Left
	case h == right:
		return c.th.Taps.Right
	case h == across:
		return c.th.Taps.Both
	default:
		return joint(c.th.Heavy, l|h)
	}
}

// joint picks the character of a set of lines for arms.
func joint(b lipgloss.Border, a arms) string {
	switch a {
	case left, right, across:
		return b.Top
	case up, down, upright:
		return b.Left
	case right | down:
		return b.TopLeft
	case left | down:
		return b.TopRight
	case right | up:
		return b.BottomLeft
	case left | up:
		return b.BottomRight
	case upright | right:
		return b.MiddleLeft
	case upright | left:
		return b.MiddleRight
	case across | down:
		return b.MiddleTop
	case across | up:
		return b.MiddleBottom
	default:
		return b.Middle
	}
}

// lines returns the rows, without blanks at their ends.
func (c *canvas) lines() []string {
	out := make([]string, len(c.rows))
	for y, row := range c.rows {
		out[y] = c.line(row)
	}
	return out
}

func (c *canvas) line(row []cell) string {
	end := len(row)
	for end > 0 && row[end-1].blank() {
		end--
	}
	var b, run strings.Builder
	var now ink
	flush := func() {
		if run.Len() > 0 {
			b.WriteString(now.style(c.th).Render(run.String()))
			run.Reset()
		}
	}
	for x := range row[:end] {
		at := &row[x]
		if at.ink != now {
			flush()
			now = at.ink
		}
		switch {
		case at.tail:
		case at.text != "":
			run.WriteString(at.text)
		case at.lines != [2]arms{}:
			run.WriteString(c.glyph(at))
		default:
			run.WriteByte(' ')
		}
	}
	flush()
	return b.String()
}

func (at *cell) blank() bool {
	return !at.tail && (at.text == "" || at.text == " ") && at.lines == [2]arms{}
}
