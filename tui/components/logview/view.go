// Package logview shows the newest lines of a log that goes on: following it,
// scrolled, wrapped or cut, and searched. Only what is in the window is ever
// wrapped, so that a key costs the same however long the log is.
package logview

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/keymap"
	"podlab/tui/texts"
	"podlab/tui/wrap"
)

// Options of a View.
type Options struct {
	// MaxLines and MaxBytes bound what is kept; the oldest lines go first.
	MaxLines, MaxBytes int
	// Wrap breaks a line into rows of width cells; wrap.HardLine by default.
	Wrap func(line string, width int) []wrap.Span
}

// View is a window on the newest lines of a log.
type View struct {
	o     Options
	ring  ring
	texts *texts.Texts

	width, height int
	headWidth     int    // of what stands before each line
	cut           bool   // lines are cut instead of wrapped
	left          int    // the first cell that is shown of lines that are cut
	shape         uint32 // grows whenever rows have to be made anew

	top     place // the first row in the window
	stopped bool  // the window does not follow the end
	search  search
}

// place is a row of a line.
type place struct {
	line uint64
	row  int
}

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.row < q.row
}

// New makes an empty View that follows and wraps.
func New(o Options) *View {
	if o.Wrap == nil {
		o.Wrap = wrap.HardLine
	}
	return &View{o: o, ring: newRing(o.MaxLines, o.MaxBytes), shape: 1}
}

// SetSize sets the size of the window, at least one row, and how many of its
// cells stand before each line for what Render is given to put there.
func (v *View) SetSize(width, height, head int) {
	height = max(height, 1)
	if width == v.width && height == v.height && head == v.headWidth {
		return
	}
	v.reshape(func() { v.width, v.height, v.headWidth = width, height, head })
}

// SetTexts changes the language of remarks.
func (v *View) SetTexts(t *texts.Texts) {
	if t == v.texts {
		return
	}
	v.texts = t
	for n := v.ring.first; n < v.ring.next; n++ {
		if l := v.ring.at(n); l.Say != nil {
			v.ring.bytes -= len(l.Text)
			l.Text = l.Say(t)
			l.shape = 0
			v.ring.bytes += len(l.Text)
		}
	}
	v.searchAll()
	v.settle()
}

// SetWrapped says whether lines are wrapped or cut.
func (v *View) SetWrapped(wrapped bool) {
	v.reshape(func() { v.cut, v.left = !wrapped, 0 })
}

// Wrapped reports whether lines are wrapped.
func (v *View) Wrapped() bool { return !v.cut }

// SetFollowing says whether the window goes along with the end.
func (v *View) SetFollowing(following bool) {
	v.stopped = !following
	v.settle()
}

// Following reports whether the window goes along with the end.
func (v *View) Following() bool { return !v.stopped }

// Append adds lines at the end.
func (v *View) Append(lines ...Line) {
	for _, l := range lines {
		if v.ring.len() > 0 && v.ring.at(v.ring.next-1).Open {
			v.ring.dropLast()
			v.search.forget(v.ring.next)
		}
		if l.Say != nil && v.texts != nil {
			l.Text = l.Say(v.texts)
		}
		l.Text = expand(l.Text)
		v.ring.add(l)
		v.search.look(v.ring.next-1, l.Text)
	}
	v.search.dropBefore(v.ring.first)
	v.settle()
}

// Replace shows other lines instead, at the same place as well as it can be.
func (v *View) Replace(lines []Line) {
	first, stopped, search := v.ring.first, v.stopped, v.search
	top := v.top
	v.ring.reset()
	v.search.clearHits()
	v.stopped = true // nothing is to be found out before all lines are there
	v.Append(lines...)
	v.stopped = stopped
	v.top = place{top.line - min(first, top.line), top.row}
	v.settle()
	if search.on {
		v.search.keep(match{search.at.line - min(first, search.at.line), search.at.k})
	}
	if !v.search.on {
		v.search.choose(v.lastShown())
	}
}

// Clear takes all lines out, follows, and keeps what is searched for.
func (v *View) Clear() {
	v.stopped, v.left = false, 0
	v.Replace(nil)
}

// Len returns how many lines there are.
func (v *View) Len() int { return v.ring.len() }

// Below returns how many lines begin below the window.
func (v *View) Below() int {
	if v.ring.len() == 0 {
		return 0
	}
	return int(v.ring.next - 1 - v.lastShown())
}

// More reports whether there is something above and below the window.
func (v *View) More() (above, below bool) {
	return place{v.ring.first, 0}.before(v.top), v.top.before(v.bottom())
}

