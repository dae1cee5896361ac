// Screenshot turns a terminal screen, as "tmux capture-pane -e -p" prints it,
// into an SVG picture for the README:
//
//	tmux capture-pane -e -p | go run ./hack/screenshot > docs/img/lab.svg
package main

import (
	"bufio"
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/rivo/uniseg"
)

// The size of a cell and the margin around the screen, in pixels.
const (
	cellWidth  = 8.43
	cellHeight = 16.3
	margin     = 12
)

// The 16 colours of the terminal, and its own.
const (
	background = "#1d1f28"
	foreground = "#d8dbe6"
)

var palette = [16]string{
	"#3b3f51", "#ff6b6b", "#5fd38d", "#f2c46d", "#6ea8fe", "#c792ea", "#5ccfe6", "#c7cbd9",
	"#7a8095", "#ff8f8f", "#86e3ab", "#ffd98f", "#94c1ff", "#d9b3f5", "#8fe3f2", "#ffffff",
}

// style is what SGR sequences have switched on.
type style struct {
	fg, bg        string
	bold, reverse bool
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

func run() error {
	var lines []string
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if err := in.Err(); err != nil {
		return err
	}
	var body strings.Builder
	width := 0
	var s style // it lasts over the ends of lines
	for row, line := range lines {
		var cells int
		cells, s = drawLine(&body, line, row, s)
		width = max(width, cells)
	}
	w, h := float64(width)*cellWidth+2*margin, float64(len(lines))*cellHeight+2*margin
	_, err := fmt.Printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">
<rect width="100%%" height="100%%" rx="8" fill="%s"/>
<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14" xml:space="preserve">
%s</g>
</svg>
`, w, h, w, h, background, body.String())
	return err
}

// drawLine draws a line cell by cell, so that wide characters stay in place,
// and returns its width in cells and the style at its end.
func drawLine(out *strings.Builder, line string, row int, s style) (int, style) {
	cell := 0
	for line != "" {
		if codes, rest, ok := sgr(line); ok {
			s, line = s.apply(codes), rest
			continue
		}
		cluster, rest, width, _ := uniseg.FirstGraphemeClusterInString(line, -1)
		line = rest
		fg, bg := s.fg, s.bg
		if s.reverse {
			fg, bg = or(bg, background), or(fg, foreground)
		}
		x, y := margin+float64(cell)*cellWidth, margin+float64(row)*cellHeight
		if bg != "" {
			// A little wider than the cell: between two, nothing shines through.
			rect(out, x, y, float64(width)*cellWidth+0.5, cellHeight+0.5, bg)
		}
		switch line, ok := straight[cluster]; {
		case ok: // a font leaves gaps between lines
			rect(out, x+line.x*cellWidth, y+line.y*cellHeight, line.width*cellWidth+line.thick, line.height*cellHeight+line.thick, or(fg, foreground))
		case strings.TrimSpace(cluster) != "":
			weight := ""
			if s.bold {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(out, `<text x="%.1f" y="%.1f" fill="%s"%s>%s</text>`+"\n", x, y+cellHeight-4, or(fg, foreground), weight, html.EscapeString(cluster))
		}
		cell += width
	}
	return cell, s
}

// stroke is a straight line through a cell: where it begins and how far it goes
// in parts of the cell, and how thick it is in pixels.
type stroke struct{ x, y, width, height, thick float64 }

// straight are the box-drawing characters that are one line.
var straight = map[string]stroke{
	"│": {0.46, 0, 0, 1, 1}, "─": {0, 0.47, 1, 0, 1},
	"┃": {0.4, 0, 0, 1, 2.2}, "━": {0, 0.43, 1, 0, 2.2},
}

func rect(out *strings.Builder, x, y, width, height float64, fill string) {
	fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, width, height, fill)
}

// sgr cuts a sequence that selects a style off the beginning of a line.
func sgr(line string) (codes []int, rest string, ok bool) {
	body, ok := strings.CutPrefix(line, "\x1b[")
	if !ok {
		return nil, line, false
	}
	list, rest, ok := strings.Cut(body, "m")
	if !ok {
		return nil, line, false
	}
	for _, field := range strings.Split(list, ";") {
		code := 0
		_, _ = fmt.Sscan(field, &code) // an empty field is 0
		codes = append(codes, code)
	}
	return codes, rest, true
}

func (s style) apply(codes []int) style {
	for _, c := range codes {
		switch {
		case c == 0:
			s = style{}
		case c == 1:
			s.bold = true
		case c == 22:
			s.bold = false
		case c == 7:
			s.reverse = true
		case c == 27:
			s.reverse = false
		case c >= 30 && c <= 37:
			s.fg = palette[c-30]
		case c >= 90 && c <= 97:
			s.fg = palette[c-90+8]
		case c >= 40 && c <= 47:
			s.bg = palette[c-40]
		case c >= 100 && c <= 107:
			s.bg = palette[c-100+8]
		case c == 39:
			s.fg = ""
		case c == 49:
			s.bg = ""
		}
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
