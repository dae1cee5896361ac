// Package wrap breaks text into lines that fit a terminal, by the rules of
// its language: Chinese between characters as UAX #14 allows, everything else
// at spaces. Widths are in cells.
package wrap

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"

	"podlab/content"
)

// Span is a line of a text, as byte offsets; the blanks at its end are left
// out.
type Span struct{ Start, End int }

// Lines breaks text, which holds no control sequences, into lines of at most
// width cells. Newlines in text end a line. Words that are longer than a line
// are cut.
func Lines(lang content.Lang, text string, width int) []Span {
	width = max(width, 2) // the widest character
	var spans []Span
	start := 0
	for {
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			return appendParagraph(spans, lang, text, start, len(text), width)
		}
		spans = appendParagraph(spans, lang, text, start, start+end, width)
		start += end + 1
	}
}

// Text is Lines as strings.
func Text(lang content.Lang, text string, width int) []string {
	spans := Lines(lang, text, width)
	lines := make([]string, len(spans))
	for i, s := range spans {
		lines[i] = text[s.Start:s.End]
	}
	return lines
}

// Hard cuts text into lines of at most width cells wherever they are full, as
// a terminal would. For code and logs, where blanks matter.
func Hard(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\t", "    "), "\n") {
		for _, s := range HardLine(line, width) {
			lines = append(lines, line[s.Start:s.End])
		}
	}
	return lines
}

// HardLine is Hard for one line, which holds neither newlines nor tabs, as byte
// offsets.
func HardLine(line string, width int) []Span {
	width = max(width, 2)
	spans := make([]Span, 0, 1)
	for start := 0; ; {
		end := start + fitting(line[start:], width)
		spans = append(spans, Span{start, end})
		if end == len(line) {
			return spans
		}
		start = end
	}
}

// Window returns which part of line, which holds neither newlines nor tabs, is
// seen through a window of width cells that begins at cell from, and how many
// blanks come first where the window begins in the middle of a character.
func Window(line string, from, width int) (part Span, blanks int) {
	start, at := advance(line, from)
	if at < from && start < len(line) {
		size, w := firstCluster(line[start:])
		start, blanks = start+size, min(at+w-from, width)
	}
	n, _ := advance(line[start:], width-blanks)
	return Span{start, start + n}, blanks
}

// Width returns how many cells line takes, which holds neither newlines nor tabs.
func Width(line string) int {
	_, used := advance(line, math.MaxInt)
	return used
}

// advance returns the length of the longest beginning of s, in whole characters,
// that takes at most width cells, and how many it takes.
func advance(s string, width int) (n, used int) {
	for n < len(s) {
		size, w := firstCluster(s[n:])
		if used+w > width {
			break
		}
		n += size
		used += w
	}
	return n, used
}

// firstCluster returns the bytes and the cells of the first character of s as
// people see it.
func firstCluster(s string) (size, width int) {
	// Most of a log is ASCII, with which no ASCII combines.
	if s[0] >= ' ' && s[0] < 0x7f && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(cluster), ansi.StringWidth(cluster)
}

// appendParagraph breaks text[start:end], which has no newline.
func appendParagraph(spans []Span, lang content.Lang, text string, start, end, width int) []Span {
	lineStart, lineEnd := start, start // lineEnd excludes trailing blanks
	used := 0                          // cells of text[lineStart:pos]
	pos := start
	for pos < end {
		segment := firstSegment(lang, text[pos:end])
		word := strings.TrimRightFunc(segment, unicode.IsSpace)
		wordWidth := ansi.StringWidth(word)
		if used > 0 && used+wordWidth > width {
			spans = append(spans, Span{lineStart, lineEnd})
			lineStart, lineEnd, used = pos, pos, 0
			if word == "" { // a line never starts with blanks
				pos += len(segment)
				lineStart, lineEnd = pos, pos
				continue
			}
		}
		for wordWidth > width {
			n := cut(word, width)
			spans = append(spans, Span{pos, pos + n})
			pos += n
			segment, word = segment[n:], word[n:]
			wordWidth = ansi.StringWidth(word)
			lineStart, lineEnd, used = pos, pos, 0
		}
		pos += len(segment)
		used += ansi.StringWidth(segment)
		if word != "" {
			lineEnd = pos - len(segment) + len(word)
		}
	}
	return append(spans, Span{lineStart, lineEnd})
}

// firstSegment returns the beginning of s up to the first place where a line
// may break.
func firstSegment(lang content.Lang, s string) string {
	if lang == content.Chinese {
		segment, rest, _, state := uniseg.FirstLineSegmentInString(s, -1)
		end := len(segment)
		// UAX #14 would break "/bin/sh" after a slash; paths and commands are
		// easier to read, and to copy, in one piece.
		for rest != "" && ascii(s[end-1]) && ascii(rest[0]) {
			segment, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
			end += len(segment)
		}
		return s[:end]
	}
	blank := false
	for i, r := range s {
		switch {
		case r == ' ':
			blank = true
		case blank:
			return s[:i]
		}
	}
	return s
}

// ascii reports whether b is a printable ASCII character other than a blank.
func ascii(b byte) bool { return b > ' ' && b < utf8.RuneSelf }

// cut returns how many bytes of word go on a line of width cells, so that the
// next line does not begin with punctuation that closes.
func cut(word string, width int) int {
	n := fitting(word, width)
	for shorter := n; shorter > 0; {
		next, _ := utf8.DecodeRuneInString(word[shorter:])
		if !closes(next) {
			return shorter
		}
		_, size := utf8.DecodeLastRuneInString(word[:shorter])
		shorter -= size
	}
	return n
}

// fitting returns the length of the longest beginning of s, in whole
// characters as people see them, that fits into width cells; at least one.
func fitting(s string, width int) int {
	n, _ := advance(s, width)
	if n == 0 && s != "" {
		n, _ = firstCluster(s)
	}
	return n
}

// closes reports whether r must not begin a line.
func closes(r rune) bool {
	if r == utf8.RuneError {
		return false
	}
	return strings.ContainsRune("，。、；：？！…）】》〉」』〕”’％%,.;:?!)]}·", r) ||
		unicode.Is(unicode.Pe, r) || unicode.Is(unicode.Pf, r)
}
