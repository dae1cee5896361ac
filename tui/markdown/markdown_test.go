package markdown

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"podlab/content"
	"podlab/tui/theme"
)

func TestRender(t *testing.T) {
	tests := []struct {
		name string
		lang content.Lang
		src  string
		want string
	}{
		{"paragraphs", content.English, "one two three four\nfive\n\nsix", "one two three four\nfive\n\nsix"},
		{"heading keeps its mark without colour", content.English, "## Do it\nnow", "## Do it\n\nnow"},
		{"inline code keeps its marks without colour", content.English, "do `kubectl get` **now**", "do `kubectl get` now"},
		{"tight list", content.English, "- one two three four five\n- two", "• one two three four\n  five\n• two"},
		{"ordered from", content.English, "3. three\n4. four\n   - nested", "3. three\n4. four\n   • nested"},
		{"code", content.English, "```yaml\na:\n  b: 1\n```", "  a:\n    b: 1"},
		{"long code line is cut", content.English, "```\n0123456789012345678901\n```", "  012345678901234567\n  8901"},
		{"quote", content.English, "> one", "│ one"},
		{"Chinese soft break", content.Chinese, "创建容器\n然后等待", "创建容器然后等待"},
		{"Chinese and Latin soft break", content.Chinese, "创建容器\nPod", "创建容器 Pod"},
		{"Chinese stop", content.Chinese, "一二三四五六七八九十。", "一二三四五六七八九\n十。"},
		{"table", content.English, "| a | b |\n|---|---|\n| 1 | 22 |", "a  b\n─────\n1  22"},
		{"tight table", content.English, "| n | value |\n|---|---|\n| 1 | a long cell of text |\n| 2 | b |",
			"n  value\n────────────────────\n1  a long cell of\n   text\n2  b"},
		{"too tight table", content.English, "| name | value |\n|---|---|\n| a long one | another one |", "• name: a long one\n  value: another one"},
		{"table without a heading", content.English, "| | v |\n|---|---|\n| a very long name | another one |", "• a very long name\n  v: another one"},
		{"diagram", content.English, "```diagram\n┌─┐\n│a├─► b\n└─┘\n```", "  ┌─┐\n  │a├─► b\n  └─┘"},
		{"wide diagram", content.English, "```diagram\n───────────────────┐\n```", "  ─────────────────…"},
		{"link", content.English, "[a](b)", "a (b)"},
	}
	th := theme.New(theme.Options{Profile: termenv.Ascii})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(Render(tt.src, tt.lang, th, 20), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Render(%q) (-want +got):\n%s", tt.src, diff)
			}
		})
	}
}

func TestRenderStylesDoNotWidenLines(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.ANSI, TerminalDark: true})
	src := "# 标题\n\n创建名为 `mc3` 的 **Pod**：容器 `webapp` 监听端口 `5000`，请用 `kubectl get pods -o wide` 查看。\n\n- 一个很长很长很长很长很长的条目，`code`。"
	for width := 8; width < 60; width++ {
		for _, line := range Render(src, content.Chinese, th, width) {
			if w := ansi.StringWidth(line); w > width {
				t.Errorf("at %d: %q is %d cells wide", width, ansi.Strip(line), w)
			}
		}
	}
}

// What is read aloud has no frames and no columns, and code stays in one piece.
func TestLinear(t *testing.T) {
	src := "# Ports\n\n> Only one\n> of them.\n\n---\n\n| port | who |\n|---|---|\n| 80 | nginx |\n\n```\n" +
		strings.Repeat("long ", 30) + "\n  indented\n```\n\n- `a` and **b**\n"
	want := []string{
		"Ports", "", "Only one of them.", "", "- port: 80", "  who: nginx", "",
		strings.Repeat("long ", 30), "  indented", "", "- `a` and b",
	}
	if diff := cmp.Diff(want, Linear(src, content.English, 60)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDiagramInASCII(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.Ascii, ASCII: true})
	src := "```diagram\n┌─ 卷 ─┐  █\n│ a·b  ├─►✗\n├──┬───┤◄─\n└──┴───┘┼▲▼\n```"
	want := "  +- 卷 -+  #\n  | a-b  +->x\n  +--+---+<-\n  +--+---++^v"
	if diff := cmp.Diff(want, strings.Join(Render(src, content.Chinese, th, 40), "\n")); diff != "" {
		t.Errorf("diagram (-want +got):\n%s", diff)
	}
}

// The drawings of the concept pages need nothing but ASCII and letters.
func TestConceptDiagramsInASCII(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.Ascii, ASCII: true})
	for _, lang := range content.Langs() {
		pages, err := content.LoadConcepts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			for _, code := range page.Code() {
				if code.Language != "diagram" {
					continue
				}
				for _, r := range strings.Join(diagram(code.Text, th, 76), "") {
					if r >= 0x2000 && r < 0x3000 { // arrows, box drawing, symbols
						t.Errorf("%s, %s: %q is drawn as it is: add it to stroke", page.ID, lang, r)
					}
				}
			}
		}
	}
}

func TestPageSaysWhereBlocksBegin(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.Ascii})
	lines, blocks := Page("one two three four\n\n- a\n- b\n\n```\nx\n```", content.English, th, 10)
	var first []string
	for _, line := range blocks {
		first = append(first, lines[line])
	}
	if diff := cmp.Diff([]string{"one two", "• a", "  x"}, first); diff != "" {
		t.Errorf("first lines of blocks (-want +got):\n%s", diff)
	}
}
