package grader

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"podlab/grader/probe"
)

func deployment(change func(*appsv1.Deployment)) *appsv1.Deployment {
	one := int32(1)
	d := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace, Generation: 2},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		},
		Status: appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 1, UpdatedReplicas: 1},
	}
	if change != nil {
		change(d)
	}
	return d
}

// podOfDeployment is a Pod of the ReplicaSet with this hash, made so long ago.
func podOfDeployment(hash string, age time.Duration, change func(*corev1.Pod)) *corev1.Pod {
	controller := true
	return webPod(func(p *corev1.Pod) {
		p.Name = "web-" + hash + "-x"
		p.UID = types.UID(p.Name)
		p.CreationTimestamp = metav1.NewTime(time.Now().Add(-age))
		p.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-" + hash, Controller: &controller}}
		if change != nil {
			change(p)
		}
	})
}

// A probe of a Deployment looks at the newest Pod that is its own and stays.
func TestPodOf(t *testing.T) {
	owner := &Workload{Kind: "Deployment", Name: "web"}
	spec := Spec{
		Probes: map[string]Probe{
			"pod":  {PodOf: owner},
			"page": {HTTP: &HTTPProbe{PodOf: owner, Port: "80"}},
		},
		Checks: []Check{
			{ID: "spec", Points: 1, Expr: "image(pod, 'nginx') != ''", Actual: "say('unset', {'what': 'image'})"},
			{ID: "page", Points: 1, Expr: "page.status == 200", Actual: "say('http-status', {'url': '/', 'status': page.status, 'body': page.body})"},
		},
	}
	deleted := func(p *corev1.Pod) {
		p.DeletionTimestamp = &metav1.Time{Time: time.Now()}
		p.Finalizers = []string{"x/y"}
	}
	stranger := func(p *corev1.Pod) { p.OwnerReferences[0].Name = "web-2-" + "hash" }
	tests := []struct {
		name       string
		objects    []runtime.Object
		status     int
		spec, page Status
		asked      string // the Pod that was sent the request
	}{
		{"no Deployment", nil, 200, Failed, Failed, ""},
		{"no Pod yet", []runtime.Object{deployment(nil)}, 200, Pending, Pending, ""},
		{"scaled to nothing", []runtime.Object{deployment(func(d *appsv1.Deployment) { *d.Spec.Replicas = 0 })}, 200, Failed, Failed, ""},
		{"a quota in the way of an update", []runtime.Object{deployment(func(d *appsv1.Deployment) {
			d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate",
				Message: "exceeded quota", LastTransitionTime: metav1.NewTime(time.Now().Add(-5 * time.Second))}}
		})}, 200, Pending, Pending, ""},
		{"a quota in the way for long", []runtime.Object{deployment(func(d *appsv1.Deployment) {
			d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate",
				Message: "exceeded quota", LastTransitionTime: metav1.NewTime(time.Now().Add(-time.Minute))}}
		})}, 200, Failed, Failed, ""},
		{"a quota in the way", []runtime.Object{deployment(func(d *appsv1.Deployment) {
			d.Generation = 1
			d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: "exceeded quota"}}
		})}, 200, Failed, Failed, ""},
		{"one Pod", []runtime.Object{deployment(nil), podOfDeployment("1", time.Hour, nil)}, 200, Passed, Passed, "web-1-x"},
		{"the newer Pod", []runtime.Object{deployment(nil), podOfDeployment("2", time.Minute, nil), podOfDeployment("1", time.Hour, nil)}, 200, Passed, Passed, "web-2-x"},
		{"the Pod that stays", []runtime.Object{deployment(nil), podOfDeployment("2", time.Minute, deleted), podOfDeployment("1", time.Hour, nil)}, 200, Passed, Passed, "web-1-x"},
		{"not another's Pod", []runtime.Object{deployment(nil), podOfDeployment("2", time.Minute, stranger), podOfDeployment("1", time.Hour, nil)}, 200, Passed, Passed, "web-1-x"},
		{"wrong answer", []runtime.Object{deployment(nil), podOfDeployment("1", time.Hour, nil)}, 500, Passed, Failed, "web-1-x"},
		{"wrong answer during a rollout", []runtime.Object{
			deployment(func(d *appsv1.Deployment) { d.Status.ObservedGeneration = 1 }), podOfDeployment("1", time.Hour, nil),
		}, 500, Passed, Pending, "web-1-x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := ""
			prober := &fakeProber{http: func(r probe.HTTPRequest) probe.HTTPResult {
				asked = r.Pod
				return answers(tt.status, "")(r)
			}}
			report, err := mustCompile(t, spec).Grade(t.Context(), target(prober, tt.objects...))
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Results[0].Status; got != tt.spec {
				t.Errorf("spec: %s, want %s: %v", got, tt.spec, report.Results[0].Actual)
			}
			if got := report.Results[1].Status; got != tt.page {
				t.Errorf("page: %s, want %s: %v", got, tt.page, report.Results[1].Actual)
			}
			if asked != tt.asked {
				t.Errorf("asked Pod %q, want %q", asked, tt.asked)
			}
		})
	}
}

// A Job that has not ended may still complete; one that failed may not.
func TestJobUnderWay(t *testing.T) {
	spec := Spec{
		Probes: map[string]Probe{"job": {Object: &ObjectProbe{APIVersion: "batch/v1", Kind: "Job", Name: "work"}}},
		Checks: []Check{{ID: "done", Points: 1, Expr: "get(job, 'status.succeeded', 0) == 1", Actual: "say('unset', {'what': 'status.succeeded'})"}},
	}
	for name, tt := range map[string]struct {
		conditions []batchv1.JobCondition
		succeeded  int32
		want       Status
	}{
		"under way": {nil, 0, Pending},
		"complete":  {[]batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}}, 1, Passed},
		"failed":    {[]batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionTrue}}, 0, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			job := &batchv1.Job{
				TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
				ObjectMeta: metav1.ObjectMeta{Name: "work", Namespace: namespace},
				Status:     batchv1.JobStatus{Conditions: tt.conditions, Succeeded: tt.succeeded},
			}
			wantStatus(t, mustCompile(t, spec), target(&fakeProber{}, job), 0, tt.want)
		})
	}
}

