package logview

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"podlab/tui/texts"
	"podlab/tui/wrap"
)

// Line is a line of a log, printable and without its newline.
type Line struct {
	Time time.Time
	Text string
	// Open says that the line has no end yet: the next one takes its place.
	Open bool
	// Say, where set, makes this a remark of podlab, and is its Text in the
	// language of the moment.
	Say func(*texts.Texts) string
	// Data is for whoever draws what stands before the line.
	Data any
}

// line is a Line with what is known of how it is wrapped.
type line struct {
	Line
	rows  []wrap.Span
	shape uint32 // of the view when rows were made
}

// ring holds the newest lines. A line keeps its number for as long as it is
// held.
type ring struct {
	lines       []line // by number, modulo their count
	first, next uint64 // numbers of the oldest line and of the one to come
	bytes       int
	maxBytes    int
}

func newRing(maxLines, maxBytes int) ring {
	return ring{lines: make([]line, maxLines), maxBytes: maxBytes}
}

// reset takes all lines out.
func (r *ring) reset() {
	clear(r.lines)
	r.first, r.next, r.bytes = 0, 0, 0
}

func (r *ring) len() int { return int(r.next - r.first) }

func (r *ring) at(number uint64) *line { return &r.lines[number%uint64(len(r.lines))] }

// add adds a line; the oldest ones give way.
func (r *ring) add(l Line) {
	if r.len() == len(r.lines) {
		r.dropFirst()
	}
	*r.at(r.next) = line{Line: l}
	r.next++
	r.bytes += len(l.Text)
	for r.bytes > r.maxBytes && r.len() > 1 {
		r.dropFirst()
	}
}

func (r *ring) dropFirst() {
	l := r.at(r.first)
	r.bytes -= len(l.Text)
	*l = line{}
	r.first++
}

// dropLast takes the newest line out, whose number the next one gets.
func (r *ring) dropLast() {
	r.next--
	l := r.at(r.next)
	r.bytes -= len(l.Text)
	*l = line{}
}

// tabStop is where terminals have their tabs.
const tabStop = 8

// expand replaces tabs by the blanks that a terminal would show.
func expand(text string) string {
	if strings.IndexByte(text, '\t') < 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for part := range strings.SplitAfterSeq(text, "\t") {
		part, tab := strings.CutSuffix(part, "\t")
		b.WriteString(part)
		at += ansi.StringWidth(part)
		if tab {
			n := tabStop - at%tabStop
			b.WriteString(strings.Repeat(" ", n))
			at += n
		}
	}
	return b.String()
}
