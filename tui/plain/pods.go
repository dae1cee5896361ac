package plain

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"podlab/grader"
	"podlab/grader/printable"
	"podlab/tui/texts"
)

// maxMessage bounds what is read out of a message of the kubelet, in
// characters.
const maxMessage = 300

// describe says in words what the screens draw: the Pods, what their
// containers do, which volumes they share, and the Services that reach them.
func (l *openLab) describe() error {
	if err := l.firstLook(); err != nil {
		return err
	}
	for _, sentence := range podSentences(l.Texts, l.objects) {
		if sentence == "" {
			l.gap()
			continue
		}
		l.say(sentence)
	}
	return nil
}

// podSentences describes Pods and Services; an empty sentence lies between
// two objects.
func podSentences(t *texts.Texts, o grader.Objects) []string {
	if len(o.Pods) == 0 && len(o.Services) == 0 {
		return []string{t.Plain.Pods.None}
	}
	var all []string
	if len(o.Pods) == 0 {
		all = append(all, t.Plain.Pods.None)
	}
	for _, p := range o.Pods {
		if len(all) > 0 {
			all = append(all, "")
		}
		all = append(all, narrator{&t.Plain, p}.pod()...)
	}
	for _, s := range o.Services {
		all = append(all, "", service(&t.Plain, s, o.Pods))
	}
	return all
}

// narrator describes one Pod.
type narrator struct {
	*texts.Plain
	*corev1.Pod
}

func (n narrator) pod() []string {
	t := n.Pods
	ready := 0
	for _, c := range n.Status.ContainerStatuses {
		if c.Ready {
			ready++
		}
	}
	said := []string{texts.Fill(t.Pod, "name", n.Name, "phase", string(n.Status.Phase),
		"ready", itoa(ready), "all", itoa(len(n.Spec.Containers)))}
	if n.DeletionTimestamp != nil {
		said = append(said, t.Deleting)
	}
	if n.Status.PodIP != "" {
		said = append(said, texts.Fill(t.Address, "ip", n.Status.PodIP, "node", n.Spec.NodeName))
	}
	if len(n.Labels) > 0 {
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(n.Labels)) {
			pairs = append(pairs, key+"="+n.Labels[key])
		}
		said = append(said, texts.Fill(t.Labels, "labels", join(n.Plain, pairs)))
	}
	if shares := n.Spec.ShareProcessNamespace; shares != nil && *shares {
		said = append(said, t.OneProcess)
	}
	if n.Spec.HostNetwork {
		said = append(said, t.HostNetwork)
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Message != "" {
			said = append(said, texts.Fill(t.Because, "message", printable.Line(c.Message, maxMessage)))
		}
	}
	for i, c := range n.Spec.InitContainers {
		template := t.Init
		if isSidecar(c) {
			template = t.Sidecar
		}
		said = append(said, n.container(template, c, n.Status.InitContainerStatuses,
			"n", itoa(i+1), "all", itoa(len(n.Spec.InitContainers)))...)
	}
	for _, c := range n.Spec.Containers {
		said = append(said, n.container(t.Container, c, n.Status.ContainerStatuses)...)
	}
	for _, v := range n.Spec.Volumes {
		if s := n.volume(v); s != "" {
			said = append(said, s)
		}
	}
	return said
}

