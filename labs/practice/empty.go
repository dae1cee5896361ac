package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
)

const (
	// emptyTimeout bounds emptying a namespace, which takes well under a
	// second: when it is reached, something creates objects again and again.
	emptyTimeout = 20 * time.Second
	// finalizerGrace is what controllers get to remove their finalizers. They
	// act on events, so that those that are there need a few milliseconds.
	finalizerGrace = 500 * time.Millisecond
	// parallel bounds the requests under way while a namespace is emptied.
	parallel = 16
)

// kind is a kind of namespaced object that can be deleted.
type kind struct {
	resource schema.GroupVersionResource
	name     string // "Deployment"
}

// found is the objects of one kind in a namespace.
type found struct {
	kind    kind
	objects []unstructured.Unstructured
}

// empty deletes everything in the namespace but what belongs to the cluster, see
// furnishing, and returns when it is gone. Whatever else appears meanwhile goes
// too. given is what setup brings.
func (p *Practice) empty(ctx context.Context, namespace string, given map[string]bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, emptyTimeout, fmt.Errorf("not done after %s", emptyTimeout))
	defer cancel()

	kinds, err := p.kinds()
	if err != nil {
		return err
	}
	own, err := p.furnishing(ctx, namespace, given)
	if err != nil {
		return err
	}
	var rest []found
	for {
		now, err := p.find(ctx, kinds, namespace)
		if err == nil {
			if rest = own.spare(now); len(rest) == 0 {
				break
			}
			err = p.delete(ctx, namespace, rest, own)
		}
		if ctx.Err() != nil && len(rest) > 0 {
			return fmt.Errorf("empty namespace %s: %w: there still is %s: see whether something creates it again (kubectl apply in a loop, a controller), then try again",
				namespace, context.Cause(ctx), describe(rest))
		}
		if err != nil {
			return fmt.Errorf("empty namespace %s: %w", namespace, err)
		}
	}

	// The events of objects that are gone would puzzle the next attempt. They
	// block nothing, so that a failure is of no consequence.
	_ = p.o.Client.Typed.CoreV1().Events(namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	return nil
}

// kinds returns what may be in a namespace. It asks the cluster each time,
// because the learner may have installed custom resources.
func (p *Practice) kinds() ([]kind, error) {
	p.discovery.Invalidate()
	lists, err := discovery.ServerPreferredNamespacedResources(p.discovery)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("ask the cluster for its kinds of objects: %w", err)
	}
	var kinds []kind
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("the cluster serves an API of the odd name %q: %w", list.GroupVersion, err)
		}
		for _, r := range list.APIResources {
			deletable := slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "delete")
			if deletable && r.Name != "events" && !strings.Contains(r.Name, "/") {
				kinds = append(kinds, kind{gv.WithResource(r.Name), r.Kind})
			}
		}
	}
	return kinds, nil
}

