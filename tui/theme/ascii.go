package theme

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// ASCII writes what is drawn or typeset beyond ASCII in a frame with ASCII
// alone; letters of any script stay. Everything keeps its place: what becomes
// longer takes blanks that follow it in its pane, or at the end of a line that
// is not as wide as the frame, and a short form where there are none to spare.
func ASCII(frame string, width int) string {
	if isASCII(frame) {
		return frame
	}
	lines := strings.Split(frame, "\n")
	for i, line := range lines {
		if !isASCII(line) {
			lines[i] = asciiLine(line, width)
		}
	}
	return strings.Join(lines, "\n")
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func asciiLine(line string, width int) string {
	var b strings.Builder
	bare := ansi.Strip(line)
	free := width - ansi.StringWidth(bare)
	ends := "" // of a pane
	if strings.HasPrefix(bare, "│") || strings.HasPrefix(bare, "|") {
		ends, free = "│|", 0
	}
	for line != "" {
		r, size := utf8.DecodeRuneInString(line)
		short, long := inASCII(r)
		if strings.HasPrefix(line, "↑↓") { // "^v" alone would be Ctrl-V to many
			size, short, long = len("↑↓"), "^v", "Up/Down"
		}
		line = line[size:]
		if more := len(long) - len(short); more > 0 {
			rest, ok := takeBlanks(line, ends, more)
			switch {
			case ok:
				short, line = long, rest
			case more <= free:
				short, free = long, free-more
			}
		}
		b.WriteString(short)
	}
	return b.String()
}

// takeBlanks takes n blanks out of the first place in the pane that has more
// of them.
func takeBlanks(line, ends string, n int) (rest string, ok bool) {
	pane := line
	if i := strings.IndexAny(line, ends); i >= 0 {
		pane = line[:i]
	}
	i := strings.Index(pane, strings.Repeat(" ", n+1))
	if i < 0 {
		return line, false
	}
	return line[:i] + line[i+n:], true
}

// inASCII returns what stands for r in its one cell, and what stands for it
// better where there is room.
func inASCII(r rune) (short, long string) {
	switch r {
	case '…':
		return "~", "..."
	case '“', '”', '„', '«', '»':
		return `"`, ""
	case '‘', '’', '‚', '‹', '›':
		return "'", ""
	case '–', '—', '‐', '‑', '−', '─', '━', '╌', '┄', '┈', '═':
		return "-", ""
	case '│', '┃', '╎', '┆', '┊', '║':
		return "|", ""
	case '╭', '╮', '╰', '╯', '┌', '┐', '└', '┘', '├', '┤', '┬', '┴', '┼', '╔', '╗', '╚', '╝', '╠', '╣', '╦', '╩', '╬':
		return "+", ""
	case '→':
		return ">", "->"
	case '←':
		return "<", "<-"
	case '▶', '►', '▸':
		return ">", ""
	case '◀', '◄', '◂':
		return "<", ""
	case '↑':
		return "^", "Up"
	case '↓':
		return "v", "Down"
	case '▲', '▴':
		return "^", ""
	case '▼', '▾':
		return "v", ""
	case '≤':
		return "<", "<="
	case '≥':
		return ">", ">="
	case '≈':
		return "~", ""
	case '×':
		return "x", ""
	case '·', '•':
		return "-", ""
	case '\u00a0':
		return " ", ""
	default:
		return string(r), ""
	}
}
