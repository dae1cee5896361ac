package logs

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/charmbracelet/lipgloss"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"podlab/grader"
	"podlab/grader/printable"
	"podlab/tui/texts"
	"podlab/tui/theme"
)

// sourceID names what can be read here. It stays the same when a Pod is made
// anew. The zero sourceID is nothing.
type sourceID struct {
	kind           sourceKind
	pod, container string
}

type sourceKind int

const (
	nothing sourceKind = iota
	aContainer
	theEvents
)

func eventsID() sourceID { return sourceID{kind: theEvents} }

// name as it is shown: web/nginx.
func (id sourceID) name() string { return id.pod + "/" + id.container }

// role is what a container is for; the order is that of the list.
type role int

const (
	initContainer role = iota
	sidecar
	regular
	debug // an ephemeral container
)

// source is a container whose log can be read.
type source struct {
	sourceID
	role   role
	uid    types.UID // of the Pod
	status corev1.ContainerStatus
	gone   bool // its Pod is no longer there
}

// sourcesOf lists the containers of all Pods: of each the init containers, the
// sidecars, and the rest.
func sourcesOf(pods []*corev1.Pod) []source {
	var all []source
	for _, pod := range pods {
		statuses := make(map[string]corev1.ContainerStatus)
		for _, st := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
			statuses[st.Name] = st
		}
		var own []source
		add := func(container string, r role) {
			own = append(own, source{
				sourceID: sourceID{aContainer, pod.Name, container},
				role:     r, uid: pod.UID, status: statuses[container],
			})
		}
		for _, c := range pod.Spec.InitContainers {
			r := initContainer
			if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
				r = sidecar
			}
			add(c.Name, r)
		}
		for _, c := range pod.Spec.Containers {
			add(c.Name, regular)
		}
		for _, c := range pod.Spec.EphemeralContainers {
			add(c.Name, debug)
		}
		slices.SortStableFunc(own, func(a, b source) int { return cmp.Compare(a.role, b.role) })
		all = append(all, own...)
	}
	return all
}

// interesting returns the container that a learner most likely wants to read:
// one in trouble, else one that runs, else one that ran, else the first.
func interesting(all []source) sourceID {
	for _, wanted := range []func(source) bool{
		source.inTrouble,
		func(s source) bool { return s.role == regular && s.status.State.Running != nil },
		source.hasLog,
		func(source) bool { return true },
	} {
		if i := slices.IndexFunc(all, wanted); i >= 0 {
			return all[i].sourceID
		}
	}
	return sourceID{}
}

// run is one run of a container. The zero run is none.
type run struct {
	pod types.UID
	id  string // of the container, for its runtime
}

// run returns what the log is of: the present run of the container, or the
// last one while it waits for the next.
func (s source) run() run {
	switch st := s.status; {
	case st.State.Running != nil:
		return run{s.uid, st.ContainerID}
	case st.State.Terminated != nil:
		return run{s.uid, st.State.Terminated.ContainerID}
	case st.LastTerminationState.Terminated != nil:
		return run{s.uid, st.LastTerminationState.Terminated.ContainerID}
	}
	return run{}
}

func (s source) hasLog() bool { return s.run() != run{} }

// before returns how the run before the present one ended; nil if there was
// none.
func (s source) before() *corev1.ContainerStateTerminated {
	return s.status.LastTerminationState.Terminated
}

// inTrouble reports whether the container waits for what will not come by
// itself, or has failed.
func (s source) inTrouble() bool {
	switch st := s.status.State; {
	case st.Waiting != nil:
		return !slices.Contains([]string{"", "ContainerCreating", "PodInitializing"}, st.Waiting.Reason)
	case st.Terminated != nil:
		return st.Terminated.ExitCode != 0
	}
	return false
}

// state says how the container is, as a symbol and in words.
func (s source) state(th *theme.Theme, t texts.Logs) (symbol string, style lipgloss.Style, words string) {
	switch st := s.status.State; {
	case s.gone:
		return th.Symbols.Skipped, th.Faint, t.Gone
	case st.Running != nil && !s.status.Ready && s.role != initContainer && s.role != debug:
		symbol, style, words = th.Symbols.Running, th.Pending, t.NotReady
	case st.Running != nil:
		symbol, style, words = th.Symbols.Running, th.Passed, t.Running
	case st.Terminated != nil && st.Terminated.ExitCode == 0:
		symbol, style, words = th.Symbols.Passed, th.Passed, t.Completed
	case st.Terminated != nil:
		symbol, style, words = th.Symbols.Failed, th.Failed, ending(st.Terminated, t)
	case s.inTrouble():
		symbol, style, words = th.Symbols.Failed, th.Failed, reason(st.Waiting.Reason)
	case st.Waiting != nil && st.Waiting.Reason != "":
		symbol, style, words = th.Symbols.Pending, th.Pending, texts.Fill(t.WaitingFor, "reason", reason(st.Waiting.Reason))
	default:
		symbol, style, words = th.Symbols.NotYet, th.Faint, t.Waiting
	}
	if n := s.status.RestartCount; n > 0 {
		words += " " + th.Symbols.Dot + " " + texts.Fill(t.Restarts, "n", strconv.Itoa(int(n)))
	}
	return symbol, style, words
}

// ending says how a container ended: "exit code 137 (OOMKilled)".
func ending(e *corev1.ContainerStateTerminated, t texts.Logs) string {
	code := strconv.Itoa(int(e.ExitCode))
	if r := reason(e.Reason); r != "" && r != "Error" && r != "Completed" {
		return texts.Fill(t.ExitReason, "code", code, "reason", r)
	}
	return texts.Fill(t.ExitCode, "code", code)
}

// reason bounds what the kubelet gives as a word.
func reason(r string) string { return printable.Line(r, 40) }

func (r role) word(t texts.Logs) string {
	switch r {
	case initContainer:
		return t.Init
	case sidecar:
		return t.Sidecar
	case debug:
		return t.Debug
	default:
		return ""
	}
}

// warnings counts the events that are one.
func warnings(o grader.Objects) int {
	n := 0
	for _, e := range o.Events {
		if e.Type == corev1.EventTypeWarning {
			n++
		}
	}
	return n
}
