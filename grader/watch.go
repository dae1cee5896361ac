package grader

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const (
	// settle is how long changes are collected before they are judged: one
	// kubectl apply makes several.
	settle = 10 * time.Millisecond
	// Probes that did not pass are run again after minRetry, growing by half.
	minRetry = 250 * time.Millisecond
	maxRetry = 5 * time.Second
	// pollEvery is how often is asked for what may not be watched.
	pollEvery = 2 * time.Second
	// An API server that hangs leaves its watches open and silent, and it takes
	// HTTP/2 most of a minute to notice. It is asked every pulse, and is in
	// doubt when it has not answered within pulsePatience.
	pulse         = 4 * time.Second
	pulsePatience = 3 * time.Second
)

// errSilent is the trouble of an API server that does not answer.
var errSilent = fmt.Errorf("the API server has not answered for %v", pulsePatience)

// Watch grades whenever the namespace changes and tells o. It returns when ctx
// ends.
func (p *Program) Watch(ctx context.Context, t Target, o Observer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := &watcher{
		program:  p,
		target:   t,
		observer: o,
		seen:     outcomes{},
		changes:  make(chan change, 1),
		events:   make(chan change, 1),
		troubles: make(chan error, 1),
		finished: make(chan finished),
		first:    make(chan finished),
		runs:     make(map[*group]*run, len(p.groups)),
	}
	for _, g := range p.groups {
		w.runs[g] = &run{retry: minRetry}
	}
	resources := p.resources()
	if o.Objects != nil && !slices.Contains(resources, servicesResource) {
		resources = append(resources, servicesResource)
	}
	src, err := newCached(ctx, t, resources, w.changed, w.trouble)
	if err != nil {
		return err
	}
	w.src = src
	return w.loop(ctx)
}

// watcher is the state of one Watch. Only the goroutine of loop touches it,
// but for the channels.
type watcher struct {
	program  *Program
	target   Target
	observer Observer
	src      *cached

	seen     outcomes
	runs     map[*group]*run
	last     *Report
	inDoubt  bool // the cluster did not answer lately
	changes  chan change
	events   chan change
	troubles chan error
	first    chan finished // single results of a first run
	finished chan finished
}

// run is how far a group of runtime probes is.
type run struct {
	cancel   context.CancelFunc // of the run under way; nil when there is none
	number   int                // of the run under way or the last one
	follows  bool               // the run under way follows logs
	again    bool               // run once more when this one has finished
	identity string             // of the containers that were looked at
	retry    time.Duration
	due      time.Time // when to run again; zero for not at all
}

type finished struct {
	group  *group
	number int
	seen   outcomes
}

// changed is called by informers. A pending notice stands for all.
func (w *watcher) changed(c change) {
	to := w.changes
	if c == eventSeen {
		to = w.events
	}
	select {
	case to <- c:
	default:
	}
}

func (w *watcher) trouble(err error) {
	select {
	case w.troubles <- err:
	default:
	}
}

func (w *watcher) loop(ctx context.Context) error {
	defer func() {
		for _, r := range w.runs {
			if r.cancel != nil {
				r.cancel()
			}
		}
	}()
	synced := make(chan error, 1)
	go func() { synced <- w.src.wait(ctx) }()
	go w.feelPulse(ctx)
	answers := make(chan struct{}, 1)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	ready := false
	for {
		changed, explained := false, false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-synced:
			if err != nil {
				return err
			}
			ready, changed = true, true
		case err := <-w.troubles:
			if w.inDoubt && errors.Is(err, errSilent) {
				continue // what is known says more
			}
			if !w.inDoubt {
				w.inDoubt = true
				go w.awaitAnswer(ctx, answers)
			}
			w.tellTrouble(err)
			continue
		case <-answers:
			w.inDoubt = false
			w.tellTrouble(nil)
			changed = true
		case <-w.changes:
			w.collect(ctx)
			changed = true
		case <-w.events:
			explained = true
		case f := <-w.first:
			if f.number == w.runs[f.group].number {
				maps.Copy(w.seen, f.seen)
			}
		case f := <-w.finished:
			w.finish(f)
		case <-timer.C:
		}
		if !ready {
			continue
		}
		if changed || explained {
			w.tellObjects(ctx)
		}
		next, err := w.step(ctx, changed)
		if err != nil {
			return err
		}
		timer.Reset(next)
	}
}

// collect waits a moment for more changes.
func (w *watcher) collect(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(settle):
	}
	select {
	case <-w.changes:
	default:
	}
}

// step looks at the world, starts the probes that are due, judges and tells.
// It returns how long nothing will happen by itself.
func (w *watcher) step(ctx context.Context, changed bool) (time.Duration, error) {
	world, err := w.program.observe(ctx, w.src)
	if err != nil {
		return 0, err
	}
	now := time.Now()
	if w.target.RunsContainers {
		for g, r := range w.runs {
			w.schedule(ctx, g, r, world, changed, now)
		}
	}
	ahead := w.target.Client.ClockAhead()
	report, recheck := w.program.judge(ctx, w.target, world, w.seen, now.Add(ahead))
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	report.Duration = time.Since(now)
	if w.last == nil || !w.last.SameAs(report) {
		w.last = report
		w.observer.Report(report)
	}
	next := recheck
	if !next.IsZero() {
		next = next.Add(-ahead)
	}
	for g, r := range w.runs {
		w.planRetry(g, r, report, now)
		if !r.due.IsZero() && (next.IsZero() || r.due.Before(next)) {
			next = r.due
		}
	}
	if poll := now.Add(pollEvery); w.src.polls() && (next.IsZero() || poll.Before(next)) {
		next = poll
	}
	if next.IsZero() {
		return time.Hour, nil // only events wake the grader
	}
	return max(time.Until(next), time.Millisecond), nil
}

