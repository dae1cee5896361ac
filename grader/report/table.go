package report

import (
	"bufio"
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

// The SGR codes of the table.
const (
	bold  = "1"
	faint = "2"
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
	t := &table{o: o, lang: content.Lang(r.Language), width: max(o.Width, minWidth), w: bufio.NewWriter(w)}
	for _, part := range parts {
		part(t, r)
	}
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write the report of %s: %w", r.Lab, err)
	}
	return nil
}

type table struct {
	o     TableOptions
	lang  content.Lang
	width int
	w     *bufio.Writer // keeps the first error until Flush
}

func (t *table) title(r *Report) {
	head := r.Lab
	if r.Title != "" {
		head += " · " + r.Title
	}
	for _, l := range Wrap(t.lang, head, t.width) {
		t.println(t.sgr(bold, l))
	}
	t.println("")
}

func (t *table) checks(r *Report) {
	words, points := 0, 0
	for _, c := range r.Checks {
		words = max(words, uniseg.StringWidth(t.o.Texts.Status(c.Status)))
		points = max(points, len(earned(c)))
	}
	for _, c := range r.Checks {
		status := Symbol(c.Status) + " " + pad(t.o.Texts.Status(c.Status), words)
		lead := 2 + words + 2 + points + 2
		if lead > t.width/2 {
			// Too narrow for columns: the title goes below.
			t.println(t.sgr(color(c.Status), strings.TrimRight(status, " ")) + "  " + earned(c))
			t.hang("  ", 2, c.Title)
		} else {
			prefix := t.sgr(color(c.Status), status) + "  " + strings.Repeat(" ", points-len(earned(c))) + earned(c) + "  "
			t.hang(prefix, lead, c.Title)
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
		prefix := strings.Repeat(" ", indent) + t.sgr(faint, pad(row.label, labels)) + "  "
		lead := indent + labels + 2
		for l := range strings.SplitSeq(row.text, "\n") {
			t.hang(prefix, lead, l)
			prefix = strings.Repeat(" ", lead)
		}
	}
}

func (t *table) score(r *Report) {
	unverifiable, errored := 0, 0
	for _, c := range r.Checks {
		switch c.Status {
		case grader.Unverifiable:
			unverifiable += c.Points
		case grader.Errored:
			errored++
		}
	}
	t.println("")
	score := fill(t.o.Texts.Score, "points", strconv.Itoa(r.Points), "max", strconv.Itoa(r.MaxPoints),
		"score", strconv.Itoa(r.Score))
	for _, l := range Wrap(t.lang, score, t.width) {
		t.println(t.sgr(bold, l))
	}
	if unverifiable > 0 {
		t.hang("", 0, fill(t.o.Texts.UnverifiableNote, "points", strconv.Itoa(unverifiable)))
	}
	if errored > 0 {
		t.hang("", 0, fill(t.o.Texts.ErrorNote, "count", strconv.Itoa(errored)))
	}
}

func earned(c Check) string { return strconv.Itoa(c.Earned) + "/" + strconv.Itoa(c.Points) }

// hang prints text wrapped behind a prefix of lead cells; further lines are
// indented as far.
func (t *table) hang(prefix string, lead int, text string) {
	for i, l := range Wrap(t.lang, text, max(t.width-lead, minWidth/2)) {
		if i > 0 {
			prefix = strings.Repeat(" ", lead)
		}
		t.println(prefix + l)
	}
}

func (t *table) println(s string) {
	_, _ = t.w.WriteString(strings.TrimRight(s, " ") + "\n") // Flush returns the error
}

func (t *table) sgr(code, s string) string {
	if !t.o.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func color(s grader.Status) string {
	switch s {
	case grader.Passed:
		return "32"
	case grader.Failed:
		return "31"
	case grader.Pending:
		return "33"
	case grader.Unverifiable:
		return "36"
	default:
		return "35"
	}
}

// pad fills s with blanks to width cells.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
}
