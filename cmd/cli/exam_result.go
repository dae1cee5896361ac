package cli

import (
	"fmt"
	"strconv"

	"podlab/labs/exam"
)

// examVerdict prints the result of an exam; the error carries the exit code:
// passed, not passed.
func (a *App) examVerdict(e *exam.Exam, r *exam.Result, output string) error {
	if err := a.examResult(e, r, output); err != nil {
		return err
	}
	if !r.Passed() {
		return exitError(exitNotFull)
	}
	return nil
}

// examResult prints the result of an exam, task by task.
func (a *App) examResult(e *exam.Exam, r *exam.Result, output string) error {
	if output == "json" {
		return writeJSON(a.Stdout, verdictOf(r))
	}
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
		rows = append(rows, []string{strconv.Itoa(i + 1), t.Lab, strconv.Itoa(t.Weight) + " %", points})
	}
	if err := writeTable(a.Stdout, columns, rows); err != nil {
		return err
	}
	verdict := say.NotPassed
	if r.Passed() {
		verdict = say.Passed
	}
	return a.println(verdict.with("score", strconv.Itoa(int(r.Score())), "pass", strconv.Itoa(exam.PassMark)))
}

// verdict is a result as "podlab exam submit -o json" shows it.
type verdict struct {
	ID       string        `json:"id"`
	Score    float64       `json:"score"` // in percent
	PassMark int           `json:"passMark"`
	Passed   bool          `json:"passed"`
	TimedOut bool          `json:"timedOut"`
	Late     bool          `json:"late"`
	Tasks    []taskVerdict `json:"tasks"`
}

type taskVerdict struct {
	Number    int    `json:"number"`
	Lab       string `json:"lab"`
	Weight    int    `json:"weight"`
	Points    int    `json:"points"`
	MaxPoints int    `json:"maxPoints"`
	// Unverifiable points count in neither of them.
	Unverifiable int    `json:"unverifiable"`
	Fault        string `json:"fault,omitempty"`
}

func verdictOf(r *exam.Result) verdict {
	v := verdict{ID: r.ID, Score: r.Score(), PassMark: exam.PassMark, Passed: r.Passed(), TimedOut: r.TimedOut, Late: r.Late, Tasks: []taskVerdict{}}
	for i := range r.Tasks {
		t := &r.Tasks[i]
		earned, most, left := t.Points()
		v.Tasks = append(v.Tasks, taskVerdict{
			Number: i + 1, Lab: t.Lab, Weight: t.Weight, Points: earned, MaxPoints: most, Unverifiable: left, Fault: t.Fault,
		})
	}
	return v
}
