// Package markdown lays out the Markdown of labs for a terminal: headings,
// paragraphs, lists, quotes, code and tables. Lines are broken by the rules
// of the language, see package wrap.
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
	return (&renderer{source: []byte(src), lang: lang, theme: th}).render(width)
}

// Linear lays src out to be heard: without styles, frames and columns. Lines
// of code are not broken, since the learner may copy them.
func Linear(src string, lang content.Lang, width int) []string {
	th := theme.New(theme.Options{Profile: termenv.Ascii, ASCII: true})
	return (&renderer{source: []byte(src), lang: lang, theme: th, linear: true}).render(width)
}

type renderer struct {
	source []byte
	lang   content.Lang
	theme  *theme.Theme
	linear bool
}

func (r *renderer) render(width int) []string {
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	return r.blocks(md.Parser().Parse(text.NewReader(r.source)), max(width, 8))
}

// blocks lays out the children of a container, with empty lines between them
// where they are not the items of a tight list.
func (r *renderer) blocks(parent ast.Node, width int) []string {
	var lines []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		block := r.block(n, width)
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 && !r.tight(n) {
			lines = append(lines, "")
		}
		lines = append(lines, block...)
	}
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
		return r.inline(n, width, r.theme.Accent)
	case *ast.Paragraph, *ast.TextBlock:
		return r.inline(n, width, r.theme.Text)
	case *ast.List:
		return r.list(n, width)
	case *ast.Blockquote:
		if r.linear {
			return r.blocks(n, width)
		}
		bar := r.theme.Faint.Render(r.theme.Lines.Left) + " "
		return prefix(r.blocks(n, width-2), bar, bar)
	case *ast.FencedCodeBlock:
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
		return r.blocks(n, width)
	}
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
		body := r.blocks(item, width-indent)
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

// table lays out the columns as wide as their cells; where that does not fit,
// each row becomes a list of "heading: cell".
func (r *renderer) table(table *extast.Table, width int) []string {
	var rows [][]string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, strings.Join(r.inline(cell, 1000, r.theme.Text), " "))
		}
		rows = append(rows, cells)
	}
	if len(rows) == 0 {
		return nil
	}
	widths := make([]int, len(rows[0]))
	total := 2 * (len(widths) - 1)
	for col := range widths {
		for _, row := range rows {
			if col < len(row) {
				widths[col] = max(widths[col], ansi.StringWidth(row[col]))
			}
		}
		total += widths[col]
	}
	if total > width || r.linear {
		return r.tableAsList(table, width)
	}
	var lines []string
	for i, row := range rows {
		var b strings.Builder
		for col, cell := range row {
			if i == 0 {
				cell = r.theme.Strong.Render(cell)
			}
			b.WriteString(cell)
			if col < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[col]-ansi.StringWidth(cell)+2))
			}
		}
		lines = append(lines, b.String())
		if i == 0 {
			lines = append(lines, r.theme.Faint.Render(strings.Repeat(r.theme.Lines.Top, total)))
		}
	}
	return lines
}

func (r *renderer) tableAsList(table *extast.Table, width int) []string {
	var heads []runs
	var lines []string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		if row == table.FirstChild() {
			for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
				heads = append(heads, r.collect(cell, r.theme.Strong))
			}
			continue
		}
		col := 0
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			var both runs
			if col < len(heads) {
				both = append(both, heads[col]...)
				both = append(both, run{": ", r.theme.Strong})
			}
			both = append(both, r.collect(cell, r.theme.Text)...)
			mark := "  "
			if col == 0 {
				mark = r.theme.Symbols.Bullet + " "
			}
			lines = append(lines, prefix(r.layOut(both, width-2), mark, "  ")...)
			col++
		}
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
