// Package printable makes text that comes from containers and objects safe to
// show: without control sequences, valid UTF-8, and bounded.
package printable

// Text strips ANSI and other terminal control sequences, C0 and C1 controls
// except newline and tab, bidirectional overrides and invalid UTF-8.
func Text(s string) string { panic("todo") }

// Line is Text on one line: newlines and tabs become blanks, runs of blanks
// one, and it is cut to max runes with "…" at the end.
func Line(s string, max int) string { panic("todo") }

// Lines keeps the first maxLines lines of Text, each cut to maxRunes, and says
// how many more there were.
func Lines(s string, maxLines, maxRunes int) (text string, more int) { panic("todo") }
