package cluster_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"podlab/cluster"
)

func TestStepsTellEachChangeOnce(t *testing.T) {
	var got []string
	s := cluster.NewSteps(func(p cluster.Progress) {
		got = append(got, fmt.Sprintf("%s %s %s", p.Step, p.State, p.Detail))
		if p.Elapsed < 0 {
			t.Errorf("%s took %v", p.Step, p.Elapsed)
		}
	})
	s.Start(cluster.StepNode)
	s.Start(cluster.StepNode)
	s.Note(cluster.StepNode, "a line")
	s.Done(cluster.StepNode)
	s.Fail(cluster.StepNode, "too late")
	s.Done(cluster.StepControl) // never began
	s.Skip(cluster.StepLabImages, "nothing to load")
	s.Start(cluster.StepReady)
	s.FailRunning("cancelled")
	want := []string{
		"node running ", "node running a line", "node done ",
		"lab-images skipped nothing to load", "ready running ", "ready failed cancelled",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}

func TestStepsBoundByteEvents(t *testing.T) {
	var events int
	var last cluster.Progress
	s := cluster.NewSteps(func(p cluster.Progress) { events++; last = p })
	s.Start(cluster.StepCheckBundle)
	const total = 100_000
	for i := int64(1); i <= total; i++ {
		s.Bytes(cluster.StepCheckBundle, i, total)
	}
	if last.Bytes != total || last.Total != total {
		t.Errorf("the last event says %d of %d", last.Bytes, last.Total)
	}
	if events > total/10 {
		t.Errorf("%d events for %d reads", events, total)
	}
}

func TestStepsNeverCallTheListenerConcurrently(t *testing.T) {
	var inside atomic.Int32
	s := cluster.NewSteps(func(cluster.Progress) {
		if inside.Add(1) != 1 {
			t.Error("two calls at the same time")
		}
		inside.Add(-1)
	})
	var group sync.WaitGroup
	for _, id := range []cluster.StepID{cluster.StepNode, cluster.StepReady, cluster.StepLabImages} {
		group.Go(func() {
			for range 500 {
				s.Note(id, "line")
			}
			s.Done(id)
		})
	}
	group.Wait()
}
