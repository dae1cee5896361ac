package plain

import (
	"context"
	"errors"
	"time"

	"podlab/grader"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/texts"
)

// openLab is the lab that the learner is in.
type openLab struct {
	*session
	lab      *labs.Lab
	exercise backend.Exercise
	next     string // the lab to go on to

	// What the watch has seen last.
	events  *mailbox[event]
	report  *grader.Report // nil until the first look
	objects grader.Objects
	trouble error // the cluster does not answer

	// The attempt, as the records have it and as it goes on here.
	startedAt, ended time.Time
	hints            int
	solution         *labs.Answer // that was shown last
	seen             bool         // a solution was looked at in this attempt
}

// enter opens a lab until the learner leaves it, and returns the one to go on
// to, if any.
func (s *session) enter(id string) (next string, err error) {
	l := &openLab{session: s, events: newMailbox[event]()}
	for _, lab := range s.labs {
		if lab.ID == id {
			l.lab = lab
		}
	}
	title, _ := l.lab.Headline(s.Lang)
	s.gap()
	s.say(texts.Fill(s.Texts.Plain.LabTitle, "id", id, "title", title))
	s.say(s.list(append([]string{s.pattern(l.lab.Pattern)}, s.facts(l.lab, s.records()[id])...)))
	if s.closed(id) {
		return "", back
	}
	if err := l.start(); err != nil {
		return "", err
	}

	ctx, leaveLab := context.WithCancel(s.ctx)
	s.jobs.Add(1)
	go func() {
		defer s.jobs.Done()
		l.watch(ctx, s.practice, id)
	}()
	s.open = l
	defer func() {
		leaveLab()
		s.open = nil
	}()
	l.tellTask()
	list := !s.heard.lab
	s.heard.lab = true
	if err := s.offer(list, l.menu); !errors.Is(err, done) {
		return "", err
	}
	return l.next, nil
}

// start sets the lab up, again if that fails and the learner wants it.
func (l *openLab) start() error {
	for {
		l.say(l.Texts.Lab.Starting)
		err := l.work(func(ctx context.Context) (err error) {
			if l.exercise, err = l.practice.Exercise(l.lab.ID); err != nil {
				return err
			}
			return l.practice.Start(ctx, l.lab.ID)
		})
		var t turn
		switch {
		case err == nil:
			l.adopt()
			return nil
		case errors.Is(err, cancelled):
			l.say(l.Texts.Plain.Cancelled)
			return back
		case errors.As(err, &t):
			return err
		}
		l.failIn(l.Texts.Common.WhileStart, err)
		again, err := l.agree(l.Texts.Plain.TryAgain)
		if err != nil {
			return err
		}
		if !again {
			return back
		}
	}
}

// adopt takes over what the records say of the attempt.
func (l *openLab) adopt() {
	r := l.records()[l.lab.ID]
	l.startedAt, l.hints, l.seen, l.ended = r.StartedAt, r.HintsUsed, r.SolutionSeen, time.Time{}
}

// failIn says what did not work in this lab; doing has {lab} in it.
func (l *openLab) failIn(doing string, err error) {
	l.fail(texts.Fill(doing, "lab", l.lab.ID), err)
}

// do is work on the lab: it says what it is, and what went wrong. Unless it is
// ok, the choice has ended, with err where the conversation takes a turn.
func (l *openLab) do(saying, failing string, f func(ctx context.Context) error) (ok bool, err error) {
	l.say(saying)
	err = l.work(f)
	if t := turn(""); err == nil || errors.As(err, &t) {
		return err == nil, err
	}
	l.failIn(failing, err)
	return false, nil
}

func (l *openLab) menu() menu {
	c := l.Texts.Plain.Choices
	m := menu{place: l.lab.ID, choices: []choice{
		{c.Check, func(string) error { return l.check() }},
		{c.Watch, func(string) error { return l.listen() }},
		{c.Explain, l.explain},
		{c.Task, func(string) error { l.tellTask(); return nil }},
		{c.Hint, func(string) error { return l.hint() }},
		{c.Solution, l.showSolution},
		{c.Apply, func(string) error { return l.apply() }},
		{c.Pods, func(string) error { return l.describe() }},
		{c.Logs, l.tail},
		{c.Shell, func(string) error { return l.shell() }},
		{c.Reset, func(string) error { return l.reset() }},
		{c.Report, func(string) error { return l.grade() }},
		{c.NextLab, func(string) error { return l.goOn() }},
	}}
	// An exam that was begun elsewhere may ask this lab.
	for i, c := range m.choices {
		m.choices[i].do = func(more string) error {
			if l.closed(l.lab.ID) {
				return done
			}
			return c.do(more)
		}
	}
	return m
}

func (l *openLab) tellTask() {
	t := l.Texts.Lab
	l.heading(t.Task)
	l.gap()
	l.document(l.exercise.Text(l.Lang).Task)
	l.gap()
	l.fact(t.Namespace, l.exercise.In())
	l.fact(t.WorkDir, l.practice.WorkDir(l.lab.ID))
}

// goOn ends this lab for the one that is suggested next.
func (l *openLab) goOn() error {
	next := l.suggested(l.records(), l.lab.ID)
	if next == nil {
		l.say(l.Texts.Report.Last)
		return nil
	}
	l.next = next.ID
	return done
}
