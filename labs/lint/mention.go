package lint

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// takeOut replaces every mention of name in text by NULs of the same length
// and reports whether there was one.
func takeOut(text, name string) (rest string, found bool) {
	var out strings.Builder
	done := 0 // text up to here is in out
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			break
		}
		start := from + at
		end := start + len(name)
		if !standsAlone(text, start, end) {
			_, size := utf8.DecodeRuneInString(text[start:])
			from = start + size
			continue
		}
		found = true
		out.WriteString(text[done:start])
		out.WriteString(strings.Repeat("\x00", len(name)))
		done, from = end, end
	}
	if !found {
		return text, false
	}
	out.WriteString(text[done:])
	return out.String(), true
}

// standsAlone reports whether text[start:end] is a word by itself.
func standsAlone(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	if start > 0 && (isWord(before) || before == '.' || before == '-') {
		return false
	}
	after, size := utf8.DecodeRuneInString(text[end:])
	switch {
	case end == len(text):
	case isWord(after):
		return false
	case after == '.' || after == '-':
		// A full stop or a dash ends a sentence unless a word goes on after it.
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		if end+size < len(text) && isWord(next) {
			return false
		}
	}
	name := text[start:end]
	// The file at the end of a path is stated by the path: /html/index.html.
	isFile := strings.Contains(name, ".") && after != '/'
	return strings.HasPrefix(name, "/") || isFile || !insidePath(text, start)
}

// insidePath reports whether the text at start is a part of an absolute path.
func insidePath(text string, start int) bool {
	begin := start
	for begin > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:begin])
		if !isWord(r) && !strings.ContainsRune(".-/:", r) {
			break
		}
		begin -= size
	}
	return begin < start && text[begin] == '/'
}

// isWord tells the characters that words of Latin script and names consist
// of. Hangul and Han are none: they adjoin names directly ("mc1을").
func isWord(r rune) bool {
	return r == '_' || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.Latin, r)
}
