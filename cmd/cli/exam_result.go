package cli

import (
	"fmt"
	"strconv"

	"podlab/labs/exam"
)

// examVerdict shows the result of an exam; the error carries the exit code:
// passed, not passed.
func (a *App) examVerdict(r *exam.Result, output string) error {
	var err error
	if output == "json" {
		err = a.examReport(r.ID, "json", "", false)
	} else {
		err = a.examPoints(r)
	}
	if err == nil && !r.Passed() {
		return exitError(exitNotFull)
	}
	return err
}

// examPoints prints the result of an exam in short. The report has the rest.
func (a *App) examPoints(r *exam.Result) error {
	say := a.say.Exam
	columns := []column{
		{title: say.Column.Number.with(), right: true}, {title: say.Column.Task.with()},
		{title: say.Column.Weight.with(), right: true}, {title: say.Column.Points.with(), right: true},
	}
	var rows [][]string
	for i := range r.Tasks {
		t := &r.Tasks[i]
		points := "–"
		if earned, most, _ := t.Points(); most > 0 {
			points = fmt.Sprintf("%d/%d", earned, most)
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), t.Lab, a.percent(t.Weight), points})
	}
	if err := writeTable(a.Stdout, columns, rows); err != nil {
		return err
	}
	verdict := say.NotPassed
	if r.Passed() {
		verdict = say.Passed
	}
	if err := a.println(verdict.with("score", strconv.Itoa(exam.Percent(r.Tasks)), "pass", strconv.Itoa(exam.PassMark))); err != nil {
		return err
	}
	if verified := exam.Verified(r.Tasks); verified < 100 {
		if err := a.println(say.Verified.with("percent", strconv.Itoa(verified))); err != nil {
			return err
		}
	}
	a.remark(say.Report.with("report", a.command("exam report")))
	return nil
}
