// Package picture draws the Pods of a namespace as the cluster has them: their
// containers, the volumes and the network that the containers share, the
// Services that reach them, and what happened when. Of makes a Model of
// objects, and the Model is drawn for a width, a language and a look. The
// package does no I/O and asks no clock.
package picture

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"podlab/grader"
	"podlab/grader/printable"
)

// Model is what is drawn, whatever the size. It shares nothing with the
// objects that it was made of, and its texts are safe to show.
type Model struct {
	Pods     []*Pod     // oldest first
	Services []*Service // by name
}

// Pod is a Pod as the picture shows it.
type Pod struct {
	Name, IP, Node string
	Phase          corev1.PodPhase
	// Trouble says why the Pod as a whole cannot go on; empty where nothing is
	// known to be wrong, or a container says it.
	Trouble string
	// Ready and All count containers as kubectl does: regular ones and native
	// sidecars.
	Ready, All int
	// ServesTraffic: Services send requests to it.
	ServesTraffic bool
	// Deleted says that the Pod is being deleted; Ended, that it has Succeeded
	// or Failed.
	Deleted, Ended bool
	Created        time.Time
	// Seen is when the kubelet first saw the Pod; zero before that.
	Seen time.Time
	// Owner tells the Pods of one controller, which look alike.
	Owner string
	// Shared is what the containers share besides network, IPC and volumes.
	Shared     Shared
	Containers []*Container // in the order in which they start
	Volumes    []*Volume    // in the order of the spec
}

// Shared says which namespaces a Pod's containers share beyond what every Pod
// does.
type Shared struct {
	Processes                     bool // shareProcessNamespace
	HostNetwork, HostPID, HostIPC bool
}

// Role is what a container is for.
type Role int

// The roles.
const (
	Init      Role = iota
	Sidecar        // a native one: an init container with restartPolicy Always
	Regular        // listed under containers
	Ephemeral      // added by kubectl debug
)

// State is the state of a container.
type State int

// The states.
const (
	Waiting State = iota
	Running
	Terminated
)

// Container is a container of a Pod.
type Container struct {
	Name string
	Role Role
	// Place in the order of the init containers, from 1; 0 for other roles.
	Place int
	// Turn says that every container that has to come first has done so.
	Turn bool
	// TurnAt is when that was; zero where it is not known.
	TurnAt  time.Time
	State   State
	Reason  string // of Waiting
	Message string // of Waiting
	// Run is the current run, or where State is Terminated the one that ended.
	Run Run
	// Last is the run before that; nil where there was none.
	Last     *Run
	Restarts int
	Ready    bool
	Ports    []Port
	Mounts   []Mount
}

// Run is one run of a container.
type Run struct {
	// Started is zero where the container never came to run; so is Finished
	// while it does.
	Started, Finished time.Time
	ExitCode          int
	Reason, Message   string
}

// Port is a port that a container declares.
type Port struct {
	Name     string // may be empty
	Number   int
	Protocol corev1.Protocol
	HostPort int // 0 for none
}

// Of makes a Model of what a namespace holds.
func Of(o grader.Objects) *Model {
	m := &Model{}
	for _, p := range o.Pods {
		m.Pods = append(m.Pods, podOf(p, o.Events))
	}
	for _, s := range o.Services {
		m.Services = append(m.Services, serviceOf(s, o.Pods, m.Pods))
	}
	return m
}

// Short texts for labels, long ones for what may be wrapped.
const (
	shortText = 120
	longText  = 400
)

// safe makes a text of the cluster safe to show.
func safe(text string) string { return printable.Line(text, shortText) }

func podOf(p *corev1.Pod, events []*corev1.Event) *Pod {
	pod := &Pod{
		Name: safe(p.Name), IP: safe(p.Status.PodIP), Node: safe(p.Spec.NodeName),
		Phase:   corev1.PodPhase(safe(string(cmp.Or(p.Status.Phase, corev1.PodPending)))),
		Deleted: p.DeletionTimestamp != nil,
		Ended:   p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed,
		Created: p.CreationTimestamp.Time,
		Owner:   ownerOf(p),
		Shared: Shared{
			Processes:   p.Spec.ShareProcessNamespace != nil && *p.Spec.ShareProcessNamespace,
			HostNetwork: p.Spec.HostNetwork, HostPID: p.Spec.HostPID, HostIPC: p.Spec.HostIPC,
		},
	}
	if p.Status.StartTime != nil {
		pod.Seen = p.Status.StartTime.Time
	}
	pod.Containers = containersOf(p)
	pod.Volumes = volumesOf(p)
	for _, c := range pod.Containers {
		if c.Role == Regular || c.Role == Sidecar {
			pod.All++
			if c.Ready {
				pod.Ready++
			}
		}
	}
	pod.ServesTraffic = !pod.Deleted && !pod.Ended && condition(p, corev1.PodReady)
	pod.Trouble = troubleOf(p, pod, events)
	return pod
}

// ownerOf tells the Pods of one controller from others; empty for a Pod that
// has none.
func ownerOf(p *corev1.Pod) string {
	for _, o := range p.OwnerReferences {
		if o.Controller != nil && *o.Controller {
			return o.Kind + "/" + o.Name
		}
	}
	return ""
}

func condition(p *corev1.Pod, kind corev1.PodConditionType) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == kind && c.Status == corev1.ConditionTrue
	})
}

// troubleOf says what keeps the Pod as a whole: it cannot be scheduled, it was
// evicted, or a volume cannot be mounted, which only an event tells.
func troubleOf(p *corev1.Pod, pod *Pod, events []*corev1.Event) string {
	if p.Status.Reason != "" {
		return printable.Line(p.Status.Reason+": "+p.Status.Message, longText)
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			// What preemption would not help with is of no help either.
			message, _, _ := strings.Cut(c.Message, " preemption: ")
			return printable.Line(c.Reason+": "+message, longText)
		}
	}
	stuck := !pod.Ended && !pod.Deleted && slices.ContainsFunc(pod.Containers, func(c *Container) bool {
		return c.State == Waiting && c.Turn && !c.Failing()
	})
	if !stuck {
		return ""
	}
	for _, e := range slices.Backward(events) {
		of := e.InvolvedObject
		if of.Kind == "Pod" && of.Name == p.Name && (of.UID == "" || of.UID == p.UID) && e.Type == corev1.EventTypeWarning {
			return printable.Line(e.Reason+": "+e.Message, longText)
		}
	}
	return ""
}

// Failing reports whether the container cannot go on, or has ended badly.
func (c *Container) Failing() bool {
	switch c.State {
	case Waiting:
		return c.Reason != "" && c.Reason != "ContainerCreating" && c.Reason != "PodInitializing"
	case Terminated:
		return c.Run.ExitCode != 0
	default:
		return false
	}
}

// Ordered reports whether the container has its place in the order in which a
// Pod starts.
func (c *Container) Ordered() bool { return c.Place > 0 }
