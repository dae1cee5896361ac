// Package node simulates a Kubernetes node: it is ready, takes Pods, and their
// containers go through what the kubelet would show, without running anything.
//
// kwok plays the stages of stages.yaml; what a stage makes of a Pod's status is
// Go code here, since it follows the kubelet's rules and can be tested.
package node

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	clientcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/component-base/version"
	"k8s.io/component-helpers/apimachinery/lease"
	"k8s.io/utils/clock"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/kwok/pkg/config/resources"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/informer"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"

	"podlab/cmd/podlab-kube/internal/pki"
)

// Name of the node.
const Name = "podlab-simulated"

// Options of the node.
type Options struct {
	Client kubernetes.Interface
	Certs  *pki.Store
	// Images are those that can be pulled; nil means all.
	Images *Images
	Log    io.Writer
	// Resync is how often objects are looked at without a change of theirs: a
	// write that failed is tried again then. 0 is never.
	Resync time.Duration
	// Registered is called once the API server knows where this process's
	// kubelet answers.
	Registered func()
}

//go:embed stages.yaml
var stagesYAML []byte

// Ready reports whether the node is ready.
func Ready(n *corev1.Node) bool {
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Run simulates the node until ctx ends.
func Run(ctx context.Context, o Options) error {
	stages, err := readStages(ctx)
	if err != nil {
		return err
	}
	port, err := serveKubelet(ctx, o.Certs)
	if err != nil {
		return err
	}
	if err := register(ctx, o.Client, port); err != nil {
		return err
	}
	o.Registered()
	ctx = kwoklog.NewContext(ctx, kwoklog.NewLogger(o.Log, kwoklog.LevelWarn))

	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&clientcorev1.EventSinkImpl{Interface: o.Client.CoreV1().Events("")})
	defer broadcaster.Shutdown()
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: Name})

	config := &lookup{client: o.Client, seen: map[string]time.Time{}}
	l := &life{
		images: o.Images, addresses: newAddresses(), volumes: config.volumes, environment: config.environment, now: time.Now,
		tell: func(pod *corev1.Pod, container, kind, reason, message string) {
			tell(recorder, pod, container, kind, reason, message)
		},
	}
	// Leases are what the control plane believes; the kubelet's own code renews it.
	beat := lease.NewController(clock.RealClock{}, o.Client, Name, 40, nil, 10*time.Second, Name, corev1.NamespaceNodeLease, nil)
	go beat.Run(ctx)

	nodes := make(chan informer.Event[*corev1.Node], 8)
	pods := make(chan informer.Event[*corev1.Pod], 256)
	nodeController, err := controllers.NewNodeController(controllers.NodeControllerConfig{
		TypedClient: o.Client, NodeName: Name, NodePort: port, PlayStageParallelism: 1,
		Lifecycle: resources.NewStaticGetter(stages["Node"]),
		FuncMap: gotpl.FuncMap{"NodeReady": func(object any) (string, error) {
			n, err := decode[corev1.Node](object)
			if err != nil {
				return "", err
			}
			return patch(n.ResourceVersion, nodeStatus(n, port))
		}},
	})
	if err != nil {
		return fmt.Errorf("make the node: %w", err)
	}
	only := &controllers.NodeInfo{}
	podController, err := controllers.NewPodController(controllers.PodControllerConfig{
		TypedClient: o.Client, PlayStageParallelism: 4, NodeIP: hostIP, CIDR: podCIDR,
		Lifecycle:   resources.NewStaticGetter(stages["Pod"]),
		NodeGetFunc: func(name string) (*controllers.NodeInfo, bool) { return only, name == Name },
		FuncMap: gotpl.FuncMap{"Pod": func(stage string, object any) (string, error) {
			pod, err := decode[corev1.Pod](object)
			if err != nil {
				return "", err
			}
			status, err := l.step(stage, pod)
			if err != nil {
				return "", err
			}
			return patch(pod.ResourceVersion, status)
		}},
	})
	if err != nil {
		return fmt.Errorf("make the life of Pods: %w", err)
	}
	if err := nodeController.Start(ctx, nodes); err != nil {
		return fmt.Errorf("start the node: %w", err)
	}
	if err := podController.Start(ctx, pods); err != nil {
		return fmt.Errorf("start the life of Pods: %w", err)
	}
	if err := provision(ctx, o); err != nil {
		return err
	}
	return watch(ctx, o, port, l, nodes, pods)
}

