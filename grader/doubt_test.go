package grader

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"podlab/content"
	"podlab/grader/probe"
)

// Where no containers run, a check is decided by what its objects say as far as
// that goes, and never by what the cluster assumes of containers.
func TestVerdictsWithoutContainers(t *testing.T) {
	right := "sameImage(image(pod, 'nginx'), 'nginx:1.29-alpine')"
	wrong := "image(pod, 'nginx') == 'redis'"
	stuck := waitingFor("ImagePullBackOff", "no such image")
	creating := func(p *corev1.Pod) {
		waitingFor("ContainerCreating", "")(p)
		p.Status.Phase = corev1.PodPending
	}
	for name, tt := range map[string]struct {
		expr   string
		actual string
		steady bool
		change func(*corev1.Pod)
		want   Status
	}{
		"a spec that is right":                   {expr: right, want: Passed},
		"a spec that is wrong":                   {expr: wrong, want: Failed},
		"running is assumed":                     {expr: "running(pod, 'nginx')", want: Unverifiable},
		"ready is assumed":                       {expr: right + " && ready(pod, 'nginx')", want: Unverifiable},
		"not ready is assumed, too":              {expr: "!ready(pod, 'nginx')", want: Unverifiable},
		"the spec decides before the status":     {expr: wrong + " && running(pod, 'nginx')", want: Failed},
		"the spec decides after the status":      {expr: "exitCode(pod, 'nginx') == 0 && " + wrong, want: Failed},
		"the status does not matter":             {expr: right + " || running(pod, 'nginx')", want: Passed},
		"the phase":                              {expr: "get(pod, 'status.phase', '') == 'Running'", want: Unverifiable},
		"the address is the control plane's":     {expr: "get(pod, 'status.podIP', '') == ''", want: Passed},
		"a var":                                  {expr: "up", want: Unverifiable},
		"what a container says":                  {expr: "page.status == 200", want: Unverifiable},
		"a wrong spec and what a container says": {expr: wrong + " && page.status == 200", want: Failed},
		"a status taken apart":                   {expr: "get(pod['status'], 'phase', '') == 'Running'", want: Unverifiable},
		"a loop":                                 {expr: "['nginx'].all(c, running(pod, c))", want: Unverifiable},
		"words that need a container":            {expr: wrong + " && page.status == 200", actual: "say('http-status', {'url': '/', 'status': page.status, 'body': page.body})", want: Unverifiable},
		"what must stay so":                      {expr: right, steady: true, want: Unverifiable},
		"a container that cannot start":          {expr: "running(pod, 'nginx')", change: stuck, want: Failed},
		"a container that may not start":         {expr: "running(pod, 'nginx')", change: creating, want: Pending},
	} {
		t.Run(name, func(t *testing.T) {
			spec := webSpec()
			spec.Vars = append(spec.Vars, Var{Name: "up", Expr: "running(pod, 'nginx')"})
			actual := tt.actual
			if actual == "" {
				actual = "say('image', {'container': 'nginx', 'image': img})"
			}
			check := Check{ID: "doubt", Points: 1, Expr: tt.expr, Actual: actual}
			if tt.steady {
				check.Steady = Duration(defaultGrace)
			}
			spec.Checks = append(spec.Checks, check, Check{ID: "uses-all", Points: 1, Expr: "up && page.ok", Actual: actual})
			goal := target(&fakeProber{}, []runtime.Object{webPod(tt.change)}...)
			goal.RunsContainers = false
			wantStatus(t, mustCompile(t, spec), goal, len(spec.Checks)-2, tt.want)
		})
	}
}