// find lists what is in the namespace, by kind. A kind that may not be listed is
// missing.
func (p *Practice) find(ctx context.Context, kinds []kind, namespace string) ([]found, error) {
	all := make([]found, len(kinds))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, k := range kinds {
		g.Go(func() error {
			list, err := p.o.Client.Dynamic.Resource(k.resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
			switch {
			case apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
				return nil // a custom resource whose definition is gone
			case p.o.Foreign && apierrors.IsForbidden(err):
				return nil // whoever may not list it made none
			case err != nil:
				return fmt.Errorf("list %s: %w", k.resource.Resource, err)
			}
			all[i] = found{k, list.Items}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f found) bool { return f.kind.name == "" }), nil
}

// delete deletes all objects and returns when they are gone, but for those that
// turn out to belong to the cluster. Owners go before what they own, lest their
// controllers make it again.
func (p *Practice) delete(ctx context.Context, namespace string, all []found, own *furnishing) error {
	for stage := range 3 {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(parallel)
		for _, f := range all {
			objects := p.o.Client.Dynamic.Resource(f.kind.resource).Namespace(namespace)
			for _, o := range f.objects {
				if stageOf(f.kind, &o) != stage {
					continue
				}
				g.Go(func() error {
					err := deleteNow(ctx, objects, o.GetName(), o.GetUID())
					if err != nil && !own.keep(f.kind.identity(&o), err) {
						return fmt.Errorf("delete %s %s: %w", f.kind.name, o.GetName(), err)
					}
					return nil
				})
			}
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}

	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, f := range all {
		g.Go(func() error {
			var uids []types.UID
			for i := range f.objects {
				if !own.stays[f.kind.identity(&f.objects[i])] {
					uids = append(uids, f.objects[i].GetUID())
				}
			}
			if len(uids) == 0 {
				return nil
			}
			objects := p.o.Client.Dynamic.Resource(f.kind.resource).Namespace(namespace)
			if err := awaitGone(ctx, objects, metav1.ListOptions{}, uids); err != nil {
				return fmt.Errorf("wait until each %s is gone: %w", f.kind.name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// stageOf says when an object is deleted: 0 what nobody owns, 1 what has an
// owner, 2 Pods and what mirrors them.
func stageOf(k kind, o *unstructured.Unstructured) int {
	switch {
	case k.resource.Resource == "pods" || strings.HasPrefix(k.resource.Resource, "endpoint"):
		return 2
	case len(o.GetOwnerReferences()) > 0:
		return 1
	}
	return 0
}

// deleteNow deletes one object without waiting for graceful ends. The kubelet
// kills the containers of a Pod that is gone within a few seconds.
func deleteNow(ctx context.Context, objects dynamic.ResourceInterface, name string, uid types.UID) error {
	var grace int64
	background := metav1.DeletePropagationBackground
	err := objects.Delete(ctx, name, metav1.DeleteOptions{
		GracePeriodSeconds: &grace,
		PropagationPolicy:  &background,
		Preconditions:      &metav1.Preconditions{UID: &uid},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // gone, or another of that name
		return nil
	}
	return err
}

// awaitGone returns when none of the objects with these uids is left. After
// finalizerGrace it removes the finalizers that keep them.
func awaitGone(ctx context.Context, objects dynamic.ResourceInterface, opts metav1.ListOptions, uids []types.UID) error {
	left := func(now map[types.UID]*unstructured.Unstructured) bool {
		return !slices.ContainsFunc(uids, func(uid types.UID) bool { return now[uid] != nil })
	}
	grace, cancel := context.WithTimeout(ctx, finalizerGrace)
	err := awaitObjects(grace, objects, opts, left)
	cancel()
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return err
	}
	unblocked := make(map[types.UID]bool)
	return awaitObjects(ctx, objects, opts, func(now map[types.UID]*unstructured.Unstructured) bool {
		for _, uid := range uids {
			o := now[uid]
			if o != nil && !unblocked[uid] && o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) > 0 {
				// A failure is a change that came in between, which brings us
				// back here, or it shows as an object that stays.
				unblocked[uid] = removeFinalizers(ctx, objects, o) == nil
			}
		}
		return left(now)
	})
}

func removeFinalizers(ctx context.Context, objects dynamic.ResourceInterface, o *unstructured.Unstructured) error {
	// The uid makes the patch fail for a new object of the same name.
	patch := fmt.Sprintf(`{"metadata":{"uid":%q,"finalizers":null}}`, o.GetUID())
	_, err := objects.Patch(ctx, o.GetName(), types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: managedBy})
	return err
}

// describe names up to five objects.
func describe(all []found) string {
	var names []string
	for _, f := range all {
		for i := range f.objects {
			names = append(names, f.kind.name+" "+f.objects[i].GetName())
		}
	}
	if len(names) == 0 {
		return "an unknown rest"
	}
	if more := len(names) - 5; more > 0 {
		names = append(names[:5], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
