package stream

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What was pushed while nobody took anything comes at once, in order.
func TestStream(t *testing.T) {
	s := New[int](7, nil)
	s.Push(1)
	s.Push(2)
	next := func() Msg[int] { return s.NextCmd()().(Msg[int]) }
	if diff := cmp.Diff(Msg[int]{ID: 7, Items: []int{1, 2}}, next()); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	failed := errors.New("gone")
	s.Push(3)
	s.Close(failed)
	got := next()
	if !got.Closed || got.Err != failed || !cmp.Equal(got.Items, []int{3}) {
		t.Errorf("last: %+v", got)
	}
}

func TestStreamMerges(t *testing.T) {
	s := New(1, func(_ []int, item int) []int { return []int{item} })
	for i := range 1000 {
		s.Push(i)
	}
	if got := s.NextCmd()().(Msg[int]).Items; !cmp.Equal(got, []int{999}) {
		t.Errorf("Items = %v, want the last alone", got)
	}
}
