package node

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/renameio/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kwok/pkg/utils/cel"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
)

// bench plays stages on one Pod and keeps the events.
type bench struct {
	*life
	t      *testing.T
	pod    *corev1.Pod
	events []string
	clock  time.Time
}

func newBench(t *testing.T, spec corev1.PodSpec) *bench {
	known := listed(t, filepath.Join(t.TempDir(), "images"), "busybox:1.37", "nginx:1.29-alpine")
	b := &bench{t: t, clock: time.Unix(1000, 0)}
	b.pod = &corev1.Pod{Spec: spec}
	b.pod.UID = types.UID("uid")
	b.life = &life{
		images: known, addresses: newAddresses(),
		volumes:     func(*corev1.Pod) error { return nil },
		environment: func(*corev1.Pod, *corev1.Container) error { return nil },
		tell: func(_ *corev1.Pod, container, _, reason, _ string) {
			b.events = append(b.events, strings.TrimPrefix(container+" "+reason, " "))
		},
		now: func() time.Time { return b.clock },
	}
	return b
}

// listed are the images that file lists, which it writes.
func listed(t *testing.T, file string, refs ...string) *Images {
	t.Helper()
	list(t, file, refs...)
	images, err := OpenImages(file)
	if err != nil {
		t.Fatal(err)
	}
	return images
}

