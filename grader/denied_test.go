package grader

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"podlab/grader/probe"
)

// refuse makes the cluster of goal answer requests with 403, as RBAC would.
func refuse(goal Target, verb, resource string) {
	goal.Client.Dynamic.(*dynamicfake.FakeDynamicClient).PrependReactor(verb, resource,
		func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, forbidden(verb, resource) })
}

func forbidden(verb, resource string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "", fmt.Errorf("user cannot %s resource %q", verb, resource))
}

// deniedSpec reads a Service and a list beside what webSpec looks at.
func deniedSpec() Spec {
	s := webSpec()
	s.Probes["log"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx"}}
	s.Probes["service"] = Probe{Object: &ObjectProbe{APIVersion: "v1", Kind: "Service", Name: "web"}}
	s.Probes["maps"] = Probe{List: &ListProbe{APIVersion: "v1", Kind: "ConfigMap"}}
	s.Checks = append(s.Checks,
		Check{ID: "logged", Points: 1, Expr: `log.output.contains("ready")`, Actual: `say("found", {"port": log.output})`},
		Check{ID: "service", Points: 1, Expr: `service.spec.type == 'NodePort'`, Actual: `say("found", {"port": service.spec.type})`},
		Check{ID: "maps", Points: 1, Expr: `size(maps) == 0`, Actual: `say("found", {"port": string(size(maps))})`},
	)
	return s
}

func TestWhatMayNotBeSeenIsUnverifiable(t *testing.T) {
	service := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort}}
	for _, tt := range []struct {
		name           string
		verb, resource string
		http           func(probe.HTTPRequest) probe.HTTPResult
		logs           error
		unverifiable   []string
		right          string // that the message names
		verifiable     int
		solved         bool
		errored        []string
	}{
		{name: "all may be seen", verifiable: 9, solved: false},
		{name: "logs", logs: fmt.Errorf("read the log: %w", forbidden("get", "pods/log")),
			unverifiable: []string{"logged"}, right: "get pods/log", verifiable: 8, solved: true},
		{name: "the proxy", http: func(probe.HTTPRequest) probe.HTTPResult {
			return probe.HTTPResult{Fault: fmt.Errorf("send: %w", forbidden("get", "pods/proxy"))}
		}, unverifiable: []string{"page"}, right: "get pods/proxy", verifiable: 6, solved: true},
		{name: "another fault is podlab's", logs: errors.New("connection reset"), errored: []string{"logged"}, verifiable: 9},
		{name: "an object", verb: "get", resource: "services", unverifiable: []string{"service"}, right: "get services", verifiable: 8, solved: true},
		{name: "a list", verb: "list", resource: "configmaps", unverifiable: []string{"maps"}, right: "list configmaps", verifiable: 8, solved: true},
		{name: "the Pods", verb: "list", resource: "pods",
			unverifiable: []string{"image", "ready", "page", "logged"}, right: "list pods", verifiable: 2, solved: true},
		{name: "events only explain", verb: "list", resource: "events", verifiable: 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prober := &fakeProber{http: answers(200, "hello"), logs: func(probe.LogsRequest) probe.LogsResult {
				return probe.LogsResult{OK: tt.logs == nil, Output: "ready\n", Fault: tt.logs}
			}}
			if tt.http != nil {
				prober.http = tt.http
			}
			goal := target(prober, webPod(nil), service)
			if tt.verb != "" {
				refuse(goal, tt.verb, tt.resource)
			}
			p := mustCompile(t, deniedSpec())
			report, evidence, err := p.GradeWithEvidence(t.Context(), goal)
			if err != nil {
				t.Fatal(err)
			}
			judged, err := p.Judge(t.Context(), reread(t, evidence))
			if err != nil {
				t.Fatal(err)
			}
			for how, r := range map[string]*Report{"on the cluster": report, "from evidence": judged} {
				for _, c := range r.Results {
					want := Passed
					switch {
					case slices.Contains(tt.unverifiable, c.ID):
						want = Unverifiable
					case slices.Contains(tt.errored, c.ID):
						want = Errored
					}
					if c.Status != want {
						t.Errorf("%s: %s is %s, want %s: %v", how, c.ID, c.Status, want, c.Actual)
					}
					if want != Unverifiable {
						continue
					}
					if len(c.Actual) != 1 || c.Actual[0].Args["verb"]+" "+c.Actual[0].Args["resource"] != tt.right || c.Actual[0].Args["reason"] == "" {
						t.Errorf("%s: %s does not say that it takes %s: %v", how, c.ID, tt.right, c.Actual)
					}
				}
				if n, all := r.Verifiable(); n != tt.verifiable || all != 9 {
					t.Errorf("%s: %d of %d points verifiable, want %d", how, n, all, tt.verifiable)
				}
				if r.SolvedInPart() != tt.solved || tt.solved && r.FullMarks() {
					t.Errorf("%s: solved in part: %v, full marks: %v", how, r.SolvedInPart(), r.FullMarks())
				}
			}
		})
	}
}

