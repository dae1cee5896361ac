// Package stream carries events from goroutines into a bubbletea program. A
// stream has an identity, so that what it still says after its screen was
// left can be told apart and dropped.
package stream

import (
	"sync"
	"sync/atomic"

	tea "github.com/charmbracelet/bubbletea"
)

// ID identifies a stream.
type ID uint64

// Source hands out identities. The zero Source is ready for use.
type Source struct{ last atomic.Uint64 }

// Next returns an identity that was not handed out before.
func (s *Source) Next() ID { return ID(s.last.Add(1)) }

// Stream is a mailbox: Push never blocks, and the program takes all that is
// there at once, however long it was away (in a shell, say).
type Stream[T any] struct {
	id ID
	// merge, where set, puts an item into those that wait, so that frequent
	// events cannot pile up.
	merge func(waiting []T, item T) []T

	mu     sync.Mutex
	items  []T
	closed bool
	err    error
	ready  chan struct{} // holds one token when there is something to take
}

// Msg is what a stream said since the last Msg.
type Msg[T any] struct {
	ID    ID
	Items []T
	// Closed says that nothing more will come, and Err why.
	Closed bool
	Err    error
}

// New makes a stream. merge may be nil: then every item is kept.
func New[T any](id ID, merge func(waiting []T, item T) []T) *Stream[T] {
	if merge == nil {
		merge = func(waiting []T, item T) []T { return append(waiting, item) }
	}
	return &Stream[T]{id: id, merge: merge, ready: make(chan struct{}, 1)}
}

// ID returns the stream's identity.
func (s *Stream[T]) ID() ID { return s.id }

// Push adds an item.
func (s *Stream[T]) Push(item T) {
	s.mu.Lock()
	s.items = s.merge(s.items, item)
	s.mu.Unlock()
	s.signal()
}

// Close ends the stream; err is why, nil for a good end.
func (s *Stream[T]) Close(err error) {
	s.mu.Lock()
	s.closed, s.err = true, err
	s.mu.Unlock()
	s.signal()
}

func (s *Stream[T]) signal() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// NextCmd waits for the next Msg[T]. A screen asks again after each one that
// is not closed.
func (s *Stream[T]) NextCmd() tea.Cmd {
	return func() tea.Msg {
		<-s.ready
		s.mu.Lock()
		defer s.mu.Unlock()
		msg := Msg[T]{ID: s.id, Items: s.items, Closed: s.closed, Err: s.err}
		s.items = nil
		return msg
	}
}
