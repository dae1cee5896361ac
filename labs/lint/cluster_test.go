package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
	"podlab/labs/evidence"
)

// play is a stage on which each manifest leads to reports that are written
// in it: rounds of statuses, one letter per check a, b, …: "PF PP" is a round
// in which b fails, and one in which both pass.
type play struct {
	t        *testing.T
	instance *labs.Instance
	start    string // the rounds of the start state
	resetErr error

	mu      sync.Mutex
	rounds  []string
	dirty   bool // something was applied since the last reset
	stopped int
}

func (p *play) Instance(string) (*labs.Instance, error) { return p.instance, nil }

func (p *play) Start(context.Context, string) error { return nil }

func (p *play) Reset(_ context.Context, _ string, replaceEdited bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !replaceEdited {
		p.t.Error("nobody can be asked about edited files")
	}
	p.rounds, p.dirty = strings.Fields(p.start), false
	return p.resetErr
}

func (p *play) Perform(_ context.Context, _ string, a labs.Answer, _ time.Duration, _ bool) error {
	m := a.Manifest
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dirty {
		p.t.Errorf("%s is applied to a namespace that was not reset", m.Name)
	}
	p.dirty = true
	rounds, refused := strings.CutSuffix(string(m.Data), " refused")
	p.rounds = strings.Fields(rounds)
	if refused {
		return apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "x", nil)
	}
	return nil
}

func (p *play) GradeWithEvidence(_ context.Context, _ string, wait time.Duration) (*grader.Report, *evidence.Grading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	round := p.rounds[0]
	if wait > 0 {
		round = p.rounds[len(p.rounds)-1]
	}
	if len(p.rounds) > 1 {
		p.rounds = p.rounds[1:]
	}
	statuses := map[rune]grader.Status{'P': grader.Passed, 'F': grader.Failed, '.': grader.Pending, 'U': grader.Unverifiable, 'E': grader.Errored}
	report := &grader.Report{}
	for i, letter := range round {
		c := grader.Result{ID: string(rune('a' + i)), Status: statuses[letter], Points: 1}
		if c.Status == grader.Passed {
			c.Earned = 1
		} else {
			c.Actual = []content.Message{content.Say("odd", "letter", string(letter))}
		}
		report.Results = append(report.Results, c)
	}
	return report, nil, nil
}

func (p *play) Stop(ctx context.Context, _ string) error {
	p.stopped++
	return ctx.Err()
}

// newPlay makes a lab whose answers are written as "name rounds" and, for
// mutants, "name caught-by rounds".
func newPlay(t *testing.T, start string, solutions, mutants []string) *play {
	t.Helper()
	i := playInstance(t)
	for _, s := range solutions {
		name, rounds, _ := strings.Cut(s, " ")
		i.Solutions = append(i.Solutions, labs.Answer{Name: name, Manifest: labs.Manifest{Name: name, Data: []byte(rounds)}})
	}
	for _, s := range mutants {
		fields := strings.SplitN(s, " ", 3)
		i.Mutants = append(i.Mutants, labs.Answer{Name: fields[0], Catch: strings.Split(fields[1], ","),
			Manifest: labs.Manifest{Name: fields[0], Data: []byte(fields[2])}})
	}
	return &play{t: t, instance: i, start: start}
}

// playInstance is a lab of checks a and b without answers.
func playInstance(t *testing.T) *labs.Instance {
	t.Helper()
	files := fstest.MapFS{
		"x/lab.yaml": {Data: []byte(`
version: 1
id: x
pattern: troubleshooting
level: 1
minutes: 1
source: "001"
images: []
probes:
  o: {object: {apiVersion: v1, kind: ConfigMap, name: o}}
checks:
  - {id: a, points: 1, expr: "o.?data.?a.orValue('') == 'a'", actual: "say('odd', {'letter': 'a'})"}
  - {id: b, points: 1, expr: "o.?data.?b.orValue('') == 'b'", actual: "say('odd', {'letter': 'b'})"}
solutions:
  - {name: s, manifest: solutions/s.yaml, note: As asked.}
mutants:
  - {name: m, manifest: mutants/m.yaml, catch: [a, b], note: A mistake.}
`)},
		"x/solutions/s.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o}\n")},
		"x/mutants/m.yaml":   {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o}\n")},
	}
	for _, lang := range content.Langs() {
		files["x/"+string(lang)+".yaml"] = &fstest.MapFile{Data: []byte(`
title: X
summary: X
task: Make ConfigMap o.
hints: [One., Two.]
checks:
  a: {title: A, expected: a as asked, why: Because.}
  b: {title: B, expected: b as asked, why: Because.}
messages: {odd: "odd letter={letter}"}
debrief: Done.
`)}
	}
	catalog, err := labs.Load(labs.Source{Dir: "test", FS: files})
	if err != nil {
		t.Fatal(err)
	}
	lab, err := catalog.Lab("x")
	if err != nil {
		t.Fatal(err)
	}
	i, err := lab.Instantiate("ns", lab.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	i.Solutions, i.Mutants = nil, nil
	return i
}

