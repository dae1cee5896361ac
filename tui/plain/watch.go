package plain

import (
	"context"
	"time"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/tui/backend"
	"podlab/tui/texts"
)

// watchPause lies between the failure of a watch and the next try.
const watchPause = 2 * time.Second

// event is what the watch says: a report, what the namespace holds, or else
// trouble (nil when it is over).
type event struct {
	report  *grader.Report
	objects *grader.Objects
	trouble error
}

// watch grades live until ctx ends, whatever happens to the cluster.
func (l *openLab) watch(ctx context.Context, practice backend.Practice, id string) {
	for {
		err := practice.Watch(ctx, id, grader.Observer{
			Report:  func(r *grader.Report) { l.events.put(event{report: r}) },
			Objects: func(o grader.Objects) { l.events.put(event{objects: &o}) },
			Trouble: func(err error) { l.events.put(event{trouble: err}) },
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			l.events.put(event{trouble: err})
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchPause):
		}
	}
}

// hear takes what the watch has said. It tells what the learner must know now:
// that the cluster does not answer, or does again. It reports whether it told
// something.
func (l *openLab) hear() (told bool) {
	for _, e := range l.events.take() {
		switch {
		case e.report != nil:
			l.report = e.report
			if l.ended.IsZero() && e.report.Solved() {
				l.ended = l.o.Now()
			}
		case e.objects != nil:
			l.objects = *e.objects
		default:
			told = l.tellTrouble(e.trouble) || told
		}
	}
	return told
}

func (l *openLab) tellTrouble(err error) bool {
	was := l.trouble
	l.trouble = err
	switch {
	case err != nil && was == nil:
		l.say(l.Texts.Lab.Trouble)
		l.say(err.Error())
	case err == nil && was != nil:
		l.say(l.Texts.Plain.AnswersNow)
	default:
		return false
	}
	return true
}

// firstLook waits until there is a report.
func (l *openLab) firstLook() error {
	l.hear()
	if l.report != nil {
		return nil
	}
	l.say(l.Texts.Lab.FirstLook)
	for l.report == nil {
		select {
		case <-l.events.ready:
			l.hear()
		case <-l.o.Interrupts:
			return cancelled
		case <-l.ctx.Done():
			return leave
		}
	}
	return nil
}

// check says all verdicts as they are.
func (l *openLab) check() error {
	if err := l.firstLook(); err != nil {
		return err
	}
	if l.trouble != nil {
		l.say(l.Texts.Lab.Trouble)
	}
	for i, c := range l.exercise.Localize(l.report, l.Lang).Checks {
		l.tellCheck(i, c)
	}
	l.tellTally()
	return nil
}

// tellCheck says the verdict on the i-th check.
func (l *openLab) tellCheck(i int, c report.Check) {
	l.say(texts.Fill(l.Texts.Plain.Check, "n", itoa(i+1), "title", c.Title,
		"verdict", l.Texts.Common.Verdict(c.Status)))
}

// tellTally says how many checks passed, and what that is worth.
func (l *openLab) tellTally() {
	passed := 0
	for _, r := range l.report.Results {
		if r.Status == grader.Passed {
			passed++
		}
	}
	l.say(texts.Fill(l.Texts.Plain.Tally, "passed", itoa(passed), "all", itoa(len(l.report.Results)),
		"points", l.points(l.report.Score())))
	verifiable, all := l.report.Verifiable()
	of := []string{"n", itoa(verifiable), "max", itoa(all)}
	switch {
	case l.report.FullMarks():
		l.say(l.Texts.Plain.AllPassed)
	case l.report.SolvedInPart():
		l.say(texts.Fill(l.Texts.Plain.SolvedInPart, of...))
	case verifiable < all:
		l.say(texts.Fill(l.Texts.Common.Verifiable, of...))
	}
}

// listen tells each change until the learner presses Enter.
func (l *openLab) listen() error {
	if err := l.check(); err != nil {
		return err
	}
	told := l.report
	l.say(l.Texts.Plain.Watching)
	var settled <-chan time.Time
	for {
		if l.out.err != nil {
			return leave
		}
		select {
		case <-l.events.ready:
			if l.hear(); l.report != told && settled == nil {
				settled = time.After(l.o.Settle)
			}
		case <-settled:
			l.tellChanges(told)
			told, settled = l.report, nil
		case line := <-l.in.next():
			l.in.took()
			if line.err != nil {
				return inputEnded
			}
			l.hear()
			l.tellChanges(told)
			l.say(l.Texts.Plain.WatchEnded)
			return nil
		case <-l.o.Interrupts:
			l.say(l.Texts.Plain.WatchEnded)
			return nil
		case <-l.ctx.Done():
			return leave
		}
	}
}

// tellChanges says what is new since a report, in a line for each check: other
// verdicts, and what else was found of checks that do not pass. What a pending
// check waits for is told when asked for.
func (l *openLab) tellChanges(since *grader.Report) {
	t := l.Texts.Plain
	before := map[string]report.Check{}
	for _, c := range l.exercise.Localize(since, l.Lang).Checks {
		before[c.ID] = c
	}
	verdicts := false
	for i, c := range l.exercise.Localize(l.report, l.Lang).Checks {
		was := before[c.ID]
		names := []string{"n", itoa(i + 1), "title", c.Title, "now", l.Texts.Common.Verdict(c.Status),
			"before", l.Texts.Common.Verdict(was.Status)}
		switch {
		case c.Status != was.Status:
			verdicts = true
			l.say(texts.Fill(t.Change, names...))
		case c.Actual != was.Actual && c.Status != grader.Pending:
			l.say(texts.Fill(t.Still, names...))
		default:
			continue
		}
		if c.Actual != "" {
			l.fact(l.Texts.Lab.Actual, c.Actual)
		}
	}
	if verdicts {
		l.tellTally()
	}
}

// explain says all about one check.
func (l *openLab) explain(which string) error {
	if err := l.firstLook(); err != nil {
		return err
	}
	checks := l.exercise.Localize(l.report, l.Lang).Checks
	i, err := l.pick(l.Texts.Plain.WhichCheck, which, len(checks))
	if err != nil {
		return err
	}
	c, t := checks[i], l.Texts.Lab
	l.tellCheck(i, c)
	for _, part := range []struct{ label, text string }{{t.Expected, c.Expected}, {t.Actual, c.Actual}, {t.Why, c.Why}} {
		if part.text != "" {
			l.fact(part.label, part.text)
		}
	}
	return nil
}
