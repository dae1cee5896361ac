package grader

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podrequests "k8s.io/component-helpers/resource"

	"podlab/content"
	"podlab/grader/cellib"
	"podlab/grader/printable"
)

// notReadyWait is how long a running container that is not ready yet counts
// as starting: as long as a sensible readiness probe needs.
const notReadyWait = 30 * time.Second

// podState is what a Pod's status means for checks that are false.
type podState struct {
	// stuck says why the Pod cannot go on by itself; empty when it can.
	stuck []content.Message
	// hindered says what about the cluster keeps the Pod from going on: an image
	// of the lab that it cannot pull, on a foreign one also room for the Pod.
	// Stuck then only holds what else is in its way.
	hindered []content.Message
	// moving: it may change without anybody doing anything. Where that is only
	// so for a while, until is the moment to look again; else it is zero.
	moving bool
	until  time.Time
}

// stuckReasons are the reasons of waiting containers that the kubelet retries
// in vain until somebody changes something.
var stuckReasons = []string{
	"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError",
	"RegistryUnavailable", "SignatureValidationFailed", "CrashLoopBackOff", "CreateContainerConfigError",
	"CreateContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError", "RunContainerError",
}

// stuckWarnings are the reasons of events about a Pod whose containers wait
// with no more than ContainerCreating to say.
var stuckWarnings = []string{"FailedMount", "FailedAttachVolume", "FailedMapVolume", noSandbox, "FailedBinding"}

// noSandbox is the reason of the event that a node could not set a Pod up.
const noSandbox = "FailedCreatePodSandBox"

// unpulledReasons are the stuckReasons of an image that is asked for in vain.
var unpulledReasons = []string{"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"}

// assess reads a Pod's status as it was at a moment. Grace is how long after a
// container started the Pod counts as moving.
func (r *round) assess(p *pod, grace time.Duration, now time.Time) podState {
	if p.DeletionTimestamp != nil {
		return podState{moving: true}
	}
	if until := r.roomUntil(p); until.After(now) {
		return podState{moving: true, until: until}
	}
	if stuck, hindered := r.stuckMessages(p); len(stuck)+len(hindered) > 0 {
		return podState{stuck: stuck, hindered: hindered}
	}
	switch p.Status.Phase {
	case corev1.PodSucceeded, corev1.PodFailed:
		return podState{}
	case corev1.PodRunning:
	default: // Pending, or a Pod the kubelet has not seen yet
		return podState{moving: true}
	}
	if p.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		// It is meant to end. The phase follows a moment after the last container.
		return podState{moving: true}
	}
	state := podState{}
	for _, c := range p.Status.ContainerStatuses {
		switch {
		case c.State.Waiting != nil, c.State.Terminated != nil: // about to be (re)started
			return podState{moving: true}
		case c.State.Running != nil:
			wait := grace
			if !c.Ready {
				wait = max(wait, notReadyWait)
			}
			// startedAt is cut to whole seconds
			if until := c.State.Running.StartedAt.Add(wait + time.Second); until.After(now) {
				state.moving = true
				if until.After(state.until) {
					state.until = until
				}
			}
		}
	}
	return state
}

func (r *round) stuckMessages(p *pod) (stuck, hindered []content.Message) {
	if c := unschedulable(p); c != nil {
		if r.lacksRoom(p, c) {
			hindered = append(hindered, content.Say("no-room", "pod", p.Name, "message", short(c.Message)))
		} else {
			stuck = append(stuck, content.Say("stuck-unschedulable", "pod", p.Name, "message", short(c.Message)))
		}
	}
	if p.Status.Phase == corev1.PodFailed {
		return append(stuck, failedMessages(p)...), nil
	}
	creating := false
	for _, c := range allStatuses(p.Pod) {
		switch {
		case c.State.Waiting != nil && slices.Contains(unpulledReasons, c.State.Waiting.Reason) && r.beyondLearner(containerOf(p.Pod, c.Name)):
			hindered = append(hindered, content.Say("unpulled", "container", c.Name,
				"image", containerOf(p.Pod, c.Name).Image, "reason", short(WaitingCause(c.State.Waiting))))
		case c.State.Waiting != nil && slices.Contains(stuckReasons, c.State.Waiting.Reason):
			stuck = append(stuck, content.Say("stuck-waiting", "container", c.Name,
				"reason", c.State.Waiting.Reason, "message", short(waitingCause(c))))
		case c.State.Waiting != nil:
			creating = true
		case c.State.Terminated != nil && c.State.Terminated.Reason == "StartError":
			stuck = append(stuck, content.Say("stuck-waiting", "container", c.Name,
				"reason", "StartError", "message", short(c.State.Terminated.Message)))
		}
	}
	if len(stuck)+len(hindered) == 0 && creating {
		for _, w := range slices.Backward(r.world.warnings[string(p.UID)]) {
			reason, message, _ := strings.Cut(w, ": ")
			switch {
			case !slices.Contains(stuckWarnings, reason) || transient(message):
			case reason == noSandbox && r.target.Foreign && !ownSandbox.MatchString(message):
				return nil, []content.Message{content.Say("no-sandbox", "pod", p.Name, "message", short(message))}
			default:
				return []content.Message{content.Say("stuck-pod", "pod", p.Name, "reason", reason, "message", short(message))}, nil
			}
		}
	}
	return stuck, hindered
}

