package exam

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"podlab/content"
)

// StateVersion is the version of the file with an exam's state that this
// podlab reads and writes.
const StateVersion = 1

// Phase is how far an exam is.
type Phase string

// The phases.
const (
	// Preparing: the namespaces of the tasks are being set up; the clock stands.
	Preparing Phase = "preparing"
	// Running: the clock runs.
	Running Phase = "running"
	// Ended: submitted or out of time, and not graded yet.
	Ended Phase = "ended"
	// Graded: the report is there.
	Graded Phase = "graded"
	// Aborted: given up, without a report.
	Aborted Phase = "aborted"
)

// Open reports whether an exam is in the way of another one.
func (p Phase) Open() bool { return p == Preparing || p == Running || p == Ended }

// State is all that is kept of an exam while it runs.
type State struct {
	Version int `yaml:"version" json:"version"`
	// ID names the exam in the history: when it began, and its seed.
	ID        string       `yaml:"id" json:"id"`
	Blueprint string       `yaml:"blueprint" json:"blueprint"`
	Seed      uint64       `yaml:"seed" json:"seed"`
	Lang      content.Lang `yaml:"lang" json:"lang"`
	Phase     Phase        `yaml:"phase" json:"phase"`
	// Place is where the exam is sat.
	Place `yaml:",inline"`
	// Minutes is the length of the exam.
	Minutes int `yaml:"minutes" json:"minutes"`
	// StartedAt and EndsAt are the clock's, by the wall; zero while preparing.
	StartedAt time.Time `yaml:"startedAt,omitempty" json:"startedAt,omitzero"`
	EndsAt    time.Time `yaml:"endsAt,omitempty" json:"endsAt,omitzero"`
	// EndedAt is when the exam was submitted, or EndsAt.
	EndedAt time.Time `yaml:"endedAt,omitempty" json:"endedAt,omitzero"`
	// SeenAt is the latest moment that counted as the time, and Behind by how
	// much the machine's clock was set back since the exam began: one that is set
	// back does not lengthen the exam.
	SeenAt time.Time     `yaml:"seenAt,omitempty" json:"-"`
	Behind time.Duration `yaml:"behind,omitempty" json:"-"`
	// RenewAt is when the candidate gets another token; zero where the one that it
	// has outlives the exam.
	RenewAt time.Time   `yaml:"renewAt,omitempty" json:"-"`
	Tasks   []TaskState `yaml:"tasks" json:"tasks"`
	// Current is the number of the task that is being worked on, from 1; 0 for
	// none. CurrentSince is when that began.
	Current      int       `yaml:"current,omitempty" json:"current"`
	CurrentSince time.Time `yaml:"currentSince,omitempty" json:"-"`
}

// Place is where an exam is sat, in the words of podlab's flags: what belongs to
// an exam keeps to them.
type Place struct {
	Cluster  string `yaml:"cluster,omitempty" json:"cluster,omitempty"`
	Provider string `yaml:"provider,omitempty" json:"provider,omitempty"`
	// Labs is the absolute path of a directory of further labs.
	Labs string `yaml:"labs,omitempty" json:"labs,omitempty"`
}

// TaskState is a task and what the candidate did with it.
type TaskState struct {
	Task      `yaml:",inline"`
	Namespace string `yaml:"namespace" json:"namespace"`
	Flagged   bool   `yaml:"flagged,omitempty" json:"flagged"`
	Done      bool   `yaml:"done,omitempty" json:"done"` // so the candidate says
	Visited   bool   `yaml:"visited,omitempty" json:"visited"`
	// Spent is the time on the task, without the visit that is going on.
	Spent time.Duration `yaml:"spent,omitempty" json:"-"`
}

// Errors of what a State does not allow; see docs/exam.md.
var (
	ErrNotRunning = errors.New("the exam is not running")
	ErrNoTask     = errors.New("there is no such task")
)

// Begin starts the clock at now.
func (s *State) Begin(now time.Time) {
	now = whole(now)
	s.Phase, s.StartedAt, s.SeenAt, s.Behind = Running, now, now, 0
	s.EndsAt = now.Add(s.length())
}

// Look notes that the machine's clock shows now, and returns what counts as
// the time. That goes on even if the clock was set back; back is by how much it
// was since the last look, zero for a clock that goes on.
func (s *State) Look(now time.Time) (counts time.Time, back time.Duration) {
	counts = whole(now.Add(s.Behind))
	if back = s.SeenAt.Sub(counts); back > 0 {
		s.Behind += back
		return s.SeenAt, back
	}
	s.SeenAt = counts
	return counts, 0
}

func (s *State) length() time.Duration { return time.Duration(s.Minutes) * time.Minute }

// Left is what remains of the exam at a moment that counts; never negative.
func (s *State) Left(at time.Time) time.Duration {
	switch s.Phase {
	case Preparing:
		return s.length()
	case Running:
		return max(s.EndsAt.Sub(at), 0)
	}
	return 0
}

