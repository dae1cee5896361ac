package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/labs/evidence"
	"podlab/labs/practice"
)

// ClusterOptions says what Cluster tries, and where.
type ClusterOptions struct {
	Catalog *labs.Catalog
	// Labs are the ids of the labs to try; none means all.
	Labs []string
	// Client of the cluster, and whether it runs containers.
	Client         *grader.Client
	RunsContainers bool
	// Foreign and Owner as in practice.Options.
	Foreign bool
	Owner   string
	// Prefix of the namespaces; "podlab-lint-" when empty.
	Prefix string
	// Parallel is how many labs are tried at once; 2 when zero.
	Parallel int
	// SolutionWait is what a solution gets to earn full marks, and what trouble
	// of the cluster gets to pass; 60 s when zero.
	SolutionWait time.Duration
	// MutantWait is what a mutant, and the start state, get to settle; 10 s
	// when zero. A check that is still pending then has not passed.
	MutantWait time.Duration
	// Variants limits the solutions and mutants to those of these names; none
	// means all.
	Variants []string
	// FirstOnly are the labs of which only the start state and the first
	// solution are tried.
	FirstOnly func(id string) bool
	// Seed chooses the labs' params; zero means the defaults, as in practice.
	Seed uint64
	// OnVariant is told of each variant once it is tried, never concurrently;
	// nil for nobody.
	OnVariant func(VariantResult)
}

// VariantKind is what a variant of a lab's namespace is.
type VariantKind string

// The kinds.
const (
	StartState VariantKind = "start"
	Solution   VariantKind = "solution"
	Mutant     VariantKind = "mutant"
)

// VariantResult is what became of one variant.
type VariantResult struct {
	Lab  string
	Kind VariantKind
	// Name of the solution or mutant; empty for the start state.
	Name string
	// Problem says in English what is wrong with the lab; empty if nothing is.
	Problem string
	// Catch are the checks that a mutant names, and AlsoFailed other checks
	// that failed: no fault, but a hint that checks overlap.
	Catch, AlsoFailed []string
	// Undecided are checks that a mutant names and that had not failed, but
	// were pending when its time was over.
	Undecided []string
	// Refused is the API server's answer when it refused objects of a mutant.
	// The rest is applied and graded, as it would be with kubectl apply.
	Refused string
	// Report is the last grading in English; nil if there was none.
	Report *report.Report
	// Duration of making the variant, letting it settle and grading it.
	Duration time.Duration
}

// Caught reports whether a mutant was caught by the checks it names.
func (r VariantResult) Caught() bool { return r.Kind == Mutant && r.Problem == "" }

// Exact reports whether a mutant was caught by these checks and no other.
func (r VariantResult) Exact() bool { return r.Caught() && len(r.AlsoFailed) == 0 }

// Summary is what Cluster found out.
type Summary struct {
	// Variants in the order of labs; per lab the start state, the solutions
	// and the mutants as the lab lists them. A lab that could not be started
	// has only its start state here.
	Variants []VariantResult
	Duration time.Duration
}

// Failures returns the variants with a Problem.
func (s Summary) Failures() []VariantResult {
	return slices.DeleteFunc(slices.Clone(s.Variants), func(r VariantResult) bool { return r.Problem == "" })
}

// Labs counts the labs that were tried.
func (s Summary) Labs() int {
	return s.count(func(r VariantResult) bool { return r.Kind == StartState })
}

// Solutions counts the solutions that were tried.
func (s Summary) Solutions() int {
	return s.count(func(r VariantResult) bool { return r.Kind == Solution })
}

// Mutants counts the mutants that were tried.
func (s Summary) Mutants() int {
	return s.count(func(r VariantResult) bool { return r.Kind == Mutant })
}

// Caught counts the mutants that were caught by the checks they name.
func (s Summary) Caught() int { return s.count(VariantResult.Caught) }

// Exact counts the mutants that were caught by these checks and no other.
func (s Summary) Exact() int { return s.count(VariantResult.Exact) }

// Undecided counts the mutants of which a check that they name was pending in
// the end: it had not passed, but had not failed either.
func (s Summary) Undecided() int {
	return s.count(func(r VariantResult) bool { return len(r.Undecided) > 0 })
}

// Refused counts the mutants of which the API server refused objects.
func (s Summary) Refused() int { return s.count(func(r VariantResult) bool { return r.Refused != "" }) }

func (s Summary) count(is func(VariantResult) bool) int {
	n := 0
	for _, r := range s.Variants {
		if is(r) {
			n++
		}
	}
	return n
}

// Cluster proves labs on a cluster: the start state does not earn full marks,
// each solution does, and each mutant is caught by the checks that it names.
// Each lab has a namespace of its own, which is emptied between its variants
// and removed in the end.
//
// A fault of a lab is a Problem in the Summary. The error is that ctx ended or
// a lab is not known; the Summary then holds what was tried before.
func Cluster(ctx context.Context, o ClusterOptions) (Summary, error) {
	if o.Prefix == "" {
		o.Prefix = practice.DefaultPrefix + "lint-"
	}
	options := practice.Options{
		Catalog: o.Catalog, Client: o.Client, RunsContainers: o.RunsContainers, Foreign: o.Foreign, Owner: o.Owner, Prefix: o.Prefix,
	}
	if o.Seed != 0 {
		options.Instantiate = func(id, namespace string) (*labs.Instance, error) {
			l, err := o.Catalog.Lab(id)
			if err != nil {
				return nil, err
			}
			return l.Instantiate(namespace, l.Seeded(o.Seed))
		}
	}
	p := practice.New(options)
	ids := o.Labs
	if len(ids) == 0 {
		for _, l := range o.Catalog.Labs() {
			ids = append(ids, l.ID)
		}
	}
	return proveLabs(ctx, o, p, ids)
}

