package plain

import (
	"context"
	"errors"
	"strconv"
	"time"

	"podlab/cluster"
	"podlab/content"
	"podlab/tui/backend"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

// connect looks for the cluster, brings it up if need be, and opens it. What
// fails can be tried again.
func (s *session) connect() error {
	for {
		err := s.tryConnect()
		if t := turn(""); err == nil || errors.As(err, &t) && t != cancelled {
			return err
		}
		if err := s.despair(err); err != nil {
			return err
		}
	}
}

// despair says why there is no cluster; it returns nil to try again.
func (s *session) despair(failure error) error {
	again := false
	if errors.Is(failure, cancelled) {
		s.say(s.Texts.Plain.Cancelled)
	} else {
		s.heading(s.Texts.Welcome.FailedTitle)
		problem, remedy, _ := s.Problem(failure)
		s.say(problem)
		if remedy != "" {
			s.fact(s.Texts.Welcome.Remedy, remedy)
		}
	}
	err := s.offer(true, func() menu {
		c := s.Texts.Plain.Choices
		return menu{place: s.Texts.Plain.Place.Cluster, top: true, choices: []choice{
			{c.Retry, func(string) error { again = true; return done }},
			{c.Output, func(string) error { return s.tellOutput(failure) }},
		}}
	})
	if again {
		return nil
	}
	return err
}

func (s *session) tellOutput(failure error) error {
	_, _, output := s.Problem(failure)
	if output == "" {
		s.say(s.Texts.Welcome.NoOutput)
		return nil
	}
	s.heading(s.Texts.Welcome.OutputTitle)
	s.verbatim(output)
	return nil
}

func (s *session) tryConnect() error {
	s.say(s.Texts.Welcome.Looking)
	var status cluster.Status
	err := s.work(func(ctx context.Context) (err error) {
		status, err = s.o.Cluster.Status(ctx)
		return err
	})
	if err == nil {
		err = backend.Silent(status)
	}
	if err != nil {
		return err
	}
	switch {
	case status.State == cluster.Ready:
	case backend.Unchosen(status):
		err = s.createNow(false) // which says what there is to choose
	default:
		err = s.create(status)
	}
	if err != nil {
		return err
	}
	s.say(s.Texts.Welcome.Opening)
	return s.work(func(ctx context.Context) (err error) {
		if s.practice, err = s.o.Open(ctx); err == nil {
			s.labs = s.o.Catalog.Labs()
		}
		return err
	})
}

// create asks whether to bring the cluster up, and does so. Once cancelled, it
// asks again.
func (s *session) create(status cluster.Status) error {
	t := s.Texts.Welcome
	s.gap()
	if len(status.Plan) == 0 { // it says that the cluster is on this machine
		s.say(t.Intro)
	}
	question, doing := s.Texts.Plain.CreateNow, t.Creating
	switch {
	case len(status.Plan) > 0:
		s.say(t.Existing)
		for _, said := range status.Plan {
			s.say(s.Cluster.Render(said))
		}
		question = t.AskExisting
	case status.State == cluster.Stopped:
		s.say(texts.Fill(t.Stopped, "name", status.Name))
		question, doing = s.Texts.Plain.RepairNow, t.Repairing
	case status.State == cluster.Broken:
		s.say(texts.Fill(t.Broken, "name", status.Name))
		question, doing = s.Texts.Plain.RepairNow, t.Repairing
	default:
		absent := texts.Fill(t.Absent, "provider", s.o.Cluster.Name())
		if !status.RunsContainers {
			absent = t.AbsentEmbedded
		}
		s.say(absent)
		switch dir := s.o.Create.BundleDir; {
		case !status.RunsContainers:
			if status.Choice.Key != "" {
				s.say(s.Cluster.Render(status.Choice))
			}
			s.say(t.Simulated)
			s.say(t.Seconds)
		case dir != "":
			s.say(texts.Fill(t.FromBundle, "dir", dir))
			s.say(t.Usual)
		default:
			s.say(t.FromNetwork)
			s.say(t.Usual)
		}
		s.say(t.Untouched)
	}
	for {
		yes, err := s.agree(question)
		switch {
		case err != nil:
			return err
		case !yes:
			return back
		}
		s.heading(doing)
		s.say(s.Texts.Plain.CtrlC)
		err = s.createNow(len(status.Plan) > 0)
		if !errors.Is(err, cancelled) {
			return err
		}
		s.say(t.Cancelled)
	}
}

// createNow brings the cluster up; confirmed says that its plan was agreed to.
func (s *session) createNow(confirmed bool) error {
	events := newMailbox[cluster.Progress]()
	told := steps{session: s, last: map[cluster.StepID]cluster.Progress{}}
	o := s.o.Create
	o.Listener, o.Confirmed = events.put, confirmed
	return s.workTelling(func(ctx context.Context) error { return s.o.Cluster.Create(ctx, o) },
		events.ready, func() {
			for _, p := range events.take() {
				told.tell(p)
			}
		})
}

// Between two lines that say how far a step is lie so many percent, or where
// the end is not known, so much time.
const (
	percentBetween = 10
	timeBetween    = 10 * time.Second
)

// steps says the steps of a creation in lines: when one begins, how far the
// long ones are, and when it ends.
type steps struct {
	*session
	last map[cluster.StepID]cluster.Progress // that was told
}

func (s *steps) tell(p cluster.Progress) {
	t := s.Texts.Plain
	title := s.Cluster.Render(content.Say("step." + string(p.Step)))
	seconds := strconv.FormatFloat(p.Elapsed.Seconds(), 'f', 1, 64)
	last, begun := s.last[p.Step]
	if p.Message.Key != "" {
		s.say(title + ": " + s.Cluster.Render(p.Message))
		return
	}
	switch p.State {
	case cluster.Done:
		s.say(texts.Fill(t.StepDone, "step", title, "seconds", seconds))
	case cluster.Failed:
		s.say(texts.Fill(t.StepFailed, "step", title, "seconds", seconds))
	case cluster.Skipped:
		s.say(texts.Fill(t.StepSkipped, "step", title))
	case cluster.Running:
		switch {
		case !begun:
			s.say(texts.Fill(t.StepBegun, "step", title))
		case p.Total > 0 && percent(p)/percentBetween > percent(last)/percentBetween:
			s.say(texts.Fill(t.StepBytes, "step", title, "percent", itoa(percent(p)),
				"done", layout.Bytes(p.Bytes), "total", layout.Bytes(p.Total)))
		case p.Total == 0 && p.Bytes > 0 && p.Elapsed-last.Elapsed >= timeBetween:
			s.say(texts.Fill(t.StepSoFar, "step", title, "done", layout.Bytes(p.Bytes)))
		default:
			return
		}
	}
	s.last[p.Step] = p
}

// percent of a step that is done.
func percent(p cluster.Progress) int {
	if p.Total == 0 {
		return 0
	}
	return int(100 * p.Bytes / p.Total)
}
