package grader

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"

	"podlab/content"
	"podlab/grader/probe"
)

const namespace = "podlab-test"

// fakeProber answers runtime probes with what the test sets.
type fakeProber struct {
	mu   sync.Mutex
	logs func(probe.LogsRequest) probe.LogsResult
	http func(probe.HTTPRequest) probe.HTTPResult
	runs int
}

func (f *fakeProber) count() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs++
}

func (f *fakeProber) ran() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.runs
}

func (f *fakeProber) Logs(_ context.Context, r probe.LogsRequest) probe.LogsResult {
	f.count()
	return f.logs(r)
}

func (f *fakeProber) Exec(context.Context, probe.ExecRequest) probe.ExecResult {
	f.count()
	return probe.ExecResult{OK: true}
}

func (f *fakeProber) HTTP(_ context.Context, r probe.HTTPRequest) probe.HTTPResult {
	f.count()
	return f.http(r)
}

func (f *fakeProber) TCP(context.Context, probe.TCPRequest) probe.TCPResult {
	f.count()
	return probe.TCPResult{OK: true}
}

// webPod is a Pod of one container, as the API server would return it.
func webPod(change func(*corev1.Pod)) *corev1.Pod {
	started := metav1.NewTime(time.Now().Add(-time.Hour))
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace, UID: types.UID("uid-1"), Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyAlways,
			Containers:    []corev1.Container{{Name: "nginx", Image: "docker.io/library/nginx:1.29-alpine"}},
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{{
				Name: "nginx", Ready: true, ContainerID: "containerd://1",
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
			}},
		},
	}
	if change != nil {
		change(p)
	}
	return p
}

func waitingFor(reason, message string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.Phase = corev1.PodPending
		p.Status.ContainerStatuses[0] = corev1.ContainerStatus{Name: "nginx",
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
	}
}

func justStarted(p *corev1.Pod) {
	p.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.Now()
}

func target(prober Prober, objects ...runtime.Object) Target {
	return Target{
		Client:         &probe.Client{Typed: fake.NewClientset(), Dynamic: dynamicfake.NewSimpleDynamicClient(scheme.Scheme, objects...)},
		Namespace:      namespace,
		RunsContainers: true,
		Prober:         prober,
	}
}

