package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader/probe"
)

// longLog is what 5,000 lines of some 500 bytes are, English and Chinese mixed.
func longLog() []string {
	lines := make([]string, 5000)
	for i := range lines {
		lines[i] = fmt.Sprintf("%06d GET /api/v1/namespaces/podlab-mc3/pods 200 %s", i,
			strings.Repeat("upstream nginx 处理请求超时，正在重试 ", 9))
	}
	return lines
}

// A key in the whole program, to its frame, with a long log open over a lab.
func BenchmarkKey5000Lines(b *testing.B) {
	d := reads(b, newWorld(), 120, 40, longLog()...)
	for _, setting := range []struct{ name, keys string }{{"wrapped", ""}, {"cut", "w"}, {"searched", "/重试"}} {
		b.Run(setting.name, func(b *testing.B) {
			for _, k := range setting.keys {
				d.press(string(k))
			}
			if setting.name == "searched" {
				d.press("enter")
			}
			up, end := tea.KeyMsg{Type: tea.KeyPgUp}, tea.KeyMsg{Type: tea.KeyEnd}
			n := 0
			for b.Loop() {
				key := up
				if n++; n%150 == 0 {
					key = end
				}
				d.m.Update(key)
				d.m.View()
			}
		})
	}
}

// A line that arrives, to its frame, with a long log open over a lab.
func BenchmarkAppend(b *testing.B) {
	w := newWorld()
	d := reads(b, w, 120, 40, longLog()...)
	lines := longLog()
	for i := 0; b.Loop(); i++ {
		go w.practice.reader(0).onLines([]probe.Line{{Text: lines[i%len(lines)]}})
		_, next := d.m.Update(<-d.msgs)
		d.m.View()
		d.run(next)
	}
}
