// Package markdown lays out the Markdown of labs and concept pages for a
// terminal: headings, paragraphs, lists, quotes, code, diagrams and tables.
// Lines are broken by the rules of the language, see package wrap.
package markdown

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"podlab/content"
	"podlab/tui/theme"
	"podlab/tui/wrap"
)

// Render lays src out in lines of at most width cells.
func Render(src string, lang content.Lang, th *theme.Theme, width int) []string {
	lines, _ := Page(src, lang, th, width)
	return lines
}

// Page is Render that also returns the line at which each block of the document
// begins. The blocks are the same whatever the width, and in translations that
// were written paragraph by paragraph; so they are what to remember a place by.
func Page(src string, lang content.Lang, th *theme.Theme, width int) (lines []string, blocks []int) {
	return (&renderer{source: []byte(src), lang: lang, theme: th}).render(width)
}

// Linear lays src out to be heard: without styles, frames, columns and drawings.
// Lines of code are not broken, since the learner may copy them.
func Linear(src string, lang content.Lang, width int) []string {
	th := theme.New(theme.Options{Profile: termenv.Ascii, ASCII: true})
	lines, _ := (&renderer{source: []byte(src), lang: lang, theme: th, linear: true}).render(width)
	return lines
}

type renderer struct {
	source []byte
	lang   content.Lang
	theme  *theme.Theme
	linear bool
}

func (r *renderer) render(width int) (lines []string, blocks []int) {
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	return r.blocks(md.Parser().Parse(text.NewReader(r.source)), max(width, 8))
}

// blocks lays out the children of a container, with empty lines between them
// where they are not the items of a tight list, and says where each begins.
func (r *renderer) blocks(parent ast.Node, width int) (lines []string, starts []int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		block := r.block(n, width)
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 && !r.tight(n) {
			lines = append(lines, "")
		}
		starts = append(starts, len(lines))
		lines = append(lines, block...)
	}
	return lines, starts
}

// body is blocks without their places.
func (r *renderer) body(parent ast.Node, width int) []string {
	lines, _ := r.blocks(parent, width)
	return lines
}

// tight reports whether n follows its neighbour without an empty line.
func (r *renderer) tight(n ast.Node) bool {
	switch parent := n.Parent().(type) {
	case *ast.List:
		return parent.IsTight
	case *ast.ListItem:
		list, ok := parent.Parent().(*ast.List)
		return ok && list.IsTight
	default:
		return false
	}
}

func (r *renderer) block(n ast.Node, width int) []string {
	switch n := n.(type) {
	case *ast.Heading:
		return r.heading(n, width)
	case *ast.Paragraph, *ast.TextBlock:
		return r.inline(n, width, r.theme.Text)
	case *ast.List:
		return r.list(n, width)
	case *ast.Blockquote:
		if r.linear {
			return r.body(n, width)
		}
		bar := r.theme.Faint.Render(r.theme.Lines.Left) + " "
		return prefix(r.body(n, width-2), bar, bar)
	case *ast.FencedCodeBlock:
		if string(n.Language(r.source)) == "diagram" {
			if r.linear {
				return nil
			}
			return diagram(string(n.Lines().Value(r.source)), r.theme, width)
		}
		return r.code(n.Lines(), width)
	case *ast.CodeBlock:
		return r.code(n.Lines(), width)
	case *ast.HTMLBlock:
		return r.code(n.Lines(), width)
	case *ast.ThematicBreak:
		if r.linear {
			return nil // the empty line between blocks is enough
		}
		return []string{r.theme.Faint.Render(strings.Repeat(r.theme.Lines.Top, width))}
	case *extast.Table:
		return r.table(n, width)
	default:
		return r.body(n, width)
	}
}

// heading keeps its mark where no style would tell it from a paragraph.
func (r *renderer) heading(n *ast.Heading, width int) []string {
	words := r.collect(n, r.theme.Accent)
	if r.theme.Mono && !r.linear {
		words = append(runs{{strings.Repeat("#", n.Level) + " ", r.theme.Accent}}, words...)
	}
	return r.layOut(words, width)
}

