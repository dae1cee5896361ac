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
	"podlab/labs/statefile"
)

// Prefix of the namespaces of an exam's tasks.
const Prefix = "podlab-exam-"

// Names of files in the directory of the exam.
const (
	kubeconfigFile = "kubeconfig" // the candidate's
	workLock       = "work.lock"  // see exclusively
	proctorLock    = "proctor.lock"
)

// atOnce is how many namespaces are prepared at a time.
const atOnce = 8

// ErrOpen means that an exam is under way, and another one has to wait.
var ErrOpen = errors.New("an exam is under way")

// Options of an Exam.
type Options struct {
	Catalog *labs.Catalog
	// Client of the cluster; nil for the one that Connect opens whenever the
	// cluster is needed.
	Client  *grader.Client
	Connect func() (*grader.Client, error)
	// RunsContainers as the cluster's provider says.
	RunsContainers bool
	// Foreign and Owner as in practice.Options.
	Foreign bool
	Owner   string
	// Place is noted in the exams that are started.
	Place Place
	// Root is the directory of all exams: the one under way, and the results.
	Root string
	// Podlab is the version, for the evidence.
	Podlab string
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// Recovered, if not nil, is told what OpenStore says.
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
	return &Exam{o: o, store: StoreBelow(o.Root, o.Recovered)}
}

// StoreBelow is the Store of the exam under way, below the root of all exams.
func StoreBelow(root string, recovered func(aside string)) *Store {
	return OpenStore(filepath.Join(root, "current"), recovered)
}

// Dir is the directory of the exam that is there.
func (e *Exam) Dir() string { return e.store.Dir() }

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

// client is a connection to the cluster.
func (e *Exam) client() (*grader.Client, error) {
	if e.o.Client != nil {
		return e.o.Client, nil
	}
	return e.o.Connect()
}

// access gives and takes the rights of the exam s, which may be nil.
func (e *Exam) access(client *grader.Client, s *State) access {
	return access{client: client, state: s, owner: e.o.Owner}
}

// exclusively runs what must not run twice, in several processes or in one:
// preparing, grading, and giving and ending rights.
func (e *Exam) exclusively(ctx context.Context, do func() error) error {
	unlock, err := statefile.Lock(ctx, e.store.path(workLock))
	if err != nil {
		return err
	}
	defer unlock()
	return do()
}

// Prepared is told of each task that is ready, from several goroutines.
type Prepared func(task TaskState, err error)

// Start composes an exam, prepares its namespaces and starts the clock. The
// error is ErrOpen, with the state of the exam that is under way, where there
// is one. An exam whose preparation was interrupted is Resumed.
func (e *Exam) Start(ctx context.Context, b Blueprint, seed uint64, lang content.Lang, tell Prepared) (*State, error) {
	tasks, err := Compose(e.o.Catalog.Labs(), b, seed)
	if err != nil {
		return nil, err
	}
	before, err := e.store.Load()
	if err == nil && before.Phase.Open() {
		return before, ErrOpen
	}
	// A cluster that does not answer must not leave an exam behind.
	client, err := e.client()
	if err != nil {
		return nil, err
	}
	if err := e.access(client, before).begin(ctx); err != nil {
		return nil, practice.CannotStart("", practice.RefusedCandidate, err)
	}
	now := whole(e.o.Now())
	s := &State{
		Version: StateVersion, ID: fmt.Sprintf("%s-%d", now.Format("20060102-150405"), seed), Blueprint: b.ID,
		Seed: seed, Lang: lang, Phase: Preparing, Place: e.o.Place, Minutes: b.Minutes, SeenAt: now,
	}
	for _, t := range tasks {
		s.Tasks = append(s.Tasks, TaskState{Task: t, Namespace: Prefix + t.Lab})
	}
	if e.o.Foreign {
		if err := e.access(client, s).rehearse(ctx); err != nil {
			return nil, practice.CannotStart("", practice.RefusedCandidate, err)
		}
	}
	if there, err := e.store.Create(s); err != nil {
		return there, err
	}
	return e.prepare(ctx, tell)
}

