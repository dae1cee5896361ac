package exam

import (
	"context"
	"errors"
	"testing"
	"time"

	"podlab/grader"
)

var noon = time.Date(2031, 4, 5, 12, 0, 0, 0, time.UTC)

func someState() *State {
	return &State{
		Version: StateVersion, ID: "20310405-120000-7", Blueprint: "short", Seed: 7, Lang: "en", Phase: Preparing, Minutes: 60,
		Tasks: []TaskState{{Task: Task{Lab: "mc1", Weight: 100, Minutes: 6, Pattern: "shared-volume", Level: 1}, Namespace: "podlab-exam-mc1"}},
	}
}

// ticker is an exam whose clocks a test moves.
type ticker struct {
	*Exam
	t    *testing.T
	p    pace
	wall time.Time
	up   time.Duration
}

func newTicker(t *testing.T) *ticker {
	k := &ticker{t: t, wall: noon}
	k.Exam = New(Options{
		Root: t.TempDir(), Now: func() time.Time { return k.wall },
		Connect: func() (*grader.Client, error) { return nil, errors.New("the cluster is down") },
	})
	s := someState()
	s.Begin(noon)
	if _, err := k.store.Create(s); err != nil {
		t.Fatal(err)
	}
	return k
}

// after lets time pass, moves the wall's clock besides, and wants that much
// time to be left.
func (k *ticker) after(passed, moved, left time.Duration) {
	k.t.Helper()
	k.up += passed
	k.wall = k.wall.Add(passed + moved)
	s, at, err := k.tick(&k.p, k.up)
	if err != nil {
		k.t.Fatal(err)
	}
	if got := s.Left(at); got != left {
		k.t.Errorf("%v left after %v, want %v", got, k.up, left)
	}
	// What another process sees.
	if s, at, err = k.State(); err != nil || s.Left(at) != left {
		k.t.Errorf("another process: %v left, %v", s.Left(at), err)
	}
}

func TestTheClockGoesOn(t *testing.T) {
	k := newTicker(t)
	k.after(0, 0, 60*time.Minute)
	k.after(time.Second, 0, 59*time.Minute+59*time.Second)
	// Set back, by much and by a second at a time: nothing is won.
	k.after(time.Second, -3*time.Hour, 59*time.Minute+58*time.Second)
	for i := range 10 {
		k.after(time.Second, -time.Second, 59*time.Minute+57*time.Second-time.Duration(i)*time.Second)
	}
	// A machine that slept has clocks that differ; the wall's counts.
	k.after(time.Second, 20*time.Minute, 39*time.Minute+47*time.Second)
	// Set back while no proctor was at work: from what was seen last.
	k.p = pace{}
	k.after(time.Minute, -2*time.Hour, 39*time.Minute+47*time.Second)
	k.after(47*time.Second, 0, 39*time.Minute)
}

func TestProctorLeavesAClosedExam(t *testing.T) {
	k := newTicker(t)
	if _, err := k.store.Update(func(s *State) error { return s.End(noon) }); err != nil {
		t.Fatal(err)
	}
	if _, err := k.store.Update(func(s *State) error { s.Phase = Graded; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := k.Proctor(t.Context(), func() {}, func(err error) { t.Error(err) }); err != nil {
		t.Error(err)
	}
}

// A proctor ends the exam in time even if the cluster is down, says what keeps
// it from grading, and is the only one.
func TestProctorWithoutACluster(t *testing.T) {
	k := newTicker(t)
	k.wall = noon.Add(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	troubles := make(chan error, 1)
	done := make(chan error, 1)
	go func() {
		done <- k.Proctor(ctx, func() {}, func(err error) {
			select {
			case troubles <- err:
			default:
			}
		})
	}()
	if err := <-troubles; err == nil || err.Error() != "the cluster is down" {
		t.Errorf("trouble %v", err)
	}
	if overseen, err := k.Overseen(ctx); !overseen || err != nil {
		t.Errorf("overseen: %v, %v", overseen, err)
	}
	s, _, err := k.State()
	if err != nil || s.Phase != Ended || !s.EndedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("state %+v, %v", s, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if overseen, err := k.Overseen(t.Context()); overseen || err != nil {
		t.Errorf("afterwards: %v, %v", overseen, err)
	}
}

// An exam can be given up without its cluster.
func TestAbortWithoutACluster(t *testing.T) {
	k := newTicker(t)
	if err := k.Abort(t.Context()); !errors.Is(err, ErrRightsLeft) {
		t.Errorf("abort: %v", err)
	}
	if s, _, err := k.State(); err != nil || s.Phase != Aborted {
		t.Errorf("state %+v, %v", s, err)
	}
	if err := k.Abort(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("again: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	s := someState()
	s.Begin(noon)
	for _, c := range []struct {
		left time.Duration
		want Warning
	}{
		{31 * time.Minute, NoWarning},
		{30 * time.Minute, HalfTime},
		{15 * time.Minute, FifteenMinutes},
		{5*time.Minute + time.Second, FifteenMinutes},
		{5 * time.Minute, FiveMinutes},
		{time.Minute, OneMinute},
		{0, OneMinute},
	} {
		if got := s.Warning(s.EndsAt.Add(-c.left)); got != c.want {
			t.Errorf("%v left: %q, want %q", c.left, got, c.want)
		}
	}
	s.Minutes = 15
	s.Begin(noon)
	if got := s.Warning(noon); got != NoWarning {
		t.Errorf("at the start: %q", got)
	}
	if got := s.Warning(noon.Add(8 * time.Minute)); got != HalfTime {
		t.Errorf("after 8 of 15 minutes: %q", got)
	}
	s.Phase = Ended
	if got := s.Warning(noon); got != NoWarning {
		t.Errorf("after the end: %q", got)
	}
}