func (r *renderer) list(list *ast.List, width int) []string {
	var lines []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := r.theme.Symbols.Bullet + " "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if len(lines) > 0 && !list.IsTight {
			lines = append(lines, "")
		}
		indent := lipgloss.Width(mark)
		body := r.body(item, width-indent)
		lines = append(lines, prefix(body, mark, strings.Repeat(" ", indent))...)
	}
	return lines
}

// code keeps blanks and cuts long lines, with two blanks before each, which
// do not disturb when the lines are copied.
func (r *renderer) code(segments *text.Segments, width int) []string {
	source := strings.TrimRight(string(segments.Value(r.source)), "\n")
	if r.linear {
		return strings.Split(source, "\n")
	}
	return Code(source, r.theme, width)
}

// Code lays out source as a code block of a document would be.
func Code(source string, th *theme.Theme, width int) []string {
	var lines []string
	for _, line := range wrap.Hard(source, width-2) {
		lines = append(lines, "  "+th.Code.Render(line))
	}
	return lines
}

// run is a stretch of text in one style.
type run struct {
	text  string
	style lipgloss.Style
}

type runs []run

// inline lays out the text of n.
func (r *renderer) inline(n ast.Node, width int, style lipgloss.Style) []string {
	return r.layOut(r.collect(n, style), width)
}

// collect gathers the runs of n's children.
func (r *renderer) collect(n ast.Node, style lipgloss.Style) runs {
	var out runs
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			out = append(out, run{string(c.Segment.Value(r.source)), style})
			if c.HardLineBreak() {
				out = append(out, run{"\n", style})
			} else if c.SoftLineBreak() {
				out = append(out, run{r.joint(c), style})
			}
		case *ast.String:
			out = append(out, run{string(c.Value), style})
		case *ast.CodeSpan:
			code := plain(r.collect(c, style))
			if r.theme.Mono {
				code = "`" + code + "`"
			}
			out = append(out, run{code, r.theme.Code})
		case *ast.Emphasis:
			out = append(out, r.collect(c, r.theme.Strong)...)
		case *ast.Link:
			label := r.collect(c, style)
			out = append(out, label...)
			if url := string(c.Destination); url != plain(label) {
				out = append(out, run{" (" + url + ")", r.theme.Faint})
			}
		case *ast.AutoLink:
			out = append(out, run{string(c.URL(r.source)), style})
		case *ast.RawHTML:
			out = append(out, run{string(c.Segments.Value(r.source)), style})
		default:
			out = append(out, r.collect(c, style)...)
		}
	}
	return out
}

// joint says what a line break in the source becomes: nothing between two
// Chinese characters, a blank elsewhere.
func (r *renderer) joint(n *ast.Text) string {
	if r.lang == content.Chinese {
		before := []rune(string(n.Segment.Value(r.source)))
		var after []rune
		if next, ok := n.NextSibling().(*ast.Text); ok {
			after = []rune(string(next.Segment.Value(r.source)))
		}
		if len(before) > 0 && len(after) > 0 && wide(before[len(before)-1]) && wide(after[0]) {
			return ""
		}
	}
	return " "
}

func wide(r rune) bool { return ansi.StringWidth(string(r)) == 2 }

// layOut breaks the text of the runs into lines and styles each stretch.
func (r *renderer) layOut(rs runs, width int) []string {
	whole := plain(rs)
	spans := wrap.Lines(r.lang, whole, width)
	lines := make([]string, 0, len(spans))
	for _, span := range spans {
		var b strings.Builder
		start := 0
		for _, part := range rs {
			end := start + len(part.text)
			if from, to := max(start, span.Start), min(end, span.End); from < to {
				b.WriteString(part.style.Render(whole[from:to]))
			}
			start = end
		}
		lines = append(lines, b.String())
	}
	return lines
}

func plain(rs runs) string {
	var b strings.Builder
	for _, part := range rs {
		b.WriteString(part.text)
	}
	return b.String()
}

// prefix puts first before the first line and rest before the others.
func prefix(lines []string, first, rest string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if i == 0 {
			out[i] = first + line
		} else {
			out[i] = rest + line
		}
	}
	return out
}
