package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
)

//go:embed page.html.tmpl page.css
var page embed.FS

// HTML writes r as a page that needs nothing else: no network, no script, no
// other file. Its policy forbids the browser to load anything, and all text is
// escaped by its context; Markdown of tasks passes no HTML through.
func HTML(w io.Writer, r *Report) error {
	style, err := page.ReadFile("page.css")
	if err != nil {
		return fmt.Errorf("write the report of exam %s as HTML: %w", r.ID, err)
	}
	h := &htmlPage{Report: r, Say: &r.words, Style: template.CSS(style), md: newMarkdown(r.Language)}
	t, err := template.New("page.html.tmpl").Funcs(template.FuncMap{
		"symbol": report.Symbol, "sum": func(a, b int) int { return a + b },
	}).ParseFS(page, "page.html.tmpl")
	if err != nil {
		return fmt.Errorf("write the report of exam %s as HTML: %w", r.ID, err)
	}
	// Whole or not at all: half a page would look like a short report.
	var b bytes.Buffer
	if err := t.Execute(&b, h); err != nil {
		return fmt.Errorf("write the report of exam %s as HTML: %w", r.ID, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the report of exam %s as HTML: %w", r.ID, err)
	}
	return nil
}

// htmlPage is what the template sees.
type htmlPage struct {
	*Report
	Say   *texts
	Style template.CSS

	md goldmark.Markdown
}

// Lang is the page's language as a browser wants it, to choose the fonts: the
// characters that Chinese and Japanese share look different.
func (h *htmlPage) Lang() string {
	if h.Language == content.Chinese {
		return "zh-Hans"
	}
	return string(h.Language)
}

func (h *htmlPage) Facts() []htmlFact {
	var all []htmlFact
	for _, f := range h.facts() {
		all = append(all, htmlFact{f.label, f.text})
	}
	return all
}

type htmlFact struct{ Label, Text string }

func (h *htmlPage) PassMarkText() string {
	return content.Fill(h.Say.PassMark, "percent", h.Say.percent(h.PassMark))
}

func (h *htmlPage) ScoreText() string { return h.Say.percent(h.Score) }

// Verdict is passed or not, with its sign.
func (h *htmlPage) Verdict() string {
	if h.Passed {
		return report.Symbol(grader.Passed) + " " + h.Say.Passed
	}
	return report.Symbol(grader.Failed) + " " + h.Say.Failed
}

// Rows are the tasks with what only HTML needs.
func (h *htmlPage) Rows() []htmlTask {
	all := make([]htmlTask, len(h.Tasks))
	for i := range h.Tasks {
		all[i] = htmlTask{&h.Tasks[i], h}
	}
	return all
}

type htmlTask struct {
	*Task
	page *htmlPage
}

func (t htmlTask) Sign() string       { sign, _ := t.sign(); return sign }
func (t htmlTask) PointsText() string { return t.points() }
func (t htmlTask) ScoreText() string  { return t.score(t.page.Say) }
func (t htmlTask) TimeText() string   { return t.time() }
func (t htmlTask) WeightText() string { return t.page.Say.percent(t.Weight) }
func (t htmlTask) Marks() []string    { return t.marks(t.page.Say) }
func (t htmlTask) Missed() []htmlCheck {
	var all []htmlCheck
	for _, c := range t.missed() {
		all = append(all, htmlCheck{c, t.page})
	}
	return all
}

// State is the class of the task's colour.
func (t htmlTask) State() string {
	switch {
	case !t.Judged:
		return "unjudged"
	case t.Full():
		return "full"
	case t.Points == 0:
		return "none"
	}
	return "part"
}

// PassedChecks are those that passed, and PassedText how many of how many.
func (t htmlTask) PassedChecks() []htmlCheck {
	var all []htmlCheck
	for _, c := range t.Checks {
		if c.Status == grader.Passed {
			all = append(all, htmlCheck{c, t.page})
		}
	}
	return all
}

func (t htmlTask) PassedText() string {
	return content.Fill(t.page.Say.ChecksPassed, "passed", fmt.Sprint(len(t.PassedChecks())), "all", fmt.Sprint(len(t.Checks)))
}

// Setting is the text of the task as HTML.
func (t htmlTask) Setting() (template.HTML, error) {
	var b strings.Builder
	if err := t.page.md.Convert([]byte(t.Text), &b); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

// htmlCheck is a check with the word for its verdict.
type htmlCheck struct {
	report.Check
	page *htmlPage
}

func (c htmlCheck) Word() string       { return c.page.Say.Checks.Status(c.Status) }
func (c htmlCheck) PointsText() string { return points(c.Check) }
func (c htmlCheck) Labels() report.Texts {
	return c.page.Say.Checks
}

// Strengths are the patterns, weakest first.
func (h *htmlPage) Strengths() []htmlPattern {
	all := make([]htmlPattern, len(h.Patterns))
	for i := range h.Patterns {
		all[i] = htmlPattern{&h.Patterns[i], h}
	}
	return all
}

type htmlPattern struct {
	*Pattern
	page *htmlPage
}

func (p htmlPattern) ScoreText() string  { return p.score(p.page.Say) }
func (p htmlPattern) WeightText() string { return p.page.Say.percent(p.Weight) }

// Further are the labs to practise.
func (h *htmlPage) Further() []htmlNext {
	all := make([]htmlNext, len(h.Practise))
	for i := range h.Practise {
		all[i] = htmlNext{&h.Practise[i], h}
	}
	return all
}

type htmlNext struct {
	*Next
	page *htmlPage
}

func (n htmlNext) Facts() string { return n.facts(n.page.Say) }

// newMarkdown renders the Markdown of tasks. Raw HTML and dangerous links are
// left out, which is goldmark's default.
func newMarkdown(lang content.Lang) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{lang}, 0))),
	)
}

// tame fits the Markdown of a task into the page: its headings go below those
// of the page, and of an image only its text remains, since a page that needs
// no network must not ask for one. A line break between two Chinese characters
// becomes no blank, see joinLines.
type tame struct{ lang content.Lang }

// headingOffset is how deep tasks are in the outline of the page.
const headingOffset = 3

func (t tame) Transform(doc *ast.Document, source text.Reader, _ parser.Context) {
	var images []*ast.Image
	// The walker returns no error.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+headingOffset, 6)
		case *ast.Image:
			images = append(images, n)
		case *ast.Text:
			if t.lang == content.Chinese {
				joinLines(n, source.Source())
			}
		}
		return ast.WalkContinue, nil
	})
	for _, image := range images {
		parent := image.Parent()
		for child := image.FirstChild(); child != nil; child = image.FirstChild() {
			image.RemoveChild(image, child)
			parent.InsertBefore(parent, image, child)
		}
		parent.RemoveChild(parent, image)
	}
}

// joinLines takes a line break away that stands between two wide characters, or
// behind wide punctuation; between Chinese and Latin it stays, as the blank that
// is put there. goldmark's own rules know either the first or the second.
func joinLines(n *ast.Text, source []byte) {
	if !n.SoftLineBreak() {
		return
	}
	before, _ := utf8.DecodeLastRune(n.Segment.Value(source))
	joined := wide(before) && unicode.IsPunct(before)
	if next, ok := n.NextSibling().(*ast.Text); ok {
		after, _ := utf8.DecodeRune(next.Segment.Value(source))
		joined = joined || wide(before) && wide(after)
	}
	if joined {
		n.SetSoftLineBreak(false)
	}
}

func wide(r rune) bool { return uniseg.StringWidth(string(r)) == 2 }