// list replaces file by a list of images.
func list(t *testing.T, file string, refs ...string) {
	t.Helper()
	if err := renameio.WriteFile(file, []byte(strings.Join(refs, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) play(stages ...string) {
	b.t.Helper()
	for _, stage := range stages {
		b.clock = b.clock.Add(time.Second)
		status, err := b.step(stage, b.pod)
		if err != nil {
			b.t.Fatal(err)
		}
		b.pod.Status = *status
	}
}

// settle plays the stages that the Pod matches until nothing changes.
func (b *bench) settle() {
	b.t.Helper()
	stages, err := readStages(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for range 50 {
		stage, err := stages["Pod"].Match(b.t.Context(), &lifecycle.Event{Data: b.pod})
		if err != nil {
			b.t.Fatal(err)
		}
		before := b.pod.Status
		if stage != nil {
			b.play(strings.TrimPrefix(stage.Name(), "pod-"))
		}
		if equality.Semantic.DeepEqual(before, b.pod.Status) {
			return
		}
	}
	b.t.Fatalf("it does not settle: %s", b.states())
}

// tried reports whether the Pod comes again without a change of its own.
func (b *bench) tried() bool {
	b.t.Helper()
	all := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	if err := all.Add(b.pod); err != nil {
		b.t.Fatal(err)
	}
	return len(waiting(listers.NewPodLister(all), b.images)) > 0
}

func (b *bench) condition(kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range b.pod.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}

// states is what each container does, init containers first.
func (b *bench) states() string {
	var all []string
	for _, st := range slices.Concat(b.pod.Status.InitContainerStatuses, b.pod.Status.ContainerStatuses) {
		switch {
		case st.State.Waiting != nil:
			all = append(all, st.State.Waiting.Reason)
		case st.State.Running != nil:
			all = append(all, "runs")
		default:
			all = append(all, "ended")
		}
	}
	return strings.Join(all, " ")
}

func (b *bench) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestInitContainersRunOneByOneAndSidecarsStay(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	b := newBench(t, corev1.PodSpec{
		InitContainers: []corev1.Container{
			{Name: "a", Image: "busybox:1.37"}, {Name: "side", Image: "busybox:1.37", RestartPolicy: &always, StartupProbe: &corev1.Probe{}},
			{Name: "b", Image: "busybox:1.37"},
		},
		Containers: []corev1.Container{{Name: "app", Image: "nginx:1.29-alpine"}},
	})
	b.play("sandbox")
	b.want("at first", b.states(), "PodInitializing PodInitializing PodInitializing PodInitializing")
	for _, want := range []string{
		"runs PodInitializing PodInitializing PodInitializing", "ended PodInitializing PodInitializing PodInitializing",
		"ended runs PodInitializing PodInitializing", "ended runs PodInitializing PodInitializing", // its startup probe
		"ended runs runs PodInitializing",
	} {
		b.want("Initialized", string(b.condition(corev1.PodInitialized).Status), "False")
		b.play("init")
		b.want("then", b.states(), want)
	}
	b.play("init")
	b.want("Initialized", string(b.condition(corev1.PodInitialized).Status), "True")
	b.play("run")
	b.want("in the end", b.states(), "ended runs ended runs")
	b.want("Ready", string(b.condition(corev1.PodReady).Status), "True")
	b.want("phase", string(b.pod.Status.Phase), "Running")

	b.play("complete")
	b.want("completed", b.states(), "ended ended ended ended")
	b.want("phase", string(b.pod.Status.Phase), "Succeeded")
	b.want("Ready", b.condition(corev1.PodReady).Reason, "PodCompleted")
}

func TestImageThatNoLabHas(t *testing.T) {
	b := newBench(t, corev1.PodSpec{Containers: []corev1.Container{
		{Name: "web", Image: "ngnix:1.29-alpine"}, {Name: "log", Image: "docker.io/library/busybox:1.37"}, {Name: "bad", Image: "Busybox"},
	}})
	b.play("sandbox", "run")
	b.want("first", b.states(), "ErrImagePull runs InvalidImageName")
	b.play("run")
	b.want("then", b.states(), "ImagePullBackOff runs InvalidImageName")
	before := len(b.events)
	b.play("run")
	if len(b.events) != before {
		t.Errorf("nothing changed, but there are new events: %v", b.events[before:])
	}
	for _, event := range []string{"web Failed", "web BackOff", "log Started", "bad InspectFailed"} {
		if !slices.Contains(b.events, event) {
			t.Errorf("there is no event %q in %v", event, b.events)
		}
	}
	b.want("phase", string(b.pod.Status.Phase), "Pending")
	b.want("Ready", b.condition(corev1.PodReady).Message, "containers with unready status: [web bad]")
	b.pod.Spec.Containers[0].Image, b.pod.Spec.Containers[2].Image = "nginx:1.29-alpine", "busybox:1.37"
	b.play("run")
	b.want("mended", b.states(), "runs runs runs")
}

// An image that is listed later starts the container that waits for it. What
// cannot be read changes nothing.
func TestImageThatIsListedLater(t *testing.T) {
	b := newBench(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "httpd:2.4"}}})
	b.settle()
	b.want("before", b.states(), "ImagePullBackOff")
	list(t, b.images.file, "busybox:1.37", "Httpd:2.4")
	if b.tried() {
		t.Error("with another list, it is tried again")
	}
	if err := os.Remove(b.images.file); err != nil || b.tried() {
		t.Errorf("without the list, it is tried again, or %v", err)
	}
	list(t, b.images.file, "busybox:1.37", "httpd:2.4")
	if !b.tried() {
		t.Error("it is not tried again")
	}
	b.settle()
	b.want("then", b.states(), "runs")
	if b.tried() {
		t.Error("what runs is tried again")
	}
}

func TestWhatIsMissing(t *testing.T) {
	b := newBench(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "busybox:1.37"}}})
	there := b.volumes
	b.volumes = func(*corev1.Pod) error { return errors.New(`configmap "page" not found`) }
	b.play("sandbox")
	b.want("address", b.pod.Status.PodIP, "")
	b.want("event", strings.Join(b.events, " "), "FailedMount")
	b.volumes = there
	b.environment = func(*corev1.Pod, *corev1.Container) error { return errors.New(`secret "key" not found`) }
	b.play("sandbox", "run")
	b.want("it waits", b.states(), "CreateContainerConfigError")
	b.want("for", b.pod.Status.ContainerStatuses[0].State.Waiting.Message, `secret "key" not found`)
	b.environment = func(*corev1.Pod, *corev1.Container) error { return nil }
	b.settle()
	b.environment = func(*corev1.Pod, *corev1.Container) error { return errors.New(`secret "key" not found`) }
	b.pod.Spec.Containers[0].Image = "nginx:1.29-alpine"
	b.settle()
	b.want("started anew, it waits", b.states(), "CreateContainerConfigError")
	if !b.tried() {
		t.Error("it is not tried again")
	}
}

func TestReadiness(t *testing.T) {
	b := newBench(t, corev1.PodSpec{
		Containers:     []corev1.Container{{Name: "app", Image: "busybox:1.37", ReadinessProbe: &corev1.Probe{}}},
		ReadinessGates: []corev1.PodReadinessGate{{ConditionType: "example.com/open"}},
	})
	b.play("sandbox", "run")
	b.want("before its probe", b.condition(corev1.PodReady).Reason, "ContainersNotReady")
	b.play("ready")
	b.want("before its gate", b.condition(corev1.PodReady).Reason, "ReadinessGatesNotReady")
	since := b.condition(corev1.ContainersReady).LastTransitionTime
	b.pod.Status.Conditions = append(b.pod.Status.Conditions, corev1.PodCondition{Type: "example.com/open", Status: corev1.ConditionTrue})
	b.play("ready")
	b.want("in the end", string(b.condition(corev1.PodReady).Status), "True")
	if now := b.condition(corev1.ContainersReady).LastTransitionTime; !now.Equal(&since) {
		t.Errorf("the containers were ready all the time: %v, %v", since, now)
	}
	b.pod.OwnerReferences = []metav1.OwnerReference{{Kind: "Job"}} // it would end, were it ready
	b.pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	gate := slices.IndexFunc(b.pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == "example.com/open" })
	b.pod.Status.Conditions[gate].Status = corev1.ConditionFalse
	b.settle()
	b.want("its gate closed", b.states(), "runs")
	b.want("its gate closed, Ready", string(b.condition(corev1.PodReady).Status), "False")
	b.want("because", b.condition(corev1.PodReady).Reason, "ReadinessGatesNotReady")
	b.want("its gate closed, ContainersReady", string(b.condition(corev1.ContainersReady).Status), "True")
}

