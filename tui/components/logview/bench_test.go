package logview

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"podlab/tui/keymap"
	"podlab/tui/texts"
	"podlab/tui/theme"
)

// longLines are lines of some 600 bytes, English and Chinese mixed.
func longLines(n int) []Line {
	lines := make([]Line, n)
	for i := range lines {
		lines[i].Text = fmt.Sprintf("%06d GET /api/v1/namespaces/podlab-mc3/pods 200 %s", i,
			strings.Repeat("upstream nginx 处理请求超时，正在重试 ", 10))
	}
	return lines
}

func full(b *testing.B) *View {
	b.Helper()
	v := New(Options{MaxLines: 5000, MaxBytes: 8 << 20})
	v.SetSize(116, 30, 0)
	v.Append(longLines(5000)...)
	return v
}

// A key and the frame that follows it, going up page by page and, at the
// beginning, from the end again.
func BenchmarkKey5000Lines(b *testing.B) {
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	keys := keymap.New(&texts.Texts{})
	for _, search := range []string{"", "重试"} {
		for _, wrapped := range []bool{true, false} {
			b.Run(fmt.Sprintf("wrapped=%v/search=%q", wrapped, search), func(b *testing.B) {
				v := full(b)
				v.SetWrapped(wrapped)
				v.Search(search)
				for b.Loop() {
					v.Update(tea.KeyMsg{Type: tea.KeyPgUp}, keys)
					if above, _ := v.More(); !above {
						v.Update(tea.KeyMsg{Type: tea.KeyEnd}, keys)
					}
					v.Render(th, nil)
				}
			})
		}
	}
}

// A letter that is typed into the search, of which every line is searched.
func BenchmarkSearch5000Lines(b *testing.B) {
	v := full(b)
	for b.Loop() {
		v.Search("超时")
		v.Search("no such line")
	}
}

// A line that arrives while the window follows, with the frame it leads to.
func BenchmarkAppend(b *testing.B) {
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	for _, search := range []string{"", "重试"} {
		b.Run(fmt.Sprintf("search=%q", search), func(b *testing.B) {
			v := full(b)
			v.Search(search)
			v.SetFollowing(true)
			lines := longLines(64)
			for i := 0; b.Loop(); i++ {
				v.Append(lines[i%len(lines)])
				v.Render(th, nil)
			}
		})
	}
}

// A resize or w, after which only the window is laid out anew.
func BenchmarkWrap5000Lines(b *testing.B) {
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	v := full(b)
	for b.Loop() {
		v.SetWrapped(!v.Wrapped())
		v.Render(th, nil)
	}
}
