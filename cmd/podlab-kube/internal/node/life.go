package node

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// life makes the next status of a Pod, as the kubelet would see it if every
// program did what it should.
type life struct {
	images    *Images
	addresses *addresses
	// volumes and environment say what is missing, nil if nothing is.
	volumes     func(*corev1.Pod) error
	environment func(*corev1.Pod, *corev1.Container) error
	// tell sends an event of the kubelet's about a Pod or, with its name, a
	// container.
	tell func(pod *corev1.Pod, container, kind, reason, message string)
	now  func() time.Time
}

// step makes the status that a stage leads to; stages.yaml names them.
func (l *life) step(stage string, pod *corev1.Pod) (*corev1.PodStatus, error) {
	s := pod.Status.DeepCopy()
	switch stage {
	case "sandbox":
		l.sandbox(pod, s)
	case "init":
		l.initialize(pod, s)
	case "run":
		l.run(pod, sidecars(pod), s.InitContainerStatuses)
		l.run(pod, pod.Spec.Containers, s.ContainerStatuses)
	case "ready":
		l.probe(pod.Spec.Containers, s.ContainerStatuses)
		l.probe(pod.Spec.InitContainers, s.InitContainerStatuses)
	case "gates": // whether it is ready, nothing else
	case "complete":
		l.complete(pod, s)
	case "image":
		l.renew(sidecars(pod), s.InitContainerStatuses)
		l.renew(pod.Spec.Containers, s.ContainerStatuses)
	case "deadline":
		l.expire(pod, s)
	case "terminate":
		l.terminate(s)
	case "ephemeral":
		l.debug(pod, s)
	default:
		return nil, fmt.Errorf("stages.yaml names a step that there is not: %q", stage)
	}
	l.conclude(pod, s)
	return s, nil
}

// sandbox gives the Pod an address once its volumes are there.
func (l *life) sandbox(pod *corev1.Pod, s *corev1.PodStatus) {
	now := metav1.NewTime(l.now())
	if s.StartTime == nil {
		s.StartTime = &now
	}
	s.Phase = corev1.PodPending
	s.HostIP, s.HostIPs = hostIP, []corev1.HostIP{{IP: hostIP}}
	waiting := "ContainerCreating"
	if len(pod.Spec.InitContainers) > 0 {
		waiting = "PodInitializing"
	}
	s.InitContainerStatuses = created(pod.Spec.InitContainers, "PodInitializing")
	s.ContainerStatuses = created(pod.Spec.Containers, waiting)
	if err := l.volumes(pod); err != nil {
		l.tell(pod, "", corev1.EventTypeWarning, "FailedMount", err.Error())
		return
	}
	ip := hostIP
	if !pod.Spec.HostNetwork {
		ip = l.addresses.give(string(pod.UID))
	}
	s.PodIP, s.PodIPs = ip, []corev1.PodIP{{IP: ip}}
}

// created makes the statuses of containers that wait.
func created(containers []corev1.Container, reason string) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range containers {
		started := false
		all = append(all, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Started: &started,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}},
		})
	}
	return all
}

// initialize makes one step of the first init container that is not done: one
// starts when the one before it has ended or, if that is a sidecar, has started.
func (l *life) initialize(pod *corev1.Pod, s *corev1.PodStatus) {
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		st := statusOf(s.InitContainerStatuses, c.Name)
		if st == nil || initialized(c, st) {
			continue
		}
		switch {
		case st.State.Waiting != nil:
			l.start(pod, c, st)
		case sidecar(c):
			started := true // its startup probe succeeds
			st.Started, st.Ready = &started, c.ReadinessProbe == nil
		case st.State.Running != nil:
			l.end(st)
			st.Ready = true
		}
		return
	}
}

func sidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// sidecars are the native ones, in their order.
func sidecars(pod *corev1.Pod) []corev1.Container {
	var all []corev1.Container
	for i := range pod.Spec.InitContainers {
		if sidecar(&pod.Spec.InitContainers[i]) {
			all = append(all, pod.Spec.InitContainers[i])
		}
	}
	return all
}

// initialized reports whether what comes after an init container may start.
func initialized(c *corev1.Container, st *corev1.ContainerStatus) bool {
	if sidecar(c) {
		return is(st.Started)
	}
	return st.State.Terminated != nil && st.State.Terminated.ExitCode == 0
}

// run starts the containers that wait.
func (l *life) run(pod *corev1.Pod, containers []corev1.Container, statuses []corev1.ContainerStatus) {
	for i := range containers {
		if st := statusOf(statuses, containers[i].Name); st != nil && st.State.Waiting != nil {
			l.start(pod, &containers[i], st)
		}
	}
}

