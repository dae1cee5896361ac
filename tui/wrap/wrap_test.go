package wrap

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"podlab/content"
)

func TestText(t *testing.T) {
	tests := []struct {
		name  string
		lang  content.Lang
		text  string
		width int
		want  []string
	}{
		{"empty", content.English, "", 10, []string{""}},
		{"fits exactly", content.English, "one two", 7, []string{"one two"}},
		{"at spaces", content.English, "one two three", 8, []string{"one two", "three"}},
		{"newlines stay", content.English, "one\n\ntwo", 8, []string{"one", "", "two"}},
		{"runs of blanks", content.English, "one    two", 5, []string{"one", "two"}},
		{"hyphens do not break", content.English, "an init-container", 10, []string{"an", "init-conta", "iner"}},
		{"long word is cut", content.German, "Persistenzschicht jetzt", 10, []string{"Persistenz", "schicht", "jetzt"}},
		{"cut keeps the full stop with its word", content.English, "/usr/share.", 10, []string{"/usr/shar", "e."}},
		{"Korean at spaces only", content.Korean, "컨테이너가 시작되면 검사합니다.", 20, []string{"컨테이너가 시작되면", "검사합니다."}},
		{"Korean never within a word", content.Korean, "사이드카 컨테이너", 12, []string{"사이드카", "컨테이너"}},
		{"Chinese between characters", content.Chinese, "两个容器共享同一个卷", 8, []string{"两个容器", "共享同一", "个卷"}},
		{"Chinese comma stays", content.Chinese, "创建一个容器，然后等待。", 12, []string{"创建一个容", "器，然后等", "待。"}},
		{"Chinese keeps Latin words whole", content.Chinese, "让 nginx 容器监听 80 端口。", 12, []string{"让 nginx 容", "器监听 80 端", "口。"}},
		{"Chinese opening bracket", content.Chinese, "端口见（默认）配置", 8, []string{"端口见", "（默认）", "配置"}},
		{"Chinese full line then stop", content.Chinese, "一二三四。", 8, []string{"一二三", "四。"}},
		{"Chinese keeps paths whole", content.Chinese, "运行 [/bin/sh, -c] 命令", 12, []string{"运行", "[/bin/sh,", "-c] 命令"}},
		{"narrow", content.Chinese, "字", 1, []string{"字"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Text(tt.lang, tt.text, tt.width)); diff != "" {
				t.Errorf("Text(%s, %q, %d) (-want +got):\n%s", tt.lang, tt.text, tt.width, diff)
			}
		})
	}
}

// Whatever the text and the width: no line is too wide, none begins with
// closing punctuation, and nothing but blanks is lost.
func TestTextKeepsEverything(t *testing.T) {
	samples := map[content.Lang]string{
		content.English: "Create the Pod mc3 with nginx:1.29-alpine, mounted at /etc/nginx/nginx.conf (by subPath); see https://example.org/a/very/long/path.",
		content.German:  "Der Init-Container „init-mydb“ wartet, bis der Service per DNS auflösbar ist; Aufmerksamkeitsdefizit.",
		content.Chinese: "创建名为 mc3 的 Pod：容器 webapp（busybox:1.37）在端口 5000 上提供服务，nginx 将请求转发到 127.0.0.1:5000。“注意”，不要声明端口！",
		content.Korean:  "Pod mc3를 만드십시오. nginx 컨테이너는 80번 포트에서 요청을 받아 127.0.0.1:5000으로 전달해야 합니다(서브패스 마운트).",
	}
	for lang, text := range samples {
		for width := 12; width <= 100; width++ {
			lines := Text(lang, text, width)
			for _, line := range lines {
				if w := ansi.StringWidth(line); w > width {
					t.Errorf("%s at %d: %q is %d cells wide", lang, width, line, w)
				}
				if first := []rune(line)[0]; closes(first) {
					t.Errorf("%s at %d: %q begins with %q", lang, width, line, first)
				}
			}
			if got, want := strip(strings.Join(lines, "")), strip(text); got != want {
				t.Errorf("%s at %d: text changed:\n got %q\nwant %q", lang, width, got, want)
			}
		}
	}
}

func TestHard(t *testing.T) {
	got := Hard("  a: b\n\tlong 长长", 8)
	want := []string{"  a: b", "    long", " 长长"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Hard (-want +got):\n%s", diff)
	}
}

// A window shows the cells that it covers, wherever it begins, and halves no
// character.
func TestWindow(t *testing.T) {
	for _, line := range []string{"", "plain text", "容器 nginx 启动", "é a\u0301b 컨테이너", "👩‍👩‍👧 ok"} {
		cells := cellsOf(line)
		for from := range len(cells) + 3 {
			for width := range 12 {
				part, blanks := Window(line, from, width)
				got := strings.Repeat(" ", blanks) + line[part.Start:part.End]
				want := ""
				for at := from; at < min(from+width, len(cells)); at++ {
					switch c := cells[at]; {
					case c == "" && at == from, c != "" && at == from+width-1 && ansi.StringWidth(c) > 1:
						want += " " // half a character
					default:
						want += c
					}
				}
				if strings.TrimRight(got, " ") != strings.TrimRight(want, " ") {
					t.Fatalf("%q from %d, %d wide: got %q, want %q", line, from, width, got, want)
				}
			}
		}
	}
}

// cellsOf returns what begins in each cell of a line; nothing begins in the
// second cell of a wide character.
func cellsOf(line string) []string {
	var cells []string
	for g := uniseg.NewGraphemes(line); g.Next(); {
		cells = append(cells, g.Str())
		for range ansi.StringWidth(g.Str()) - 1 {
			cells = append(cells, "")
		}
	}
	return cells
}

func strip(s string) string { return strings.ReplaceAll(s, " ", "") }
