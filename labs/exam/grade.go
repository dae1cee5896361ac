package exam

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/content"
	"podlab/grader"
	"podlab/labs/evidence"
	"podlab/labs/statefile"
)

// ResultVersion is the version of results that this podlab reads and writes.
const ResultVersion = 1

// PassMark is the least score, in percent, with which an exam is passed.
const PassMark = 66

const (
	// settleWait is how long grading waits for what may still pass.
	settleWait = 3 * time.Second
	// lateWait is the same for an exam that is graded late: the cluster may have
	// been started only now, and Pods that run again take their time.
	lateWait = time.Minute
	// lateAfter is how long after the end a grading counts as on time.
	lateAfter = time.Minute
	// answerPatience is how long a cluster may take to say that it is there.
	answerPatience = 5 * time.Second

	resultFile   = "result.json"
	evidenceFile = "evidence.json.gz"
)

// Result is what is kept of an exam that was graded, in no language.
type Result struct {
	Version   int          `json:"version"`
	ID        string       `json:"id"`
	Blueprint string       `json:"blueprint"`
	Seed      uint64       `json:"seed"`
	Lang      content.Lang `json:"lang"`
	Minutes   int          `json:"minutes"`
	StartedAt time.Time    `json:"startedAt"`
	EndedAt   time.Time    `json:"endedAt"`
	GradedAt  time.Time    `json:"gradedAt"`
	// TimedOut says that the clock ended the exam, not the candidate.
	TimedOut bool `json:"timedOut"`
	// Late says that it was graded long after it ended: what the cluster did in
	// between is graded too.
	Late  bool         `json:"late"`
	Tasks []TaskResult `json:"tasks"`
}

// TaskResult is what became of a task.
type TaskResult struct {
	Task
	Namespace string        `json:"namespace"`
	Flagged   bool          `json:"flagged"`
	Done      bool          `json:"done"`
	Visited   bool          `json:"visited"`
	Spent     time.Duration `json:"spent"` // nanoseconds
	// Checks are the verdicts; empty with Fault.
	Checks []grader.Result `json:"checks,omitempty"`
	// Fault says why the task could not be graded.
	Fault string `json:"fault,omitempty"`
}

// trouble reports whether something could not be graded by a fault of podlab or
// the cluster.
func (r *Result) trouble() bool {
	return slices.ContainsFunc(r.Tasks, func(t TaskResult) bool {
		return t.Fault != "" || slices.ContainsFunc(t.Checks, func(c grader.Result) bool { return c.Status == grader.Errored })
	})
}

// Points returns what the checks of the task earned, and what there was to
// earn. Checks that could not be verified, because the cluster cannot show
// them or podlab was at fault, count in neither: left says how many points
// they were worth. What was given earns nothing where no work stands beside it.
func (t *TaskResult) Points() (earned, most, left int) {
	worked := slices.ContainsFunc(t.Checks, func(c grader.Result) bool { return !c.Given && c.Earned > 0 })
	for _, c := range t.Checks {
		if c.Status == grader.Unverifiable || c.Status == grader.Errored {
			left += c.Points
			continue
		}
		if worked {
			earned += c.Earned
		}
		most += c.Points
	}
	return earned, most, left
}

// Share is what the task earned of its weight, from 0 to 1, and whether
// anything of it could be judged.
func (t *TaskResult) Share() (share float64, judged bool) {
	earned, most, _ := t.Points()
	if most == 0 {
		return 0, false
	}
	return float64(earned) / float64(most), true
}

// Score is the result in percent: the shares of the tasks by their weights.
// A task of which nothing could be judged is taken out of the maximum.
func (r *Result) Score() float64 {
	score, _ := ScoreOf(r.Tasks).Float64()
	return score
}

// Passed reports whether the score reaches PassMark.
func (r *Result) Passed() bool { return ScoreOf(r.Tasks).Cmp(big.NewRat(PassMark, 1)) >= 0 }

// ScoreOf is the score in percent of some tasks of an exam, or of all. It is
// exact: sums of thirds must not miss the pass mark by a rounding. It is zero
// where nothing could be judged.
func ScoreOf(tasks []TaskResult) *big.Rat {
	earned, most := new(big.Rat), new(big.Rat)
	for i := range tasks {
		points, all, _ := tasks[i].Points()
		if all == 0 {
			continue
		}
		weight := big.NewRat(int64(tasks[i].Weight), 1)
		most.Add(most, weight)
		earned.Add(earned, new(big.Rat).Mul(weight, big.NewRat(int64(points), int64(all))))
	}
	if most.Sign() == 0 {
		return most
	}
	return earned.Mul(earned.Quo(earned, most), big.NewRat(100, 1))
}