// unschedulable returns the condition that says that the scheduler found no node
// for a Pod, nil where it has not said so.
func unschedulable(p *pod) *corev1.PodCondition {
	for i, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// What the scheduler says of nodes that are full or closed, and what it says where
// the Pod asks for something that they are not. It names all causes in one line.
var (
	fullNodes  = regexp.MustCompile(`Insufficient |Too many pods|had untolerated taint|were unschedulable|no nodes available`)
	otherNodes = regexp.MustCompile(`(?i)affinity|selector|persistent ?volume|free ports|topology|spread|resourceclaim`)
)

// ownSandbox is what is said where a node could not set a Pod up because of the
// Pod: too little memory for its containers to begin, or a runtime that is not there.
var ownSandbox = regexp.MustCompile(`(?i)oom|memory limit|sysctl|runtime ?handler|no runtime for`)

// modest is as much as a Pod of any lab may need. One that asks for more than a
// node has, as by cpu: "100" for 100m, is stuck by its own doing.
var modest = corev1.ResourceList{
	corev1.ResourceCPU:              resource.MustParse("1"),
	corev1.ResourceMemory:           resource.MustParse("1Gi"),
	corev1.ResourceEphemeralStorage: resource.MustParse("1Gi"),
}

// lacksRoom reports whether a Pod found no node of somebody else's cluster for
// nothing but want of room, though it asks for little.
func (r *round) lacksRoom(p *pod, c *corev1.PodCondition) bool {
	if !r.target.Foreign || !fullNodes.MatchString(c.Message) || otherNodes.MatchString(c.Message) {
		return false
	}
	for name, asked := range podrequests.PodRequests(p.Pod, podrequests.PodResourcesOptions{}) {
		if most, ok := modest[name]; !ok || asked.Cmp(most) > 0 {
			return false
		}
	}
	return true
}

// roomWait is what a foreign cluster gets to make room: one that grows by need
// takes a minute until a new node is there.
const roomWait = 2 * time.Minute

// roomUntil returns until when a Pod on a foreign cluster counts as about to be
// scheduled; the zero time where it is not waiting for room.
func (r *round) roomUntil(p *pod) time.Time {
	if c := unschedulable(p); c != nil && r.lacksRoom(p, c) {
		return c.LastTransitionTime.Add(roomWait)
	}
	return time.Time{}
}

// containerOf is a container of the Pod by its name; empty if there is none.
func containerOf(p *corev1.Pod, name string) corev1.Container {
	for _, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
		if c.Name == name {
			return c
		}
	}
	return corev1.Container{}
}

// beyondLearner reports whether the cluster is to blame where the image of a
// container cannot be pulled: the lab asks for that image, and the learner has
// not asked to pull it in spite of it being there. On a cluster that podlab did
// not make, the cluster itself may ask for that.
func (r *round) beyondLearner(c corev1.Container) bool {
	return slices.ContainsFunc(r.program.spec.Images, func(image string) bool { return cellib.SameImage(image, c.Image) }) &&
		(r.target.Foreign || c.ImagePullPolicy != corev1.PullAlways)
}

