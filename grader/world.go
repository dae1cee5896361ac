package grader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"podlab/grader/cellib"
)

var (
	podsResource     = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	servicesResource = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	eventsResource   = schema.GroupVersionResource{Version: "v1", Resource: "events"}
)

// object is a Kubernetes object as JSON would show it; nil for none.
type object = map[string]any

// source reads objects of one namespace, from the API server or from a cache.
type source interface {
	// get returns nil, nil for an object that does not exist.
	get(ctx context.Context, r schema.GroupVersionResource, name string) (object, error)
	list(ctx context.Context, r schema.GroupVersionResource) ([]object, error)
}

// world is what the namespace holds at one moment, as far as a Program looks.
type world struct {
	objects  map[string]object   // by object probe
	lists    map[string][]any    // by list or events probe
	services map[string]object   // by name, those that HTTP probes go through
	owners   map[Workload]object // those whose Pods probes look at
	pods     []*pod              // all of the namespace
	warnings map[string][]string // reason and message by Pod UID, oldest first, since it came to its images
	faults   map[string]error    // by probe
	// podsDenied is why the Pods may not be read; nil where they may.
	podsDenied error
}

// pod is a Pod in both forms: as expressions and as Go code read it.
type pod struct {
	*corev1.Pod
	object object
}

func (w *world) pod(name string) *pod {
	for _, p := range w.pods {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// resources lists what the program reads, without duplicates.
func (p *Program) resources() []schema.GroupVersionResource {
	all := []schema.GroupVersionResource{podsResource, eventsResource}
	for _, probe := range p.probes {
		switch {
		case probe.Object != nil:
			all = append(all, resourceOf(probe.Object.APIVersion, probe.Object.Kind))
		case probe.List != nil:
			all = append(all, resourceOf(probe.List.APIVersion, probe.List.Kind))
		case probe.service() != "":
			all = append(all, servicesResource)
		case probe.podOf() != nil:
			all = append(all, probe.podOf().resource())
		}
	}
	slices.SortFunc(all, func(a, b schema.GroupVersionResource) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(all)
}

// resourceOf finds the resource of a kind by Kubernetes' naming rule. That
// saves the requests of discovery, and holds for every built-in kind.
func resourceOf(apiVersion, kind string) schema.GroupVersionResource {
	resource, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(apiVersion, kind))
	return resource
}

// observe reads all that the program looks at. The error is non-nil when not
// even the Pods could be read, unless that is not allowed.
func (p *Program) observe(ctx context.Context, src source) (*world, error) {
	w := &world{
		objects:  map[string]object{},
		lists:    map[string][]any{},
		services: map[string]object{},
		owners:   map[Workload]object{},
		warnings: map[string][]string{},
		faults:   map[string]error{},
	}
	var (
		mu      sync.Mutex
		wg      sync.WaitGroup
		podsErr error
	)
	fetch := func(f func() (store func(), err error), failed func(error)) {
		wg.Go(func() {
			store, err := f()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed(err)
				return
			}
			store()
		})
	}
	fetch(func() (func(), error) {
		pods, err := listPods(ctx, src)
		return func() { w.pods = pods }, err
	}, func(err error) { podsErr = err })

	var raw []object // events
	needEvents := false
	for name, probe := range p.probes {
		fault := func(err error) { w.faults[name] = err }
		switch {
		case probe.Object != nil && probe.Object.Kind != "Pod":
			o := probe.Object
			fetch(func() (func(), error) {
				obj, err := src.get(ctx, resourceOf(o.APIVersion, o.Kind), o.Name)
				return func() { w.objects[name] = obj }, err
			}, fault)
		case probe.List != nil && probe.List.Kind != "Pod":
			l := probe.List
			fetch(func() (func(), error) {
				objs, err := src.list(ctx, resourceOf(l.APIVersion, l.Kind))
				return func() { w.lists[name] = selected(objs, l.Selector) }, err
			}, fault)
		case probe.service() != "":
			service := probe.service()
			fetch(func() (func(), error) {
				obj, err := src.get(ctx, servicesResource, service)
				return func() { w.services[service] = obj }, err
			}, fault)
		case probe.podOf() != nil:
			owner := *probe.podOf()
			fetch(func() (func(), error) {
				obj, err := src.get(ctx, owner.resource(), owner.Name)
				return func() { w.owners[owner] = obj }, err
			}, fault)
		case probe.Events != nil:
			needEvents = true
		}
	}
	wg.Wait()
	switch {
	case isDenied(podsErr):
		w.podsDenied = podsErr
		for name, probe := range p.probes {
			if probe.needsPods() && w.faults[name] == nil {
				w.faults[name] = podsErr
			}
		}
	case podsErr != nil:
		return nil, fmt.Errorf("list Pods: %w", podsErr)
	}
	for _, pod := range w.pods {
		needEvents = needEvents || pod.Status.Phase == corev1.PodPending
	}
	if needEvents {
		var err error
		switch raw, err = src.list(ctx, eventsResource); {
		case isDenied(err): // for other probes they only explain
			for name, probe := range p.probes {
				if probe.Events != nil {
					w.faults[name] = err
				}
			}
		case err != nil:
			return nil, fmt.Errorf("list events: %w", err)
		}
	}
	p.fillFromPods(w)
	p.fillFromEvents(w, raw)
	return w, nil
}

// fillFromPods answers the object and list probes that look at Pods.
func (p *Program) fillFromPods(w *world) {
	for name, probe := range p.probes {
		switch {
		case probe.Object != nil && probe.Object.Kind == "Pod":
			w.objects[name] = nil
			if found := w.pod(probe.Object.Name); found != nil {
				w.objects[name] = found.object
			}
		case probe.PodOf != nil:
			w.objects[name] = nil
			if found := w.podOf(*probe.PodOf); found != nil {
				w.objects[name] = found.object
			}
		case probe.List != nil && probe.List.Kind == "Pod":
			objs := make([]object, len(w.pods))
			for i, pod := range w.pods {
				objs[i] = pod.object
			}
			w.lists[name] = selected(objs, probe.List.Selector)
		}
	}
}

// fillFromEvents answers the events probes and notes the warnings of Pods.
func (p *Program) fillFromEvents(w *world, raw []object) {
	events := make([]*corev1.Event, 0, len(raw))
	for _, o := range raw {
		e := &corev1.Event{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o, e) == nil {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b *corev1.Event) int { return EventTime(a).Compare(EventTime(b)) })
	for _, e := range events {
		switch uid := string(e.InvolvedObject.UID); {
		case e.InvolvedObject.Kind != "Pod":
		case e.Type == corev1.EventTypeWarning:
			w.warnings[uid] = append(w.warnings[uid], e.Reason+": "+e.Message)
		case e.Reason == "Pulling" || e.Reason == "Pulled":
			delete(w.warnings, uid) // its volumes and its sandbox are there now
		}
		for name, probe := range p.probes {
			if q := probe.Events; q != nil && q.Kind == e.InvolvedObject.Kind && q.Name == e.InvolvedObject.Name {
				w.lists[name] = append(w.lists[name], eventValue(e))
			}
		}
	}
}

// involved returns the Pods whose life decides over the probes: the Pods that
// they look at, those behind the Services, and those of the workloads.
func (p *Program) involved(w *world, probes []string) []*pod {
	var found []*pod
	add := func(match func(*pod) bool) {
		for _, pod := range w.pods {
			if match(pod) && !slices.Contains(found, pod) {
				found = append(found, pod)
			}
		}
	}
	for _, name := range probes {
		probe := p.probes[name]
		switch {
		case probe.Object != nil && probe.Object.Kind == "Pod":
			add(func(pod *pod) bool { return pod.Name == probe.Object.Name })
		case probe.Object != nil:
			if selector := workloadSelector(w.objects[name]); selector != nil {
				add(func(pod *pod) bool { return selector.Matches(labels.Set(pod.Labels)) })
			}
		case probe.List != nil && probe.List.Kind == "Pod":
			if selector, err := labels.Parse(probe.List.Selector); err == nil {
				add(func(pod *pod) bool { return selector.Matches(labels.Set(pod.Labels)) })
			}
		case probe.service() != "":
			add(func(pod *pod) bool { return cellib.Selects(w.services[probe.service()], pod.object) })
		default:
			target := probe.podFor(w)
			add(func(pod *pod) bool { return pod == target })
		}
	}
	return found
}

func listPods(ctx context.Context, src source) ([]*pod, error) {
	objs, err := src.list(ctx, podsResource)
	if err != nil {
		return nil, err
	}
	pods := make([]*pod, 0, len(objs))
	var errs []error
	for _, o := range objs {
		typed := &corev1.Pod{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o, typed); err != nil {
			errs = append(errs, err)
			continue
		}
		pods = append(pods, &pod{Pod: typed, object: o})
	}
	return pods, errors.Join(errs...)
}

// selected returns the objects that a label selector chooses, without those
// that are being deleted, oldest first.
func selected(objs []object, selector string) []any {
	parsed, err := labels.Parse(selector)
	if err != nil {
		return nil // Compile refused it
	}
	type candidate struct {
		created, name string
		object        object
	}
	var chosen []candidate
	for _, o := range objs {
		metadata, _ := o["metadata"].(map[string]any)
		set := labels.Set{}
		raw, _ := metadata["labels"].(map[string]any)
		for key, value := range raw {
			set[key] = fmt.Sprint(value)
		}
		if metadata["deletionTimestamp"] != nil || !parsed.Matches(set) {
			continue
		}
		created, _ := metadata["creationTimestamp"].(string)
		name, _ := metadata["name"].(string)
		chosen = append(chosen, candidate{created, name, o})
	}
	slices.SortFunc(chosen, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.name, b.name))
	})
	out := make([]any, len(chosen))
	for i, c := range chosen {
		out[i] = c.object
	}
	return out
}
