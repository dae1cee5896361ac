package theme

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestASCII(t *testing.T) {
	tests := []struct{ name, frame, want string }{
		{"nothing to do", "a | b", "a | b"},
		{"quotes and dashes", "“that’s” – it", `"that's" - it`},
		{"room behind", "| wait…    | b |", "| wait...  | b |"},
		{"no room", "| wait… | b    |", "| wait~ | b    |"},
		{"columns keep their place", "wait…    12 min  20", "wait...  12 min  20"},
		{"several in a line", "| a → b → c   |", "| a -> b -> c |"},
		{"not enough room", "| a → b → c  |", "| a -> b > c |"},
		{"behind a style", "\x1b[1mwait…\x1b[0m     |", "\x1b[1mwait...\x1b[0m   |"},
		{"frames", "╭─ x ─╮\n│ y   │\n╰─────╯", "+- x -+\n| y   |\n+-----+"},
		{"letters stay", "| Größe 检查… 확인 |", "| Größe 检查~ 확인 |"},
		{"keys of a line that may grow", "↑↓ move | q quit", "Up/Down move | q quit"},
		{"keys of a line that is full", "↑↓ move, 24 cells wide  ", "^v move, 24 cells wide  "},
		{"keys in a column", "| ↑/k         up |", "| Up/k        up |"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const width = 24
			got := ASCII(tt.frame, width)
			if got != tt.want {
				t.Errorf("ASCII(%q) = %q, want %q", tt.frame, got, tt.want)
			}
			if strings.HasSuffix(tt.frame, "|") && ansi.StringWidth(got) != ansi.StringWidth(tt.frame) {
				t.Errorf("ASCII(%q) = %q: the border moved", tt.frame, got)
			}
		})
	}
}
