package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"podlab/content"
	"podlab/grader"
)

// TableOptions say how a Table looks.
type TableOptions struct {
	// Texts in the language of the report.
	Texts Texts
	// Width in cells that lines are wrapped to; 0 means 80.
	Width int
	// Color adds ANSI colours from the terminal's own 16. The caller decides:
	// not for pipes and files, and not where NO_COLOR is set.
	Color bool
}

const (
	defaultWidth = 80
	minWidth     = 20 // below it lines are cut no shorter, but may overflow
)

// Table writes r for people: one line per check with a sign, a word and the
// points, below a check that did not pass what was expected, what is there and
// why it matters, and the score at the end.
func Table(w io.Writer, r *Report, o TableOptions) error {
	return o.write(w, r, (*table).title, (*table).checks, (*table).score)
}

// Checks writes of r what Table does between its title and its score.
func Checks(w io.Writer, r *Report, o TableOptions) error {
	return o.write(w, r, (*table).checks)
}

func (o TableOptions) write(w io.Writer, r *Report, parts ...func(*table, *Report)) error {
	r = Clean(r)
	if o.Width <= 0 {
		o.Width = defaultWidth
	}
	t := &table{o: o, Printer: NewPrinter(w, content.Lang(r.Language), max(o.Width, minWidth), o.Color)}
	for _, part := range parts {
		part(t, r)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the report of %s: %w", r.Lab, err)
	}
	return nil
}

type table struct {
	*Printer
	o TableOptions
}

func (t *table) title(r *Report) {
	head := r.Lab
	if r.Title != "" {
		head += " · " + r.Title
	}
	for _, l := range Wrap(t.Lang, head, t.Width) {
		t.Println(t.Styled(Bold, l))
	}
	t.Println("")
}

func (t *table) checks(r *Report) {
	words, points := 0, 0
	for _, c := range r.Checks {
		words = max(words, uniseg.StringWidth(t.o.Texts.Status(c.Status)))
		points = max(points, len(earned(c)))
	}
	for _, c := range r.Checks {
		status := Symbol(c.Status) + " " + Pad(t.o.Texts.Status(c.Status), words)
		lead := 2 + words + 2 + points + 2
		if lead > t.Width/2 {
			// Too narrow for columns: the title goes below.
			t.Println(t.Styled(color(c.Status), strings.TrimRight(status, " ")) + "  " + earned(c))
			t.Hang("  ", 2, c.Title)
		} else {
			prefix := t.Styled(color(c.Status), status) + "  " + strings.Repeat(" ", points-len(earned(c))) + earned(c) + "  "
			t.Hang(prefix, lead, c.Title)
		}
		if c.Status != grader.Passed {
			t.details(c)
		}
	}
}

// details explain a check that did not pass.
func (t *table) details(c Check) {
	rows := []struct{ label, text string }{
		{t.o.Texts.Expected, c.Expected},
		{t.o.Texts.Actual, c.Actual},
		{t.o.Texts.Why, c.Why},
	}
	labels := 0
	for _, row := range rows {
		labels = max(labels, uniseg.StringWidth(row.label))
	}
	const indent = 4
	for _, row := range rows {
		if row.text == "" {
			continue
		}
		prefix := strings.Repeat(" ", indent) + t.Styled(Faint, Pad(row.label, labels)) + "  "
		lead := indent + labels + 2
		for l := range strings.SplitSeq(row.text, "\n") {
			t.Hang(prefix, lead, l)
			prefix = strings.Repeat(" ", lead)
		}
	}
}

func (t *table) score(r *Report) {
	errored := 0
	for _, c := range r.Checks {
		if c.Status == grader.Errored {
			errored++
		}
	}
	t.Println("")
	score := content.Fill(t.o.Texts.Score, "points", strconv.Itoa(r.Points), "max", strconv.Itoa(r.MaxPoints),
		"score", strconv.Itoa(r.Score))
	for _, l := range Wrap(t.Lang, score, t.Width) {
		t.Println(t.Styled(Bold, l))
	}
	if r.VerifiablePoints < r.MaxPoints {
		note := content.Fill(t.o.Texts.VerifiedNote, "verified", strconv.Itoa(r.VerifiablePoints), "max", strconv.Itoa(r.MaxPoints))
		if r.SolvedInPart {
			note = t.o.Texts.SolvedNote + " " + note
		}
		t.Hang("", 0, note)
	}
	if errored > 0 {
		t.Hang("", 0, content.Fill(t.o.Texts.ErrorNote, "count", strconv.Itoa(errored)))
	}
}

func earned(c Check) string { return strconv.Itoa(c.Earned) + "/" + strconv.Itoa(c.Points) }

func color(s grader.Status) string {
	switch s {
	case grader.Passed:
		return Green
	case grader.Failed:
		return Red
	case grader.Pending:
		return Yellow
	case grader.Unverifiable:
		return "36"
	default:
		return "35"
	}
}