// What is true right after the start has not passed where it must stay true.
func TestSteady(t *testing.T) {
	spec := webSpec()
	spec.Checks[1].Steady = Duration(5 * time.Second)
	for name, tt := range map[string]struct {
		change func(*corev1.Pod)
		want   Status
	}{
		"just started": {justStarted, Pending},
		"an hour ago":  {nil, Passed},
		"between two runs": {func(p *corev1.Pod) {
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: "other",
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}})
		}, Pending},
		"in a crash loop": {func(p *corev1.Pod) {
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: "other",
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}})
		}, Failed},
		"ended as it should": {func(p *corev1.Pod) {
			p.Spec.RestartPolicy = corev1.RestartPolicyNever
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: "other",
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}})
		}, Passed},
		"and not at all": {func(p *corev1.Pod) { p.Status.ContainerStatuses[0].Ready = false }, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			wantStatus(t, mustCompile(t, spec), target(&fakeProber{http: answers(200, "hello")}, webPod(tt.change)), 1, tt.want)
		})
	}
}

// Watch lets a steady check pass by time alone, without an event.
func TestSteadyPassesByItself(t *testing.T) {
	spec := webSpec()
	spec.Checks[1].Steady = Duration(time.Second)
	report, err := mustCompile(t, spec).GradeSettled(t.Context(), target(&fakeProber{http: answers(200, "hello")}, webPod(justStarted)), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !report.FullMarks() {
		t.Errorf("got %+v", report.Results)
	}
}

func TestSetupInExpressions(t *testing.T) {
	given := map[string]any{"ConfigMap/program": map[string]any{"data": map[string]any{"run": "echo"}}}
	spec := Spec{
		Probes: map[string]Probe{"program": {Object: &ObjectProbe{APIVersion: "v1", Kind: "ConfigMap", Name: "program"}}},
		Checks: []Check{{ID: "as-given", Points: 1, Expr: "includes(program, setup['ConfigMap/program'])", Actual: "say('unset', {'what': 'run'})"}},
	}
	p, err := Compile(spec, nil, given)
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]Status{"echo": Passed, "rm": Failed} {
		object := &corev1.ConfigMap{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
			ObjectMeta: metav1.ObjectMeta{Name: "program", Namespace: namespace},
			Data:       map[string]string{"run": data, "more": "is fine"},
		}
		t.Run(data, func(t *testing.T) { wantStatus(t, p, target(&fakeProber{}, object), 0, want) })
	}
}

func TestWaitingCause(t *testing.T) {
	const steps = `failed to pull and unpack image "docker.io/library/ngnix:1": failed to resolve reference "docker.io/library/ngnix:1": `
	for message, want := range map[string]string{
		"":                                 "",
		`Back-off pulling image "ngnix:1"`: `Back-off pulling image "ngnix:1"`,
		steps + "docker.io/library/ngnix:1: not found":                                                  "docker.io/library/ngnix:1: not found",
		"rpc error: code = NotFound desc = " + steps + "docker.io/library/ngnix:1: not found":           "docker.io/library/ngnix:1: not found",
		`Back-off pulling image "ngnix:1": ErrImagePull: ` + steps + "pull access denied":               "pull access denied",
		steps + `failed to do request: Head "https://registry-1.docker.io/v2/": dial tcp: no such host`: "dial tcp: no such host",
		"back-off 10s restarting failed container":                                                      "back-off 10s restarting failed container",
	} {
		if got := WaitingCause(&corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: message}); got != want {
			t.Errorf("WaitingCause of %q = %q, want %q", message, got, want)
		}
	}
	const other = "rpc error: code = Unknown desc = failed to create containerd task"
	if got := WaitingCause(&corev1.ContainerStateWaiting{Reason: "RunContainerError", Message: other}); got != other {
		t.Errorf("WaitingCause of %q = %q", other, got)
	}
}

// What has to last is measured by the clock of the cluster, which wrote when it
// began, also where the learner's shows another time.
func TestSteadyByTheClustersClock(t *testing.T) {
	spec := Spec{
		Probes: map[string]Probe{"pod": podProbe},
		Checks: []Check{{ID: "stays", Points: 1, Steady: Duration(5 * time.Second), Expr: "running(pod, 'nginx')", Actual: "say('unset', {'what': 'nginx'})"}},
	}
	for name, tt := range map[string]struct {
		ahead, age time.Duration
		want       Status
	}{
		"the cluster is ahead, and it has lasted":  {time.Hour, time.Minute, Passed},
		"the cluster is ahead, just started":       {time.Hour, 0, Pending},
		"the cluster is behind, and it has lasted": {-time.Hour, time.Minute, Passed},
		"the cluster is behind, just started":      {-time.Hour, 0, Pending},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				now := time.Now().Add(tt.ahead)
				w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
				w.Header().Set("Content-Type", "application/json")
				list := corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}}
				list.Items = []corev1.Pod{*webPod(func(p *corev1.Pod) {
					p.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.NewTime(now.Add(-tt.age))
				})}
				_ = json.NewEncoder(w).Encode(list)
			}))
			defer server.Close()
			client, err := probe.NewClient(&rest.Config{Host: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, mustCompile(t, spec), Target{Client: client, Namespace: namespace, RunsContainers: true}, 0, tt.want)
		})
	}
}