// watch feeds kwok's controllers until ctx ends. Pods that wait for a ConfigMap,
// a Secret or an image come again every second, as the kubelet would try again.
// A Node that was deleted is registered again, which a kubelet does when it starts.
func watch(ctx context.Context, o Options, port int, l *life, nodes chan<- informer.Event[*corev1.Node], pods chan<- informer.Event[*corev1.Pod]) error {
	ours := func(field string) informers.SharedInformerOption {
		return informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector(field, Name).String()
		})
	}
	nodeFactory := informers.NewSharedInformerFactoryWithOptions(o.Client, o.Resync, ours("metadata.name"))
	podFactory := informers.NewSharedInformerFactoryWithOptions(o.Client, o.Resync, ours("spec.nodeName"),
		informers.WithTransform(func(object any) (any, error) {
			if m, ok := object.(metav1.Object); ok {
				m.SetManagedFields(nil) // nobody here looks at them, and they are large
			}
			return object, nil
		}))
	node := nodeFactory.Core().V1().Nodes()
	feed(ctx, node.Informer(), nodes, nil, nil)
	podInformer := podFactory.Core().V1().Pods()
	feed(ctx, podInformer.Informer(), pods,
		func(pod *corev1.Pod) {
			if pod.Status.PodIP != "" && pod.Status.PodIP != hostIP {
				l.addresses.keep(string(pod.UID), pod.Status.PodIP)
			}
		},
		func(pod *corev1.Pod) { l.addresses.free(string(pod.UID)) })
	nodeFactory.Start(ctx.Done())
	podFactory.Start(ctx.Done())
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if _, err := node.Lister().Get(Name); err != nil && node.Informer().HasSynced() {
				if err := register(ctx, o.Client, port); err != nil {
					return err
				}
			}
			for _, pod := range waiting(podInformer.Lister(), l.images) {
				send(ctx, pods, informer.Sync, pod)
			}
		}
	}
}

// waiting lists the Pods that wait for something that may come without a change
// of their own. Those that wait for an image are listed once it can be pulled,
// and those with a deadline once it is over.
func waiting(lister listers.PodLister, images *Images) []*corev1.Pod {
	all, err := lister.List(labels.Everything())
	if err != nil {
		return nil
	}
	var some []*corev1.Pod
	for _, pod := range all {
		if pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodPending && pod.Status.Phase != corev1.PodRunning {
			continue
		}
		// What was scheduled a moment ago has its own event under way.
		stuck := pod.Status.StartTime != nil && pod.Status.PodIP == "" && time.Since(pod.Status.StartTime.Time) > time.Second
		if stuck || overdue(pod, time.Now()) || stuckIn(pod.Spec.InitContainers, pod.Status.InitContainerStatuses, images) ||
			stuckIn(pod.Spec.Containers, pod.Status.ContainerStatuses, images) {
			some = append(some, pod)
		}
	}
	return some
}

// stuckIn reports whether a container may start if it is tried again.
func stuckIn(containers []corev1.Container, statuses []corev1.ContainerStatus, images *Images) bool {
	for i := range containers {
		st := statusOf(statuses, containers[i].Name)
		if st == nil || st.State.Waiting == nil {
			continue
		}
		switch reason := st.State.Waiting.Reason; reason {
		case "CreateContainerConfigError":
			return true
		case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull":
			if images.missing(&containers[i], reason) == nil {
				return true
			}
		}
	}
	return false
}

// feed hands what an informer sees to one of kwok's controllers.
func feed[T interface {
	*corev1.Node | *corev1.Pod
	k8sruntime.Object
}](ctx context.Context, from cache.SharedIndexInformer, to chan<- informer.Event[T], seen, gone func(T)) {
	_, _ = from.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if o, ok := object.(T); ok {
				if seen != nil {
					seen(o)
				}
				send(ctx, to, informer.Added, o)
			}
		},
		UpdateFunc: func(_, object any) {
			if o, ok := object.(T); ok {
				send(ctx, to, informer.Modified, o)
			}
		},
		DeleteFunc: func(object any) {
			if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			if o, ok := object.(T); ok {
				if gone != nil {
					gone(o)
				}
				send(ctx, to, informer.Deleted, o)
			}
		},
	})
}

func send[T k8sruntime.Object](ctx context.Context, to chan<- informer.Event[T], kind informer.EventType, o T) {
	select {
	case to <- informer.Event[T]{Type: kind, Object: o}:
	case <-ctx.Done():
	}
}

// tell sends an event, about a container by its place in the Pod.
func tell(recorder record.EventRecorder, pod *corev1.Pod, container, kind, reason, message string) {
	ref := &corev1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, ResourceVersion: pod.ResourceVersion,
	}
	if container != "" {
		list := "containers"
		switch {
		case isInit(pod, container):
			list = "initContainers"
		case isEphemeral(pod, container):
			list = "ephemeralContainers"
		}
		ref.FieldPath = fmt.Sprintf("spec.%s{%s}", list, container)
	}
	recorder.Event(ref, kind, reason, message)
}