// Update scrolls by the keys of keys; it reports whether msg was one of them.
// Going up stops following, going to the end follows again.
func (v *View) Update(msg tea.KeyMsg, keys keymap.Map) bool {
	page := max(v.height-1, 1)
	switch {
	case v.cut && key.Matches(msg, keys.ScrollLeft):
		v.left = max(v.left-v.sideStep(), 0)
	case v.cut && key.Matches(msg, keys.ScrollRight):
		v.left = min(v.left+v.sideStep(), max(v.widestShown()-v.textWidth(), v.left))
	case key.Matches(msg, keys.Up):
		v.scrollTo(v.back(v.top, 1))
	case key.Matches(msg, keys.Down):
		v.scrollTo(v.forward(v.top, 1))
	case key.Matches(msg, keys.PageUp):
		v.scrollTo(v.back(v.top, page))
	case key.Matches(msg, keys.PageDown):
		v.scrollTo(v.forward(v.top, page))
	case key.Matches(msg, keys.Top):
		v.scrollTo(place{v.ring.first, 0})
	case key.Matches(msg, keys.Bottom):
		v.SetFollowing(true)
	default:
		return false
	}
	return true
}

// scrollTo moves the window, at most to the end. Moving it away from the end
// stops following.
func (v *View) scrollTo(p place) {
	bottom := v.bottom()
	if bottom.before(p) {
		p = bottom
	}
	v.stopped = v.stopped || p.before(bottom)
	v.top = p
}

func (v *View) sideStep() int { return max(v.textWidth()/2, 1) }

// reshape changes how lines are laid out and keeps the text at the top of the
// window there.
func (v *View) reshape(change func()) {
	offset := 0
	if v.top.line >= v.ring.first && v.top.line < v.ring.next {
		if rows := v.rows(v.top.line); v.top.row < len(rows) {
			offset = rows[v.top.row].Start
		}
	}
	change()
	v.shape++
	v.settle()
	if v.stopped && v.ring.len() > 0 {
		v.top.row = v.rowOf(v.top.line, offset)
		v.settle()
	}
}

// settle puts the window where it may be: on lines that are there, not further
// than the end, and at the end while it follows.
func (v *View) settle() {
	if v.ring.len() == 0 {
		v.top = place{v.ring.next, 0}
		return
	}
	if v.top.line < v.ring.first {
		v.top = place{v.ring.first, 0}
	}
	if v.top.line < v.ring.next {
		v.top.row = min(v.top.row, len(v.rows(v.top.line))-1)
	}
	if bottom := v.bottom(); !v.stopped || bottom.before(v.top) {
		v.top = bottom
	}
}

// rows returns how a line is laid out, which is found out when it is needed.
func (v *View) rows(number uint64) []wrap.Span {
	l := v.ring.at(number)
	if l.shape != v.shape {
		l.shape = v.shape
		if v.cut {
			l.rows = append(l.rows[:0], wrap.Span{Start: 0, End: len(l.Text)})
		} else {
			l.rows = v.o.Wrap(l.Text, v.textWidth())
		}
	}
	return l.rows
}

// rowOf returns the row of a line that shows the byte at offset.
func (v *View) rowOf(number uint64, offset int) int {
	rows := v.rows(number)
	for i := len(rows) - 1; i > 0; i-- {
		if rows[i].Start <= offset {
			return i
		}
	}
	return 0
}

// bottom returns the top of the window when it shows the end.
func (v *View) bottom() place { return v.back(place{v.ring.next, 0}, v.height) }

// back returns the place n rows before p, at least the first.
func (v *View) back(p place, n int) place {
	for n > p.row {
		if p.line <= v.ring.first {
			return place{v.ring.first, 0}
		}
		n -= p.row
		p.line--
		p.row = len(v.rows(p.line))
	}
	p.row -= n
	return p
}

// forward returns the place n rows after p, at most the last.
func (v *View) forward(p place, n int) place {
	for p.line < v.ring.next {
		rows := len(v.rows(p.line))
		if p.row+n < rows {
			p.row += n
			return p
		}
		if p.line+1 == v.ring.next {
			p.row = rows - 1
			return p
		}
		n -= rows - p.row
		p = place{p.line + 1, 0}
	}
	return p
}

// lastShown returns the number of the last line in the window.
func (v *View) lastShown() uint64 { return v.forward(v.top, v.height-1).line }

// textWidth is how many cells a row has for its text.
func (v *View) textWidth() int {
	width := v.width - v.headWidth
	if v.search.active() {
		width -= markWidth
	}
	return max(width, 2)
}
