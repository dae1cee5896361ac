// Package practice is the life of a lab in a cluster: its namespace, setup,
// work directory, grading and records. The CLI and the TUI both work through
// it.
//
// A lab lives in one namespace, <prefix><lab id>, which carries podlab's
// labels; a namespace without them is never touched. An annotation on it says
// how far a start or a reset came, so that one that was interrupted is
// finished by the next start.
package practice

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/progress"
)

// DefaultPrefix is the prefix of the namespaces in which learners practise.
const DefaultPrefix = "podlab-"

// Options of a Practice.
type Options struct {
	Catalog *labs.Catalog
	// Instantiate makes the instance of a lab for a namespace; nil means the
	// Catalog's lab with its default params. An exam chooses params here.
	Instantiate func(id, namespace string) (*labs.Instance, error)
	// Client of the cluster to practise on.
	Client *grader.Client
	// RunsContainers as the cluster's provider says.
	RunsContainers bool
	// Foreign as the cluster's provider says: the cluster may refuse what labs
	// need, and is asked before one starts.
	Foreign bool
	// Owner marks the namespaces on a cluster that others use as well; those of
	// another owner are left alone. Empty where the cluster is podlab's.
	Owner string
	// Prefix of the namespaces' names. DefaultPrefix for practice; exams and
	// other learners use their own.
	Prefix string
	// WorkRoot is the directory that holds a work directory per lab; when it
	// is empty no files are handed out.
	WorkRoot string
	// Records is where scores go; nil records nothing.
	Records *progress.Store
	// OnEvent is told of what a person who waits should know; nil for nobody.
	OnEvent func(Event)
}

// Event is something that a person who waits should know.
type Event string

// The events.
const (
	// NamespaceTerminating: Start waits until the lab's former namespace is
	// gone, which takes the cluster 5 to 10 seconds.
	NamespaceTerminating Event = "namespace-terminating"
)

// Practice starts, resets, stops and grades labs on one cluster. It is safe
// for concurrent use; what changes one lab happens one after the other.
type Practice struct {
	o         Options
	discovery discovery.CachedDiscoveryInterface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
	now       func() time.Time

	mu        sync.Mutex
	instances map[string]*labs.Instance
	changing  map[string]chan struct{} // per lab, a semaphore of one
}

// New makes a Practice. It does no I/O.
func New(o Options) *Practice {
	p := &Practice{
		o:         o,
		now:       time.Now,
		instances: make(map[string]*labs.Instance),
		changing:  make(map[string]chan struct{}),
	}
	if o.Client != nil {
		p.discovery = memory.NewMemCacheClient(o.Client.Typed.Discovery())
		p.mapper = restmapper.NewDeferredDiscoveryRESTMapper(p.discovery)
	}
	return p
}

// Namespace returns the name of the lab's namespace.
func (p *Practice) Namespace(id string) string { return p.o.Prefix + id }

// Instance returns the lab as practice uses it: default params, its namespace.
// It is shared and must not be changed.
func (p *Practice) Instance(id string) (*labs.Instance, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inst := p.instances[id]; inst != nil {
		return inst, nil
	}
	inst, err := p.instantiate(id)
	if err != nil {
		return nil, err
	}
	p.instances[id] = inst
	return inst, nil
}

func (p *Practice) instantiate(id string) (*labs.Instance, error) {
	if p.o.Instantiate != nil {
		return p.o.Instantiate(id, p.Namespace(id))
	}
	lab, err := p.o.Catalog.Lab(id)
	if err != nil {
		return nil, err
	}
	return lab.Instantiate(p.Namespace(id), lab.Defaults())
}

// Started reports whether the lab's namespace exists, is podlab's and was
// wholly set up.
func (p *Practice) Started(ctx context.Context, id string) (bool, error) {
	ns, err := p.namespace(ctx, id, p.Namespace(id))
	if err != nil {
		return false, err
	}
	return ns != nil && ns.DeletionTimestamp == nil && ns.Annotations[annotationState] == stateReady, nil
}