// schedule starts a group when its containers or the objects around it have
// changed, or when it is time to try again.
func (w *watcher) schedule(ctx context.Context, g *group, r *run, world *world, changed bool, now time.Time) {
	identity := w.program.identity(world, g.probes)
	switch {
	case identity != r.identity:
		// What was seen of other containers says nothing of these.
		for _, name := range g.probes {
			delete(w.seen, name)
		}
		r.identity, r.retry = identity, minRetry
		w.start(ctx, g, r, world, false)
	case changed && r.cancel != nil && !r.follows:
		r.again = true
	case changed && w.gatesChanged(g, world):
		r.retry = minRetry
		w.start(ctx, g, r, world, false)
	case changed && r.cancel == nil:
		r.retry = minRetry
		w.start(ctx, g, r, world, false)
	case r.again && r.cancel == nil:
		w.start(ctx, g, r, world, false)
	case !r.due.IsZero() && !r.due.After(now) && r.cancel == nil:
		w.start(ctx, g, r, world, g.follows)
	}
}

// gatesChanged reports whether a probe that was not run could be run now, or
// the other way round.
func (w *watcher) gatesChanged(g *group, world *world) bool {
	return slices.ContainsFunc(g.probes, func(name string) bool {
		o, ran := w.seen[name]
		return ran && o.gate.open != w.program.gateOf(w.program.probes[name], world).open
	})
}

// start runs a group in the background, instead of the run under way.
func (w *watcher) start(ctx context.Context, g *group, r *run, world *world, follow bool) {
	if r.cancel != nil {
		r.cancel()
	}
	runCtx, cancel := context.WithCancel(ctx)
	r.number++
	r.cancel, r.follows, r.again, r.due = cancel, follow, false, time.Time{}
	if follow {
		// What the log lacks is known to be lacking until the run says otherwise.
		for _, name := range g.probes {
			if o, ok := w.seen[name]; ok {
				o.began = time.Time{}
				w.seen[name] = o
			}
		}
	}
	number := r.number
	// The first results are shown as they come. Later ones replace those of the
	// run before all at once: one check must not see half of each.
	var tell func(string, outcome)
	if !slices.ContainsFunc(g.probes, func(name string) bool { _, ok := w.seen[name]; return ok }) {
		tell = func(name string, o outcome) {
			select {
			case w.first <- finished{g, number, outcomes{name: o}}:
			case <-runCtx.Done():
			}
		}
	}
	go func() {
		seen := w.program.runGroup(runCtx, g, world, w.target, follow, tell)
		select {
		case w.finished <- finished{g, number, seen}:
		case <-ctx.Done():
		}
	}()
}

// finish takes what a run saw, unless another one was started in its stead.
func (w *watcher) finish(f finished) {
	r := w.runs[f.group]
	if f.number != r.number {
		return
	}
	r.cancel()
	r.cancel = nil
	maps.Copy(w.seen, f.seen)
	for name, o := range f.seen {
		// What the API server answered, it answered; the check shows it.
		if status, lost := apierrors.APIStatus(nil), (*unreachedError)(nil); o.fault != nil && !errors.As(o.fault, &status) && !errors.As(o.fault, &lost) {
			w.trouble(fmt.Errorf("probe %s: %w", name, o.fault))
		}
	}
}

// planRetry lets a group run again while a check that uses it has not passed.
func (w *watcher) planRetry(g *group, r *run, report *Report, now time.Time) {
	if r.cancel != nil || !r.due.IsZero() || !w.target.RunsContainers {
		return
	}
	needed := false
	for i, c := range w.program.checks {
		if report.Results[i].Status == Passed {
			continue
		}
		needed = needed || slices.ContainsFunc(c.runtime, func(name string) bool {
			return slices.Contains(g.probes, name)
		})
	}
	// A probe that waits for its container is woken by that container's event.
	waits := slices.ContainsFunc(g.probes, func(name string) bool { return w.seen[name].gate.open })
	if !needed || !waits {
		return
	}
	r.due = now.Add(r.retry)
	r.retry = min(r.retry*3/2, maxRetry)
}

// feelPulse notices an API server that does not answer any more.
func (w *watcher) feelPulse(ctx context.Context) {
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		if !w.target.Client.Answers(ctx, pulsePatience) && ctx.Err() == nil {
			w.trouble(errSilent)
		}
	}
}

// awaitAnswer asks the API server until it answers, then says so.
func (w *watcher) awaitAnswer(ctx context.Context, answers chan<- struct{}) {
	const (
		patience = 2 * time.Second
		pause    = 500 * time.Millisecond
	)
	for {
		if w.target.Client.Answers(ctx, patience) {
			answers <- struct{}{}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
