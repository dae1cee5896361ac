package grader

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"podlab/grader/probe"
)

// evidenceSpec asks of an object, of a log and of a page.
func evidenceSpec() Spec {
	s := webSpec()
	s.Probes["log"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx", Until: `output.contains("ready")`}}
	s.Checks = append(s.Checks,
		Check{ID: "logged", Points: 1, Expr: `log.output.contains("ready")`, Actual: `say("found", {"port": log.output})`},
		Check{ID: "status", Points: 1, Expr: `page.status == 200`, Actual: `say("found", {"port": string(page.status)})`},
	)
	return s
}

func TestEvidenceIsJudgedAlike(t *testing.T) {
	pages := 0
	prober := &fakeProber{
		http: func(r probe.HTTPRequest) probe.HTTPResult {
			pages++
			return answers(404, "page "+strconv.Itoa(pages))(r)
		},
		logs: func(probe.LogsRequest) probe.LogsResult { return probe.LogsResult{OK: true, Output: "ready\n"} },
	}
	// Two probes that look at the same, one after the other.
	spec := evidenceSpec()
	spec.Probes["again"] = Probe{HTTP: &HTTPProbe{Pod: "web", Port: "80", After: []string{"page"}}}
	spec.Checks = append(spec.Checks, Check{ID: "rises", Points: 1, Expr: `page.body < again.body`, Actual: `say("found", {"port": page.body})`})
	p := mustCompile(t, spec)
	live, evidence, err := p.GradeWithEvidence(t.Context(), target(prober, webPod(nil)))
	if err != nil {
		t.Fatal(err)
	}
	again := reread(t, evidence)
	judged, err := p.Judge(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	if !live.SameAs(judged) {
		t.Errorf("on the cluster %+v, from evidence %+v", live.Results, judged.Results)
	}
	byID := map[string]Status{}
	for _, r := range judged.Results {
		byID[r.ID] = r.Status
	}
	if byID["logged"] != Passed || byID["status"] != Failed || byID["rises"] != Passed {
		t.Errorf("verdicts %v", byID)
	}
	if strings.Contains(string(mustJSON(t, evidence)), "managedFields") {
		t.Error("the evidence holds managedFields")
	}
}

// A corrected check is judged by the old evidence, and one that needs more
// than it holds is no fault of the learner.
func TestEvidenceOfOtherChecks(t *testing.T) {
	prober := &fakeProber{
		http: answers(200, "hello"),
		logs: func(probe.LogsRequest) probe.LogsResult { return probe.LogsResult{OK: true, Output: "go\n"} },
	}
	_, evidence, err := mustCompile(t, evidenceSpec()).GradeWithEvidence(t.Context(), target(prober, webPod(nil)))
	if err != nil {
		t.Fatal(err)
	}
	corrected := evidenceSpec()
	corrected.Probes["renamed"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx"}}
	corrected.Probes["other"] = Probe{Exec: &ExecProbe{Pod: "web", Container: "nginx", Command: []string{"id"}}}
	corrected.Probes["service"] = Probe{Object: &ObjectProbe{APIVersion: "v1", Kind: "Service", Name: "web"}}
	corrected.Probes["claim"] = Probe{Object: &ObjectProbe{APIVersion: "v1", Kind: "PersistentVolumeClaim", Name: "web"}}
	say := func(id, expr string) Check {
		return Check{ID: id, Points: 1, Expr: expr, Actual: `say("found", {"port": "x"})`}
	}
	corrected.Checks = append(corrected.Checks,
		say("renamed", `renamed.output.contains("go")`), say("other", `other.exitCode == 0`),
		say("service", `service.metadata.name == "web"`), say("claim", `claim.metadata.name == "web"`))
	judged, err := mustCompile(t, corrected).Judge(t.Context(), reread(t, evidence))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Status{"renamed": Passed, "other": Errored, "service": Failed, "claim": Errored}
	for _, r := range judged.Results {
		if status, ok := want[r.ID]; ok && r.Status != status {
			t.Errorf("%s is %s, want %s: %v", r.ID, r.Status, status, r.Actual)
		}
	}
}

func TestEvidenceOfAnotherVersion(t *testing.T) {
	p := mustCompile(t, webSpec())
	if _, err := p.Judge(t.Context(), &Evidence{Version: EvidenceVersion + 1}); err == nil || !strings.Contains(err.Error(), "version") {
		t.Errorf("error %v", err)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// reread is evidence that has been in a file.
func reread(t *testing.T, e *Evidence) *Evidence {
	t.Helper()
	var again Evidence
	if err := json.Unmarshal(mustJSON(t, e), &again); err != nil {
		t.Fatal(err)
	}
	if len(again.Probes) != len(e.Probes) || !slices.ContainsFunc(again.Objects, func(o ObjectEvidence) bool { return o.Resource == "v1/pods" }) {
		t.Fatalf("evidence after a file: %+v", again)
	}
	return &again
}

// Trouble at the look that follows the wait is waited out as well.
func TestEvidenceWaitsTroubleOut(t *testing.T) {
	asked := 0
	prober := &fakeProber{http: func(r probe.HTTPRequest) probe.HTTPResult {
		// the first look, and the one after a watch that has seen it right
		if asked++; asked == 1 || asked == 3 {
			return probe.HTTPResult{Fault: context.DeadlineExceeded}
		}
		return answers(200, "hello")(r)
	}}
	report, _, err := mustCompile(t, webSpec()).GradeSettledWithEvidence(t.Context(), target(prober, webPod(nil)), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !report.FullMarks() || asked < 4 {
		t.Errorf("asked %d times, got %+v", asked, report.Results)
	}
}