// Over reports whether the time of a running exam is up.
func (s *State) Over(at time.Time) bool { return s.Phase == Running && !at.Before(s.EndsAt) }

// minRenewal is the least time from one token of the candidate to the next.
const minRenewal = time.Minute

// hold notes that the candidate got a token at a moment that counts, and for how
// long that lives. It is replaced when half of that is over: by then the cluster
// may be away for a while, and its clock may be wrong.
func (s *State) hold(life time.Duration, at time.Time) {
	s.RenewAt = time.Time{}
	if life < s.Left(at) {
		s.RenewAt = whole(at.Add(max(life/2, minRenewal)))
	}
}

// renewalDue reports whether the candidate of a running exam is to get another
// token.
func (s *State) renewalDue(at time.Time) bool {
	return s.Phase == Running && !s.Over(at) && !s.RenewAt.IsZero() && !at.Before(s.RenewAt)
}

// Goto begins to work on task n, from 1, and books the time on the one before.
func (s *State) Goto(n int, at time.Time) error {
	if err := s.mayChange(n, at); err != nil {
		return err
	}
	s.leave(at)
	s.Current, s.CurrentSince = n, at
	s.Tasks[n-1].Visited = true
	return nil
}

// Flag marks task n to come back to, or takes the mark away.
func (s *State) Flag(n int, on bool, at time.Time) error {
	if err := s.mayChange(n, at); err != nil {
		return err
	}
	s.Tasks[n-1].Flagged = on
	return nil
}

// MarkDone marks task n as done in the candidate's eyes, or takes that back.
func (s *State) MarkDone(n int, on bool, at time.Time) error {
	if err := s.mayChange(n, at); err != nil {
		return err
	}
	s.Tasks[n-1].Done = on
	return nil
}

// End closes the exam at a moment that counts, at EndsAt at the latest.
func (s *State) End(at time.Time) error {
	if s.Phase != Running {
		return ErrNotRunning
	}
	if at.After(s.EndsAt) {
		at = s.EndsAt
	}
	s.leave(at)
	s.Phase, s.EndedAt, s.Current, s.CurrentSince = Ended, at, 0, time.Time{}
	return nil
}

// SpentOn is the time on task n, from 1, with the visit that goes on.
func (s *State) SpentOn(n int, at time.Time) time.Duration {
	spent := s.Tasks[n-1].Spent
	if s.Current == n {
		spent += s.visit(at)
	}
	return spent
}

// abort gives the exam up.
func (s *State) abort(at time.Time) error {
	if !s.Phase.Open() {
		return ErrNotRunning
	}
	s.leave(at)
	s.Phase, s.EndedAt, s.Current, s.CurrentSince = Aborted, at, 0, time.Time{}
	return nil
}

// leave books the visit that goes on.
func (s *State) leave(at time.Time) {
	if s.Current > 0 {
		s.Tasks[s.Current-1].Spent += s.visit(at)
	}
}

func (s *State) visit(at time.Time) time.Duration {
	if s.Phase == Running && at.After(s.EndsAt) {
		at = s.EndsAt
	}
	return max(at.Sub(s.CurrentSince), 0)
}

func (s *State) mayChange(n int, at time.Time) error {
	switch {
	case s.Phase != Running || s.Over(at):
		return ErrNotRunning
	case n < 1 || n > len(s.Tasks):
		return fmt.Errorf("%w: %d; there are %d", ErrNoTask, n, len(s.Tasks))
	}
	return nil
}

// TaskOf returns the number of the task with that lab, from 1; 0 for none.
func (s *State) TaskOf(lab string) int {
	return 1 + slices.IndexFunc(s.Tasks, func(t TaskState) bool { return t.Lab == lab })
}

// check says what no podlab would have written.
func (s *State) check() error {
	phases := []Phase{Preparing, Running, Ended, Graded, Aborted}
	weight := 0
	for i, t := range s.Tasks {
		weight += t.Weight
		if t.Lab == "" || t.Namespace == "" || t.Spent < 0 || s.Behind < 0 {
			return fmt.Errorf("task %d is not whole", i+1)
		}
	}
	switch {
	case s.Version != StateVersion:
		return fmt.Errorf("version %d", s.Version)
	case s.ID == "" || s.Minutes < 1:
		return errors.New("id or minutes are missing")
	case !slices.Contains(phases, s.Phase):
		return fmt.Errorf("phase %q is unknown", s.Phase)
	case len(s.Tasks) == 0 || weight != 100:
		return fmt.Errorf("the weights of %d tasks add up to %d", len(s.Tasks), weight)
	case s.Current < 0 || s.Current > len(s.Tasks):
		return fmt.Errorf("current task %d does not exist", s.Current)
	case s.Phase != Preparing && s.Phase != Aborted && !s.EndsAt.After(s.StartedAt):
		return errors.New("the clock ends before it starts")
	}
	return nil
}

// whole cuts to seconds: state is kept in them, and so comparisons agree
// before and after it was saved.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
