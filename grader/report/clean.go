package report

import (
	"slices"

	"podlab/grader/printable"
)

// The most that a report shows of one text.
const (
	maxLines     = 40
	maxLineRunes = 2000
)

// Clean returns a copy of r that is safe to print: whoever made the report may
// have put text of a container into it. The functions that write a report
// clean it themselves.
func Clean(r *Report) *Report {
	c := *r
	c.Lab = Line(c.Lab)
	c.Title = Line(c.Title)
	c.Namespace = Line(c.Namespace)
	c.Language = Line(c.Language)
	c.Checks = slices.Clone(r.Checks)
	if c.Checks == nil {
		c.Checks = []Check{} // [] and not null in JSON
	}
	for i := range c.Checks {
		check := &c.Checks[i]
		check.ID = Line(check.ID)
		check.Title = Line(check.Title)
		check.Expected = Block(check.Expected)
		check.Actual = Block(check.Actual)
		check.Why = Block(check.Why)
	}
	return &c
}

// Line is s on one line, safe to print and of bounded length.
func Line(s string) string { return printable.Line(s, maxLineRunes) }

// Block is s safe to print, with as many lines as a report shows of one text.
func Block(s string) string {
	text, more := printable.Lines(s, maxLines, maxLineRunes)
	if more > 0 {
		text += "\n…"
	}
	return text
}
