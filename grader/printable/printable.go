// Package printable makes text that comes from containers and objects safe to
// show: without control sequences, valid UTF-8, and bounded.
package printable

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text strips ANSI and other terminal control sequences, C0 and C1 controls
// except newline and tab, bidirectional controls and invalid UTF-8.
//
// Whatever ends or restarts a line becomes a newline: "\r\n" is one, and so
// are a lone carriage return, NEL, and the Unicode line and paragraph
// separators. A program that draws over its own line ("10%\r20%") thus shows
// each state on a line of its own, and nothing that it wrote is hidden.
// Backspaces go, and what they would have rubbed out stays, for the same
// reason. Text of Text is itself.
func Text(s string) string {
	clean := cleanPrefix(s)
	if clean == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:clean])
	var p parser
	for s = s[clean:]; s != ""; {
		// Runs that need no stripping are copied as they are, for speed.
		if p.state == ground && !(p.afterCR && s[0] == '\n') {
			if n := cleanPrefix(s); n > 0 {
				b.WriteString(s[:n])
				s, p.afterCR = s[n:], false
				continue
			}
		}
		r, size := p.next(s)
		if s = s[size:]; r != 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Line is Text on one line: newlines and tabs become blanks, runs of blanks
// one, blanks at both ends go, and it is cut to max runes, the last of which
// is then "…". It is empty where max is below 1.
func Line(s string, max int) string {
	if max < 1 {
		return ""
	}
	var c cutter
	blank := false
	for r := range runes(s) {
		if r == ' ' || r == '\n' || r == '\t' {
			blank = c.n > 0
			continue
		}
		if blank {
			blank = false
			if !c.add(' ', max) {
				break
			}
		}
		if !c.add(r, max) {
			break
		}
	}
	return c.String()
}

// Lines keeps the first maxLines lines of Text, each cut to maxRunes as Line
// does, and says how many more there were. A newline at the end of s starts
// no further line.
func Lines(s string, maxLines, maxRunes int) (text string, more int) {
	var kept []string
	var line cutter
	pending, total := false, 0 // pending: runes were seen since the last newline
	end := func() {
		if total++; total <= maxLines {
			kept = append(kept, line.String())
		}
		line, pending = cutter{}, false
	}
	for r := range runes(s) {
		if r == '\n' {
			end()
			continue
		}
		pending = true
		if total < maxLines && maxRunes > 0 {
			line.add(r, maxRunes)
		}
	}
	if pending {
		end()
	}
	return strings.Join(kept, "\n"), total - len(kept)
}

// cutter collects up to a number of runes and remembers whether there were
// more.
type cutter struct {
	b    strings.Builder
	n    int
	last int // where the last rune starts
	cut  bool
}

// add appends r and reports whether more may be added.
func (c *cutter) add(r rune, max int) bool {
	if c.cut {
		return false
	}
	if c.n == max {
		c.cut = true
		return false
	}
	c.last = c.b.Len()
	c.b.WriteRune(r)
	c.n++
	return true
}

func (c *cutter) String() string {
	s := c.b.String()
	if c.cut {
		return strings.TrimRight(s[:c.last], " ") + "…"
	}
	return s
}

// cleanPrefix returns the length of the longest prefix of s that needs no
// stripping.
func cleanPrefix(s string) int {
	for i := 0; i < len(s); {
		b := s[i]
		if b < utf8.RuneSelf {
			if (b < 0x20 && b != '\n' && b != '\t') || b == 0x7f {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || !plain(r) {
			return i
		}
		i += size
	}
	return len(s)
}

// plain reports whether the non-ASCII rune r may be shown as it is.
func plain(r rune) bool {
	switch {
	case r < 0xa0: // C1
		return false
	case r == '\u2028', r == '\u2029':
		return false
	default:
		return !unicode.Is(unicode.Bidi_Control, r)
	}
}

// The states of the parser of ECMA-48 control functions.
type state uint8

const (
	ground    state = iota
	escape          // after ESC
	escapeMid       // after ESC and an intermediate byte, as in ESC ( B
	csi             // after ESC [
	str             // in OSC, DCS, SOS, PM or APC, up to ST
)

// The control characters that the parser knows by name.
const (
	bel = 0x07
	can = 0x18
	sub = 0x1a
	esc = 0x1b
	del = 0x7f
)

// runes yields the runes of s that may be shown.
func runes(s string) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		var p parser
		for s := s; s != ""; {
			r, size := p.next(s)
			if s = s[size:]; r != 0 && !yield(r) {
				return
			}
		}
	}
}

// parser finds the runes that may be shown.
//
// It follows the usual parser of terminals (ECMA-48 with xterm's extensions),
// except that a newline ends a sequence of any kind: a program that was killed
// in the middle of one must not hide the rest of its log. C1 controls count
// both as runes and as single bytes, since a terminal may take either.
type parser struct {
	state   state
	afterCR bool // a newline was shown for a carriage return
}

// next reads one rune from the start of s, which is not empty, and returns
// the rune to show, 0 for none, and how many bytes it read.
func (p *parser) next(s string) (out rune, size int) {
	r, size := rune(s[0]), 1
	if r >= utf8.RuneSelf {
		r, size = utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			// Only a byte that would be a C1 control means anything.
			if r = rune(s[0]); r >= 0xa0 {
				return 0, 1
			}
		}
	}
	out, p.state = step(p.state, r)
	switch {
	case out == 0:
	case out != '\n':
		p.afterCR = false
	case p.afterCR && r == '\n':
		p.afterCR = false
		return 0, size // the newline of a CRLF
	default:
		p.afterCR = r == '\r'
	}
	return out, size
}

// step moves the parser by one rune and returns the rune to show, 0 for none.
func step(st state, r rune) (rune, state) {
	switch r {
	case '\n', '\r', 0x85, '\u2028', '\u2029':
		return '\n', ground
	case esc:
		return 0, escape // also as the first half of ST
	case can, sub:
		return 0, ground
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS SOS OSC PM APC
		return 0, str
	case 0x9b:
		return 0, csi
	case 0x9c: // ST
		return 0, ground
	}
	switch st {
	case escape:
		switch {
		case r == '[':
			return 0, csi
		case r == ']', r == 'P', r == 'X', r == '^', r == '_':
			return 0, str
		case r >= 0x20 && r <= 0x2f:
			return 0, escapeMid
		case r >= 0x30 && r <= 0x7e:
			return 0, ground
		}
	case escapeMid:
		switch {
		case r >= 0x20 && r <= 0x2f:
			return 0, escapeMid
		case r >= 0x30 && r <= 0x7e:
			return 0, ground
		}
	case csi:
		switch {
		case r >= 0x20 && r <= 0x3f:
			return 0, csi
		case r >= 0x40 && r <= 0x7e:
			return 0, ground
		}
	case str:
		if r == bel {
			return 0, ground
		}
		return 0, str
	}
	// In the ground state, or where a sequence is broken off by a rune that
	// cannot belong to it. Terminals obey other controls inside a sequence
	// and go on with it.
	if (r < 0x20 && r != '\t') || r == del {
		return 0, st
	}
	if r >= utf8.RuneSelf && !plain(r) {
		return 0, st
	}
	return r, ground
}
