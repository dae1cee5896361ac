package cli

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/labs/history"
)

// minuteLayout shows a time to the minute.
const minuteLayout = "2006-01-02 15:04"

// maxMarks is how many exams the table shows of a pattern.
const maxMarks = 5

// heldExam is a graded exam as "podlab exam history -o json" shows it.
type heldExam struct {
	ID          string    `json:"id"`
	Blueprint   string    `json:"blueprint"`
	Title       string    `json:"title"`
	Seed        uint64    `json:"seed"`
	StartedAt   time.Time `json:"startedAt"`
	Minutes     int       `json:"minutes"`
	UsedSeconds int       `json:"usedSeconds"`
	Tasks       int       `json:"tasks"`
	TimedOut    bool      `json:"timedOut"`
	Late        bool      `json:"late"`
	Score       int       `json:"score"`
	PassMark    int       `json:"passMark"`
	Passed      bool      `json:"passed"`
}

// patternTrend is how the learner does in a pattern.
type patternTrend struct {
	Pattern labs.Pattern `json:"pattern"`
	Name    string       `json:"name"`
	Exams   []examMark   `json:"exams"` // the oldest first
	// Change is null without two exams, Practice null without a lab tried.
	Change   *int `json:"change"`
	Labs     int  `json:"labs"`
	Tried    int  `json:"tried"`
	Solved   int  `json:"solved"`
	Practice *int `json:"practice"`
}

type examMark struct {
	ID    string `json:"id"`
	Score int    `json:"score"`
}

// record is the whole history.
type record struct {
	Exams    []heldExam     `json:"exams"`    // the newest first
	Patterns []patternTrend `json:"patterns"` // the weakest first
}

func (a *App) examHistoryCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("history [-o table|json]", a.none, func(*cobra.Command, []string) error {
		return a.examHistory(output.value)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// examHistory shows all exams, and how each pattern goes. A result that cannot
// be read is complained about, after the others were shown.
func (a *App) examHistory(output string) error {
	root, err := a.examRoot()
	if err != nil {
		return err
	}
	results, unread := exam.New(exam.Options{Root: root}).Results()
	r, err := a.record(results)
	if err != nil {
		return err
	}
	if output == "json" {
		err = writeJSON(a.Stdout, r)
	} else {
		err = a.historyTable(r)
	}
	return cmp.Or(err, unread)
}

func (a *App) record(results []*exam.Result) (*record, error) {
	catalog, progress, err := a.learner()
	if err != nil {
		return nil, err
	}
	names, err := labs.PatternNames(a.lang)
	if err != nil {
		return nil, err
	}
	blueprints, err := exam.Blueprints(content.Exams())
	if err != nil {
		return nil, err
	}
	r := &record{Exams: []heldExam{}, Patterns: []patternTrend{}}
	for _, x := range results {
		r.Exams = append(r.Exams, heldExam{
			ID: x.ID, Blueprint: x.Blueprint, Title: cmp.Or(exam.TitleOf(blueprints, x.Blueprint, a.lang), a.say.History.Exam.with()),
			Seed: x.Seed, StartedAt: x.StartedAt, Minutes: x.Minutes, UsedSeconds: int(x.EndedAt.Sub(x.StartedAt) / time.Second),
			Tasks: len(x.Tasks), TimedOut: x.TimedOut, Late: x.Late,
			Score: exam.Percent(x.Tasks), PassMark: exam.PassMark, Passed: x.Passed(),
		})
	}
	for _, p := range history.Trend(catalog.Labs(), results, progress) {
		t := patternTrend{
			Pattern: p.Pattern, Name: cmp.Or(names[string(p.Pattern)], string(p.Pattern)), Exams: []examMark{},
			Labs: p.Labs, Tried: p.Tried, Solved: p.Solved,
		}
		for _, m := range p.Exams {
			t.Exams = append(t.Exams, examMark{m.Exam, m.Score})
		}
		if change, known := p.Change(); known {
			t.Change = &change
		}
		if p.Practice >= 0 {
			t.Practice = &p.Practice
		}
		r.Patterns = append(r.Patterns, t)
	}
	return r, nil
}

func (a *App) historyTable(r *record) error {
	say := a.say.History
	if len(r.Exams) == 0 {
		if err := a.println(say.None.with("start", a.command("exam start"))); err != nil {
			return err
		}
	} else if err := a.examTable(r.Exams); err != nil {
		return err
	}
	if err := a.printf("\n%s\n\n", say.Patterns); err != nil {
		return err
	}
	columns := []column{
		{title: say.Pattern.with()}, {title: say.Exams.with()}, {title: say.Change.with()}, {title: say.Practice.with(), right: true},
		{title: say.Solved.with(), right: true},
	}
	var rows [][]string
	for _, p := range r.Patterns {
		practice := "–"
		if p.Practice != nil {
			practice = a.percent(*p.Practice)
		}
		rows = append(rows, []string{p.Name, a.marks(p.Exams), a.change(p.Change), practice, fmt.Sprintf("%d/%d", p.Solved, p.Labs)})
	}
	return writeTable(a.Stdout, columns, rows)
}

func (a *App) examTable(exams []heldExam) error {
	say := a.say.History
	columns := []column{
		{title: say.Date.with()}, {title: say.Exam.with()}, {title: say.Score.with(), right: true}, {title: ""},
		{title: say.Time.with(), right: true}, {title: "ID"},
	}
	var rows [][]string
	for _, x := range exams {
		verdict := "✗ " + say.Failed.with()
		if x.Passed {
			verdict = "✓ " + say.Passed.with()
		}
		rows = append(rows, []string{
			x.StartedAt.Local().Format(minuteLayout), x.Title, a.percent(x.Score), verdict,
			report.Clock(x.UsedSeconds) + " / " + report.Clock(60*x.Minutes), x.ID,
		})
	}
	return writeTable(a.Stdout, columns, rows)
}

// marks shows the latest exams of a pattern, the oldest first.
func (a *App) marks(all []examMark) string {
	if len(all) == 0 {
		return "–"
	}
	var shown []string
	if len(all) > maxMarks {
		all = all[len(all)-maxMarks:]
		shown = append(shown, "…")
	}
	for _, m := range all {
		shown = append(shown, a.percent(m.Score))
	}
	return strings.Join(shown, " → ")
}

func (a *App) change(by *int) string {
	say := a.say.History
	switch {
	case by == nil:
		return "–"
	case *by > 0:
		return "↑ " + say.Better.with("points", strconv.Itoa(*by))
	case *by < 0:
		return "↓ " + say.Worse.with("points", strconv.Itoa(-*by))
	}
	return "= " + say.Same.with()
}

func (a *App) percent(n int) string { return a.say.History.Percent.with("n", strconv.Itoa(n)) }
