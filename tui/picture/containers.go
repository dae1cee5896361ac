package picture

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/grader"
	"podlab/grader/printable"
)

// containersOf lists the containers in the order in which they start. Statuses
// are found by name: their order is not that of the spec.
func containersOf(p *corev1.Pod) []*Container {
	var all []*Container
	turn := starting{ready: true, known: true, at: p.CreationTimestamp.Time}
	if p.Status.StartTime != nil {
		turn.at = p.Status.StartTime.Time
	}
	for i := range p.Spec.InitContainers {
		spec := &p.Spec.InitContainers[i]
		c := containerOf(spec, p.Status.InitContainerStatuses)
		c.Role, c.Place = Init, i+1
		if spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			c.Role = Sidecar
		}
		turn.give(c)
		turn.after(c)
		all = append(all, c)
	}
	for i := range p.Spec.Containers {
		c := containerOf(&p.Spec.Containers[i], p.Status.ContainerStatuses)
		c.Role = Regular
		turn.give(c)
		all = append(all, c)
	}
	for i := range p.Spec.EphemeralContainers {
		spec := corev1.Container(p.Spec.EphemeralContainers[i].EphemeralContainerCommon)
		c := containerOf(&spec, p.Status.EphemeralContainerStatuses)
		c.Role, c.Turn = Ephemeral, true
		c.TurnAt = c.Run.Started // nothing says when it was added
		all = append(all, c)
	}
	return all
}

// starting follows whose turn it is while a Pod starts.
type starting struct {
	ready bool // everything so far has had its turn
	known bool // and at says when
	at    time.Time
}

func (s *starting) give(c *Container) {
	// A container that has run has had its turn, whatever the others do now.
	c.Turn = s.ready || c.State != Waiting || c.Restarts > 0
	if s.ready && s.known {
		c.TurnAt = s.at
	}
}

// after is told of the init container that comes next.
func (s *starting) after(c *Container) {
	switch {
	case c.Role == Sidecar:
		// It has to be started, not to have ended. What came after its first
		// start is not known to have waited for a later one.
		started := c.Run.Started
		if c.Last != nil {
			started = c.Last.Started
		}
		s.ready = s.ready && (c.State == Running || !started.IsZero())
		s.known = s.known && !started.IsZero() && c.Restarts <= 1
		s.later(started)
	case c.State == Terminated && c.Run.ExitCode == 0:
		s.later(c.Run.Finished)
	default:
		s.ready = false
	}
}

func (s *starting) later(t time.Time) {
	if t.After(s.at) {
		s.at = t
	}
}

func containerOf(spec *corev1.Container, statuses []corev1.ContainerStatus) *Container {
	c := &Container{Name: safe(spec.Name), Ports: portsOf(spec), Mounts: mountsOf(spec)}
	for i := range statuses {
		if statuses[i].Name == spec.Name {
			c.take(&statuses[i])
		}
	}
	return c
}

// take reads the status of the container.
func (c *Container) take(s *corev1.ContainerStatus) {
	c.Ready, c.Restarts = s.Ready, int(s.RestartCount)
	switch {
	case s.State.Running != nil:
		c.State = Running
		c.Run.Started = known(s.State.Running.StartedAt)
	case s.State.Terminated != nil:
		c.State = Terminated
		c.Run = runOf(s.State.Terminated)
	case s.State.Waiting != nil:
		c.Reason = safe(s.State.Waiting.Reason)
		c.Message = printable.Line(grader.WaitingCause(s.State.Waiting), longText)
	}
	if t := s.LastTerminationState.Terminated; t != nil {
		last := runOf(t)
		c.Last = &last
	}
}

func runOf(t *corev1.ContainerStateTerminated) Run {
	return Run{
		Started: known(t.StartedAt), Finished: known(t.FinishedAt),
		ExitCode: int(t.ExitCode), Reason: safe(t.Reason), Message: printable.Line(t.Message, longText),
	}
}

// known returns the zero time for 1970, which a container that could not be
// started has as its start.
func known(t metav1.Time) time.Time {
	if t.Unix() <= 0 {
		return time.Time{}
	}
	return t.Time
}

func portsOf(spec *corev1.Container) []Port {
	var ports []Port
	for _, p := range spec.Ports {
		port := Port{Name: safe(p.Name), Number: int(p.ContainerPort), Protocol: p.Protocol, HostPort: int(p.HostPort)}
		if port.Protocol == "" {
			port.Protocol = corev1.ProtocolTCP
		}
		ports = append(ports, port)
	}
	return ports
}
