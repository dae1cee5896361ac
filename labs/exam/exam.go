// Package exam is timed mock exams: which labs they ask (Compose), what is
// kept of one while it runs (State, Store), and how it is prepared, worked on,
// ended and graded (Exam).
//
//	Blueprint ─Compose─► Tasks ─Start─► State in a Store, namespaces, rights
//	                                      │ Goto, Flag, MarkDone
//	                     Submit, or the clock
//	                                      ▼
//	                     rights end ─► Grade ─► Result, evidence
package exam

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
	"podlab/labs/practice"
)

// Prefix of the namespaces of an exam's tasks.
const Prefix = "podlab-exam-"

// kubeconfigFile is the candidate's, in the directory of the exam.
const kubeconfigFile = "kubeconfig"

// atOnce is how many namespaces are prepared, and tasks graded, at a time.
const atOnce = 8

// ErrOpen means that an exam is under way, and another one has to wait.
var ErrOpen = errors.New("an exam is under way")

// Options of an Exam.
type Options struct {
	Catalog *labs.Catalog
	Client  *grader.Client
	// RunsContainers as the cluster's provider says.
	RunsContainers bool
	// Root is the directory of all exams: the one under way, and the results.
	Root string
	// Podlab is the version, for the evidence.
	Podlab string
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// Recovered, if not nil, is told where a damaged state was set aside.
	Recovered func(aside string)
}

// Exam is the exam of one learner on one cluster. Several processes may use
// it at once.
type Exam struct {
	o     Options
	store *Store
}

// New makes an Exam. It does no I/O.
func New(o Options) *Exam {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Exam{o: o, store: OpenStore(filepath.Join(o.Root, "current"), o.Recovered)}
}

// Kubeconfig is the path of the candidate's kubeconfig.
func (e *Exam) Kubeconfig() string { return filepath.Join(e.store.Dir(), kubeconfigFile) }

// WorkDir is the directory with the files of a task.
func (e *Exam) WorkDir(lab string) string { return filepath.Join(e.workRoot(), lab) }

func (e *Exam) workRoot() string { return filepath.Join(e.store.Dir(), "work") }

// State returns the exam that is there, open or not, and what counts as the
// time; ErrNoExam for none.
func (e *Exam) State() (*State, time.Time, error) {
	s, err := e.store.Load()
	if err != nil {
		return nil, time.Time{}, err
	}
	at, _ := s.Look(e.o.Now())
	return s, at, nil
}

// Tick notes the time, so that a clock that is set back later is noticed; it
// returns by how much it was set back already.
func (e *Exam) Tick() (back time.Duration, err error) {
	_, err = e.store.Update(func(s *State) error {
		_, back = s.Look(e.o.Now())
		return nil
	})
	return back, err
}

// Prepared is told of each task that is ready, from several goroutines.
type Prepared func(task TaskState, err error)

// Start composes an exam, prepares its namespaces and starts the clock. The
// error is ErrOpen where one is under way. An exam whose preparation was
// interrupted is Resumed.
func (e *Exam) Start(ctx context.Context, b Blueprint, seed uint64, lang content.Lang, tell Prepared) (*State, error) {
	tasks, err := Compose(e.o.Catalog.Labs(), b, seed)
	if err != nil {
		return nil, err
	}
	now := whole(e.o.Now())
	s := &State{
		Version: StateVersion, ID: fmt.Sprintf("%s-%d", now.Format("20060102-150405"), seed), Blueprint: b.ID,
		Seed: seed, Lang: lang, Phase: Preparing, Minutes: b.Minutes, SeenAt: now,
	}
	for _, t := range tasks {
		s.Tasks = append(s.Tasks, TaskState{Task: t, Namespace: Prefix + t.Lab})
	}
	if there, err := e.store.Create(s); err != nil {
		return there, err
	}
	// What the candidate of the exam before left in the work directories.
	if err := os.RemoveAll(e.workRoot()); err != nil {
		return nil, fmt.Errorf("empty the work directories of the exam: %w", err)
	}
	return e.prepare(ctx, s, tell)
}

