package grader

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
)

// EvidenceVersion is the version of Evidence that this podlab writes.
const EvidenceVersion = 1

// Evidence is all that one grading saw of a namespace: enough to judge again
// without the cluster, by the same checks or by corrected ones.
type Evidence struct {
	Version int `json:"version"`
	// At is the moment for which it was judged, by the cluster's clock.
	At        time.Time `json:"at"`
	Namespace string    `json:"namespace"`
	// RunsContainers and Foreign are what Target said of the cluster.
	RunsContainers bool             `json:"runsContainers"`
	Foreign        bool             `json:"foreign,omitempty"`
	Objects        []ObjectEvidence `json:"objects"`
	Probes         []ProbeEvidence  `json:"probes"`
}

// ObjectEvidence is the answer to one question to the API server.
type ObjectEvidence struct {
	// Resource as in "v1/pods" or "apps/v1/deployments".
	Resource string `json:"resource"`
	// Name of the object that was asked for; empty for all of the resource.
	Name string `json:"name,omitempty"`
	// Found are the objects as JSON shows them, without managedFields.
	Found []map[string]any `json:"found"`
	// Fault says why there was no answer.
	Fault string `json:"fault,omitempty"`
	// Denied is what of it the cluster does not allow; absent for other faults.
	Denied *DeniedEvidence `json:"denied,omitempty"`
}

// DeniedEvidence is what the cluster does not let podlab do, as RBAC names it.
type DeniedEvidence struct {
	Verb     string `json:"verb"`
	Resource string `json:"resource"`
}

// ProbeEvidence is what a runtime probe saw.
type ProbeEvidence struct {
	// Name of the probe in the lab. Two may look at the same, one after the
	// other.
	Name string `json:"name"`
	// Looks is the probe as the lab describes it, without what decides only how
	// long it looks. A probe of another name that looks at the same gets it too.
	Looks json.RawMessage `json:"looks"`
	// Value is its result as expressions see it; absent with Fault.
	Value map[string]any `json:"value,omitempty"`
	// Fault says why podlab or the cluster could not look.
	Fault string `json:"fault,omitempty"`
	// Denied is what of it the cluster does not allow; absent for other faults.
	Denied *DeniedEvidence `json:"denied,omitempty"`
	// Unreached: the fault is that the API server does not get through to a Pod
	// that answers.
	Unreached bool          `json:"unreached,omitempty"`
	Began     time.Time     `json:"began"`
	Duration  time.Duration `json:"duration"`
}

// errNoEvidence means that a check asks for what was not looked at.
var errNoEvidence = errors.New("the evidence does not hold this")

