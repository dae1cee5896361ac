package plain

import (
	"context"
	"sync"
)

// mailbox carries what goroutines have to say to the one that writes. Putting
// something in never blocks.
type mailbox[T any] struct {
	mu    sync.Mutex
	items []T
	ready chan struct{} // holds one token when there is something to take
}

func newMailbox[T any]() *mailbox[T] { return &mailbox[T]{ready: make(chan struct{}, 1)} }

func (m *mailbox[T]) put(item T) {
	m.mu.Lock()
	m.items = append(m.items, item)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// take returns what was put in since the last time.
func (m *mailbox[T]) take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = nil
	return items
}

// work waits until f is done. Ctrl-C cancels it: then work returns cancelled
// when f has cleaned up after itself, or leaveAtOnce after a second Ctrl-C.
func (s *session) work(f func(ctx context.Context) error) error {
	return s.workTelling(f, nil, func() {})
}

// workTelling is work that calls tell whenever ready is, and at the end.
func (s *session) workTelling(f func(ctx context.Context) error, ready <-chan struct{}, tell func()) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	ended := make(chan error, 1)
	s.jobs.Add(1)
	go func() {
		defer s.jobs.Done()
		ended <- f(ctx)
	}()
	interrupted := false
	for {
		select {
		case err := <-ended:
			tell()
			switch {
			case err == nil:
				return nil
			case interrupted:
				return cancelled
			case s.ctx.Err() != nil:
				return leave
			}
			return err
		case <-s.o.Interrupts:
			if interrupted {
				return leaveAtOnce
			}
			interrupted = true
			s.say(s.Texts.Welcome.Cancelling)
			cancel()
		case <-ready:
			tell()
		case <-s.news():
			s.open.hear()
		}
	}
}
