package plain

import (
	"context"
	"strings"
	"time"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

// gradeWait is how long grading waits for checks that may still pass.
const gradeWait = 10 * time.Second

// hint reads the next hint, or the last one again.
func (l *openLab) hint() error {
	t, hints := l.Texts.Lab, l.exercise.Text(l.Lang).Hints
	if l.hints < len(hints) {
		l.hints++
		if err := l.practice.RecordHint(l.lab.ID, l.hints); err != nil {
			l.fail(l.Texts.Common.WhileRecords, err)
		}
	}
	l.heading(texts.Fill(t.HintN, "n", itoa(l.hints), "all", itoa(len(hints))))
	l.document(hints[l.hints-1])
	if left := len(hints) - l.hints; left > 0 {
		l.say(texts.Fill(l.Texts.Plain.MoreHints, "n", itoa(left)))
	} else {
		l.say(t.NoMoreHints)
	}
	return nil
}

// showSolution reads out a solution, after a question.
func (l *openLab) showSolution(which string) error {
	if !l.seen {
		yes, err := l.agree(l.Texts.Plain.ShowNow)
		if err != nil || !yes {
			return err
		}
	}
	answers, at := l.exercise.Answers(), 0
	if len(answers) > 1 {
		for i, a := range answers {
			l.fact(itoa(i+1), a.Name)
		}
		var err error
		if at, err = l.pick(l.Texts.Plain.WhichOne, which, len(answers)); err != nil {
			return err
		}
	}
	l.solution = &answers[at]
	l.tellSolution()
	if l.seen || !l.ended.IsZero() {
		return nil
	}
	l.seen = true
	if err := l.practice.RecordSolutionSeen(l.lab.ID); err != nil {
		l.fail(l.Texts.Common.WhileRecords, err)
	}
	return nil
}

func (l *openLab) tellSolution() {
	t := l.Texts.Lab
	manifest := func(m labs.Manifest) {
		l.gap()
		l.verbatim(string(m.Data))
		l.gap()
	}
	l.say(texts.Fill(t.SolutionShown, "name", l.solution.Name))
	manifest(l.solution.Manifest)
	for _, step := range l.solution.Steps {
		switch {
		case step.Apply != nil:
			l.say(t.StepChange)
			manifest(*step.Apply)
		case step.Delete != nil:
			l.say(texts.Fill(t.StepDelete, "command", step.Delete.DeleteCommand()))
		default:
			titles := l.exercise.Text(l.Lang).Titles(step.Passed)
			l.say(texts.Fill(t.StepWait, "checks", strings.Join(titles, "; ")))
		}
	}
}

// apply applies the solution that was shown, after a question.
func (l *openLab) apply() error {
	if l.solution == nil {
		l.say(l.Texts.Plain.ShownFirst)
		return nil
	}
	yes, err := l.agree(l.Texts.Lab.ApplyTitle, l.Texts.Lab.ApplyBody)
	if err != nil || !yes {
		return err
	}
	ok, err := l.do(l.Texts.Lab.Applying+"\n"+l.Texts.Plain.CtrlC, l.Texts.Common.WhileApply, func(ctx context.Context) error {
		return l.practice.Perform(ctx, l.lab.ID, *l.solution, practice.StepWait, false)
	})
	if ok {
		l.say(l.Texts.Plain.Applied)
	}
	return err
}

// reset puts the lab back to its start, after a question, and a second one
// where the learner's files would be replaced.
func (l *openLab) reset() error {
	yes, err := l.agree(l.Texts.Lab.ResetTitle, l.Texts.Lab.ResetBody)
	if err != nil || !yes {
		return err
	}
	edited, err := l.practice.Edited(l.lab.ID)
	if err != nil {
		l.failIn(l.Texts.Common.WhileReset, err)
		return nil
	}
	if len(edited) > 0 {
		yes, err := l.agree(l.Texts.Lab.EditedTitle, l.Texts.Lab.EditedBody, l.list(edited))
		if err != nil || !yes {
			return err
		}
	}
	ok, err := l.do(l.Texts.Lab.Resetting, l.Texts.Common.WhileReset, func(ctx context.Context) error {
		return l.practice.Reset(ctx, l.lab.ID, len(edited) > 0)
	})
	if !ok {
		return err
	}
	l.adopt()
	l.say(l.Texts.Lab.ResetDone)
	return nil
}

// shell hands the terminal over to the lab's shell. How the last command in
// it ended is no failure of the shell.
func (l *openLab) shell() error {
	cmd, err := l.o.Shell(l.lab.ID)
	if err == nil {
		l.say(l.Texts.Plain.ToShell)
		err = l.handOver(cmd)
	}
	if err != nil {
		l.failIn(l.Texts.Common.WhileShell, err)
		return nil
	}
	l.say(l.Texts.Plain.FromShell)
	return nil
}

// forgetInterrupts drops those that were meant for another process.
func (s *session) forgetInterrupts() {
	for {
		select {
		case <-s.o.Interrupts:
		default:
			return
		}
	}
}

// grade grades, records and reads out the report.
func (l *openLab) grade() error {
	var graded *grader.Report
	ok, err := l.do(l.Texts.Lab.Grading, l.Texts.Common.WhileGrade, func(ctx context.Context) (err error) {
		graded, err = l.practice.Grade(ctx, l.lab.ID, gradeWait)
		return err
	})
	if !ok {
		return err
	}
	l.report = graded
	if l.ended.IsZero() && graded.Solved() {
		l.ended = l.o.Now()
	}
	l.tellReport()
	return nil
}

func (l *openLab) tellReport() {
	t, text := l.Texts.Report, l.exercise.Text(l.Lang)
	said := l.exercise.Localize(l.report, l.Lang)
	l.heading(t.Title)
	switch {
	case l.report.FullMarks():
		l.say(t.Full)
	case l.report.SolvedInPart():
		l.say(t.InPart)
	default:
		l.say(t.Partly)
	}
	if l.report.Trouble() {
		l.say(t.Trouble)
	}
	l.fact(t.Score, l.list([]string{l.points(said.Points, said.MaxPoints), l.Texts.Common.Share(said.Score)}))
	if n, all := l.report.Verifiable(); n < all {
		l.fact(t.Verified, texts.Fill(l.Texts.Common.Verifiable, "n", itoa(n), "max", itoa(all)))
	}
	if d := l.elapsed(); d > 0 {
		l.fact(t.Time, texts.Fill(t.TimeOf, "time", layout.Clock(d), "minutes", itoa(l.lab.Minutes)))
	}
	l.fact(t.Hints, texts.Fill(t.HintsUsed, "n", itoa(l.hints), "all", itoa(len(text.Hints))))
	seen := t.No
	if l.seen {
		seen = t.Yes
	}
	l.fact(t.SolutionSeen, seen)
	l.heading(t.Checks)
	for i, c := range said.Checks {
		l.tellCheck(i, c)
		if c.Status != grader.Passed && c.Actual != "" {
			l.fact(l.Texts.Lab.Actual, c.Actual)
		}
	}
	l.heading(t.Debrief)
	l.gap()
	l.document(text.Debrief)
	l.gap()
	l.tellSuggested(l.suggested(l.records(), l.lab.ID))
}

// elapsed since the attempt began; zero where that is not known.
func (l *openLab) elapsed() time.Duration {
	switch {
	case l.startedAt.IsZero():
		return 0
	case l.ended.After(l.startedAt):
		return l.ended.Sub(l.startedAt)
	default:
		return l.o.Now().Sub(l.startedAt)
	}
}
