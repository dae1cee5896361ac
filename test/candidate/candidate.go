// Package candidate sits mock exams as a candidate would: it gives the answers
// that a lab ships.
package candidate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/practice"
)

// patience is what an answer gets to settle. It takes seconds, but a node that
// shares its machine may stand still for minutes.
const patience = 5 * time.Minute

// Candidate is who sits exams on a cluster.
type Candidate struct {
	Exam    *exam.Exam
	Catalog *labs.Catalog
	Client  *grader.Client
}

// Answer gives an answer of the lab of task n, counted from 1, and waits until
// what it leads to has settled, right or wrong.
func (c Candidate) Answer(ctx context.Context, s *exam.State, n int, choose func(*labs.Instance) labs.Answer) error {
	id := s.Tasks[n-1].Lab
	p := practice.New(practice.Options{
		Catalog: c.Catalog, Client: c.Client, RunsContainers: true, Prefix: exam.Prefix,
		Instantiate: func(string, string) (*labs.Instance, error) { return c.Exam.Instance(s, n) },
	})
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	if err := p.Perform(ctx, id, choose(instance), patience, false); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	if _, err := p.Grade(ctx, id, patience); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// SolveAll solves all tasks, some at once. The error joins those of the tasks.
func (c Candidate) SolveAll(ctx context.Context, s *exam.State) error {
	failures := make([]error, len(s.Tasks))
	var g errgroup.Group
	g.SetLimit(4)
	for i := range s.Tasks {
		g.Go(func() error {
			failures[i] = c.Answer(ctx, s, i+1, FirstSolution)
			return nil
		})
	}
	_ = g.Wait() // the failures are in their own list, so that none hides another
	return errors.Join(failures...)
}

// FirstSolution is the answer that a lab shows to those who ask.
func FirstSolution(i *labs.Instance) labs.Answer { return i.Solutions[0] }
