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

// clean returns a copy of r that is safe to print: whoever made the report may
// have put text of a container into it.
func clean(r *Report) *Report {
	c := *r
	c.Lab = line(c.Lab)
	c.Title = line(c.Title)
	c.Namespace = line(c.Namespace)
	c.Language = line(c.Language)
	c.Checks = slices.Clone(r.Checks)
	if c.Checks == nil {
		c.Checks = []Check{} // [] and not null in JSON
	}
	for i := range c.Checks {
		check := &c.Checks[i]
		check.ID = line(check.ID)
		check.Title = line(check.Title)
		check.Expected = block(check.Expected)
		check.Actual = block(check.Actual)
		check.Why = block(check.Why)
	}
	return &c
}

func line(s string) string { return printable.Line(s, maxLineRunes) }

func block(s string) string {
	text, more := printable.Lines(s, maxLines, maxLineRunes)
	if more > 0 {
		text += "\n…"
	}
	return text
}