// mustBeStarted is ErrNotStarted for a lab that is not.
func (p *Practice) mustBeStarted(ctx context.Context, id string) error {
	started, err := p.Started(ctx, id)
	if err == nil && !started {
		err = &NotStartedError{Lab: id, Namespace: p.Namespace(id)}
	}
	return err
}

// Start creates the lab's namespace and work directory and applies its setup.
// Starting a lab that runs already changes nothing in the cluster and keeps
// edited files; files that are missing are handed out again. A namespace of
// that name that podlab did not make is an error, and one that is being
// deleted is waited for.
func (p *Practice) Start(ctx context.Context, id string) error {
	inst, err := p.Instance(id)
	if err != nil {
		return err
	}
	release, err := p.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()

	if err := p.start(ctx, inst, id); err != nil {
		return fmt.Errorf("start lab %s: %w", id, err)
	}
	return nil
}

func (p *Practice) start(ctx context.Context, inst *labs.Instance, id string) error {
	state, made, err := p.prepare(ctx, inst, id)
	if err == nil && state == stateReady {
		if err := p.handOut(id, inst.Files, false); err != nil {
			return err
		}
		return p.continueAttempt(id)
	}
	if err == nil {
		made = nil // the next start goes on with what setup left
		err = p.setUp(ctx, inst, id, false)
	}
	if state == stateStarting && (errors.Is(err, ErrCannotStart) || errors.Is(err, ErrForeign)) {
		made = inst.AllNamespaces()
	}
	if err != nil {
		// Nothing of it is of use. What cannot be deleted is for podlab stop.
		for _, namespace := range made {
			_ = p.deleteNamespace(ctx, id, namespace)
		}
	}
	return err
}

// prepare obtains the namespaces of a lab, empties them after a reset that was
// interrupted, and returns when they are usable. It returns the state that the
// lab's own was found in and the names of those that it made, both also with an
// error.
func (p *Practice) prepare(ctx context.Context, inst *labs.Instance, id string) (state string, made []string, err error) {
	ns, fresh, err := p.obtainNamespace(ctx, id, inst.Namespace)
	if err != nil {
		return "", nil, CannotStart(id, RefusedNamespace, err)
	}
	state = ns.Annotations[annotationState]
	if fresh {
		made = append(made, ns.Name)
	}
	further, err := p.obtainFurther(ctx, inst, id)
	made = append(made, further...)
	if err != nil || state == stateReady {
		return state, made, CannotStart(id, RefusedNamespace, err)
	}
	if state == stateResetting {
		if err := p.emptyAll(ctx, inst); err != nil {
			return state, made, err
		}
	}
	return state, made, p.awaitAllUsable(ctx, inst)
}

// setUp brings an empty namespace and the work directory into their start
// state and opens an attempt.
func (p *Practice) setUp(ctx context.Context, inst *labs.Instance, id string, replaceEdited bool) error {
	if err := p.admits(ctx, inst, id); err != nil {
		return err
	}
	if err := p.noteFurniture(ctx, inst); err != nil {
		return err
	}
	for _, m := range inst.Setup {
		objects, err := p.apply(ctx, m, inst.AllNamespaces()...)
		if err != nil {
			return CannotStart(id, RefusedSetup, err)
		}
		if err := awaitObserved(ctx, objects); err != nil {
			return err
		}
	}
	if err := p.handOut(id, inst.Files, replaceEdited); err != nil {
		return err
	}
	if err := p.setState(ctx, inst.Namespace, stateReady); err != nil {
		return err
	}
	return p.record(id, func(r *progress.Record) { r.Begin(p.now()) })
}

// Reset empties the lab's namespace in place, applies setup again and
// restores the files; it returns when the namespace is in its start state.
// With edited files it fails with ErrEdited and changes nothing, unless
// replaceEdited; then the edited ones are kept beside as <name>.old, or
// <name>.old.2 and so on where that exists.
//
// What the cluster itself puts into every namespace stays. On a cluster that is
// not podlab's that is also what was there before setup, what must not be
// deleted and what comes back by itself, unless setup brings it. Finalizers that
// still block a deletion after half a second are removed.
func (p *Practice) Reset(ctx context.Context, id string, replaceEdited bool) error {
	inst, err := p.Instance(id)
	if err != nil {
		return err
	}
	release, err := p.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()

	if err := p.reset(ctx, inst, id, replaceEdited); err != nil {
		return fmt.Errorf("reset lab %s: %w", id, err)
	}
	return nil
}