// TestFalseWithoutThePodsIsNotFailed: whether it may still become true, the Pods
// would say.
func TestFalseWithoutThePodsIsNotFailed(t *testing.T) {
	goal := target(&fakeProber{}, webPod(nil))
	refuse(goal, "list", "pods")
	p := mustCompile(t, Spec{
		Probes: map[string]Probe{"deploy": {Object: &ObjectProbe{APIVersion: "v1", Kind: "ConfigMap", Name: "state"}}},
		Checks: []Check{{ID: "missing", Points: 1, Expr: "has(deploy.data)", Actual: "say('value', {'what': 'a', 'actual': 'b'})"}},
	})
	wantStatus(t, p, goal, 0, Failed) // that there is no such object needs no Pods
}

// TestWatchSeesWhatGradeSees: what may not be watched is asked for.
func TestWatchSeesWhatGradeSees(t *testing.T) {
	service := &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort}}
	prober := &fakeProber{http: answers(200, "hello"), logs: func(probe.LogsRequest) probe.LogsResult {
		return probe.LogsResult{OK: true, Output: "ready\n"}
	}}
	goal := target(prober, webPod(nil), service)
	refuse(goal, "list", "services")
	refuse(goal, "list", "configmaps")
	w := watch(t, deniedSpec(), goal)
	r := w.await("maps", Unverifiable)
	for _, c := range r.Results {
		if c.ID == "service" && c.Status != Passed {
			t.Errorf("the Service may be read, and is %s: %v", c.Status, c.Actual)
		}
	}
}

func TestNeedsNamesTheChecks(t *testing.T) {
	var got []string
	for _, n := range mustCompile(t, deniedSpec()).Needs() {
		got = append(got, n.Verb+" "+n.resource()+": "+strings.Join(n.Checks, " "))
	}
	for _, want := range []string{"get pods/proxy: page", "get pods/log: logged", "get services: service", "list configmaps: maps",
		"list pods: image ready page logged"} {
		if !slices.Contains(got, want) {
			t.Errorf("no need %q in %q", want, got)
		}
	}
}

// TestAnUnreachedPodIsNotTheLearnersMistake: where the API server does not get
// through, a request from within tells a Pod that answers from one that hangs.
func TestAnUnreachedPodIsNotTheLearnersMistake(t *testing.T) {
	const (
		refusal = "dial tcp 10.0.0.5:80: connect: connection refused"
		// of an API server that reaches Pods through the nodes, as that of k3s
		tunnel = "proxy error from 127.0.0.1:6443 while dialing 10.42.0.5:80, code 502: 502 Bad Gateway"
	)
	sample := func(s probe.HTTPSample) probe.HTTPResult {
		return probe.HTTPResult{HTTPSample: s, Samples: []probe.HTTPSample{s}}
	}
	lost := func(why string) probe.HTTPSample { return probe.HTTPSample{Unreached: true, Error: why} }
	hello := sample(probe.HTTPSample{OK: true, Status: 200, Body: "hello"})
	for _, tt := range []struct {
		name    string
		foreign bool
		inside  probe.HTTPResult
		proxied probe.HTTPSample
		want    Status
		closed  Status // of a check that wants the port to be closed
	}{
		{"answers from within", true, hello, lost("no answer within 2s"), Unverifiable, Unverifiable},
		{"no way there", true, hello, lost("dial tcp 10.0.0.5:80: connect: no route to host"), Unverifiable, Unverifiable},
		{"hangs", true, sample(lost("no answer within 2s")), lost("no answer within 2s"), Failed, Failed},
		{"listens elsewhere", true, hello, probe.HTTPSample{Error: refusal, Refused: true}, Failed, Passed},
		{"on a cluster of podlab's own", false, hello, lost("no answer within 2s"), Failed, Failed},
		{"behind a tunnel", true, hello, lost(tunnel), Unverifiable, Unverifiable},
		{"closed behind a tunnel", true, sample(probe.HTTPSample{Error: refusal, Refused: true}), lost(tunnel), Failed, Passed},
		{"hangs up on those who have no certificate", true, hello, lost("read tcp 10.0.0.1:4711->10.0.0.5:80: read: connection reset by peer"), Unverifiable, Unverifiable},
		{"hangs up on all", true, sample(lost("EOF")), lost("the server closed the connection without an answer"), Failed, Failed},
		{"no right to look from within", true, probe.HTTPResult{Fault: apierrors.NewForbidden(podsResource.GroupResource(), "web", nil)}, lost("no answer within 2s"), Unverifiable, Unverifiable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prober := &fakeProber{http: func(r probe.HTTPRequest) probe.HTTPResult {
				if r.Forward {
					return tt.inside
				}
				return sample(tt.proxied)
			}}
			goal := target(prober, webPod(nil))
			goal.Foreign = tt.foreign
			spec := webSpec()
			spec.Checks = append(spec.Checks, Check{ID: "closed", Points: 1, Expr: "page.refused", Actual: "say('image', {'container': 'nginx', 'image': img})"})
			p := mustCompile(t, spec)
			wantStatus(t, p, goal, 2, tt.want)
			wantStatus(t, p, goal, 3, tt.closed)
			_, evidence, err := p.GradeWithEvidence(t.Context(), goal)
			if err != nil {
				t.Fatal(err)
			}
			judged, err := p.Judge(t.Context(), reread(t, evidence))
			if err != nil || judged.Results[2].Status != tt.want {
				t.Errorf("from evidence: %v, %v", judged, err)
			}
		})
	}
}
