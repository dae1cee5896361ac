package kind

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/klog/v2"

	"podlab/cluster"
)

// api looks at a cluster through its API server.
type api struct {
	client kubernetes.Interface
	// readyz asks the API server whether it is ready.
	readyz func(context.Context) error
	// since is when the node container started. After a restart the API server
	// still shows what it knew before: only what is younger counts.
	since time.Time
}

func newAPI(kubeconfig string, since time.Time) (*api, error) {
	config, err := cluster.RESTConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client from %s: %w", kubeconfig, err)
	}
	// Times of the API are whole seconds.
	a := &api{client: client, since: since.Truncate(time.Second)}
	a.readyz = func(ctx context.Context) error {
		if err := client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
			return fmt.Errorf("the API server is not ready: %w", err)
		}
		return nil
	}
	return a, nil
}

// healthy looks once whether the API server and the nodes are ready, and
// returns the version that the API server tells.
func (a *api) healthy(ctx context.Context) (version string, err error) {
	if err := a.readyz(ctx); err != nil {
		return "", err
	}
	if v, err := a.client.Discovery().ServerVersion(); err == nil {
		version = v.GitVersion
	}
	list, err := a.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return version, fmt.Errorf("list nodes: %w", err)
	}
	if len(list.Items) == 0 {
		return version, errors.New("the API server knows no node")
	}
	for i := range list.Items {
		if missing := a.nodeReady(&list.Items[i]); missing != "" {
			return version, errors.New(missing)
		}
	}
	return version, nil
}

// waitReady waits until labs can run: the API server and all nodes are ready,
// Pods can be created in namespace default, and cluster DNS answers. When
// timeout passes the error says what is still missing.
func (a *api) waitReady(ctx context.Context, timeout time.Duration, changed func(missing string)) error {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	missing := &missing{changed: changed}

	missing.set("api", "the API server does not answer yet")
	if err := a.waitAPI(ctx, missing); err != nil {
		return missing.failure(outer, err)
	}
	missing.set("api", "")

	core := a.client.CoreV1()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return until(ctx, &corev1.Node{}, missing, "node", "the Node is not registered yet",
			listWatch(a.client, core.Nodes().List, core.Nodes().Watch, nil), a.nodeReady)
	})
	group.Go(func() error {
		only := func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, "default").String()
		}
		accounts := core.ServiceAccounts(metav1.NamespaceDefault)
		return until(ctx, &corev1.ServiceAccount{}, missing, "account", "ServiceAccount default/default does not exist yet",
			listWatch(a.client, accounts.List, accounts.Watch, only), func(*corev1.ServiceAccount) string { return "" })
	})
	group.Go(func() error {
		only := func(o *metav1.ListOptions) { o.LabelSelector = dnsSelector }
		pods := core.Pods(metav1.NamespaceSystem)
		ctx, done := context.WithCancel(ctx)
		defer done()
		go a.hurryDNS(ctx)
		return until(ctx, &corev1.Pod{}, missing, "dns", "no CoreDNS Pod exists yet",
			listWatch(a.client, pods.List, pods.Watch, only), a.podReady)
	})
	return missing.failure(outer, group.Wait())
}

// dnsSelector selects CoreDNS' Pods.
const dnsSelector = "k8s-app=kube-dns"

// hurryDNS shortens the wait for CoreDNS until ctx ends. Its readiness probe
// runs as the container starts, when it mostly comes too early, and then every
// ten seconds. But kubelet probes a container that is not ready at once when
// its Pod changes, so an annotation saves up to ten seconds.
func (a *api) hurryDNS(ctx context.Context) {
	pods := a.client.CoreV1().Pods(metav1.NamespaceSystem)
	for tries := 0; ; tries++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
		// Failing is no harm: the next probe comes anyway.
		list, err := pods.List(ctx, metav1.ListOptions{LabelSelector: dnsSelector})
		if err != nil {
			continue
		}
		for _, pod := range list.Items {
			for _, s := range pod.Status.ContainerStatuses {
				if s.State.Running == nil || s.Ready {
					continue
				}
				patch := fmt.Sprintf(`{"metadata":{"annotations":{"podlab/probe":"%d"}}}`, tries)
				_, _ = pods.Patch(ctx, pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			}
		}
	}
}

