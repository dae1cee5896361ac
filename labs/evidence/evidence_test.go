package evidence_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/evidence"
)

func compressed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadRefuses(t *testing.T) {
	whole := compressed(t, `{"version":1,"gradings":[{"lab":"mc1","seen":{"version":1}}]}`)
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"a text", []byte("hello"), evidence.ErrDamaged},
		{"nothing", nil, evidence.ErrDamaged},
		{"half a file", whole[:len(whole)-6], evidence.ErrDamaged},
		{"no JSON", compressed(t, "hello"), evidence.ErrDamaged},
		{"other JSON", compressed(t, `{"kind":"Pod"}`), evidence.ErrDamaged},
		{"no grading", compressed(t, `{"version":1,"gradings":[]}`), evidence.ErrDamaged},
		{"a grading that saw nothing", compressed(t, `{"version":1,"gradings":[{"lab":"mc1"}]}`), evidence.ErrDamaged},
		{"a later format", compressed(t, `{"version":2,"entries":7}`), evidence.ErrNewer},
		{"more than is read", compressed(t, `{"podlab":"`+strings.Repeat("x", evidence.MaxBytes)+`"}`), evidence.ErrTooLarge},
	} {
		if _, err := evidence.Read(bytes.NewReader(c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := evidence.Read(bytes.NewReader(whole)); err != nil {
		t.Errorf("a whole file: %v", err)
	}
}

// Evidence of an empty namespace fails every check that needs an object.
func TestJudge(t *testing.T) {
	var empty []grader.ObjectEvidence
	for _, r := range []string{"v1/pods", "v1/services", "v1/events"} {
		empty = append(empty, grader.ObjectEvidence{Resource: r})
	}
	f := &evidence.File{Version: evidence.FormatVersion, Gradings: []evidence.Grading{{
		Lab: "mc3", Seen: &grader.Evidence{Version: grader.EvidenceVersion, Namespace: "elsewhere", RunsContainers: true, Objects: empty},
	}}}
	var b bytes.Buffer
	if err := evidence.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	read, err := evidence.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	inst, report, err := read.Gradings[0].Judge(t.Context(), catalog)
	if err != nil {
		t.Fatal(err)
	}
	if inst.Namespace != "elsewhere" || len(report.Results) == 0 {
		t.Errorf("namespace %s, %d results", inst.Namespace, len(report.Results))
	}
	for _, r := range report.Results {
		if r.Status != grader.Failed {
			t.Errorf("%s is %s: %v", r.ID, r.Status, r.Actual)
		}
	}
}
