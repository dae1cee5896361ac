package logview

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"podlab/tui/wrap"
)

// search knows where a text occurs in the lines, in whatever case.
type search struct {
	text   string
	needle needle
	hits   []hit // lines that hold it, oldest first
	all    int   // matches in hits
	at     match // the current one
	on     bool  // there is a current one
}

// hit is a line that holds n matches.
type hit struct {
	line uint64
	n    int
}

// match is the k-th match of a line.
type match struct {
	line uint64
	k    int
}

func (s *search) active() bool { return s.text != "" }

func (s *search) clearHits() { s.hits, s.all, s.on = nil, 0, false }

// look searches a line that comes after all others.
func (s *search) look(number uint64, text string) {
	if !s.active() {
		return
	}
	if n := len(s.needle.find(text)); n > 0 {
		s.hits = append(s.hits, hit{number, n})
		s.all += n
	}
}

// forget takes out the newest line, whose number is given.
func (s *search) forget(number uint64) {
	if last := len(s.hits) - 1; last >= 0 && s.hits[last].line == number {
		s.all -= s.hits[last].n
		s.hits = s.hits[:last]
		s.on = s.on && s.at.line != number
	}
}

// dropBefore takes out the lines before the one whose number is given.
func (s *search) dropBefore(first uint64) {
	gone := 0
	for gone < len(s.hits) && s.hits[gone].line < first {
		s.all -= s.hits[gone].n
		gone++
	}
	s.hits = s.hits[gone:]
	s.on = s.on && s.at.line >= first
}

// keep makes m current, if it is a match.
func (s *search) keep(m match) {
	s.on = slices.ContainsFunc(s.hits, func(h hit) bool { return h.line == m.line && m.k < h.n })
	s.at = m
}

// choose makes the last match up to a line current, else the first after it:
// of what a log says, the newest matters most.
func (s *search) choose(upTo uint64) {
	s.on = len(s.hits) > 0
	if !s.on {
		return
	}
	i, found := slices.BinarySearchFunc(s.hits, upTo, func(h hit, line uint64) int {
		switch {
		case h.line < line:
			return -1
		case h.line > line:
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	if i < 0 {
		s.at = match{s.hits[0].line, 0}
		return
	}
	s.at = match{s.hits[i].line, s.hits[i].n - 1}
}

// step makes the next match current, or the one before; after the last comes
// the first.
func (s *search) step(by int) {
	i := slices.IndexFunc(s.hits, func(h hit) bool { return h.line == s.at.line })
	if i < 0 {
		return
	}
	n := len(s.hits)
	switch k := s.at.k + by; {
	case k < 0:
		h := s.hits[(i+n-1)%n]
		s.at = match{h.line, h.n - 1}
	case k >= s.hits[i].n:
		s.at = match{s.hits[(i+1)%n].line, 0}
	default:
		s.at.k = k
	}
}

// position counts the current match from 1; 0 for none.
func (s *search) position() int {
	if !s.on {
		return 0
	}
	before := 0
	for _, h := range s.hits {
		if h.line == s.at.line {
			break
		}
		before += h.n
	}
	return before + s.at.k + 1
}

// Search looks for a text in all lines, in whatever case, and goes to the
// newest match that was not scrolled past yet. An empty text ends the search.
func (v *View) Search(text string) {
	if text == v.search.text {
		return
	}
	shown := v.lastShown()
	set := func() { v.search.text, v.search.needle = text, newNeedle(text) }
	if v.search.active() != (text != "") {
		v.reshape(set) // the marks of matches come or go
	} else {
		set()
	}
	v.searchAll()
	v.search.choose(shown)
	v.reveal()
}

// searchAll finds the matches anew; the current one stays where it still is one.
func (v *View) searchAll() {
	at, on := v.search.at, v.search.on
	v.search.clearHits()
	if !v.search.active() {
		return
	}
	for n := v.ring.first; n < v.ring.next; n++ {
		v.search.look(n, v.ring.at(n).Text)
	}
	if on {
		v.search.keep(at)
	}
}

// Matches counts the matches, and the current one from 1; 0 for none.
func (v *View) Matches() (at, all int) { return v.search.position(), v.search.all }

// NextMatch goes to the next match and stops following; after the last one
// comes the first. It reports whether there is one.
func (v *View) NextMatch() bool { return v.stepMatch(1) }

// PrevMatch goes to the match before, as NextMatch does.
func (v *View) PrevMatch() bool { return v.stepMatch(-1) }

func (v *View) stepMatch(by int) bool {
	if v.search.on {
		v.search.step(by)
	} else {
		v.search.choose(v.lastShown())
	}
	v.reveal()
	v.stopped = v.stopped || v.search.on
	return v.search.on
}

// reveal scrolls so that the current match is in the window.
func (v *View) reveal() {
	if !v.search.on {
		return
	}
	at := v.search.at
	text := v.ring.at(at.line).Text
	found := v.search.needle.find(text)[at.k]
	p := place{at.line, v.rowOf(at.line, found.Start)}
	if last := v.forward(v.top, v.height-1); p.before(v.top) || last.before(p) {
		v.scrollTo(v.back(p, v.height/3))
	}
	if v.cut {
		from, to := wrap.Width(text[:found.Start]), wrap.Width(text[:found.End])
		if from < v.left || to > v.left+v.textWidth()-1 { // the last cell may be an ellipsis
			v.left = max(to-v.textWidth()*2/3, 0)
			v.left = min(v.left, from)
		}
	}
}

// needle is a text to look for, in whatever case.
type needle struct {
	runes [][2]rune // the small and the large form of each character
	// begins is how a match can begin: the forms of the first character, one or
	// two. The standard library looks quickly for them.
	begins []string
}

func newNeedle(text string) needle {
	var n needle
	for _, r := range text {
		n.runes = append(n.runes, [2]rune{unicode.ToLower(r), unicode.ToUpper(r)})
	}
	if len(n.runes) > 0 {
		small, large := string(n.runes[0][0]), string(n.runes[0][1])
		n.begins = slices.Compact([]string{small, large})
	}
	return n
}

// find returns where the needle occurs in text, without overlaps.
func (n needle) find(text string) []wrap.Span {
	var found []wrap.Span
	next := [2]int{len(text), len(text)} // where each of begins occurs next
	for from := 0; ; {
		start := len(text)
		for i, begin := range n.begins {
			if from == 0 || next[i] < from {
				next[i] = index(text, begin, from)
			}
			start = min(start, next[i])
		}
		if start == len(text) {
			return found
		}
		from = start + 1
		if end := n.matchAt(text, start); end > start {
			found = append(found, wrap.Span{Start: start, End: end})
			from = end
		}
	}
}

// index is strings.Index from a byte on; the length of text for nothing found.
func index(text, part string, from int) int {
	if i := strings.Index(text[from:], part); i >= 0 {
		return from + i
	}
	return len(text)
}

// matchAt returns where the needle ends that begins at start; 0 for none.
func (n needle) matchAt(text string, start int) int {
	for _, forms := range n.runes {
		r, size := utf8.DecodeRuneInString(text[start:])
		if size == 0 || r != forms[0] && r != forms[1] {
			return 0
		}
		start += size
	}
	return start
}
