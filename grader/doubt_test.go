package grader

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
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