// start starts a container that waits, or says what it waits for.
func (l *life) start(pod *corev1.Pod, c *corev1.Container, st *corev1.ContainerStatus) {
	st.Image = c.Image
	before := st.State.Waiting.Reason
	if t := l.images.missing(c, before); t != nil {
		st.State.Waiting = &corev1.ContainerStateWaiting{Reason: t.reason, Message: t.message}
		if before != t.reason {
			kind := corev1.EventTypeWarning
			if t.event == "BackOff" {
				kind = corev1.EventTypeNormal
			}
			l.tell(pod, c.Name, kind, t.event, t.said)
			l.tell(pod, c.Name, corev1.EventTypeWarning, "Failed", "Error: "+t.reason)
		}
		return
	}
	if err := l.environment(pod, c); err != nil {
		const reason = "CreateContainerConfigError"
		st.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: err.Error()}
		if before != reason {
			l.tell(pod, c.Name, corev1.EventTypeWarning, "Failed", "Error: "+err.Error())
		}
		return
	}
	started := c.StartupProbe == nil
	st.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(l.now())}}
	st.Started = &started
	st.ImageID = "simulated://" + c.Image
	st.ContainerID = fmt.Sprintf("simulated://%s/%s/%d", pod.UID, c.Name, st.RestartCount)
	// The kubelet calls no ordinary init container ready before its end.
	st.Ready = started && c.ReadinessProbe == nil && (sidecar(c) || !isInit(pod, c.Name))
	l.tell(pod, c.Name, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Container image %q already present on machine", c.Image))
	l.tell(pod, c.Name, corev1.EventTypeNormal, "Created", "Container created (simulated)")
	l.tell(pod, c.Name, corev1.EventTypeNormal, "Started", "Container started (simulated)")
}

func isInit(pod *corev1.Pod, name string) bool {
	return slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == name })
}

func isEphemeral(pod *corev1.Pod, name string) bool {
	return slices.ContainsFunc(pod.Spec.EphemeralContainers, func(c corev1.EphemeralContainer) bool { return c.Name == name })
}

// probe lets the startup and readiness probes of what runs succeed.
func (l *life) probe(containers []corev1.Container, statuses []corev1.ContainerStatus) {
	for i := range containers {
		if st := statusOf(statuses, containers[i].Name); st != nil && st.State.Running != nil {
			started := true
			st.Started, st.Ready = &started, true
		}
	}
}

// end ends a container well.
func (l *life) end(st *corev1.ContainerStatus) {
	now, off := metav1.NewTime(l.now()), false
	ended := &corev1.ContainerStateTerminated{Reason: "Completed", FinishedAt: now, StartedAt: now, ContainerID: st.ContainerID}
	if st.State.Running != nil {
		ended.StartedAt = st.State.Running.StartedAt
	}
	st.State = corev1.ContainerState{Terminated: ended}
	st.Started, st.Ready = &off, false
}

// complete ends the containers, then the sidecars in the reverse of their order.
func (l *life) complete(pod *corev1.Pod, s *corev1.PodStatus) {
	for i := range s.ContainerStatuses {
		l.end(&s.ContainerStatuses[i])
	}
	for i := len(pod.Spec.InitContainers) - 1; i >= 0; i-- {
		c := &pod.Spec.InitContainers[i]
		if st := statusOf(s.InitContainerStatuses, c.Name); st != nil && sidecar(c) {
			l.end(st)
		}
	}
	s.Phase = corev1.PodSucceeded
}

// renew stops the containers whose image was changed; they are started again.
func (l *life) renew(containers []corev1.Container, statuses []corev1.ContainerStatus) {
	for i := range containers {
		st := statusOf(statuses, containers[i].Name)
		if st == nil || st.State.Running == nil || st.Image == containers[i].Image {
			continue
		}
		l.end(st)
		st.LastTerminationState = st.State
		st.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}
		st.RestartCount++
	}
}

// overdue reports whether a Pod has been active for longer than its spec allows.
func overdue(pod *corev1.Pod, now time.Time) bool {
	limit, began := pod.Spec.ActiveDeadlineSeconds, pod.Status.StartTime
	return limit != nil && began != nil && now.Sub(began.Time) >= time.Duration(*limit)*time.Second
}

// expire ends a Pod that is overdue, in the words of the kubelet
// (pkg/kubelet/active_deadline.go).
func (l *life) expire(pod *corev1.Pod, s *corev1.PodStatus) {
	const message = "Pod was active on the node longer than the specified deadline"
	s.Reason, s.Message = "DeadlineExceeded", message
	l.tell(pod, "", corev1.EventTypeNormal, s.Reason, message)
	l.terminate(s)
}

// terminate ends what there is of a Pod. What runs dies of TERM; what has not
// begun never will, as the kubelet (pkg/kubelet/status/status_manager.go) says it
// of a Pod that was initialized.
func (l *life) terminate(s *corev1.PodStatus) {
	s.Phase = corev1.PodFailed
	initialized := l.was(s, corev1.PodInitialized)
	for _, statuses := range [][]corev1.ContainerStatus{s.ContainerStatuses, s.InitContainerStatuses} {
		for i := range statuses {
			st := &statuses[i]
			switch {
			case st.State.Running != nil:
				l.end(st)
				st.State.Terminated.Reason, st.State.Terminated.ExitCode = "Error", 143
			case st.State.Waiting != nil && initialized:
				st.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
					Reason: "ContainerStatusUnknown", ExitCode: 137,
					Message: "The container could not be located when the pod was terminated",
				}}
			}
		}
	}
}