// A container and a native sidecar alike are started anew with another image,
// wait for one that cannot be pulled, and start when it is mended.
func TestChangedImageStartsAnew(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	b := newBench(t, corev1.PodSpec{
		InitContainers: []corev1.Container{
			{Name: "init", Image: "busybox:1.37"},
			{Name: "side", Image: "busybox:1.37", RestartPolicy: &always, StartupProbe: &corev1.Probe{}},
		},
		Containers: []corev1.Container{{Name: "app", Image: "busybox:1.37"}, {Name: "log", Image: "busybox:1.37"}},
	})
	b.settle()
	b.want("at first", b.states(), "ended runs runs runs")
	for name, c := range map[string]*corev1.Container{"side": &b.pod.Spec.InitContainers[1], "app": &b.pod.Spec.Containers[0]} {
		wrong := map[string]string{"side": "ended ImagePullBackOff runs runs", "app": "ended runs ImagePullBackOff runs"}[name]
		b.events = nil
		c.Image = "ngnix:1.29-alpine"
		b.settle()
		b.want("a typo in "+name, b.states(), wrong)
		b.want("phase", string(b.pod.Status.Phase), "Running")
		b.want("Initialized", string(b.condition(corev1.PodInitialized).Status), "True")
		b.want("Ready", b.condition(corev1.PodReady).Message, "containers with unready status: ["+name+"]")
		b.pod.Spec.Containers[1].Image = c.Image
		b.settle()
		b.want("a typo in two", b.states(), strings.TrimSuffix(wrong, "runs")+"ImagePullBackOff")
		c.Image, b.pod.Spec.Containers[1].Image = "nginx:1.29-alpine", "busybox:1.37"
		b.settle()
		b.want("mended", b.states(), "ended runs runs runs")
		b.want("Ready", string(b.condition(corev1.PodReady).Status), "True")
		st := statusOf(slices.Concat(b.pod.Status.InitContainerStatuses, b.pod.Status.ContainerStatuses), name)
		if st.RestartCount != 1 || st.Image != c.Image || st.LastTerminationState.Terminated == nil {
			t.Errorf("the status of %s is %+v", name, st)
		}
		for _, event := range []string{" Failed", " BackOff", " Started"} {
			if !slices.Contains(b.events, name+event) {
				t.Errorf("there is no event %q in %v", name+event, b.events)
			}
		}
	}
	b.pod.Spec.InitContainers[0].Image = "nginx:1.29-alpine"
	b.settle()
	b.want("after a change of what has ended", b.states(), "ended runs runs runs")
}

// A Pod ends at its deadline, however far it is.
func TestDeadline(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	long, over := int64(math.MaxInt32), int64(1) // the clock of the bench is that of 1970
	spec := corev1.PodSpec{
		ActiveDeadlineSeconds: &long,
		InitContainers:        []corev1.Container{{Name: "init", Image: "busybox:1.37"}, {Name: "side", Image: "busybox:1.37", RestartPolicy: &always}},
		Containers:            []corev1.Container{{Name: "app", Image: "busybox:1.37"}, {Name: "web", Image: "ngnix:1.29-alpine"}},
	}
	for _, c := range []struct{ name, image, before, after, initialized string }{
		{"running", "busybox:1.37", "ended runs runs ImagePullBackOff", "ended ended ended ended", "True"},
		{"initializing", "bsybox:1.37", "ImagePullBackOff PodInitializing PodInitializing PodInitializing", "ImagePullBackOff PodInitializing PodInitializing PodInitializing", "False"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, *spec.DeepCopy())
			b.pod.Spec.InitContainers[0].Image = c.image
			b.settle()
			b.want("before", b.states(), c.before)
			if b.tried() {
				t.Error("it is overdue before its deadline")
			}
			b.pod.Spec.ActiveDeadlineSeconds = &over
			if !b.tried() {
				t.Error("nobody looks at it at its deadline")
			}
			b.settle()
			b.want("after", b.states(), c.after)
			s := b.pod.Status
			b.want("why", string(s.Phase)+" "+s.Reason+" "+s.Message, "Failed DeadlineExceeded Pod was active on the node longer than the specified deadline")
			b.want("Ready", b.condition(corev1.PodReady).Reason, "PodFailed")
			b.want("Initialized", string(b.condition(corev1.PodInitialized).Status), c.initialized)
			if !slices.Contains(b.events, "DeadlineExceeded") {
				t.Errorf("there is no event in %v", b.events)
			}
			for i, code := range map[int]int32{0: 143, 1: 137} {
				if st := s.ContainerStatuses[i].State.Terminated; c.initialized == "True" && st.ExitCode != code {
					t.Errorf("container %d ended: %+v", i, st)
				}
			}
			if b.tried() {
				t.Error("it is tried again")
			}
		})
	}
}