// GradeWithEvidence grades as Grade does and returns all that it saw.
func (p *Program) GradeWithEvidence(ctx context.Context, t Target) (*Report, *Evidence, error) {
	began := time.Now()
	src := &recorder{source: live{t.Client, t.Namespace}, seen: map[query]ObjectEvidence{}}
	w, err := p.observe(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	// A corrected check may ask for more than the one that is judged now.
	for _, r := range []schema.GroupVersionResource{podsResource, servicesResource, eventsResource} {
		if _, err := src.list(ctx, r); err != nil && ctx.Err() == nil && !isDenied(err) {
			return nil, nil, fmt.Errorf("list %s: %w", r.Resource, err)
		}
	}
	seen := p.runAll(ctx, w, t)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	now := t.now()
	report, _ := p.judge(ctx, t, w, seen, now)
	report.Duration = time.Since(began)

	e := &Evidence{
		Version: EvidenceVersion, At: now, Namespace: t.Namespace, RunsContainers: t.RunsContainers, Foreign: t.Foreign,
		Objects: src.evidence(),
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		o := seen[name]
		if o.value == nil && o.fault == nil {
			continue // its gate was closed, and the objects say why
		}
		looks, err := looksOf(p.probes[name])
		if err != nil {
			return nil, nil, err
		}
		pe := ProbeEvidence{Name: name, Looks: looks, Value: o.value, Began: o.began, Duration: o.duration}
		if o.fault != nil {
			pe.Value, pe.Fault, pe.Denied = nil, o.fault.Error(), deniedEvidence(o.fault)
			var lost *unreachedError
			pe.Unreached = errors.As(o.fault, &lost)
		}
		e.Probes = append(e.Probes, pe)
	}
	return report, e, nil
}

// GradeSettledWithEvidence grades as GradeSettled does and returns all that the
// last grading saw. What is final at the first look is looked at once; what meets
// trouble at the last look is looked at again, as long as wait lasts.
func (p *Program) GradeSettledWithEvidence(ctx context.Context, t Target, wait time.Duration) (*Report, *Evidence, error) {
	deadline := time.Now().Add(wait)
	for {
		report, seen, err := p.GradeWithEvidence(ctx, t)
		left := time.Until(deadline)
		if err != nil || left <= 0 || report.Final() {
			return report, seen, err
		}
		if _, err := p.AwaitFinal(ctx, t, left); err != nil {
			return nil, nil, err
		}
	}
}

// Judge grades what the evidence holds. A check that needs more than that is
// Errored. The error is non-nil when the evidence is of another version, or
// lacks what no grading can do without.
func (p *Program) Judge(ctx context.Context, e *Evidence) (*Report, error) {
	if e.Version != EvidenceVersion {
		return nil, fmt.Errorf("the evidence has version %d, this podlab reads version %d", e.Version, EvidenceVersion)
	}
	began := time.Now()
	w, err := p.observe(ctx, newReplay(e))
	if err != nil {
		return nil, err
	}
	seen := outcomes{}
	held := make(map[look]ProbeEvidence, 2*len(e.Probes))
	for _, pe := range e.Probes {
		// The file may have been laid out anew since.
		compact, err := compactJSON(pe.Looks)
		if err != nil {
			return nil, fmt.Errorf("read the evidence: %w", err)
		}
		held[look{pe.Name, compact}] = pe
		held[look{"", compact}] = pe // for a probe that was renamed since
	}
	for name, probe := range p.probes {
		if !probe.runtime() || !e.RunsContainers || !p.gateOf(probe, w).open {
			continue
		}
		looks, err := looksOf(probe)
		if err != nil {
			return nil, err
		}
		pe, ok := held[look{name, string(looks)}]
		if !ok {
			pe, ok = held[look{"", string(looks)}]
		}
		o := outcome{gate: gate{open: true}, value: pe.Value, began: pe.Began, duration: pe.Duration}
		switch {
		case !ok:
			o.fault = errNoEvidence
		case pe.Unreached:
			o.fault = &unreachedError{pe.Fault}
		case pe.Fault != "":
			o.fault = faultOf(pe.Fault, pe.Denied)
		}
		seen[name] = o
	}
	t := Target{Namespace: e.Namespace, RunsContainers: e.RunsContainers, Foreign: e.Foreign}
	report, _ := p.judge(ctx, t, w, seen, e.At)
	report.Duration = time.Since(began)
	return report, nil
}

// look is a probe, by its name and by what it looks at.
type look struct{ name, looks string }

// looksOf identifies what a runtime probe looks at.
func looksOf(c *compiledProbe) (json.RawMessage, error) {
	probe := c.Probe
	switch {
	case probe.Logs != nil:
		l := *probe.Logs
		l.Until, l.After, l.Timeout = "", nil, 0
		probe.Logs = &l
	case probe.Exec != nil:
		e := *probe.Exec
		e.After, e.Timeout = nil, 0
		probe.Exec = &e
	case probe.HTTP != nil:
		h := *probe.HTTP
		h.After, h.Timeout = nil, 0
		probe.HTTP = &h
	case probe.TCP != nil:
		t := *probe.TCP
		t.After, t.Timeout = nil, 0
		probe.TCP = &t
	}
	data, err := json.Marshal(probe)
	if err != nil {
		return nil, fmt.Errorf("describe probe %s: %w", c.name, err)
	}
	compact, err := compactJSON(data)
	return json.RawMessage(compact), err
}

// deniedEvidence says what is not allowed; nil for faults of another kind.
func deniedEvidence(err error) *DeniedEvidence {
	var d *deniedError
	if !errors.As(err, &d) {
		return nil
	}
	return &DeniedEvidence{Verb: d.verb, Resource: d.resource}
}

// faultOf is a fault as it was when it was written down.
func faultOf(text string, d *DeniedEvidence) error {
	if d == nil {
		return errors.New(text)
	}
	return &deniedError{d.Verb, d.Resource, errors.New(text)}
}

// compactJSON writes JSON in one way, whatever the order of its keys.
func compactJSON(data []byte) (string, error) {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	return string(out), err
}

// UnmarshalJSON keeps whole numbers whole, as expressions expect them.
func (e *Evidence) UnmarshalJSON(data []byte) error {
	type plain Evidence
	return kjson.UnmarshalCaseSensitivePreserveInts(data, (*plain)(e))
}

// query is a question to the API server.
type query struct {
	resource schema.GroupVersionResource
	name     string // empty for all
}

// recorder is a source that remembers what another one answered.
type recorder struct {
	source
	mu   sync.Mutex
	seen map[query]ObjectEvidence
}

func (r *recorder) get(ctx context.Context, res schema.GroupVersionResource, name string) (object, error) {
	found, err := r.source.get(ctx, res, name)
	var all []object
	if found != nil {
		all = []object{found}
	}
	r.keep(query{res, name}, all, err)
	return found, err
}

func (r *recorder) list(ctx context.Context, res schema.GroupVersionResource) ([]object, error) {
	r.mu.Lock()
	before, ok := r.seen[query{res, ""}]
	r.mu.Unlock()
	if ok && before.Fault == "" {
		return before.Found, nil // one moment, not two
	}
	found, err := r.source.list(ctx, res)
	r.keep(query{res, ""}, found, err)
	return found, err
}

func (r *recorder) keep(q query, found []object, err error) {
	e := ObjectEvidence{Resource: resourceName(q.resource), Name: q.name, Found: found}
	if err != nil {
		e.Fault, e.Denied = err.Error(), deniedEvidence(err)
	}
	for _, o := range found {
		if metadata, ok := o["metadata"].(map[string]any); ok {
			delete(metadata, "managedFields")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[q] = e
}

func (r *recorder) evidence() []ObjectEvidence {
	return slices.SortedFunc(maps.Values(r.seen), func(a, b ObjectEvidence) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Name, b.Name))
	})
}