func (p *Practice) reset(ctx context.Context, inst *labs.Instance, id string, replaceEdited bool) error {
	ns, err := p.namespace(ctx, id, inst.Namespace)
	if err != nil {
		return err
	}
	if ns == nil || ns.DeletionTimestamp != nil {
		return &NotStartedError{Lab: id, Namespace: inst.Namespace}
	}
	if !replaceEdited {
		edited, err := p.edited(id, inst.Files)
		if err != nil {
			return err
		}
		if len(edited) > 0 {
			return &EditedError{Lab: id, Dir: p.WorkDir(id), Files: edited}
		}
	}
	// Only what the cluster would do to the lab's Pods is asked now: what else it
	// refuses may be for what is there.
	var refused *CannotStartError
	if err := p.admits(ctx, inst, id); errors.As(err, &refused) && refused.Refused == RefusedChange {
		return err
	}
	// A live grader must not book what it still sees to the attempt that
	// begins afterwards.
	if err := p.record(id, (*progress.Record).End); err != nil {
		return err
	}
	if err := p.setState(ctx, inst.Namespace, stateResetting); err != nil {
		return err
	}
	// One that somebody deleted comes back.
	if _, err := p.obtainFurther(ctx, inst, id); err != nil {
		return err
	}
	if err := p.emptyAll(ctx, inst); err != nil {
		return err
	}
	if err := p.awaitAllUsable(ctx, inst); err != nil {
		return err
	}
	return p.setUp(ctx, inst, id, replaceEdited)
}

// emptyAll empties the namespaces of a lab, see empty.
func (p *Practice) emptyAll(ctx context.Context, inst *labs.Instance) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, namespace := range inst.AllNamespaces() {
		g.Go(func() error {
			brought, err := given(inst, namespace)
			if err != nil {
				return err
			}
			return p.empty(ctx, namespace, brought)
		})
	}
	return g.Wait()
}

// Stop deletes the lab's namespaces; the work directory stays. It returns once
// deletion is under way. Stopping a lab that does not run is no error.
func (p *Practice) Stop(ctx context.Context, id string) error {
	release, err := p.begin(ctx, id)
	if err != nil {
		return err
	}
	defer release()

	all := []string{p.Namespace(id)}
	// A lab that is not known any more can still be stopped.
	if inst, err := p.Instance(id); err == nil {
		all = inst.AllNamespaces()
	}
	for _, namespace := range all {
		if err := p.deleteNamespace(ctx, id, namespace); err != nil {
			return fmt.Errorf("stop lab %s: %w", id, err)
		}
	}
	return p.record(id, (*progress.Record).End)
}

// Apply applies the manifest of a solution, as kubectl apply --server-side
// would; objects whose fields are immutable are deleted and created again.
// Only namespaced objects of the lab's namespace are taken: anything else is
// refused before anything is applied. An object that the API server refuses
// does not keep the others from being applied, see Refused.
func (p *Practice) Apply(ctx context.Context, id string, m labs.Manifest) error {
	release, err := p.beginStarted(ctx, id)
	if err != nil {
		return err
	}
	defer release()

	_, err = p.apply(ctx, m, p.Namespace(id))
	return err
}

// beginStarted is begin for a lab that must be started.
func (p *Practice) beginStarted(ctx context.Context, id string) (release func(), err error) {
	release, err = p.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := p.mustBeStarted(ctx, id); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// begin waits until nothing else changes the lab.
func (p *Practice) begin(ctx context.Context, id string) (release func(), err error) {
	p.mu.Lock()
	sem := p.changing[id]
	if sem == nil {
		sem = make(chan struct{}, 1)
		p.changing[id] = sem
	}
	p.mu.Unlock()
	select {
	case sem <- struct{}{}:
		return func() { <-sem }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait until lab %s is no longer being changed: %w", id, context.Cause(ctx))
	}
}
