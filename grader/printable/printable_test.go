package printable

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":                           {"hello\n\tworld", "hello\n\tworld"},
		"Chinese and Korean":              {"端口 8080 未监听, 포트가 닫힘", "端口 8080 未监听, 포트가 닫힘"},
		"colour":                          {"\x1b[1;31mred\x1b[0m", "red"},
		"colour with colons":              {"\x1b[38:2::1:2:3mrgb\x1b[m", "rgb"},
		"cursor movement and erase":       {"a\x1b[2J\x1b[H\x1b[?25lb", "ab"},
		"CSI with intermediate":           {"a\x1b[2 qb", "ab"},
		"title by OSC 0, BEL":             {"a\x1b]0;evil title\x07b", "ab"},
		"clipboard by OSC 52, ST":         {"a\x1b]52;c;cm0gLXJmIC8=\x1b\\b", "ab"},
		"link by OSC 8":                   {"\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\!", "text!"},
		"DCS":                             {"a\x1bP1$qm\x1b\\b", "ab"},
		"APC, PM and SOS":                 {"a\x1b_x\x1b\\b\x1b^y\x1b\\c\x1bXz\x1b\\d", "abcd"},
		"string ended by CAN":             {"a\x1b]0;x\x18b", "ab"},
		"charset and keypad":              {"a\x1b(0b\x1b=c\x1b7d", "abcd"},
		"C1 as runes":                     {"a\u009b31mb\u009d0;t\u009cc", "abc"},
		"C1 as bytes":                     {"a\x9b31mb\x9d0;t\x9cc", "abc"},
		"CSI broken off by text":          {"a\x1b[31éb", "aéb"},
		"ESC in a sequence starts anew":   {"a\x1b[3\x1b[1mb", "ab"},
		"controls inside a sequence":      {"a\x1b[3\x081mb", "ab"},
		"incomplete ESC at the end":       {"a\x1b", "a"},
		"incomplete CSI at the end":       {"a\x1b[31", "a"},
		"incomplete OSC at the end":       {"a\x1b]52;c;AAAA", "a"},
		"open OSC hides one line only":    {"a\x1b]0;rest\nb", "a\nb"},
		"open CSI ends with its line":     {"a\x1b[31\nb", "a\nb"},
		"bidi override":                   {"access\u202e granted\u2069\u200f", "access granted"},
		"CRLF":                            {"a\r\nb\r\n", "a\nb\n"},
		"CR over a line":                  {"10%\r20%\r\n", "10%\n20%\n"},
		"CR, erase line, newline":         {"a\r\x1b[K\nb", "a\nb"},
		"two newlines stay two":           {"a\n\nb", "a\n\nb"},
		"backspaces":                      {"secret\b\b\b\b\b\bfake  ", "secretfake  "},
		"bell, vertical tab, delete":      {"a\a\v\f\x7fb\x00", "ab"},
		"invalid UTF-8":                   {"a\xff\xfe\xc3(b\xe4\xb8", "a(b"},
		"stripping makes no new sequence": {"\x1b\xff[31m\xc2\xff\x9bmx", "x"},
		"line and paragraph separator":    {"a\u2028b\u2029c\u0085d", "a\nb\nc\nd"},
		"replacement character is kept":   {"a\uFFFDb", "a\uFFFDb"},
		"empty":                           {"", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Text(test.in); got != test.want {
				t.Errorf("Text(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestTextOfCleanTextIsTheSameString(t *testing.T) {
	s := strings.Repeat("a clean line\n", 100)
	if allocs := testing.AllocsPerRun(10, func() { Text(s) }); allocs != 0 {
		t.Errorf("Text of clean text allocates %v times, want 0", allocs)
	}
}

func TestLine(t *testing.T) {
	tests := []struct {
		in   string
		max  int
		want string
	}{
		{"one\ntwo\tthree", 80, "one two three"},
		{"  a   b\r\n\n", 80, "a b"},
		{"\x1b[31mred\x1b[0m and   blue", 80, "red and blue"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"abc def", 5, "abc…"},
		{"abc   ", 3, "abc"},
		{"端口八零八零", 4, "端口八…"},
		{"abc", 1, "…"},
		{"a", 1, "a"},
		{"abc", 0, ""},
		{"", 5, ""},
		{" \n ", 5, ""},
	}
	for _, test := range tests {
		if got := Line(test.in, test.max); got != test.want {
			t.Errorf("Line(%q, %d) = %q, want %q", test.in, test.max, got, test.want)
		}
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		in           string
		lines, runes int
		want         string
		more         int
	}{
		{"a\nb\nc\n", 5, 10, "a\nb\nc", 0},
		{"a\nb\nc\n", 2, 10, "a\nb", 1},
		{"a\nb\nc", 2, 10, "a\nb", 1},
		{"a\n\nc", 2, 10, "a\n", 1},
		{"a long line\nb", 5, 6, "a lon…\nb", 0},
		{"\x1b[1mab\x1b[0m\r\ncd", 1, 2, "ab", 1},
		{"a\nb", 0, 10, "", 2},
		{"", 3, 10, "", 0},
		{"\n", 3, 10, "", 0},
	}
	for _, test := range tests {
		got, more := Lines(test.in, test.lines, test.runes)
		if got != test.want || more != test.more {
			t.Errorf("Lines(%q, %d, %d) = %q, %d; want %q, %d", test.in, test.lines, test.runes, got, more, test.want, test.more)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", "plain", "\x1b[31mred", "\x1b]52;c;x\x07", "\x9b1m", "\u009d0;x\u009c", "a\xffb", "\u202eabc", "\r\n\r",
		"\x1bP\x1b\\", "e\u0301 端口", "\x1b[\x1b]\x1b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := Text(s)
		if !utf8.ValidString(text) {
			t.Fatalf("Text(%q) = %q is not valid UTF-8", s, text)
		}
		for _, r := range text {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Fatalf("Text(%q) = %q holds %U", s, text, r)
			}
		}
		if again := Text(text); again != text {
			t.Fatalf("Text(%q) = %q, and Text of that is %q", s, text, again)
		}
		if utf8.RuneCountInString(text) > utf8.RuneCountInString(s) {
			t.Fatalf("Text(%q) = %q is longer", s, text)
		}
		line := Line(s, 7)
		if utf8.RuneCountInString(line) > 7 || strings.ContainsAny(line, "\n\t") || strings.Contains(line, "  ") {
			t.Fatalf("Line(%q, 7) = %q", s, line)
		}
		kept, more := Lines(s, 2, 5)
		if got, all := strings.Count(kept, "\n"), strings.Count(text, "\n"); got > 1 || more > all+1 || more < 0 {
			t.Fatalf("Lines(%q, 2, 5) = %q, %d", s, kept, more)
		}
	})
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{
		"clean":   strings.Repeat("GET /index.html 200 0.003s\n", 10_000),
		"colours": strings.Repeat("\x1b[32mGET\x1b[0m /index.html 200\n", 10_000),
		"Chinese": strings.Repeat("端口 8080 未监听\n", 10_000),
		"garbage": strings.Repeat("\xff\x1b]0;", 50_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Text(s)
			}
		})
	}
}

func BenchmarkLineOfHugeText(b *testing.B) {
	s := strings.Repeat("x y ", 1<<20)
	for b.Loop() {
		Line(s, 80)
	}
}