// replay is a source that answers from evidence.
type replay map[string]map[string]ObjectEvidence // by resource, then by name

func newReplay(e *Evidence) replay {
	r := replay{}
	for _, o := range e.Objects {
		if r[o.Resource] == nil {
			r[o.Resource] = map[string]ObjectEvidence{}
		}
		r[o.Resource][o.Name] = o
	}
	return r
}

func (r replay) get(_ context.Context, res schema.GroupVersionResource, name string) (object, error) {
	answers := r[resourceName(res)]
	if e, ok := answers[name]; ok {
		if e.Fault != "" {
			return nil, faultOf(e.Fault, e.Denied)
		}
		if len(e.Found) == 0 {
			return nil, nil
		}
		return e.Found[0], nil
	}
	all, err := r.list(context.Background(), res)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if metadata, _ := o["metadata"].(map[string]any); metadata["name"] == name {
			return o, nil
		}
	}
	return nil, nil
}

func (r replay) list(_ context.Context, res schema.GroupVersionResource) ([]object, error) {
	e, ok := r[resourceName(res)][""]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %w", resourceName(res), errNoEvidence)
	case e.Fault != "":
		return nil, faultOf(e.Fault, e.Denied)
	}
	return e.Found, nil
}

func resourceName(r schema.GroupVersionResource) string {
	return r.GroupVersion().String() + "/" + r.Resource
}