// What a Pod cannot show because the cluster cannot pull an image of the lab is
// unverifiable; every mistake of the learner's still counts.
func TestVerdictsWithoutAnImageOfTheLab(t *testing.T) {
	unpulled := waitingFor("ImagePullBackOff", "no route to the registry")
	typo := func(p *corev1.Pod) {
		unpulled(p)
		p.Spec.Containers[0].Image = "nginx:1.92-alpine"
	}
	another := func(p *corev1.Pod) {
		unpulled(p)
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "side", Image: "busybox:1.73"})
		side := p.Status.ContainerStatuses[0]
		side.Name = "side"
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, side)
	}
	nobody := func(p *corev1.Pod) {
		unpulled(p)
		p.Spec.Containers[0].Name, p.Status.ContainerStatuses[0].Name = "web", "web"
	}
	beside := func(p *corev1.Pod) {
		another(p)
		p.Spec.Containers[1].Image = "nginx:1.29-alpine"
		p.Status.ContainerStatuses[0] = webPod(nil).Status.ContainerStatuses[0]
	}
	always := func(p *corev1.Pod) {
		unpulled(p)
		p.Spec.Containers[0].ImagePullPolicy = corev1.PullAlways
	}
	english, err := Texts(content.English)
	if err != nil {
		t.Fatal(err)
	}
	const right, wrong = "sameImage(image(pod, 'nginx'), 'nginx:1.29-alpine')", "image(pod, 'nginx') == 'redis'"
	for name, tt := range map[string]struct {
		expr    string
		steady  bool
		foreign bool
		change  func(*corev1.Pod)
		want    Status
		said    string
	}{
		"what nobody but the answer asks for": {expr: "ready(pod, 'nginx')", change: always, want: Failed, said: "stuck in ImagePullBackOff"},
		"what somebody else's cluster may do": {expr: "ready(pod, 'nginx')", change: always, foreign: true, want: Unverifiable, said: "no route to the registry"},
		"a container that never ran":          {expr: "out.output == 'x'", change: unpulled, want: Unverifiable, said: "cannot pull docker.io/library/nginx:1.29-alpine for container nginx"},
		"its status":                          {expr: right + " && ready(pod, 'nginx')", change: unpulled, want: Unverifiable, said: "no route to the registry"},
		"what the spec decides":               {expr: right, change: unpulled, want: Passed},
		"what must stay so":                   {expr: right, steady: true, change: unpulled, want: Unverifiable},
		"a spec that is wrong":                {expr: wrong + " && ready(pod, 'nginx')", change: unpulled, want: Failed},
		"a typo in the image":                 {expr: "ready(pod, 'nginx')", change: typo, want: Failed, said: "stuck in ImagePullBackOff"},
		"another image that is not there":     {expr: "ready(pod, 'nginx')", change: another, want: Failed, said: "side is stuck in ImagePullBackOff"},
		"a container that is missing":         {expr: "out.output == 'x'", change: nobody, want: Failed, said: "nginx"},
		"what another container shows":        {expr: "out.output == ''", change: beside, want: Passed},
		"what another does not show":          {expr: "out.output == 'x'", change: beside, want: Unverifiable, said: "container side"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := webSpec()
			spec.Images = []string{"nginx:1.29-alpine", "debian:13-slim"}
			spec.Probes["out"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx"}}
			check := Check{ID: "without", Points: 1, Expr: tt.expr, Actual: "say('image', {'container': 'nginx', 'image': img})"}
			if tt.steady {
				check.Steady = Duration(defaultGrace)
			}
			spec.Checks = append(spec.Checks, check,
				Check{ID: "uses-all", Points: 1, Expr: "out.output == ''", Actual: "say('image', {'container': 'nginx', 'image': ''})"})
			silent := &fakeProber{http: answers(200, ""), logs: func(probe.LogsRequest) probe.LogsResult { return probe.LogsResult{OK: true} }}
			goal := target(silent, []runtime.Object{webPod(tt.change)}...)
			goal.Foreign = tt.foreign
			result := wantStatus(t, mustCompile(t, spec), goal, len(spec.Checks)-2, tt.want)
			var said strings.Builder
			for _, m := range result.Actual {
				said.WriteString(english.Render(m) + "\n")
			}
			if !strings.Contains(said.String(), tt.said) {
				t.Errorf("it says %q, want %q in it", said.String(), tt.said)
			}
		})
	}
}

// Where somebody else's cluster is full, nothing is wrong with the Pod.
func TestVerdictsWithoutRoom(t *testing.T) {
	without := func(message string, since time.Duration) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
				Message: message, LastTransitionTime: metav1.NewTime(time.Now().Add(-since)),
			}}}
		}
	}
	const (
		full    = "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
		choosy  = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
		unbound = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
		partly  = "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 Insufficient memory."
	)
	for name, tt := range map[string]struct {
		foreign bool
		message string
		since   time.Duration
		cpu     string // that the Pod asks for
		want    Status
	}{
		"full for a moment":      {true, full, time.Second, "500m", Pending},
		"full for good":          {true, full, time.Hour, "500m", Unverifiable},
		"no request":             {true, full, time.Hour, "0", Unverifiable},
		"too large for any node": {true, full, time.Second, "100", Failed},
		"no node at all":         {true, "no nodes available to schedule pods", time.Hour, "500m", Unverifiable},
		"no such node":           {true, choosy, time.Second, "500m", Failed},
		"no volume":              {true, unbound, time.Second, "500m", Failed},
		"full, and no such node": {true, partly, time.Hour, "500m", Failed},
		"full on podlab's own":   {false, full, time.Second, "500m", Failed},
	} {
		t.Run(name, func(t *testing.T) {
			goal := target(&fakeProber{http: answers(200, "hello")}, webPod(func(p *corev1.Pod) {
				p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(tt.cpu)}
				without(tt.message, tt.since)(p)
			}))
			goal.Foreign = tt.foreign
			p := mustCompile(t, webSpec())
			wantStatus(t, p, goal, 0, Passed)
			wantStatus(t, p, goal, 1, tt.want)
		})
	}
}

// How a Job ends on a cluster that runs no containers says nothing of its answer.
func TestEndedJobWithoutContainers(t *testing.T) {
	spec := Spec{
		Probes: map[string]Probe{"log": {Logs: &LogsProbe{PodOf: &Workload{Kind: "Job", Name: "work"}, Container: "main"}}},
		Checks: []Check{{ID: "done", Points: 1, Expr: "log.output == 'x'", Actual: "say('unset', {'what': 'log'})"}},
	}
	suspend := true
	for name, tt := range map[string]struct {
		runs    bool
		suspend *bool
		want    Status
	}{
		"simulated":            {false, nil, Unverifiable},
		"simulated, suspended": {false, &suspend, Failed},
		"with containers":      {true, nil, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			job := &batchv1.Job{
				TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
				ObjectMeta: metav1.ObjectMeta{Name: "work", Namespace: namespace},
				Spec:       batchv1.JobSpec{Suspend: tt.suspend},
				Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionTrue,
					Reason: "DeadlineExceeded", Message: "Job was active longer than specified deadline"}}},
			}
			goal := target(&fakeProber{}, job)
			goal.RunsContainers = tt.runs
			wantStatus(t, mustCompile(t, spec), goal, 0, tt.want)
		})
	}
}