func mustCompile(t *testing.T, spec Spec) *Program {
	t.Helper()
	p, err := Compile(spec, map[string]string{"word": "hello"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantStatus grades once and looks at one check, by its index.
func wantStatus(t *testing.T, p *Program, goal Target, check int, want Status) Result {
	t.Helper()
	report, err := p.Grade(t.Context(), goal)
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Results[check]; got.Status != want {
		t.Fatalf("%s: got %s, want %s: %v", got.ID, got.Status, want, got.Actual)
	}
	return report.Results[check]
}

var podProbe = Probe{Object: &ObjectProbe{APIVersion: "v1", Kind: "Pod", Name: "web"}}

// webSpec has a check on the spec, one on the status and one on an answer.
func webSpec() Spec {
	return Spec{
		Probes: map[string]Probe{
			"pod":  podProbe,
			"page": {HTTP: &HTTPProbe{Pod: "web", Port: "80"}},
		},
		Vars: []Var{{Name: "img", Expr: "image(pod, 'nginx')"}},
		Checks: []Check{
			{ID: "image", Points: 2, Expr: "sameImage(img, 'nginx:1.29-alpine')",
				Actual: "say('image', {'container': 'nginx', 'image': img})"},
			{ID: "ready", Points: 1, Expr: "ready(pod, 'nginx')", Actual: "say('value', {'what': 'ready', 'actual': ready(pod, 'nginx')})"},
			{ID: "page", Points: 3, Expr: "page.ok && page.status == 200 && page.body.contains(params.word)",
				Actual: "say('http-status', {'url': '/', 'status': page.status, 'body': page.body})"},
		},
	}
}

func answers(status int, body string) func(probe.HTTPRequest) probe.HTTPResult {
	return func(probe.HTTPRequest) probe.HTTPResult {
		return probe.HTTPResult{HTTPSample: probe.HTTPSample{OK: true, Status: status, Body: body}}
	}
}

func TestGradeVerdicts(t *testing.T) {
	type want struct {
		status Status
		said   string // a part of what the English text says
	}
	warning := &corev1.Event{
		TypeMeta:       metav1.TypeMeta{APIVersion: "v1", Kind: "Event"},
		ObjectMeta:     metav1.ObjectMeta{Name: "e", Namespace: namespace},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "web", UID: "uid-1"},
		Type:           corev1.EventTypeWarning, Reason: "FailedMount", Message: `configmap "nope" not found`,
	}
	lagging := warning.DeepCopy()
	lagging.Message = `MountVolume.SetUp failed for volume "conf" : failed to sync configmap cache: timed out waiting for the condition`
	pulling := warning.DeepCopy()
	pulling.Name, pulling.Type, pulling.Reason, pulling.LastTimestamp = "later", corev1.EventTypeNormal, "Pulling", metav1.Now()
	rootless := warning.DeepCopy()
	rootless.Message = `MountVolume.SetUp failed for volume "kube-api-access-x" : object "ns"/"kube-root-ca.crt" not registered`
	sandbox := warning.DeepCopy()
	sandbox.Reason, sandbox.Message = "FailedCreatePodSandBox", "failed to set up the network"
	tiny := sandbox.DeepCopy()
	tiny.Message = "container init was OOM-killed (memory limit too low?)"
	tests := []struct {
		name    string
		objects []runtime.Object
		http    func(probe.HTTPRequest) probe.HTTPResult
		change  func(*Target)
		want    map[string]want
	}{
		{
			name:    "all right",
			objects: []runtime.Object{webPod(nil)},
			http:    answers(200, "hello you"),
			want:    map[string]want{"image": {Passed, ""}, "ready": {Passed, ""}, "page": {Passed, ""}},
		},
		{
			name: "nothing there",
			want: map[string]want{"image": {Failed, "no Pod web"}, "ready": {Failed, "no Pod web"}, "page": {Failed, "no Pod web"}},
		},
		{
			name:    "wrong answer",
			objects: []runtime.Object{webPod(nil)},
			http:    answers(502, "Bad Gateway"),
			want:    map[string]want{"image": {Passed, ""}, "page": {Failed, "502"}},
		},
		{
			name:    "wrong answer right after the start may still become right",
			objects: []runtime.Object{webPod(justStarted)},
			http:    answers(502, "Bad Gateway"),
			want:    map[string]want{"page": {Pending, "502"}},
		},
		{
			name:    "a wrong image fails at once, even while the Pod is starting",
			objects: []runtime.Object{webPod(func(p *corev1.Pod) { p.Spec.Containers[0].Image = "httpd:2.4"; waitingFor("ContainerCreating", "")(p) })},
			want:    map[string]want{"image": {Failed, "httpd:2.4"}, "ready": {Pending, ""}, "page": {Pending, "ContainerCreating"}},
		},
		{
			name:    "stuck in a pull",
			objects: []runtime.Object{webPod(waitingFor("ImagePullBackOff", `Back-off pulling image "x"`))},
			want: map[string]want{
				"image": {Passed, ""}, // what is true stays true
				"ready": {Failed, "ImagePullBackOff: Back-off pulling"},
				"page":  {Failed, "ImagePullBackOff: Back-off pulling"},
			},
		},
		{
			name:    "stuck in a mount, which only an event tells",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), warning},
			want:    map[string]want{"page": {Failed, `FailedMount: configmap "nope" not found`}},
		},
		{
			name:    "a mount that waits for the kubelet's cache",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), lagging},
			want:    map[string]want{"page": {Pending, "ContainerCreating"}},
		},
		{
			name:    "a mount that was refused before the image is pulled",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), warning, pulling},
			want:    map[string]want{"page": {Pending, "ContainerCreating"}},
		},
		{
			name:    "a mount that waits for the kubelet to know the Pod",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), rootless},
			want:    map[string]want{"page": {Pending, "ContainerCreating"}},
		},
		{
			name:    "a node that cannot set the Pod up",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), sandbox},
			want:    map[string]want{"page": {Failed, "failed to set up the network"}},
		},
		{
			name:    "a node of somebody else's that cannot set the Pod up",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), sandbox},
			change:  func(t *Target) { t.Foreign = true },
			want:    map[string]want{"image": {Passed, ""}, "page": {Unverifiable, "failed to set up the network"}},
		},
		{
			name:    "a Pod with too little memory for a node of somebody else's to set it up",
			objects: []runtime.Object{webPod(waitingFor("ContainerCreating", "")), tiny},
			change:  func(t *Target) { t.Foreign = true },
			want:    map[string]want{"page": {Failed, "memory limit too low"}},
		},
		{
			name: "an app whose init container failed under Never never starts",
			objects: []runtime.Object{webPod(func(p *corev1.Pod) {
				waitingFor("PodInitializing", "")(p)
				p.Spec.RestartPolicy = corev1.RestartPolicyNever
				p.Spec.InitContainers = []corev1.Container{{Name: "init"}}
				p.Status.Phase = corev1.PodFailed
				p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init",
					State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 7, Reason: "Error"}}}}
			})},
			want: map[string]want{"page": {Failed, "init failed with exit code 7"}},
		},
		{
			name: "a Pod that is being deleted decides nothing",
			objects: []runtime.Object{webPod(func(p *corev1.Pod) {
				p.DeletionTimestamp = &metav1.Time{Time: time.Now()}
				p.Finalizers = []string{"x/y"}
			})},
			want: map[string]want{"page": {Pending, "being deleted"}},
		},
		{
			name:    "a simulated node cannot show behaviour",
			objects: []runtime.Object{webPod(nil)},
			change:  func(t *Target) { t.RunsContainers = false },
			want:    map[string]want{"image": {Passed, ""}, "page": {Unverifiable, "runs no containers"}},
		},
		{
			name:    "trouble of the cluster is not the learner's",
			objects: []runtime.Object{webPod(nil)},
			http: func(probe.HTTPRequest) probe.HTTPResult {
				return probe.HTTPResult{Fault: context.DeadlineExceeded}
			},
			want: map[string]want{"image": {Passed, ""}, "page": {Errored, "deadline exceeded"}},
		},
		{
			name:    "control sequences do not get through",
			objects: []runtime.Object{webPod(nil)},
			http:    answers(500, "\x1b[2J\x1b]52;c;aGk=\x07evil"),
			want:    map[string]want{"page": {Failed, "500: evil"}},
		},
	}
	english, err := Texts(content.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			goal := target(&fakeProber{http: tt.http}, tt.objects...)
			if tt.change != nil {
				tt.change(&goal)
			}
			report, err := mustCompile(t, webSpec()).Grade(t.Context(), goal)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				w, ok := tt.want[r.ID]
				if !ok {
					continue
				}
				var said strings.Builder
				for _, m := range r.Actual {
					said.WriteString(english.Render(m) + "\n")
				}
				if r.Status != w.status || !strings.Contains(said.String(), w.said) {
					t.Errorf("%s: %s, said %q; want %s with %q", r.ID, r.Status, said.String(), w.status, w.said)
				}
				if (r.Earned == r.Points) != (r.Status == Passed) {
					t.Errorf("%s: earned %d of %d when %s", r.ID, r.Earned, r.Points, r.Status)
				}
			}
		})
	}
}