// Resume goes on with the exam that is under way: it finishes preparation
// that was interrupted, or renews the candidate's token. ErrNoExam where none
// is under way. An exam whose time is up is returned as it is: see Finish.
func (e *Exam) Resume(ctx context.Context, tell Prepared) (*State, error) {
	s, at, err := e.State()
	switch {
	case err != nil:
		return nil, err
	case s.Phase == Preparing:
		return e.prepare(ctx, s, tell)
	case s.Phase != Running || s.Over(at):
		return s, nil
	}
	a := access{e.o.Client, s}
	if err := a.grant(ctx); err != nil {
		return nil, err
	}
	return s, a.writeKubeconfig(ctx, e.store.Dir(), s.Left(at))
}

// prepare sets the namespaces up, gives the candidate rights, and starts the
// clock last.
func (e *Exam) prepare(ctx context.Context, s *State, tell Prepared) (*State, error) {
	p := e.practice(s)
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, t := range s.Tasks {
		g.Go(func() error {
			err := setUp(inner, p, t.Lab)
			if tell != nil {
				tell(t, err)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("prepare the exam: %w", err)
	}
	a := access{e.o.Client, s}
	if err := a.grant(ctx); err != nil {
		return nil, fmt.Errorf("prepare the exam: %w", err)
	}
	if err := a.writeKubeconfig(ctx, e.store.Dir(), time.Duration(s.Minutes)*time.Minute); err != nil {
		return nil, fmt.Errorf("prepare the exam: %w", err)
	}
	return e.store.Update(func(s *State) error {
		if s.Phase != Preparing {
			return fmt.Errorf("prepare the exam: it is %s meanwhile", s.Phase)
		}
		s.Begin(e.o.Now())
		return nil
	})
}

// setUp brings the namespace of a task into its start state, whatever an
// earlier exam left there.
func setUp(ctx context.Context, p *practice.Practice, lab string) error {
	err := p.Reset(ctx, lab, true)
	if errors.Is(err, practice.ErrNotStarted) {
		err = p.Start(ctx, lab)
	}
	return err
}

// practice works on the tasks of an exam.
func (e *Exam) practice(s *State) *practice.Practice {
	return practice.New(practice.Options{
		Catalog: e.o.Catalog, Client: e.o.Client, RunsContainers: e.o.RunsContainers,
		Prefix: Prefix, WorkRoot: e.workRoot(),
		Instantiate: func(id, namespace string) (*labs.Instance, error) { return e.instance(s, id, namespace) },
	})
}

// instance is the lab of a task with the params of the exam.
func (e *Exam) instance(s *State, id, namespace string) (*labs.Instance, error) {
	lab, err := e.o.Catalog.Lab(id)
	if err != nil {
		return nil, err
	}
	n := s.TaskOf(id)
	if n == 0 {
		return nil, fmt.Errorf("%w: lab %s", ErrNoTask, id)
	}
	return lab.Instantiate(namespace, s.Tasks[n-1].Params)
}

// Goto begins to work on task n, from 1.
func (e *Exam) Goto(n int) (*State, error) {
	return e.change(func(s *State, at time.Time) error { return s.Goto(n, at) })
}

// Flag marks task n, or takes the mark away.
func (e *Exam) Flag(n int, on bool) (*State, error) {
	return e.change(func(s *State, at time.Time) error { return s.Flag(n, on, at) })
}

// MarkDone marks task n as done, or takes that back.
func (e *Exam) MarkDone(n int, on bool) (*State, error) {
	return e.change(func(s *State, at time.Time) error { return s.MarkDone(n, on, at) })
}

func (e *Exam) change(f func(*State, time.Time) error) (*State, error) {
	return e.store.Update(func(s *State) error {
		at, _ := s.Look(e.o.Now())
		return f(s, at)
	})
}

// CleanUp deletes the namespaces of the exam that is there, which is closed.
func (e *Exam) CleanUp(ctx context.Context) error {
	s, err := e.store.Load()
	switch {
	case errors.Is(err, ErrNoExam):
		return nil
	case err != nil:
		return err
	case s.Phase.Open():
		return ErrOpen
	}
	p := e.practice(s)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, t := range s.Tasks {
		g.Go(func() error { return p.Stop(ctx, t.Lab) })
	}
	return g.Wait()
}