// Resume goes on with the exam that is under way: it finishes preparation
// that was interrupted, or renews the candidate's token. An exam that is not
// running, or whose time is up, is returned as it is: see Finish.
func (e *Exam) Resume(ctx context.Context, tell Prepared) (*State, error) {
	s, _, err := e.State()
	if err != nil {
		return nil, err
	}
	if s.Phase == Preparing {
		return e.prepare(ctx, tell)
	}
	client, err := e.client()
	if err != nil {
		return nil, err
	}
	err = e.exclusively(ctx, func() error {
		var at time.Time
		// Another process may have ended it meanwhile.
		if s, at, err = e.State(); err != nil || s.Phase != Running || s.Over(at) {
			return err
		}
		a := e.access(client, s)
		if err := a.grant(ctx); err != nil {
			return err
		}
		life, err := a.writeKubeconfig(ctx, e.store.Dir(), s.Left(at))
		if err != nil {
			return err
		}
		s, err = e.change(func(s *State, at time.Time) error { s.hold(life, at); return nil })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("resume the exam: %w", err)
	}
	return s, nil
}

// prepare sets the namespaces up, gives the candidate rights, and starts the
// clock last. Where another process does so, it waits for that. Of an exam that
// nobody can sit here (practice.ErrCannotStart) nothing is left to go on with.
func (e *Exam) prepare(ctx context.Context, tell Prepared) (*State, error) {
	client, err := e.client()
	if err != nil {
		return nil, err
	}
	var s *State
	err = e.exclusively(ctx, func() error {
		if s, err = e.store.Load(); err != nil || s.Phase != Preparing {
			return err
		}
		if err := e.setUpAll(ctx, client, s, tell); err != nil {
			if errors.Is(err, practice.ErrCannotStart) {
				err = errors.Join(err, e.undo(ctx, client))
			}
			return err
		}
		a := e.access(client, s)
		if err := a.grant(ctx); err != nil {
			return err
		}
		life, err := a.writeKubeconfig(ctx, e.store.Dir(), s.length())
		if err != nil {
			return err
		}
		s, err = e.store.Update(func(s *State) error {
			s.Begin(e.o.Now())
			s.hold(life, s.StartedAt)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the exam: %w", err)
	}
	return s, nil
}

// undo gives an exam up that is being prepared, and takes all of it away.
func (e *Exam) undo(ctx context.Context, client *grader.Client) error {
	s, err := e.change((*State).abort)
	if err != nil {
		return err
	}
	e.takeKubeconfig()
	_, swept := e.sweep(ctx, client, nil)
	a := e.access(client, s)
	return errors.Join(a.revoke(ctx), a.leave(ctx), swept)
}

// setUpAll brings the cluster and the work directories into the start state.
func (e *Exam) setUpAll(ctx context.Context, client *grader.Client, s *State, tell Prepared) error {
	a := e.access(client, s)
	if err := a.claim(ctx); err != nil {
		return err
	}
	e.takeKubeconfig() // of the exam before
	if _, err := a.writeKubeconfig(ctx, e.store.Dir(), s.length()); err != nil {
		return err
	}
	if err := a.logIn(ctx, e.store.Dir()); err != nil {
		return err
	}
	// What the candidate of the exam before left.
	if err := os.RemoveAll(e.workRoot()); err != nil {
		return fmt.Errorf("empty the work directories of the exam: %w", err)
	}
	p := e.practice(client, s)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, t := range s.Tasks {
		g.Go(func() error {
			err := setUp(ctx, p, t.Lab)
			if tell != nil {
				tell(t, err)
			}
			return err
		})
	}
	g.Go(func() error {
		// What an earlier exam left; what cannot go now goes another time.
		_, _ = e.sweep(ctx, client, s)
		return nil
	})
	return g.Wait()
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
func (e *Exam) practice(client *grader.Client, s *State) *practice.Practice {
	return practice.New(practice.Options{
		Catalog: e.o.Catalog, Client: client, RunsContainers: e.o.RunsContainers,
		Foreign: e.o.Foreign, Owner: e.o.Owner, Prefix: Prefix, WorkRoot: e.workRoot(),
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

// Instance is the lab of task n of s, from 1, as the exam asks it.
func (e *Exam) Instance(s *State, n int) (*labs.Instance, error) {
	if n < 1 || n > len(s.Tasks) {
		return nil, fmt.Errorf("%w: %d; there are %d", ErrNoTask, n, len(s.Tasks))
	}
	return e.instance(s, s.Tasks[n-1].Lab, s.Tasks[n-1].Namespace)
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

// CleanUp deletes the namespaces of exams that are closed, and returns how
// many labs had one; ErrOpen while an exam is under way.
func (e *Exam) CleanUp(ctx context.Context) (int, error) {
	s, err := e.store.Load()
	switch {
	case err != nil && !errors.Is(err, ErrNoExam):
		return 0, err
	case err == nil && s.Phase.Open():
		return 0, ErrOpen
	}
	client, err := e.client()
	if err != nil {
		return 0, err
	}
	return e.sweep(ctx, client, nil)
}

// sweep deletes the namespaces of exams whose labs are not tasks of s, which
// may be nil, and returns how many labs had one.
func (e *Exam) sweep(ctx context.Context, client *grader.Client, s *State) (int, error) {
	left, err := leftOver(ctx, client, s, e.o.Owner)
	if err != nil {
		return 0, err
	}
	p := practice.New(practice.Options{Catalog: e.o.Catalog, Client: client, Foreign: e.o.Foreign, Owner: e.o.Owner, Prefix: Prefix})
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, lab := range left {
		g.Go(func() error { return p.Stop(ctx, lab) })
	}
	return len(left), g.Wait()
}
