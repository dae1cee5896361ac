package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/test/candidate"
)

// exam measures the longest exam there is: how long a candidate waits for the
// tasks in the beginning, and for the result in the end, all tasks solved.
func (b *bench) exam(ctx context.Context) error {
	client, err := b.client()
	if err != nil {
		return err
	}
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		return err
	}
	e := exam.New(exam.Options{
		Catalog: catalog, Client: client, RunsContainers: true, Root: filepath.Join(b.state, "bench-exams"), Podlab: "bench",
		Now: time.Now,
	})
	full := exam.Blueprint{ID: "full", Tasks: 15, Minutes: 120}
	var prepared, graded []time.Duration
	for round := range b.rounds {
		began := time.Now()
		s, err := e.Start(ctx, full, uint64(round+1), content.English, nil) //nolint:gosec // a few rounds
		if err != nil {
			return err
		}
		prepared = append(prepared, time.Since(began))
		if err := (candidate.Candidate{Exam: e, Catalog: catalog, Client: client}).SolveAll(ctx, s); err != nil {
			return err
		}
		began = time.Now()
		result, err := e.Submit(ctx)
		if err != nil {
			return err
		}
		graded = append(graded, time.Since(began))
		if result.Score() != 100 {
			return fmt.Errorf("a solved exam earns %.0f %%", result.Score())
		}
		if _, err := e.CleanUp(ctx); err != nil {
			return err
		}
	}
	b.times("exam of 15 tasks prepared", "≤ 20 s", prepared)
	b.times("exam of 15 settled tasks graded", "≤ 5 s", graded)
	return nil
}