// A deleted Pod with a finalizer ends, however far it is, and stays.
func TestTerminatedWithFinalizer(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	for _, c := range []struct{ name, image, before, after string }{
		{"running", "busybox:1.37", "runs runs", "ended ended"},
		{"waiting", "bsybox:1.37", "runs ImagePullBackOff", "ended ended"},
		{"new", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, corev1.PodSpec{
				InitContainers: []corev1.Container{{Name: "side", Image: "busybox:1.37", RestartPolicy: &always}},
				Containers:     []corev1.Container{{Name: "app", Image: c.image}},
			})
			b.pod.Finalizers = []string{"batch.kubernetes.io/job-tracking"}
			if c.image != "" {
				b.settle()
			}
			b.want("before", b.states(), c.before)
			now := metav1.Now()
			b.pod.DeletionTimestamp = &now
			b.settle()
			b.want("after", b.states(), c.after)
			b.want("phase", string(b.pod.Status.Phase), "Failed")
			for _, kind := range []corev1.PodConditionType{corev1.PodReady, corev1.ContainersReady} {
				b.want(string(kind), string(b.condition(kind).Status)+" "+b.condition(kind).Reason, "False PodFailed")
			}
			if c.name == "running" {
				if st := b.pod.Status.ContainerStatuses[0].State.Terminated; st.ExitCode != 143 || st.Reason != "Error" {
					t.Errorf("its container ended: %+v", st)
				}
			}
		})
	}
}

// An ephemeral container ends and says that nothing runs here; the others go on.
func TestEphemeralContainers(t *testing.T) {
	b := newBench(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "busybox:1.37"}}})
	b.settle()
	for i, name := range []string{"debugger-a", "debugger-b"} {
		b.pod.Spec.EphemeralContainers = append(b.pod.Spec.EphemeralContainers, corev1.EphemeralContainer{
			EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: name, Image: "busybox:1.37"},
		})
		b.settle()
		all := b.pod.Status.EphemeralContainerStatuses
		if len(all) != i+1 || all[i].Name != name || all[i].State.Terminated == nil || all[i].State.Terminated.Message != NoContainers {
			t.Errorf("their statuses are %+v", all)
		}
		if !slices.Contains(b.events, name+" Failed") {
			t.Errorf("there is no event in %v", b.events)
		}
	}
	b.want("the Pod", b.states(), "runs")
	b.want("Ready", string(b.condition(corev1.PodReady).Status), "True")
}

func TestAddressesAreGivenOnce(t *testing.T) {
	a := newAddresses()
	a.keep("old", "10.244.0.2")
	seen := map[string]bool{"10.244.0.2": true}
	for i := range 3000 {
		ip := a.give(string(rune(i)))
		if seen[ip] {
			t.Fatalf("%s was given twice", ip)
		}
		seen[ip] = true
	}
	if again := a.give("old"); again != "10.244.0.2" {
		t.Errorf("a Pod that has an address gets %s", again)
	}
}

// The stages must be readable, and name steps that there are.
func TestStages(t *testing.T) {
	stages, err := readStages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(stages["Node"]) != 2 || len(stages["Pod"]) != 11 {
		t.Errorf("%d stages for the node, %d for Pods", len(stages["Node"]), len(stages["Pod"]))
	}
	b := newBench(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "busybox:1.37"}}})
	for _, stage := range []string{"sandbox", "init", "run", "ready", "gates", "complete", "image", "ephemeral", "deadline", "terminate"} {
		if !strings.Contains(string(stagesYAML), `Pod "`+stage+`"`) {
			t.Errorf("no stage plays %q", stage)
		}
		b.play(stage)
	}
}

// The stages are compiled once they are read, not when they are first matched.
func TestStagesAreCompiled(t *testing.T) {
	stages, err := readStages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	types := cel.DefaultTypes
	defer func() { cel.DefaultTypes = types }()
	cel.DefaultTypes = []any{nil} // nothing compiles with it
	for kind, object := range map[string]any{"Node": &corev1.Node{}, "Pod": &corev1.Pod{}} {
		if _, err := stages[kind].Match(t.Context(), &lifecycle.Event{Data: object}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
