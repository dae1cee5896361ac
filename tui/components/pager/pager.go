// Package pager shows lines through a window that scrolls.
package pager

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/keymap"
)

// Pager is a window on lines. The zero Pager is empty.
type Pager struct {
	lines  []string
	offset int
	height int
}

// SetLines replaces the lines and keeps the place as well as it can.
func (p *Pager) SetLines(lines []string) {
	p.lines = lines
	p.clamp()
}

// SetHeight sets how many lines are shown.
func (p *Pager) SetHeight(h int) {
	p.height = max(h, 0)
	p.clamp()
}

// Update scrolls by the keys of keys; it reports whether msg was one of them.
func (p *Pager) Update(msg tea.KeyMsg, keys keymap.Map) bool {
	switch {
	case key.Matches(msg, keys.Up):
		p.offset--
	case key.Matches(msg, keys.Down):
		p.offset++
	case key.Matches(msg, keys.PageUp):
		p.offset -= max(p.height-1, 1)
	case key.Matches(msg, keys.PageDown):
		p.offset += max(p.height-1, 1)
	case key.Matches(msg, keys.Top):
		p.offset = 0
	case key.Matches(msg, keys.Bottom):
		p.offset = len(p.lines)
	default:
		return false
	}
	p.clamp()
	return true
}

// Show scrolls as little as possible so that the lines from first to before
// end are visible, the first of them at any rate.
func (p *Pager) Show(first, end int) {
	if end > p.offset+p.height {
		p.offset = end - p.height
	}
	if first < p.offset {
		p.offset = first
	}
	p.clamp()
}

// Offset returns the number of lines above the window.
func (p *Pager) Offset() int { return p.offset }

// ScrollTo puts a line at the top of the window, or as near as there are lines.
func (p *Pager) ScrollTo(line int) {
	p.offset = line
	p.clamp()
}

// Scroll moves the window down by n lines, up where n is negative.
func (p *Pager) Scroll(n int) {
	p.offset += n
	p.clamp()
}

// LineAt returns the line that stands in a row of the window, the first one
// being 0; ok is false where there is none.
func (p *Pager) LineAt(row int) (line int, ok bool) {
	line = p.offset + row
	return line, row >= 0 && row < p.height && line < len(p.lines)
}

// Visible returns the lines in the window.
func (p *Pager) Visible() []string {
	return p.lines[p.offset:min(p.offset+p.height, len(p.lines))]
}

// More reports whether there are lines above and below the window.
func (p *Pager) More() (above, below bool) {
	return p.offset > 0, p.offset+p.height < len(p.lines)
}

func (p *Pager) clamp() {
	p.offset = max(min(p.offset, len(p.lines)-p.height), 0)
}
