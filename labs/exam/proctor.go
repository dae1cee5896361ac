package exam

import (
	"context"
	"errors"
	"fmt"
	"time"

	"podlab/labs/statefile"
)

const (
	// tickEvery is how often a proctor notes the time.
	tickEvery = time.Second
	// takeOver is how long a proctor waits for the one of the exam before to go.
	takeOver = 3 * time.Second
	// finishTimeout bounds one attempt to end and grade, and finishAgain is the
	// pause before the next.
	finishTimeout = 2 * time.Minute
	finishAgain   = 5 * time.Second
)

// Proctor oversees the exam under way until it is closed or ctx ends: it notes
// the time every second and renews the candidate's token, and when the time is up
// it ends the exam and grades it, again and again until the cluster lets it. Only
// one process at a time is the proctor; in another one Proctor returns soon. Began
// is called by the one that is, and trouble, every second, with what fails, or nil.
func (e *Exam) Proctor(ctx context.Context, began func(), trouble func(error)) error {
	waiting, cancel := context.WithTimeout(ctx, takeOver)
	defer cancel()
	unlock, err := statefile.Lock(waiting, e.store.path(proctorLock))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	began()

	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	start := time.Now()
	p := pace{}
	var notBefore, renewNotBefore time.Time // of the next attempts to finish and to renew
	for {
		s, at, err := e.tick(&p, time.Since(start))
		switch {
		case errors.Is(err, ErrNoExam), err == nil && !s.Phase.Open():
			return nil
		case err == nil && (s.Phase == Ended || s.Over(at)) && time.Now().After(notBefore):
			finishing, cancel := context.WithTimeoutCause(ctx, finishTimeout, fmt.Errorf("not done after %s", finishTimeout))
			_, err = e.Finish(finishing)
			cancel()
			notBefore = time.Now().Add(finishAgain)
		case err == nil && s.renewalDue(at) && time.Now().After(renewNotBefore):
			err = e.Renew(ctx)
			renewNotBefore = time.Now().Add(renewAgain)
		}
		trouble(err)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Overseen reports whether a proctor is at work.
func (e *Exam) Overseen(ctx context.Context) (bool, error) {
	asking, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	unlock, err := statefile.Lock(asking, e.store.path(proctorLock))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	unlock()
	return false, nil
}

// tick notes the time, and that the clock was set back if it was; up is the
// time since the proctor began, by a clock that nobody sets.
func (e *Exam) tick(p *pace, up time.Duration) (*State, time.Time, error) {
	s, err := e.store.Peek()
	if err != nil {
		return nil, time.Time{}, err
	}
	now := e.o.Now()
	lost := p.lost(now.Add(s.Behind), up)
	behind := s.Behind
	s.Behind += lost
	at, _ := s.Look(now)
	if s.Behind == behind {
		return s, at, e.store.Tick(at)
	}
	s, err = e.store.Update(func(s *State) error {
		if s.Behind == behind { // else another process noticed it first
			s.Behind += lost
		}
		at, _ = s.Look(now)
		return nil
	})
	return s, at, err
}

// pace tells a clock that was set back by what really passed. A clock that is
// set forward, or goes on while the machine sleeps, counts as the time.
type pace struct {
	// known says that at, which the clock showed, was at up.
	known bool
	at    time.Time
	up    time.Duration
}

// lost is by how much a clock that shows at was set back, zero if it was not.
func (p *pace) lost(at time.Time, up time.Duration) time.Duration {
	at = at.Round(0) // the wall's alone
	ahead := at.Sub(p.at) - (up - p.up)
	switch {
	case !p.known || ahead >= time.Second:
		*p = pace{known: true, at: at, up: up}
	case ahead <= -time.Second:
		return -ahead.Round(time.Second)
	}
	return 0
}