// A Service without endpoints is no failure right after its Pod became ready.
func TestEndpointsLag(t *testing.T) {
	spec := Spec{
		Probes: map[string]Probe{"page": {HTTP: &HTTPProbe{Service: "web", Port: "80"}}},
		Checks: []Check{{ID: "page", Points: 1, Expr: "page.ok", Actual: "say('http-error', {'url': '/', 'error': page.error})"}},
	}
	service := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "web"}},
	}
	for name, tt := range map[string]struct {
		ready time.Duration // since when the Pod is ready
		said  string
		want  Status
	}{
		"just now":          {time.Second, `no endpoints available for service "web"`, Pending},
		"for an hour":       {time.Hour, `no endpoints available for service "web"`, Failed},
		"just now, refused": {time.Second, "connection refused", Failed},
	} {
		t.Run(name, func(t *testing.T) {
			pod := webPod(func(p *corev1.Pod) {
				p.Status.Conditions = []corev1.PodCondition{{
					Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(time.Now().Add(-tt.ready)),
				}}
			})
			prober := &fakeProber{http: func(probe.HTTPRequest) probe.HTTPResult {
				return probe.HTTPResult{HTTPSample: probe.HTTPSample{Error: tt.said}}
			}}
			wantStatus(t, mustCompile(t, spec), target(prober, pod, service), 0, tt.want)
		})
	}
}

