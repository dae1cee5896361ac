package cluster

import (
	"sync"
	"time"

	"podlab/content"
)

// bytesEvery bounds how often byte counts reach a listener, so that a fast
// stream does not drown it.
const bytesEvery = 100 * time.Millisecond

// Steps turns what a provider does into events for a Listener: it keeps when
// each step began, drops events that say nothing new, and calls the listener
// from one goroutine at a time. All methods are safe for concurrent use.
type Steps struct {
	mu     sync.Mutex
	listen Listener
	now    func() time.Time
	steps  map[StepID]*step
}

type step struct {
	began, told  time.Time
	state        StepState
	bytes, total int64
}

// NewSteps returns Steps that report to listen, which may be nil.
func NewSteps(listen Listener) *Steps {
	return &Steps{listen: listen, now: time.Now, steps: map[StepID]*step{}}
}

// Start says that a step runs. Starting a step that runs does nothing.
func (s *Steps) Start(id StepID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.steps[id]; st != nil && st.state == Running {
		return
	}
	s.steps[id] = &step{began: s.now(), state: Running}
	s.tell(id, "")
}

// Note adds a line of detail to a step, which starts if it does not run.
func (s *Steps) Note(id StepID, detail string) {
	s.Start(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(id, detail)
}

// Bytes says how far a running step is. It reports at most ten times a second.
func (s *Steps) Bytes(id StepID, done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.steps[id]
	if st == nil || st.state != Running {
		return
	}
	st.bytes, st.total = done, total
	if s.now().Sub(st.told) >= bytesEvery || done == total {
		s.tell(id, "")
	}
}

// Done ends a step that runs.
func (s *Steps) Done(id StepID) { s.end(id, Done, "") }

// Skip says that there was nothing to do in a step; detail says why.
func (s *Steps) Skip(id StepID, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.steps[id] == nil {
		s.steps[id] = &step{began: s.now()}
	}
	s.steps[id].state = Skipped
	s.tell(id, detail)
}

// Decide says what was decided in a step, as a text for the learner.
func (s *Steps) Decide(id StepID, what content.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listen != nil {
		s.listen(Progress{Step: id, State: Done, Message: what})
	}
}

// Fail ends a step that runs without success.
func (s *Steps) Fail(id StepID, detail string) { s.end(id, Failed, detail) }

// FailRunning ends all steps that still run without success.
func (s *Steps) FailRunning(detail string) {
	s.mu.Lock()
	var running []StepID
	for id, st := range s.steps {
		if st.state == Running {
			running = append(running, id)
		}
	}
	s.mu.Unlock()
	for _, id := range running {
		s.end(id, Failed, detail)
	}
}

func (s *Steps) end(id StepID, state StepState, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.steps[id]
	if st == nil || st.state != Running {
		return
	}
	st.state = state
	s.tell(id, detail)
}

// tell is called with the lock held, which is what keeps calls of the
// listener apart.
func (s *Steps) tell(id StepID, detail string) {
	if s.listen == nil {
		return
	}
	st, now := s.steps[id], s.now()
	st.told = now
	s.listen(Progress{
		Step: id, State: st.state, Elapsed: now.Sub(st.began),
		Bytes: st.bytes, Total: st.total, Detail: detail,
	})
}