// stage is where variants are played; *practice.Practice on a cluster.
type stage interface {
	Instance(id string) (*labs.Instance, error)
	Start(ctx context.Context, id string) error
	Reset(ctx context.Context, id string, replaceEdited bool) error
	Perform(ctx context.Context, id string, a labs.Answer, wait time.Duration, goOn bool) error
	// GradeWithEvidence may return no evidence where there is no cluster.
	GradeWithEvidence(ctx context.Context, id string, wait time.Duration) (*grader.Report, *evidence.Grading, error)
	Stop(ctx context.Context, id string) error
}

func proveLabs(ctx context.Context, o ClusterOptions, s stage, ids []string) (Summary, error) {
	if o.Parallel == 0 {
		o.Parallel = 2
	}
	if o.SolutionWait == 0 {
		o.SolutionWait = 60 * time.Second
	}
	if o.MutantWait == 0 {
		o.MutantWait = 10 * time.Second
	}
	begin := time.Now()
	instances := make([]*labs.Instance, len(ids))
	for i, id := range ids {
		var err error
		if instances[i], err = s.Instance(id); err != nil {
			return Summary{}, err
		}
	}

	var mu sync.Mutex
	results := make([][]VariantResult, len(ids))
	// The longest first, lest one of them is left over in the end.
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(instances[b].Mutants) - len(instances[a].Mutants) })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Parallel)
	for _, i := range order {
		id := ids[i]
		g.Go(func() error {
			t := &trial{ClusterOptions: o, stage: s, id: id, instance: instances[i]}
			t.done = func(r VariantResult) {
				mu.Lock()
				defer mu.Unlock()
				results[i] = append(results[i], r)
				if o.OnVariant != nil {
					o.OnVariant(r)
				}
			}
			return t.run(ctx)
		})
	}
	err := g.Wait()
	return Summary{Variants: slices.Concat(results...), Duration: time.Since(begin)}, err
}

// trial tries the variants of one lab.
type trial struct {
	ClusterOptions
	stage    stage
	id       string
	instance *labs.Instance
	done     func(VariantResult)
}

// What removing a namespace gets: less after ctx ended, since somebody waits.
const (
	stopTimeout      = time.Minute
	stopTimeoutEnded = 15 * time.Second
)

// run tries all variants. The error is that ctx ended.
func (t *trial) run(ctx context.Context) (err error) {
	defer func() {
		// What was started goes away, even after Ctrl-C.
		limit := stopTimeout
		if ctx.Err() != nil {
			limit = stopTimeoutEnded
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		if stopErr := t.stage.Stop(ctx, t.id); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
	}()

	started := t.try(ctx, VariantResult{Kind: StartState}, labs.Answer{}, t.judgeStart)
	if ctx.Err() != nil || !started {
		return ended(ctx, t.id)
	}
	solutions, mutants := t.chosen()
	for _, a := range solutions {
		t.try(ctx, VariantResult{Kind: Solution, Name: a.Name}, a, t.judgeSolution)
		if ctx.Err() != nil {
			return ended(ctx, t.id)
		}
	}
	for _, a := range mutants {
		t.try(ctx, VariantResult{Kind: Mutant, Name: a.Name, Catch: a.Catch}, a, t.judgeMutant)
		if ctx.Err() != nil {
			return ended(ctx, t.id)
		}
	}
	return nil
}

// chosen returns the solutions and mutants to try.
func (t *trial) chosen() (solutions, mutants []labs.Answer) {
	solutions, mutants = t.instance.Solutions, t.instance.Mutants
	if t.FirstOnly != nil && t.FirstOnly(t.id) {
		solutions, mutants = solutions[:1], nil
	}
	if len(t.Variants) == 0 {
		return solutions, mutants
	}
	unwanted := func(a labs.Answer) bool { return !slices.Contains(t.Variants, a.Name) }
	return slices.DeleteFunc(slices.Clone(solutions), unwanted), slices.DeleteFunc(slices.Clone(mutants), unwanted)
}

func ended(ctx context.Context, id string) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("lab %s: not all variants were tried: %w", id, context.Cause(ctx))
}

// try makes a variant and has it judged. It returns false when it could not
// even be made. Nothing is reported once ctx has ended.
func (t *trial) try(ctx context.Context, r VariantResult, a labs.Answer, judge func(context.Context, *VariantResult) error) bool {
	begin := time.Now()
	r.Lab = t.id
	err := t.prepare(ctx, &r, a)
	made := err == nil
	if made {
		err = judge(ctx, &r)
	}
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		r.Problem = err.Error()
	}
	r.Duration = time.Since(begin)
	t.done(r)
	return made
}

func (t *trial) prepare(ctx context.Context, r *VariantResult, a labs.Answer) error {
	if r.Kind == StartState {
		// A namespace that an interrupted run left behind may hold anything.
		if err := t.stage.Start(ctx, t.id); err != nil {
			return err
		}
		return t.stage.Reset(ctx, t.id, true)
	}
	if err := t.stage.Reset(ctx, t.id, true); err != nil {
		return err
	}
	// A mistake may keep a step from ever coming; what follows is tried anyway.
	wait, goOn := t.SolutionWait, false
	if r.Kind == Mutant {
		wait, goOn = t.MutantWait, true
	}
	err := t.stage.Perform(ctx, t.id, a, wait, goOn)
	if r.Kind == Mutant && practice.Refused(err) {
		r.Refused = err.Error()
		return nil
	}
	return err
}

// keep enters a report into the result, in English.
func (t *trial) keep(r *VariantResult, graded *grader.Report) {
	r.Report = t.instance.Localize(graded, content.English)
}
