package report

import (
	"strings"

	"github.com/rivo/uniseg"

	"podlab/content"
)

// tabWidth is how many blanks a tab is shown as.
const tabWidth = 4

// Wrap breaks text into lines of at most width cells; it returns at least one.
// Chinese is broken by UAX #14, which keeps closing punctuation off the start
// of a line; languages that put blanks between words are broken there only,
// so that paths and names stay whole. What is wider than a line is cut between
// grapheme clusters.
func Wrap(lang content.Lang, text string, width int) []string {
	text = strings.ReplaceAll(text, "\t", strings.Repeat(" ", tabWidth))
	if uniseg.StringWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	var current strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, strings.TrimRight(current.String(), " "))
		current.Reset()
		used = 0
	}
	for _, piece := range pieces(lang, text) {
		// Blanks at the end of a piece may stick out: they are not printed.
		if used > 0 && used+uniseg.StringWidth(strings.TrimRight(piece, " ")) > width {
			flush()
		}
		for uniseg.StringWidth(strings.TrimRight(piece, " ")) > width {
			head, rest := cut(piece, width)
			current.WriteString(head)
			flush()
			piece = rest
		}
		current.WriteString(piece)
		used += uniseg.StringWidth(piece)
	}
	if current.Len() > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// pieces splits text after each place where a line may end.
func pieces(lang content.Lang, text string) []string {
	var all []string
	if lang != content.Chinese {
		for text != "" {
			end := strings.IndexByte(text, ' ')
			if end < 0 {
				return append(all, text)
			}
			for end < len(text) && text[end] == ' ' {
				end++
			}
			all, text = append(all, text[:end]), text[end:]
		}
		return all
	}
	state := -1
	for text != "" {
		var piece string
		piece, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		all = append(all, piece)
	}
	return all
}

// cut splits s after as many grapheme clusters as fit into width cells, but at
// least one.
func cut(s string, width int) (head, rest string) {
	state, used, end := -1, 0, 0
	for remaining := s; remaining != ""; {
		var cluster string
		var cells int
		cluster, remaining, cells, state = uniseg.FirstGraphemeClusterInString(remaining, state)
		if end > 0 && used+cells > width {
			break
		}
		used += cells
		end += len(cluster)
	}
	return s[:end], s[end:]
}
