package practice_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/lint"
)

// TestLintFindsBadLabs has labs tried that are wrong in each way that only a
// cluster can tell, and one that is right.
func TestLintFindsBadLabs(t *testing.T) {
	c := client(t)
	catalog, err := labs.Load(labs.Source{Dir: "test", FS: badLab()})
	if err != nil {
		t.Fatal(err)
	}
	summary, err := lint.Cluster(t.Context(), lint.ClusterOptions{
		Catalog: catalog, Client: c, RunsContainers: true, Prefix: prefix + "lint-",
		OnVariant: func(r lint.VariantResult) { t.Logf("%s %s %s: %s", r.Kind, r.Name, r.Duration, r.Problem) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, f := range summary.Failures() {
		failed = append(failed, string(f.Kind)+" "+f.Name)
	}
	want := []string{"solution incomplete", "mutant harmless", "mutant wrong-check"}
	if !slices.Equal(failed, want) {
		t.Errorf("failures %q, want %q", failed, want)
	}
	if summary.Mutants() != 4 || summary.Caught() != 2 || summary.Exact() != 2 || summary.Refused() != 1 {
		t.Errorf("%d mutants, %d caught, %d exactly, %d refused; want 4, 2, 2, 1",
			summary.Mutants(), summary.Caught(), summary.Exact(), summary.Refused())
	}
}

// badLab asks for ConfigMap answer with the values first: a and second: b.
func badLab() fstest.MapFS {
	files := fstest.MapFS{
		"lab.yaml": {Data: []byte(`
version: 1
id: two-values
pattern: troubleshooting
level: 1
minutes: 1
source: "001"
images: []
probes:
  answer:
    object: {apiVersion: v1, kind: ConfigMap, name: answer}
checks:
  - {id: first, points: 1, expr: "answer.?data.?first.orValue('') == 'a'", actual: "say('unset', {'what': 'first'})"}
  - {id: second, points: 1, expr: "answer.?data.?second.orValue('') == 'b'", actual: "say('unset', {'what': 'second'})"}
solutions:
  - {name: right, manifest: solutions/right.yaml, note: As asked.}
  - {name: incomplete, manifest: solutions/incomplete.yaml, note: Lacks a value.}
mutants:
  - {name: no-first, from: right, replace: [{old: "first: a", new: "first: x"}], catch: [first], note: A typo.}
  - {name: harmless, from: right, replace: [{old: "second: b", new: "second: b, third: c"}], catch: [second], note: No mistake at all.}
  - {name: wrong-check, from: right, replace: [{old: "second: b", new: "second: x"}], catch: [first], note: Names the wrong check.}
  - {name: refused, from: right, replace: [{old: "first: a", new: "first a: a"}], catch: [first, second], note: A key that no ConfigMap takes.}
`)},
		"solutions/right.yaml":      {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: answer}\ndata: {first: a, second: b}\n")},
		"solutions/incomplete.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: answer}\ndata: {first: a}\n")},
	}
	for _, lang := range content.Langs() {
		files[string(lang)+".yaml"] = &fstest.MapFile{Data: []byte(`
title: Two values
summary: A ConfigMap with two values
task: "Make ConfigMap answer with first: a and second: b."
hints: [Look closer., Write it down.]
checks:
  first: {title: First, expected: a, why: Because.}
  second: {title: Second, expected: b, why: Because.}
debrief: Done.
`)}
	}
	inFolder := fstest.MapFS{}
	for name, file := range files {
		inFolder["two-values/"+name] = file
	}
	return inFolder
}
