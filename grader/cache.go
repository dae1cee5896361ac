package grader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// cached is the source that reads informers: one per resource, for one
// namespace.
type cached struct {
	namespace string
	factory   dynamicinformer.DynamicSharedInformerFactory
	informers map[schema.GroupVersionResource]cache.SharedIndexInformer

	// Where a resource may not be listed or watched, the API server is asked each
	// time: what grading once can see, watching can.
	live   live
	mu     sync.Mutex
	denied map[schema.GroupVersionResource]bool
}

// change says what an informer told.
type change int

const (
	objectChanged change = iota
	eventSeen            // a core/v1 Event: it explains, but changes nothing
)

// newCached starts informers for resources. Changed is called, from the
// informers' goroutines, for each change; trouble for each failure to list or
// watch.
func newCached(ctx context.Context, t Target, resources []schema.GroupVersionResource, changed func(change), trouble func(error)) (*cached, error) {
	const noResync = 0
	c := &cached{
		namespace: t.Namespace,
		factory:   dynamicinformer.NewFilteredDynamicSharedInformerFactory(t.Client.Dynamic, noResync, t.Namespace, nil),
		informers: make(map[schema.GroupVersionResource]cache.SharedIndexInformer, len(resources)),
		live:      live{t.Client, t.Namespace},
		denied:    map[schema.GroupVersionResource]bool{},
	}
	for _, r := range resources {
		what := objectChanged
		if r == eventsResource {
			what = eventSeen
		}
		informer := c.factory.ForResource(r).Informer()
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { changed(what) },
			UpdateFunc: func(any, any) { changed(what) },
			DeleteFunc: func(any) { changed(what) },
		})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", r.Resource, err)
		}
		err = informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
			if normalWatchEnd(err) {
				return
			}
			if apierrors.IsForbidden(err) { // the checks that need it say so
				c.deny(r)
				changed(what)
				return
			}
			trouble(fmt.Errorf("watch %s in namespace %s: %w", r.Resource, t.Namespace, err))
		})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", r.Resource, err)
		}
		c.informers[r] = informer
	}
	c.factory.Start(ctx.Done())
	return c, nil
}

// deny notes that the API server does not allow what the informer of r needs.
func (c *cached) deny(r schema.GroupVersionResource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied[r] = true
}

// isDenied reports whether the cache of r says nothing.
func (c *cached) isDenied(r schema.GroupVersionResource) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.denied[r]
}

// polls reports whether something is asked for that no event tells of.
func (c *cached) polls() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.denied) > 0
}

// normalWatchEnd tells the ends that every long watch meets from trouble.
func normalWatchEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || errors.Is(err, context.Canceled)
}

// wait returns when all caches that may be are filled, with an error when ctx ended first.
func (c *cached) wait(ctx context.Context) error {
	// cache.WaitForCacheSync looks ten times a second, too seldom for a screen
	// that should be there at once.
	const every = 5 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done := true
		for r, informer := range c.informers {
			done = done && (informer.HasSynced() || c.isDenied(r))
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (c *cached) get(ctx context.Context, r schema.GroupVersionResource, name string) (object, error) {
	if c.isDenied(r) {
		return c.live.get(ctx, r, name)
	}
	item, ok, err := c.informers[r].GetStore().GetByKey(c.namespace + "/" + name)
	if err != nil || !ok {
		return nil, err
	}
	return contentOf(item)
}

func (c *cached) list(ctx context.Context, r schema.GroupVersionResource) ([]object, error) {
	if c.isDenied(r) {
		return c.live.list(ctx, r)
	}
	items := c.informers[r].GetStore().List()
	out := make([]object, 0, len(items))
	for _, item := range items {
		o, err := contentOf(item)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func contentOf(item any) (object, error) {
	u, ok := item.(*unstructured.Unstructured)
	if !ok {
		return nil, fmt.Errorf("the cache holds a %T", item)
	}
	return u.Object, nil
}
