package grader

import (
	"cmp"
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Observer is told by Watch, from one goroutine.
type Observer struct {
	// Report is told the first report, and the next ones whenever a verdict or
	// what is there has changed.
	Report func(*Report)
	// Trouble, if not nil, is told why the cluster does not answer, and nil
	// when it answers again.
	Trouble func(error)
	// Objects, if not nil, is told what the namespace holds, at first and
	// whenever that changes, before the report that it leads to.
	Objects func(Objects)
}

// Objects is what a namespace holds, as far as people look at it. It comes
// from the caches that are graded. The objects are shared: do not change them.
type Objects struct {
	Pods     []*corev1.Pod     // oldest first
	Services []*corev1.Service // by name
	Events   []*corev1.Event   // in the order in which they last happened
}

func (w *watcher) tellTrouble(err error) {
	if w.observer.Trouble != nil {
		w.observer.Trouble(err)
	}
}

// tellObjects says what the caches hold. An object that cannot be decoded is
// left out: the checks that need it say so.
func (w *watcher) tellObjects(ctx context.Context) {
	if w.observer.Objects == nil {
		return
	}
	o := Objects{
		Pods:     decoded[corev1.Pod](ctx, w.src, podsResource),
		Services: decoded[corev1.Service](ctx, w.src, servicesResource),
		Events:   decoded[corev1.Event](ctx, w.src, eventsResource),
	}
	slices.SortFunc(o.Pods, func(a, b *corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(o.Services, func(a, b *corev1.Service) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(o.Events, func(a, b *corev1.Event) int {
		return cmp.Or(EventTime(a).Compare(EventTime(b)), cmp.Compare(a.Name, b.Name))
	})
	w.observer.Objects(o)
}

func decoded[T any](ctx context.Context, src source, r schema.GroupVersionResource) []*T {
	raw, err := src.list(ctx, r)
	if err != nil {
		return nil
	}
	out := make([]*T, 0, len(raw))
	for _, o := range raw {
		typed := new(T)
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o, typed) == nil {
			out = append(out, typed)
		}
	}
	return out
}