// A log is read only behind the request that should have left its trace.
func TestProbesWaitForOneAnother(t *testing.T) {
	var requested bool
	prober := &fakeProber{
		http: func(probe.HTTPRequest) probe.HTTPResult {
			time.Sleep(20 * time.Millisecond)
			requested = true
			return probe.HTTPResult{Nonce: "abc", HTTPSample: probe.HTTPSample{OK: true}}
		},
		logs: func(r probe.LogsRequest) probe.LogsResult {
			if !requested {
				t.Error("the log was read before the request")
			}
			return probe.LogsResult{OK: true, Output: "GET /abc", Met: r.Until("GET /abc") && !r.Until("GET /other")}
		},
	}
	p := mustCompile(t, Spec{
		Probes: map[string]Probe{
			"front": {HTTP: &HTTPProbe{Pod: "web", Port: "80", Path: "/{nonce}"}},
			"log":   {Logs: &LogsProbe{Pod: "web", Container: "nginx", Until: "output.contains(front.nonce)", After: []string{"front"}}},
		},
		Checks: []Check{{ID: "traced", Points: 1, Expr: "log.output.contains(front.nonce)", Actual: "say('log', {'container': 'nginx', 'output': log.output})"}},
	})
	report, err := p.Grade(t.Context(), target(prober, webPod(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if !report.FullMarks() {
		t.Errorf("got %+v", report.Results)
	}
}

// What a slow probe saw while the container was starting is no verdict, even
// if the answer comes when the grace is over.
func TestEarlyEvidenceIsPending(t *testing.T) {
	spec := webSpec()
	spec.Checks[2].Grace = Duration(time.Second)
	slow := &fakeProber{http: func(r probe.HTTPRequest) probe.HTTPResult {
		time.Sleep(2200 * time.Millisecond)
		return answers(502, "Bad Gateway")(r)
	}}
	p, goal := mustCompile(t, spec), target(slow, webPod(justStarted))
	for _, want := range []Status{Pending, Failed} {
		wantStatus(t, p, goal, 2, want)
	}
}

// Trouble of the cluster is waited out where there is time to wait.
func TestGradeSettledWaitsTroubleOut(t *testing.T) {
	asked := 0
	prober := &fakeProber{http: func(r probe.HTTPRequest) probe.HTTPResult {
		if asked++; asked < 3 {
			return probe.HTTPResult{Fault: context.DeadlineExceeded}
		}
		return answers(200, "hello")(r)
	}}
	report, err := mustCompile(t, webSpec()).GradeSettled(t.Context(), target(prober, webPod(nil)), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !report.FullMarks() {
		t.Errorf("got %+v", report.Results)
	}
}