func prove(t *testing.T, p *play) Summary {
	t.Helper()
	summary, err := proveLabs(t.Context(), ClusterOptions{MutantWait: 50 * time.Millisecond, SolutionWait: 2 * regrade}, p, []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	if p.stopped != 1 {
		t.Errorf("the namespace was removed %d times, want once", p.stopped)
	}
	return summary
}

func TestVerdictsOnVariants(t *testing.T) {
	for _, tt := range []struct {
		name, start      string
		solution, mutant string
		problem          string // part of the only problem; empty for none
		alsoFailed       []string
		caught, exact    int
		refused          int
	}{
		{name: "right", start: "FF", solution: "s PP", mutant: "m a FP", caught: 1, exact: 1},
		{name: "caught by more checks", start: "FF", solution: "s PP", mutant: "m a FF", caught: 1, alsoFailed: []string{"b"}},
		{name: "start state passes", start: "PP", solution: "s PP", mutant: "m a FP", problem: "start state earns full marks", caught: 1, exact: 1},
		{name: "start state passes later", start: ".. PP", solution: "s PP", mutant: "m a FP", problem: "start state earns full marks", caught: 1, exact: 1},
		{name: "solution fails", start: "FF", solution: "s PF", mutant: "m a FP", problem: "earns 1 of 2 points", caught: 1, exact: 1},
		{name: "solution cannot be verified", start: "FF", solution: "s PU", mutant: "m a FP", problem: "b (unverifiable", caught: 1, exact: 1},
		{name: "mutant earns full marks", start: "FF", solution: "s PP", mutant: "m a PP", problem: "earns full marks"},
		{name: "mutant earns full marks later", start: "FF", solution: "s PP", mutant: "m a .P PP", problem: "earns full marks"},
		{name: "mutant is caught by another check", start: "FF", solution: "s PP", mutant: "m a PF", problem: "not caught by a (passed)", alsoFailed: []string{"b"}},
		{name: "mutant is caught by one of two", start: "FF", solution: "s PP", mutant: "m a,b PF", problem: "not caught by a (passed)"},
		{name: "pending is not passed", start: "FF", solution: "s PP", mutant: "m a .P", caught: 1, exact: 1},
		{name: "unverifiable is not caught", start: "FF", solution: "s PP", mutant: "m a UP", problem: "not caught by a (unverifiable"},
		{name: "trouble proves nothing", start: "FF", solution: "s PP", mutant: "m a EP", problem: "proves nothing"},
		{name: "trouble that passes", start: "FF", solution: "s PP", mutant: "m a EP FP", caught: 1, exact: 1},
		{name: "trouble at the start that passes", start: "EF FF", solution: "s PP", mutant: "m a FP", caught: 1, exact: 1},
		{name: "refused objects are graded as missing", start: "FF", solution: "s PP", mutant: "m a FP refused", caught: 1, exact: 1, refused: 1},
		{name: "refused but passed", start: "FF", solution: "s PP", mutant: "m a PF refused", problem: "not caught by a", alsoFailed: []string{"b"}, refused: 1},
		{name: "refused solution", start: "FF", solution: "s PP refused", mutant: "m a FP", problem: "is invalid", caught: 1, exact: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			summary := prove(t, newPlay(t, tt.start, []string{tt.solution}, []string{tt.mutant}))
			if len(summary.Variants) != 3 || summary.Labs() != 1 || summary.Solutions() != 1 || summary.Mutants() != 1 {
				t.Fatalf("tried %+v, want a start state, a solution and a mutant", summary.Variants)
			}
			problems := ""
			for _, f := range summary.Failures() {
				problems += f.Problem
			}
			if tt.problem == "" && problems != "" || !strings.Contains(problems, tt.problem) {
				t.Errorf("problems %q, want %q", problems, tt.problem)
			}
			if got, want := fmt.Sprint(summary.Caught(), summary.Exact(), summary.Refused()), fmt.Sprint(tt.caught, tt.exact, tt.refused); got != want {
				t.Errorf("caught, exactly, refused: %s, want %s", got, want)
			}
			if got := summary.Variants[2].AlsoFailed; !slices.Equal(got, tt.alsoFailed) {
				t.Errorf("also failed: %q, want %q", got, tt.alsoFailed)
			}
		})
	}
}

func TestFailureShowsWhatIsThere(t *testing.T) {
	summary := prove(t, newPlay(t, "FF", []string{"s PF"}, nil))
	failures := summary.Failures()
	if len(failures) != 1 {
		t.Fatalf("failures: %+v", failures)
	}
	for _, part := range []string{"b (failed", `expected "b as asked"`, "letter=F"} {
		if !strings.Contains(failures[0].Problem, part) {
			t.Errorf("problem %q does not say %q", failures[0].Problem, part)
		}
	}
}

func TestLabThatCannotStart(t *testing.T) {
	p := newPlay(t, "FF", []string{"s PP"}, []string{"m a FP"})
	p.resetErr = errors.New("setup is refused")
	summary := prove(t, p)
	if len(summary.Variants) != 1 || summary.Variants[0].Problem != "setup is refused" {
		t.Errorf("variants: %+v, want only a start state that says why", summary.Variants)
	}
}

func TestInterruptedRunCleansUp(t *testing.T) {
	p := newPlay(t, "FF", []string{"s PP"}, []string{"m a FP", "n b PF"})
	ctx, cancel := context.WithCancel(t.Context())
	summary, err := proveLabs(ctx, ClusterOptions{OnVariant: func(r VariantResult) {
		if r.Kind == Solution {
			cancel()
		}
	}}, p, []string{"x"})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "lab x") {
		t.Errorf("error %v, want one that is Canceled and names the lab", err)
	}
	if len(summary.Variants) != 2 || p.stopped != 1 {
		t.Errorf("%d variants, %d namespaces removed; want 2 and 1", len(summary.Variants), p.stopped)
	}
}