// transient reports whether a warning is of the kubelet's own caches, which lag
// on a busy node: it tries again, and nothing is wrong with the Pod.
func transient(message string) bool {
	for _, part := range []string{"failed to sync configmap cache", "failed to sync secret cache", "not registered"} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

// waitingCause prefers how the container ended last over "back-off 10s
// restarting failed container".
func waitingCause(c corev1.ContainerStatus) string {
	last := c.LastTerminationState.Terminated
	if c.State.Waiting.Reason != "CrashLoopBackOff" || last == nil {
		return WaitingCause(c.State.Waiting)
	}
	cause := "exit code " + strconv.Itoa(int(last.ExitCode))
	if last.Message != "" {
		cause += ", " + last.Message
	}
	return cause
}

// pullSteps are what kubelet and containerd say that they were doing when an image
// could not be pulled, one after the other.
var pullSteps = regexp.MustCompile(`^(Back-off pulling image "[^"]*": )?(ErrImagePull: )?(rpc error: code = \w+ desc = )?` +
	`(failed to pull and unpack image "[^"]*": )?(failed to resolve reference "[^"]*": )?(failed to do request: )?((Head|Get) "[^"]*": )?`)

// WaitingCause is what the kubelet says of a container that waits. Where an image
// cannot be pulled, it is the cause alone: the steps on the way fill a line and
// name the image three times.
func WaitingCause(w *corev1.ContainerStateWaiting) string {
	if !slices.Contains(unpulledReasons, w.Reason) {
		return w.Message
	}
	return w.Message[len(pullSteps.FindString(w.Message)):]
}

// failedMessages says which container made a Pod fail.
func failedMessages(p *pod) []content.Message {
	if p.Status.Reason != "" { // Evicted, DeadlineExceeded, …: the Pod as a whole
		return []content.Message{content.Say("stuck-pod", "pod", p.Name, "reason", p.Status.Reason, "message", short(p.Status.Message))}
	}
	var said []content.Message
	for _, c := range allStatuses(p.Pod) {
		if t := c.State.Terminated; t != nil && t.ExitCode != 0 {
			said = append(said, content.Say("stuck-failed", "container", c.Name,
				"code", strconv.Itoa(int(t.ExitCode)), "reason", t.Reason))
		}
	}
	return said
}

func allStatuses(p *corev1.Pod) []corev1.ContainerStatus {
	return slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
}

// gate says whether a runtime probe can be run, and if not, what it waits for.
type gate struct {
	open bool
	// missing is set when the object that the probe looks at does not exist,
	// or lacks the container: only the learner can change that.
	missing bool
	message content.Message
}

// gateOf looks whether the containers that the probe observes are there.
func (p *Program) gateOf(probe *compiledProbe, w *world) gate {
	if service := probe.service(); service != "" {
		if w.services[service] == nil {
			return gate{missing: true, message: content.Say("no-object", "kind", "Service", "name", service)}
		}
		behind := p.involved(w, []string{probe.name})
		if len(behind) == 0 || slices.ContainsFunc(behind, anyRunning) {
			return gate{open: true} // with nobody behind it, the API server says so
		}
		return waiting(behind[0])
	}
	target := probe.podFor(w)
	if target == nil {
		if owner := probe.podOf(); owner != nil {
			return gate{message: content.Say("no-pod-yet", "kind", owner.Kind, "name", owner.Name)}
		}
		return gate{missing: true, message: content.Say("no-object", "kind", "Pod", "name", probe.pod())}
	}
	if target.DeletionTimestamp != nil {
		return gate{message: content.Say("terminating", "pod", target.Name)}
	}
	name := probe.container()
	if name == "" {
		if anyRunning(target) {
			return gate{open: true}
		}
		return waiting(target)
	}
	if !hasContainer(target.Pod, name) {
		return gate{missing: true, message: content.Say("no-container", "container", name,
			"containers", strings.Join(containerNames(target.Pod), ", "))}
	}
	for _, c := range allStatuses(target.Pod) {
		if c.Name != name {
			continue
		}
		ran := c.State.Terminated != nil || c.LastTerminationState.Terminated != nil
		if c.State.Running != nil || probe.Logs != nil && ran {
			return gate{open: true}
		}
		return gate{message: containerWaits(c)}
	}
	return waiting(target)
}

// waiting says which container of a Pod that runs none is waited for.
func waiting(p *pod) gate {
	for _, c := range allStatuses(p.Pod) {
		if c.State.Running == nil && (c.State.Terminated == nil || c.State.Terminated.ExitCode != 0) {
			return gate{message: containerWaits(c)}
		}
	}
	if p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
		return gate{message: content.Say("pod-ended", "pod", p.Name, "phase", string(p.Status.Phase))}
	}
	return gate{message: content.Say("pod-starting", "pod", p.Name)}
}

func containerWaits(c corev1.ContainerStatus) content.Message {
	switch {
	case c.State.Terminated != nil:
		return content.Say("exit-code", "container", c.Name, "code", strconv.Itoa(int(c.State.Terminated.ExitCode)))
	case c.State.Waiting != nil && c.State.Waiting.Reason != "":
		return content.Say("container-waits", "container", c.Name, "reason", c.State.Waiting.Reason)
	}
	return content.Say("container-waits", "container", c.Name, "reason", "Waiting")
}

func anyRunning(p *pod) bool {
	return p.DeletionTimestamp == nil && slices.ContainsFunc(allStatuses(p.Pod), func(c corev1.ContainerStatus) bool {
		return c.State.Running != nil
	})
}

func hasContainer(p *corev1.Pod, name string) bool {
	return slices.Contains(containerNames(p), name)
}

func containerNames(p *corev1.Pod) []string {
	var names []string
	for _, c := range p.Spec.InitContainers {
		names = append(names, c.Name)
	}
	for _, c := range p.Spec.Containers {
		names = append(names, c.Name)
	}
	return names
}

// identity changes when a container that the probes observe is another one
// than before: what was seen of the old one says nothing of the new one.
func (p *Program) identity(w *world, probes []string) string {
	var b strings.Builder
	for _, pod := range p.involved(w, probes) {
		b.WriteString(string(pod.UID))
		for _, c := range allStatuses(pod.Pod) {
			b.WriteString(" " + c.ContainerID)
		}
		b.WriteString(";")
	}
	return b.String()
}

// short makes Kubernetes' words fit a line or two.
func short(message string) string {
	const most = 300
	return printable.Line(message, most)
}
