package content

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// side is a direction in which a line may leave a cell.
type side int

const (
	up side = iota
	down
	left
	right
)

func (s side) opposite() side { return s ^ 1 }

func (s side) String() string { return []string{"above", "below", "left", "right"}[s] }

// arms returns the sides to which a character of a diagram is joined.
func arms(r rune) []side {
	switch r {
	case '─':
		return []side{left, right}
	case '│':
		return []side{up, down}
	case '┌':
		return []side{down, right}
	case '┐':
		return []side{down, left}
	case '└':
		return []side{up, right}
	case '┘':
		return []side{up, left}
	case '├':
		return []side{up, down, right}
	case '┤':
		return []side{up, down, left}
	case '┬':
		return []side{down, left, right}
	case '┴':
		return []side{up, left, right}
	case '┼':
		return []side{up, down, left, right}
	case '▲':
		return []side{down}
	case '▼':
		return []side{up}
	default:
		return nil
	}
}

// gaps finds the lines of a diagram that end where nothing goes on. A
// horizontal stroke may end anywhere: at a title, an arrow, a cross.
func gaps(diagram string) []string {
	var grid [][]rune
	for line := range strings.Lines(diagram) {
		var cells []rune
		for _, r := range strings.TrimRight(line, "\n") {
			cells = append(cells, r)
			for range ansi.StringWidth(string(r)) - 1 {
				cells = append(cells, 0)
			}
		}
		grid = append(grid, cells)
	}
	at := func(x, y int) rune {
		if y < 0 || y >= len(grid) || x < 0 || x >= len(grid[y]) {
			return ' '
		}
		return grid[y][x]
	}
	var found []string
	for y, row := range grid {
		for x, r := range row {
			for _, s := range arms(r) {
				if r == '─' {
					continue
				}
				if other := neighbour(at, x, y, s); !meets(other, s) {
					found = append(found, fmt.Sprintf("line %d, column %d: %c has %q %s", y+1, x+1, r, other, s))
				}
			}
		}
	}
	return found
}

func neighbour(at func(x, y int) rune, x, y int, s side) rune {
	switch s {
	case up:
		return at(x, y-1)
	case down:
		return at(x, y+1)
	case left:
		return at(x-1, y)
	default:
		return at(x+1, y)
	}
}

// meets reports whether a line that leaves a cell towards s goes on in r. The
// side of a frame may be where a line comes in, or an arrow points at.
func meets(r rune, s side) bool {
	switch {
	case s == left || s == right:
		switch r {
		case '►', '◄', '│', '✗':
			return true
		}
	case r == '▲' && s == up, r == '▼' && s == down:
		return true
	}
	for _, a := range arms(r) {
		if a == s.opposite() {
			return true
		}
	}
	return false
}
