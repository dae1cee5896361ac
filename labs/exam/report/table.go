package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
)

// TableOptions say how a Table looks.
type TableOptions struct {
	// Width in cells that lines are wrapped to; 0 means 80.
	Width int
	// Color adds ANSI colours from the terminal's own 16. The caller decides:
	// not for pipes and files, and not where NO_COLOR is set.
	Color bool
	// Texts adds the texts of the tasks.
	Texts bool
}

const (
	defaultWidth = 80
	minWidth     = 40 // below it lines are cut no shorter, but may overflow
	barWidth     = 40 // of the score
	thinBarWidth = 20 // of a pattern
)

// Table writes r for people at a terminal: the score against the pass mark,
// tasks and patterns in a line each, then every check that did not pass, and
// what to practise.
func Table(w io.Writer, r *Report, o TableOptions) error {
	if o.Width <= 0 {
		o.Width = defaultWidth
	}
	t := &table{r: r, say: &r.words, o: o, Printer: report.NewPrinter(w, r.Language, max(o.Width, minWidth), o.Color)}
	t.head()
	t.tasks()
	t.patterns()
	t.missed()
	t.practise()
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the report of exam %s: %w", r.ID, err)
	}
	return nil
}

type table struct {
	*report.Printer
	r   *Report
	say *texts
	o   TableOptions
}

func (t *table) head() {
	for _, l := range report.Wrap(t.Lang, t.r.Title, t.Width) {
		t.Println(t.Styled(report.Bold, l))
	}
	t.Println("")
	verdict := t.r.verdict()
	color := map[bool]string{true: report.Green, false: report.Red}[t.r.Passed]
	mark := content.Fill(t.say.PassMark, "percent", t.say.percent(t.r.PassMark))
	if uniseg.StringWidth(verdict+gap+mark) <= t.Width {
		t.Println(t.Styled(report.Bold+";"+color, verdict) + gap + mark)
	} else {
		t.Println(t.Styled(report.Bold+";"+color, verdict))
		t.Println(mark)
	}
	t.Println(t.Styled(color, scale(t.r.Score, barWidth, t.r.PassMark)))
	t.Println("")
	facts := t.r.facts()
	labels := 0
	for _, f := range facts {
		labels = max(labels, uniseg.StringWidth(f.label))
	}
	for _, f := range facts {
		t.Hang(t.Styled(report.Faint, report.Pad(f.label, labels))+"  ", labels+2, f.text)
	}
	t.notes("", t.r.Notes)
}

// verdict is passed or not, with its sign and the score.
func (r *Report) verdict() string {
	word, status := r.words.Passed, grader.Passed
	if !r.Passed {
		word, status = r.words.Failed, grader.Failed
	}
	return report.Symbol(status) + " " + word + r.words.Colon + r.words.percent(r.Score)
}

// fact is a line of what is known of an exam.
type fact struct{ label, text string }

func (r *Report) facts() []fact {
	say := &r.words
	ending := say.Submitted
	if r.TimedOut {
		ending = say.TimeUp
	}
	facts := []fact{
		{say.Exam, r.ID},
		{say.Started, moment(r.StartedAt, r.zone)},
		{say.Time, content.Fill(say.TimeUsed, "used", Clock(r.UsedSeconds), "length", Clock(60*r.Minutes))},
		{say.Ended, ending},
		{say.Seed, strconv.FormatUint(r.Seed, 10)},
	}
	if r.Verified < 100 { // next to the score
		verified := fact{say.Verified, content.Fill(say.VerifiedOf, "percent", say.percent(r.Verified))}
		facts = append([]fact{verified}, facts...)
	}
	return facts
}

// moment shows a time to the minute, with its zone.
func moment(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2006-01-02 15:04 MST")
}

func (t *table) tasks() {
	t.heading(t.say.Tasks)
	say := t.say
	columns := []column{
		{title: say.Number, right: true}, {title: say.Task}, {title: say.Weight, right: true}, {title: say.Points, right: true},
		{title: say.Score, right: true}, {title: say.Spent, right: true},
	}
	var rows []row
	for i := range t.r.Tasks {
		task := &t.r.Tasks[i]
		sign, color := task.sign()
		rows = append(rows, row{
			sign: t.Styled(color, sign),
			cells: []string{
				strconv.Itoa(task.Number), task.Title, say.percent(task.Weight), task.points(), task.score(say), task.time(),
			},
			below: strings.Join(append([]string{task.Lab, task.PatternName}, task.marks(say)...), " · "),
		})
	}
	t.columns(columns, 1, rows)
}

// sign is ✓ for all points, ✗ for none, ~ for some and ? for a task that was
// not judged.
func (t *Task) sign() (sign, color string) {
	switch {
	case !t.Judged:
		return report.Symbol(grader.Unverifiable), report.Yellow
	case t.Full():
		return report.Symbol(grader.Passed), report.Green
	case t.Points == 0:
		return report.Symbol(grader.Failed), report.Red
	}
	return "~", report.Yellow
}

func (t *Task) points() string {
	if !t.Judged {
		return "–"
	}
	return strconv.Itoa(t.Points) + "/" + strconv.Itoa(t.MaxPoints)
}

func (t *Task) score(say *texts) string {
	if !t.Judged {
		return "–"
	}
	return say.percent(t.Score)
}

func (t *Task) time() string { return Clock(t.SpentSeconds) + " / " + Clock(60*t.Minutes) }

