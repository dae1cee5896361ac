package grader

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Spec)
		path   string
		says   string
	}{
		{"syntax", func(s *Spec) { s.Checks[0].Expr = "sameImage(img," }, "checks.0.expr", "CEL:"},
		{"unknown name", func(s *Spec) { s.Checks[0].Expr = "pood.spec == 1" }, "checks.0.expr", "pood"},
		{"not a bool", func(s *Spec) { s.Checks[0].Expr = "image(pod, 'x')" }, "checks.0.expr", "must yield true or false"},
		{"not a message", func(s *Spec) { s.Checks[0].Actual = "'text'" }, "checks.0.actual", "must yield a message"},
		{"says nothing", func(s *Spec) { s.Checks[0].Actual = "pod" }, "checks.0.actual", "says nothing"},
		{"computed key", func(s *Spec) { s.Checks[0].Actual = "say(img)" }, "checks.0.actual", "literal"},
		{"unequal arguments", func(s *Spec) { s.Checks[1].Actual = "say('image', {'other': 1})" }, "checks.1.actual", "use the same everywhere"},
		{"no actual", func(s *Spec) { s.Checks[0].Actual = "" }, "checks.0.actual", "missing"},
		{"no probe", func(s *Spec) { s.Checks[0].Expr = "1 == 1" }, "checks.0.expr", "uses no probe"},
		{"double id", func(s *Spec) { s.Checks[1].ID = "image" }, "checks.1.id", "used twice"},
		{"bad id", func(s *Spec) { s.Checks[1].ID = "Image One" }, "checks.1.id", "lower-case"},
		{"no points", func(s *Spec) { s.Checks[0].Points = 0 }, "checks.0.points", "at least 1"},
		{"unused probe", func(s *Spec) { s.Probes["other"] = podProbe }, "probes.other", "used by no check"},
		{"unused var", func(s *Spec) { s.Vars = append(s.Vars, Var{"x", "pod"}) }, "vars.1.name", "used by no check"},
		{"var order", func(s *Spec) {
			s.Vars = []Var{{"img", "image(later, 'nginx')"}, {"later", "pod"}}
		}, "vars.0.expr", "change the order"},
		{"var like a probe", func(s *Spec) { s.Vars = append(s.Vars, Var{"pod", "1"}) }, "vars.1.name", "choose another"},
		{"no kind of probe", func(s *Spec) { s.Probes["pod"] = Probe{} }, "probes.pod", "exactly one"},
		{"two targets", func(s *Spec) { s.Probes["page"].HTTP.Service = "web" }, "probes.page.http.service", "exactly one of pod, podOf and service"},
		{"two Pods", func(s *Spec) { s.Probes["page"].HTTP.PodOf = &Workload{Kind: "Job", Name: "x"} }, "probes.page.http", "exactly one of http.pod and http.podOf"},
		{"owner of no Pods", func(s *Spec) { s.Probes["page"] = Probe{PodOf: &Workload{Kind: "Service", Name: "x"}} }, "probes.page.podOf", "use one of DaemonSet, Deployment"},
		{"unknown setup", func(s *Spec) { s.Checks[0].Expr = "includes(pod, setup['Pod/web'])" }, "checks.0.expr", "makes no such object: it makes none"},
		{"bad port", func(s *Spec) { s.Probes["page"].HTTP.Port = "web" }, "probes.page.http.port", "number"},
		{"long timeout", func(s *Spec) { s.Probes["page"].HTTP.Timeout = 1 << 40 }, "probes.page.http.timeout", "learners wait"},
		{"samples without window", func(s *Spec) { s.Probes["page"].HTTP.Samples = 2 }, "probes.page.http.window", "belong together"},
		{"after itself", func(s *Spec) { s.Probes["page"].HTTP.After = []string{"page"} }, "probes.page", "wait for each other"},
		{"after an object", func(s *Spec) { s.Probes["page"].HTTP.After = []string{"pod"} }, "probes.page", "no runtime probe"},
		{"bad until", func(s *Spec) {
			s.Probes["page"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx", Until: "pod != null"}}
			s.Checks[2].Expr = "page.ok"
			s.Checks[2].Actual = "say('log', {'output': page.output})"
		}, "probes.page.logs.until", "pod"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := webSpec()
			tt.change(&spec)
			_, err := Compile(spec, nil, nil)
			if err == nil {
				t.Fatal("it compiled")
			}
			var seen []string
			for _, e := range unwrap(err) {
				var ce *CompileError
				if !errors.As(e, &ce) {
					t.Fatalf("%v is no CompileError", e)
				}
				at := strings.Join(ce.Path, ".")
				if at == tt.path && strings.Contains(ce.Problem, tt.says) {
					return
				}
				seen = append(seen, at+": "+ce.Problem)
			}
			t.Errorf("want %s: …%s…\ngot %s", tt.path, tt.says, strings.Join(seen, "\n"))
		})
	}
}

func unwrap(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

func TestMessageKeys(t *testing.T) {
	p := mustCompile(t, webSpec())
	got := p.MessageKeys()
	if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, []string{"http-status", "image", "value"}) {
		t.Errorf("keys %v", keys)
	}
	if !slices.Equal(got["http-status"], []string{"body", "status", "url"}) {
		t.Errorf("arguments of http-status: %v", got["http-status"])
	}
}

// A runaway expression must not hang the trainer.
func TestCostLimit(t *testing.T) {
	spec := webSpec()
	list := "[" + strings.Repeat("1,", 200) + "1]"
	spec.Checks[0].Expr = list + ".all(a, " + list + ".all(b, " + list + ".all(c, a+b+c > 0))) && image(pod, 'nginx') == img"
	p := mustCompile(t, spec)
	report, err := p.Grade(t.Context(), target(&fakeProber{http: answers(200, "hello")}, webPod(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if report.Results[0].Status != Errored {
		t.Errorf("got %+v", report.Results[0])
	}
}
