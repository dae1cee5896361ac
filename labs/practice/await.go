package practice

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

// pollEvery is how often is asked for what may not be watched.
const pollEvery = 2 * time.Second

// byName is the field that only selects by.
const byName = "metadata.name"

// only selects the object of that name.
func only(name string) metav1.ListOptions {
	return metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector(byName, name).String()}
}

// awaitObjects returns nil once done is true for the objects that opts
// selects: first as listed, then after each change that a watch reports. What
// may not be watched is listed every pollEvery; one object that may not be
// listed is got by its name. The error is Forbidden where that may not be
// either. done is called from one goroutine.
func awaitObjects(ctx context.Context, r dynamic.ResourceInterface, opts metav1.ListOptions, done func(map[types.UID]*unstructured.Unstructured) bool) error {
	for {
		list, err := r.List(ctx, opts)
		listed := !apierrors.IsForbidden(err)
		if name, one := nameIn(opts); one && !listed {
			list, err = get(ctx, r, name)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case apierrors.IsNotFound(err): // the kind itself is gone
			list = &unstructured.UnstructuredList{}
		case err != nil:
			return fmt.Errorf("list: %w", err)
		}
		objects := make(map[types.UID]*unstructured.Unstructured, len(list.Items))
		for i := range list.Items {
			objects[list.Items[i].GetUID()] = &list.Items[i]
		}
		if done(objects) {
			return nil
		}
		reached := false
		if listed {
			reached, err = follow(ctx, r, opts, list.GetResourceVersion(), objects, done)
		} else {
			err = pause(ctx)
		}
		if err != nil || reached {
			return err
		}
	}
}

// nameIn is the name that opts selects, if it selects by name.
func nameIn(opts metav1.ListOptions) (name string, ok bool) {
	selector, err := fields.ParseSelector(opts.FieldSelector)
	if err != nil {
		return "", false
	}
	return selector.RequiresExactMatch(byName)
}

// get is the list of the one object of that name.
func get(ctx context.Context, r dynamic.ResourceInterface, name string) (*unstructured.UnstructuredList, error) {
	o, err := r.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return &unstructured.UnstructuredList{Items: []unstructured.Unstructured{*o}}, nil
}

// pause waits for pollEvery.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pollEvery):
		return nil
	}
}

// observeTimeout is how long controllers get to take notice of workloads of
// setup. They need milliseconds; a start is not to fail for it.
const observeTimeout = 10 * time.Second

// awaitObserved returns when the controllers have seen the workloads among
// objects as they were applied. Without that, a change right after the start would
// be the first thing they see: a Deployment would have no ReplicaSet of what
// was given.
func awaitObserved(ctx context.Context, objects []object) error {
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	for _, o := range objects {
		if o.GroupVersionKind().Group != "apps" {
			continue
		}
		err := awaitObjects(ctx, o.objects, only(o.GetName()), func(now map[types.UID]*unstructured.Unstructured) bool {
			for _, live := range now {
				seen, _, _ := unstructured.NestedInt64(live.Object, "status", "observedGeneration")
				if seen < live.GetGeneration() {
					return false
				}
			}
			return true
		})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !apierrors.IsForbidden(err) {
			return fmt.Errorf("wait until the cluster has seen %s: %w", o, err)
		}
	}
	return nil
}

// follow keeps objects up to date by a watch until done is true. It returns
// false when listing again is in order: the watch ended before, or may not be
// and pollEvery is over.
func follow(ctx context.Context, r dynamic.ResourceInterface, opts metav1.ListOptions, version string,
	objects map[types.UID]*unstructured.Unstructured, done func(map[types.UID]*unstructured.Unstructured) bool) (bool, error) {
	opts.ResourceVersion = version
	w, err := r.Watch(ctx, opts)
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case apierrors.IsResourceExpired(err), apierrors.IsGone(err):
		return false, nil
	case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		return false, pause(ctx)
	case err != nil:
		return false, fmt.Errorf("watch: %w", err)
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case event, open := <-w.ResultChan():
			if !open || event.Type == watch.Error {
				return false, nil
			}
			object, ok := event.Object.(*unstructured.Unstructured)
			if !ok {
				continue
			}
			if event.Type == watch.Deleted {
				delete(objects, object.GetUID())
			} else {
				objects[object.GetUID()] = object
			}
			if done(objects) {
				return true, nil
			}
		}
	}
}