// debug gives each new ephemeral container a status that says why it does not run.
func (l *life) debug(pod *corev1.Pod, s *corev1.PodStatus) {
	for _, c := range pod.Spec.EphemeralContainers {
		if statusOf(s.EphemeralContainerStatuses, c.Name) != nil {
			continue
		}
		now := metav1.NewTime(l.now())
		s.EphemeralContainerStatuses = append(s.EphemeralContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image,
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				Reason: "ContainerCannotRun", Message: NoContainers, ExitCode: 128, StartedAt: now, FinishedAt: now,
			}},
		})
		l.tell(pod, c.Name, corev1.EventTypeWarning, "Failed", "Error: "+NoContainers)
	}
}

// conclude sets phase and conditions by what the containers do, as the kubelet
// does (pkg/kubelet/status/generate.go and kubelet_pods.go).
func (l *life) conclude(pod *corev1.Pod, s *corev1.PodStatus) {
	completed, ended := "", "" // why the Pod is not ready for good
	switch s.Phase {
	case corev1.PodSucceeded:
		completed, ended = "PodCompleted", "PodCompleted"
	case corev1.PodFailed:
		ended = "PodFailed"
	}
	done := ended != ""
	var unready, incomplete []string
	waiting := 0
	for _, st := range s.ContainerStatuses {
		if st.State.Waiting != nil && st.LastTerminationState.Terminated == nil {
			waiting++
		}
		if !st.Ready {
			unready = append(unready, st.Name)
		}
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		st := statusOf(s.InitContainerStatuses, c.Name)
		if st == nil || !initialized(c, st) {
			incomplete = append(incomplete, c.Name)
		}
		if sidecar(c) && (st == nil || !st.Ready) {
			unready = append([]string{c.Name}, unready...)
		}
	}
	initDone := len(incomplete) == 0 || completed != "" || l.was(s, corev1.PodInitialized)
	if !done {
		s.Phase = corev1.PodPending
		if initDone && s.PodIP != "" && waiting == 0 {
			s.Phase = corev1.PodRunning
		}
	}
	l.set(pod, s, corev1.PodReadyToStartContainers, s.PodIP != "" && !done, "", "")
	if initDone {
		l.set(pod, s, corev1.PodInitialized, true, completed, "")
	} else {
		l.set(pod, s, corev1.PodInitialized, false, "ContainersNotInitialized", fmt.Sprintf("containers with incomplete status: %s", incomplete))
	}
	reason, message := "", ""
	switch {
	case done:
		reason = ended
	case len(unready) > 0:
		reason, message = "ContainersNotReady", fmt.Sprintf("containers with unready status: %s", unready)
	}
	l.set(pod, s, corev1.ContainersReady, reason == "", reason, message)
	if reason == "" {
		if closed := gates(pod, s); closed != "" {
			reason, message = "ReadinessGatesNotReady", closed
		}
	}
	l.set(pod, s, corev1.PodReady, reason == "", reason, message)
}

// gates says which readiness gates are closed, "" if none is.
func gates(pod *corev1.Pod, s *corev1.PodStatus) string {
	var closed []string
	for _, gate := range pod.Spec.ReadinessGates {
		i := slices.IndexFunc(s.Conditions, func(c corev1.PodCondition) bool { return c.Type == gate.ConditionType })
		switch {
		case i < 0:
			closed = append(closed, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", gate.ConditionType))
		case s.Conditions[i].Status != corev1.ConditionTrue:
			closed = append(closed, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", gate.ConditionType, s.Conditions[i].Status))
		}
	}
	return strings.Join(closed, ", ")
}

func (l *life) was(s *corev1.PodStatus, kind corev1.PodConditionType) bool {
	return slices.ContainsFunc(s.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == kind && c.Status == corev1.ConditionTrue
	})
}

// set sets a condition; its time changes with its status only.
func (l *life) set(pod *corev1.Pod, s *corev1.PodStatus, kind corev1.PodConditionType, on bool, reason, message string) {
	c := corev1.PodCondition{
		Type: kind, Status: corev1.ConditionFalse, Reason: reason, Message: message,
		ObservedGeneration: pod.Generation, LastTransitionTime: metav1.NewTime(l.now()),
	}
	if on {
		c.Status = corev1.ConditionTrue
	}
	i := slices.IndexFunc(s.Conditions, func(o corev1.PodCondition) bool { return o.Type == kind })
	if i < 0 {
		s.Conditions = append(s.Conditions, c)
		return
	}
	if s.Conditions[i].Status == c.Status {
		c.LastTransitionTime = s.Conditions[i].LastTransitionTime
	}
	s.Conditions[i] = c
}

func statusOf(statuses []corev1.ContainerStatus, name string) *corev1.ContainerStatus {
	for i := range statuses {
		if statuses[i].Name == name {
			return &statuses[i]
		}
	}
	return nil
}