// isSidecar reports whether an init container is a native sidecar.
func isSidecar(c corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// container describes one container; template is filled with more as well.
func (n narrator) container(template string, c corev1.Container, statuses []corev1.ContainerStatus, more ...string) []string {
	t := n.Pods
	i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
	var status corev1.ContainerStatus
	if i >= 0 {
		status = statuses[i]
	}
	plainInit := slices.ContainsFunc(n.Spec.InitContainers, func(other corev1.Container) bool {
		return other.Name == c.Name && !isSidecar(other)
	})
	fill := append([]string{"name", c.Name, "image", c.Image, "state", n.state(status, plainInit)}, more...)
	said := []string{texts.Fill(template, fill...)}
	if w := status.State.Waiting; w != nil && w.Message != "" {
		said = append(said, texts.Fill(t.Because, "message", printable.Line(w.Message, maxMessage)))
	}
	if status.RestartCount > 0 {
		said = append(said, texts.Fill(t.Restarts, "n", itoa(int(status.RestartCount))))
	}
	if end := status.LastTerminationState.Terminated; end != nil {
		said = append(said, texts.Fill(t.LastEnd, "code", itoa(int(end.ExitCode)), "reason", reason(end)))
	}
	if len(c.Ports) > 0 {
		ports := make([]string, len(c.Ports))
		for i, p := range c.Ports {
			ports[i] = itoa(int(p.ContainerPort))
		}
		said = append(said, texts.Fill(t.Ports, "ports", join(n.Plain, ports)))
	}
	return said
}

// state says what a container does. An init container that is to end has no
// readiness to speak of.
func (n narrator) state(s corev1.ContainerStatus, ends bool) string {
	t := n.Pods
	switch {
	case s.State.Terminated != nil:
		return texts.Fill(t.Ended, "code", itoa(int(s.State.Terminated.ExitCode)), "reason", reason(s.State.Terminated))
	case s.State.Running != nil && ends:
		return t.Running
	case s.State.Running != nil && s.Ready:
		return t.RunsReady
	case s.State.Running != nil:
		return t.RunsUnready
	case s.State.Waiting != nil && s.State.Waiting.Reason != "":
		return texts.Fill(t.Waiting, "reason", s.State.Waiting.Reason)
	default:
		return t.NotStarted
	}
}

// reason is why a container ended; runtimes may leave it out.
func reason(end *corev1.ContainerStateTerminated) string {
	switch {
	case end.Reason != "":
		return end.Reason
	case end.ExitCode == 0:
		return "Completed"
	default:
		return "Error"
	}
}

// volume says who mounts a volume; nothing about the token that every Pod
// gets.
func (n narrator) volume(v corev1.Volume) string {
	t := n.Pods
	var mounts []string
	owners := map[string]bool{}
	for _, c := range slices.Concat(n.Spec.InitContainers, n.Spec.Containers) {
		for _, m := range c.VolumeMounts {
			if m.Name != v.Name {
				continue
			}
			owners[c.Name] = true
			mount := texts.Fill(t.Mount, "container", c.Name, "path", m.MountPath)
			if m.SubPath != "" {
				mount = texts.Fill(t.SubPath, "mount", mount, "path", m.SubPath)
			}
			if m.ReadOnly {
				mount = texts.Fill(t.ReadOnly, "mount", mount)
			}
			mounts = append(mounts, mount)
		}
	}
	source, automatic := volumeSource(v)
	if automatic {
		return ""
	}
	who := t.Unmounted
	switch {
	case len(owners) > 1:
		who = t.SharedBy + " " + join(n.Plain, mounts)
	case len(mounts) > 0:
		who = t.MountedIn + " " + join(n.Plain, mounts)
	}
	return texts.Fill(t.Volume, "name", v.Name, "source", source, "mounts", who)
}

// tokenVolume begins the name of the volume with the service account's token,
// which the API server adds to every Pod.
const tokenVolume = "kube-api-access-"

// volumeSource names what a volume is, in Kubernetes' words; automatic is true
// of the service account's token, which the learner has not asked for.
func volumeSource(v corev1.Volume) (source string, automatic bool) {
	switch {
	case v.EmptyDir != nil && v.EmptyDir.Medium == corev1.StorageMediumMemory:
		return "emptyDir (Memory)", false
	case v.EmptyDir != nil:
		return "emptyDir", false
	case v.ConfigMap != nil:
		return "ConfigMap " + v.ConfigMap.Name, false
	case v.Secret != nil:
		return "Secret " + v.Secret.SecretName, false
	case v.PersistentVolumeClaim != nil:
		return "PersistentVolumeClaim " + v.PersistentVolumeClaim.ClaimName, false
	case v.HostPath != nil:
		return "hostPath " + v.HostPath.Path, false
	case v.DownwardAPI != nil:
		return "downwardAPI", false
	case v.Projected != nil:
		return "projected", strings.HasPrefix(v.Name, tokenVolume)
	default:
		return "volume", false
	}
}

// service says where a Service leads.
func service(t *texts.Plain, s *corev1.Service, pods []*corev1.Pod) string {
	ports := make([]string, len(s.Spec.Ports))
	for i, p := range s.Spec.Ports {
		target := p.TargetPort.String()
		if target == "" || target == "0" {
			target = itoa(int(p.Port))
		}
		ports[i] = texts.Fill(t.Pods.ServicePort, "port", itoa(int(p.Port)), "target", target)
	}
	reaches := t.Pods.Undecided
	if len(s.Spec.Selector) > 0 {
		selector := labels.SelectorFromSet(s.Spec.Selector)
		var names []string
		for _, p := range pods {
			if p.DeletionTimestamp == nil && selector.Matches(labels.Set(p.Labels)) {
				names = append(names, p.Name)
			}
		}
		reaches = t.Pods.NoPod
		if len(names) > 0 {
			reaches = join(t, names)
		}
	}
	return texts.Fill(t.Pods.Service, "name", s.Name, "type", string(s.Spec.Type), "ports", join(t, ports), "pods", reaches)
}

func join(t *texts.Plain, items []string) string { return strings.Join(items, t.And) }