// readStages reads the stages of stages.yaml by the kind that they are for. They
// are compiled here: kwok compiles a stage when it is first matched, which two
// controllers must not do at a time.
func readStages(ctx context.Context) (map[string]lifecycle.Lifecycle, error) {
	byKind := map[string][]*internalversion.Stage{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(stagesYAML), 4096)
	for {
		var stage v1alpha1.Stage
		if err := decoder.Decode(&stage); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("stages: %w", err)
		}
		internal, err := internalversion.ConvertToInternalStage(&stage)
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", stage.Name, err)
		}
		kind := internal.Spec.ResourceRef.Kind
		byKind[kind] = append(byKind[kind], internal)
	}
	all := map[string]lifecycle.Lifecycle{}
	for kind, stages := range byKind {
		l, err := lifecycle.NewLifecycle(stages)
		if err != nil {
			return nil, fmt.Errorf("stages of %s: %w", kind, err)
		}
		none := map[string]any{"Node": &corev1.Node{}, "Pod": &corev1.Pod{}}[kind]
		if _, err := l.Match(ctx, &lifecycle.Event{Data: none}); err != nil {
			return nil, fmt.Errorf("compile the stages of %s: %w", kind, err)
		}
		all[kind] = l
	}
	return all, nil
}

// decode makes a typed object of what a template gets.
func decode[T any](object any) (*T, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode an object: %w", err)
	}
	var typed T
	if err := json.Unmarshal(text, &typed); err != nil {
		return nil, fmt.Errorf("decode an object: %w", err)
	}
	return &typed, nil
}

// patch makes the merge patch of a status. It holds for the version that it was
// made of: what others write meanwhile, readiness gates above all, stays.
func patch(version string, status any) (string, error) {
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": version}, "status": status})
	if err != nil {
		return "", fmt.Errorf("encode a status: %w", err)
	}
	return string(text), nil
}

// kwokNode is the annotation of Nodes that kwok plays, with the value "fake":
// whoever looks for it knows that they run no containers.
const kwokNode = "kwok.x-k8s.io/node"

// register creates the Node, as a kubelet does, and writes its status. One that
// is there may lack the annotation, and names the port of an earlier process.
func register(ctx context.Context, client kubernetes.Interface, port int) error {
	nodes := client.CoreV1().Nodes()
	for {
		n, err := nodes.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name: Name, Annotations: map[string]string{kwokNode: "fake"},
			Labels: map[string]string{
				corev1.LabelHostname: Name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: runtime.GOARCH,
			},
		}, Spec: corev1.NodeSpec{PodCIDR: podCIDR, PodCIDRs: []string{podCIDR}}}, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			n, err = nodes.Patch(ctx, Name, types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"fake"}}}`, kwokNode), metav1.PatchOptions{})
		}
		if err == nil {
			n.Status = *nodeStatus(n, port)
			_, err = nodes.UpdateStatus(ctx, n, metav1.UpdateOptions{})
		}
		if err == nil {
			return nil
		}
		select { // the API server is just starting
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// nodeStatus is that of a node which has what a small machine has. Quantities
// are what is for Pods to ask for; nothing takes them.
func nodeStatus(n *corev1.Node, port int) *corev1.NodeStatus {
	s := n.Status.DeepCopy()
	now := metav1.Now()
	room := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("8"),
		corev1.ResourceMemory:           resource.MustParse("16Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		corev1.ResourcePods:             resource.MustParse("2000"),
	}
	s.Capacity, s.Allocatable = room, room
	s.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: hostIP},
		{Type: corev1.NodeHostName, Address: "127.0.0.1"}, // where its kubelet answers
	}
	s.DaemonEndpoints = corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(port)}}
	s.NodeInfo = corev1.NodeSystemInfo{
		Architecture: runtime.GOARCH, OperatingSystem: "linux", KubeletVersion: version.Get().GitVersion,
		ContainerRuntimeVersion: "simulated://0", OSImage: "simulated by podlab",
		KernelVersion: "none",
	}
	since := now
	if i := conditionIndex(s.Conditions, corev1.NodeReady); i >= 0 && s.Conditions[i].Status == corev1.ConditionTrue {
		since = s.Conditions[i].LastTransitionTime
	}
	condition := func(kind corev1.NodeConditionType, on corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: kind, Status: on, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: since}
	}
	s.Conditions = []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "podlab simulates this node; it runs no containers"),
	}
	return s
}

func conditionIndex(all []corev1.NodeCondition, kind corev1.NodeConditionType) int {
	for i := range all {
		if all[i].Type == kind {
			return i
		}
	}
	return -1
}