// Percent is ScoreOf in whole percent, rounded down: it reaches PassMark where
// the score does, and 100 for full marks alone.
func Percent(tasks []TaskResult) int {
	score := ScoreOf(tasks)
	return int(new(big.Int).Quo(score.Num(), score.Denom()).Int64())
}

// Verified is how much of some tasks, by weight and by points, could be judged,
// in whole percent, rounded down: 100 for all of it alone.
func Verified(tasks []TaskResult) int {
	seen, all := new(big.Rat), new(big.Rat)
	for i := range tasks {
		weight := big.NewRat(int64(tasks[i].Weight), 1)
		all.Add(all, weight)
		if _, most, left := tasks[i].Points(); most > 0 {
			seen.Add(seen, weight.Mul(weight, big.NewRat(int64(most), int64(most+left))))
		}
	}
	if all.Sign() == 0 {
		return 0
	}
	share := seen.Mul(seen.Quo(seen, all), big.NewRat(100, 1))
	return int(new(big.Int).Quo(share.Num(), share.Denom()).Int64())
}

// Submit ends the exam now, or at the end of its time if that is over, and
// grades it.
func (e *Exam) Submit(ctx context.Context) (*Result, error) {
	if _, err := e.change(func(s *State, at time.Time) error {
		if s.Phase == Ended {
			return nil // a grading that was interrupted
		}
		return s.End(at)
	}); err != nil {
		return nil, err
	}
	return e.grade(ctx)
}

// Finish ends and grades an exam whose time is up; ErrNotRunning where it is
// not.
func (e *Exam) Finish(ctx context.Context) (*Result, error) {
	if _, err := e.change(func(s *State, at time.Time) error {
		switch {
		case s.Phase == Ended:
			return nil
		case !s.Over(at):
			return ErrNotRunning
		}
		return s.End(at)
	}); err != nil {
		return nil, err
	}
	return e.grade(ctx)
}

// ErrRightsLeft: an exam was given up, but the cluster did not answer, and the
// candidate may work there until its token runs out.
var ErrRightsLeft = errors.New("the candidate's rights could not be ended")

// Abort gives the exam up: rights end, nothing is graded.
func (e *Exam) Abort(ctx context.Context) error {
	return e.exclusively(ctx, func() error {
		s, err := e.change((*State).abort)
		if err != nil {
			return err
		}
		e.takeKubeconfig()
		client, err := e.client()
		if err == nil {
			err = e.access(client, s).revoke(ctx)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRightsLeft, err)
		}
		return nil
	})
}

// grade grades the exam, which has ended, unless another process has done so.
func (e *Exam) grade(ctx context.Context) (*Result, error) {
	client, err := e.client()
	if err != nil {
		return nil, err
	}
	var r *Result
	err = e.exclusively(ctx, func() error {
		s, _, err := e.State()
		switch {
		case err != nil:
			return err
		case s.Phase == Graded:
			r, err = e.Result(s.ID)
			return err
		case s.Phase != Ended:
			return ErrNotRunning // aborted meanwhile
		}
		r, err = e.gradeAll(ctx, client, s)
		return err
	})
	return r, err
}

// errAway: the cluster went away while it was asked.
var errAway = errors.New("grade the exam: the cluster does not answer any more")