// waitAPI asks /readyz until it answers; there is nothing to watch before.
func (a *api) waitAPI(ctx context.Context, missing *missing) error {
	for {
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := a.readyz(try)
		cancel()
		if err == nil {
			return nil
		}
		missing.set("api", err.Error())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// nodeReady returns what keeps a node from being ready, "" if nothing does.
func (a *api) nodeReady(n *corev1.Node) string {
	for _, c := range n.Status.Conditions {
		if c.Type != corev1.NodeReady {
			continue
		}
		switch {
		case c.LastHeartbeatTime.Time.Before(a.since):
			return fmt.Sprintf("Node %s has not reported since its container started", n.Name)
		case c.Status != corev1.ConditionTrue:
			return fmt.Sprintf("Node %s is not ready: %s: %s", n.Name, c.Reason, c.Message)
		}
		return ""
	}
	return fmt.Sprintf("Node %s has not reported yet", n.Name)
}

// podReady returns what keeps a Pod from being ready, "" if nothing does.
func (a *api) podReady(p *corev1.Pod) string {
	if p.DeletionTimestamp != nil {
		return fmt.Sprintf("Pod %s is being deleted", p.Name)
	}
	for _, s := range p.Status.ContainerStatuses {
		switch {
		case s.State.Waiting != nil:
			return strings.TrimSuffix(fmt.Sprintf("Pod %s: container %s waits: %s: %s", p.Name, s.Name, s.State.Waiting.Reason, s.State.Waiting.Message), ": ")
		case s.State.Running == nil || s.State.Running.StartedAt.Time.Before(a.since):
			return fmt.Sprintf("Pod %s: container %s does not run yet", p.Name, s.Name)
		case !s.Ready:
			return fmt.Sprintf("Pod %s: container %s is not ready yet", p.Name, s.Name)
		}
	}
	if len(p.Status.ContainerStatuses) == 0 {
		return fmt.Sprintf("Pod %s is %s", p.Name, p.Status.Phase)
	}
	return ""
}

// listWatch makes a ListerWatcher from the typed client's methods.
func listWatch[L runtime.Object](
	client kubernetes.Interface,
	list func(context.Context, metav1.ListOptions) (L, error),
	watcher func(context.Context, metav1.ListOptions) (watch.Interface, error),
	only func(*metav1.ListOptions),
) cache.ListerWatcher {
	narrow := func(o *metav1.ListOptions) {
		if only != nil {
			only(o)
		}
	}
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			narrow(&o)
			return list(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			narrow(&o)
			return watcher(ctx, o)
		},
	}, client)
}

// until watches objects until problem returns "" for one of them.
func until[T runtime.Object](ctx context.Context, kind T, missing *missing, what, first string, lw cache.ListerWatcher, problem func(T) string) error {
	missing.set(what, first)
	// client-go would log to standard error, which belongs to the interface.
	ctx = klog.NewContext(ctx, logr.Discard())
	_, err := watchtools.UntilWithSync(ctx, lw, kind, nil, func(e watch.Event) (bool, error) {
		object, ok := e.Object.(T)
		if !ok {
			return false, nil
		}
		name := what
		if named, err := meta.Accessor(object); err == nil {
			name += "/" + named.GetName()
		}
		if e.Type == watch.Deleted {
			missing.set(name, "")
			return false, nil
		}
		m := problem(object)
		if m == "" {
			missing.clear(what) // one is enough
			return true, nil
		}
		missing.set(what, "")
		missing.set(name, m)
		return false, nil
	})
	return err
}

// missing keeps what a cluster lacks to be ready, for the error when time
// runs out and for those who watch meanwhile. A key is a kind of thing, or
// such a kind, a slash and the name of one.
type missing struct {
	changed func(string)

	mu   sync.Mutex
	what map[string]string
}

func (m *missing) set(what, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.what == nil {
		m.what = map[string]string{}
	}
	if m.what[what] == text {
		return
	}
	m.what[what] = text
	if text != "" && m.changed != nil {
		m.changed(text)
	}
}

// clear forgets all that is missing of a kind.
func (m *missing) clear(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.what, func(key, _ string) bool { return key == what || strings.HasPrefix(key, what+"/") })
}

func (m *missing) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, key := range slices.Sorted(maps.Keys(m.what)) {
		if text := m.what[key]; text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

// failure is the error of a wait that ended with err.
func (m *missing) failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return cluster.Fail("not-ready", err, "", "missing", m.String())
}