// marks are the words for what the candidate did with the task, and what
// became of it.
func (t *Task) marks(say *texts) []string {
	var all []string
	for _, m := range []struct {
		is   bool
		word string
	}{
		{t.Done, say.Done}, {t.Flagged, say.Flagged}, {t.Untouched, say.Untouched}, {t.Over(), say.Over}, {!t.Judged, say.Unjudged},
		{t.Judged && t.LeftOutPoints > 0, say.InPart},
	} {
		if m.is {
			all = append(all, m.word)
		}
	}
	return all
}

func (t *table) patterns() {
	t.heading(t.say.WeakestFirst)
	names, scores, tasks := 0, 0, 0
	for i := range t.r.Patterns {
		p := &t.r.Patterns[i]
		names = max(names, uniseg.StringWidth(p.Name))
		scores = max(scores, uniseg.StringWidth(p.score(t.say)))
		tasks = max(tasks, uniseg.StringWidth(p.taskList(t.say)))
	}
	// The bar takes what the words leave; where that is too little, the name
	// has a line of its own.
	bar := t.Width - names - scores - tasks - 3*len(gap)
	below := bar < 8
	if below {
		bar = t.Width - scores - tasks - 3*len(gap)
	}
	bar = min(max(bar, 4), thinBarWidth)
	for i := range t.r.Patterns {
		p := &t.r.Patterns[i]
		drawn := strings.Repeat(" ", bar)
		if p.Judged {
			drawn = scale(p.Score, bar, -1)
		}
		lead := report.Pad(p.Name, names)
		if below {
			t.Println(p.Name)
			lead = ""
		}
		score := p.score(t.say)
		t.Println(lead + gap + drawn + gap + strings.Repeat(" ", scores-uniseg.StringWidth(score)) + score + gap + p.taskList(t.say))
	}
}

func (p *Pattern) taskList(say *texts) string { return say.Tasks + say.Colon + p.numbers(say) }

func (p *Pattern) score(say *texts) string {
	if !p.Judged {
		return say.Unjudged
	}
	return say.percent(p.Score)
}

func (p *Pattern) numbers(say *texts) string {
	var all []string
	for _, n := range p.Tasks {
		all = append(all, strconv.Itoa(n))
	}
	return say.list(all)
}

// missed shows the tasks that have something to say: checks that did not pass,
// or notes.
func (t *table) missed() {
	t.heading(t.say.Details)
	none := true
	for i := range t.r.Tasks {
		task := &t.r.Tasks[i]
		failed := task.missed()
		if len(failed) == 0 && len(task.Notes) == 0 && !t.o.Texts {
			continue
		}
		if !none {
			t.Println("")
		}
		none = false
		for _, l := range report.Wrap(t.Lang, task.headline(), t.Width) {
			t.Println(t.Styled(report.Bold, l))
		}
		t.Hang("  ", 2, task.facts(t.say))
		t.notes("  ", task.Notes)
		if t.o.Texts && task.Text != "" {
			t.Println("")
			for l := range strings.Lines(task.Text) {
				t.Hang("  "+t.Styled(report.Faint, "│")+" ", 4, strings.TrimRight(l, "\n"))
			}
		}
		if len(failed) > 0 {
			t.Println("")
			t.checks(failed)
		}
	}
	if none {
		t.Println(t.say.NoneMissed)
	}
}

// missed are the checks that did not pass.
func (t *Task) missed() []report.Check {
	var all []report.Check
	for _, c := range t.Checks {
		if c.Status != grader.Passed {
			all = append(all, c)
		}
	}
	return all
}

func (t *Task) headline() string {
	return strconv.Itoa(t.Number) + " · " + t.Title + " (" + t.Lab + ")"
}

// checks shows checks as "podlab grade" does, indented.
func (t *table) checks(all []report.Check) {
	var b strings.Builder
	// A strings.Builder never fails.
	_ = report.Checks(&b, &report.Report{Language: string(t.Lang), Checks: all},
		report.TableOptions{Texts: t.say.Checks, Width: t.Width - 2, Color: t.Color})
	for l := range strings.Lines(b.String()) {
		t.Println("  " + strings.TrimRight(l, "\n"))
	}
}

func (t *table) practise() {
	t.heading(t.say.Practise)
	if len(t.r.Practise) == 0 {
		t.Hang("", 0, t.say.AllSolved)
	}
	ids := 0
	for _, n := range t.r.Practise {
		ids = max(ids, uniseg.StringWidth(n.Lab))
	}
	for _, n := range t.r.Practise {
		t.Hang(report.Pad(n.Lab, ids)+"  ", ids+2, n.Title)
		t.Hang(strings.Repeat(" ", ids+2), ids+2, n.facts(t.say))
	}
}

func (n *Next) facts(say *texts) string {
	all := []string{n.PatternName, content.Fill(say.LevelOf, "n", strconv.Itoa(n.Level)), content.Fill(say.Minutes, "n", strconv.Itoa(n.Minutes))}
	if n.Asked > 0 {
		all = append(all, content.Fill(say.Asked, "number", strconv.Itoa(n.Asked)))
	}
	return strings.Join(all, " · ")
}

func (t *table) heading(text string) {
	t.Println("")
	t.Println(t.Styled(report.Bold, text))
	t.Println("")
}

func (t *table) notes(indent string, notes []string) {
	for _, n := range notes {
		for l := range strings.SplitSeq(n, "\n") {
			t.Hang(indent+t.Styled(report.Yellow, "!")+" ", uniseg.StringWidth(indent)+2, l)
		}
	}
}