// gradeAll ends the candidate's rights, grades all tasks at once, keeps result
// and evidence, and closes the exam. It may be repeated until it succeeds.
func (e *Exam) gradeAll(ctx context.Context, client *grader.Client, s *State) (*Result, error) {
	e.takeKubeconfig()
	if err := e.access(client, s).revoke(ctx); err != nil {
		return nil, err
	}
	wait := settleWait
	if e.o.Now().Add(s.Behind).Sub(s.EndedAt) > lateAfter {
		wait = lateWait
	}
	r := &Result{
		Version: ResultVersion, ID: s.ID, Blueprint: s.Blueprint, Seed: s.Seed, Lang: s.Lang, Minutes: s.Minutes,
		StartedAt: s.StartedAt, EndedAt: s.EndedAt, TimedOut: !s.EndedAt.Before(s.EndsAt), Tasks: make([]TaskResult, len(s.Tasks)),
	}
	kept := &evidence.File{Version: evidence.FormatVersion, Podlab: e.o.Podlab}
	var mu sync.Mutex
	var g errgroup.Group // all at once: a grading mostly waits for answers
	for i, t := range s.Tasks {
		g.Go(func() error {
			report, seen, err := e.gradeTask(ctx, client, s, t, wait)
			mu.Lock()
			defer mu.Unlock()
			r.Tasks[i] = TaskResult{
				Task: t.Task, Namespace: t.Namespace, Flagged: t.Flagged, Done: t.Done, Visited: t.Visited, Spent: t.Spent,
			}
			if err != nil {
				r.Tasks[i].Fault = err.Error()
				return nil
			}
			r.Tasks[i].Checks = report.Results
			kept.Gradings = append(kept.Gradings, evidence.Grading{Lab: t.Lab, Params: t.Params, Seen: seen})
			return nil
		})
	}
	_ = g.Wait() // faults are in the result
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if r.trouble() && !client.Answers(ctx, answerPatience) {
		return nil, errAway // it gets another chance
	}
	r.GradedAt = whole(e.o.Now().Add(s.Behind))
	r.Late = r.GradedAt.Sub(r.EndedAt) > lateAfter
	slices.SortFunc(kept.Gradings, func(a, b evidence.Grading) int { return s.TaskOf(a.Lab) - s.TaskOf(b.Lab) })
	if err := e.keep(r, kept); err != nil {
		return nil, err
	}
	if _, err := e.store.Update(func(s *State) error { s.Phase = Graded; return nil }); err != nil {
		return nil, err
	}
	return r, nil
}

func (e *Exam) gradeTask(ctx context.Context, client *grader.Client, s *State, t TaskState, wait time.Duration) (*grader.Report, *grader.Evidence, error) {
	inst, err := e.instance(s, t.Lab, t.Namespace)
	if err != nil {
		return nil, nil, err
	}
	target := grader.Target{Client: client, Namespace: t.Namespace, RunsContainers: e.o.RunsContainers, Foreign: e.o.Foreign}
	return inst.Program.GradeSettledWithEvidence(ctx, target, wait)
}

// keep writes result and evidence; the result last, since it says that the
// exam is in the history.
func (e *Exam) keep(r *Result, seen *evidence.File) error {
	dir := e.resultDir(r.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the result of the exam: %w", err)
	}
	if len(seen.Gradings) > 0 {
		var compressed bytes.Buffer
		if err := evidence.Write(&compressed, seen); err != nil {
			return err
		}
		if err := statefile.Replace(filepath.Join(dir, evidenceFile), compressed.Bytes()); err != nil {
			return fmt.Errorf("keep the evidence of the exam: %w", err)
		}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the result of the exam: %w", err)
	}
	if err := statefile.Replace(filepath.Join(dir, resultFile), append(data, '\n')); err != nil {
		return fmt.Errorf("keep the result of the exam: %w", err)
	}
	return nil
}

func (e *Exam) resultDir(id string) string { return filepath.Join(e.o.Root, "results", id) }

// Evidence is the path of the evidence of a graded exam.
func (e *Exam) Evidence(id string) string { return filepath.Join(e.resultDir(id), evidenceFile) }

// ErrNoResult means that there is no graded exam of that id.
var ErrNoResult = errors.New("there is no such exam in the history")

// Result reads the result of a graded exam.
func (e *Exam) Result(id string) (*Result, error) {
	if !IsID(id) {
		return nil, fmt.Errorf("%w: %s", ErrNoResult, id)
	}
	data, err := os.ReadFile(filepath.Join(e.resultDir(id), resultFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoResult, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read the result of exam %s: %w", id, err)
	}
	r, err := ParseResult(data)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the result of exam %s: %w", id, err)
	case r.ID != id:
		return nil, fmt.Errorf("read the result of exam %s: %w: it is that of exam %s", id, ErrResult, r.ID)
	}
	return r, nil
}

// Results reads all results, the newest first. One that cannot be read is
// left out, and its error returned beside the others.
func (e *Exam) Results() ([]*Result, error) {
	entries, err := os.ReadDir(filepath.Join(e.o.Root, "results"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the history of exams: %w", err)
	}
	var all []*Result
	var errs []error
	for _, entry := range slices.Backward(entries) { // ids begin with the time
		r, err := e.Result(entry.Name())
		if errors.Is(err, ErrNoResult) {
			continue // the grading was interrupted
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, r)
	}
	return all, errors.Join(errs...)
}
