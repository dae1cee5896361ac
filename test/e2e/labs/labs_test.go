// Package labs_test proves every lab on a real cluster.
package labs_test

import (
	"os"
	"testing"

	"podlab/cluster"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/lint"
)

// provenFile lists the labs that were proven in full and have not changed
// since.
const provenFile = "proven.txt"

// Each lab's start state earns no full marks, each solution does, and each
// mutant is caught by the checks that it names. Of labs that were proven as
// they are, only the start state and the first solution are tried, except in a
// nightly run, which proves all and writes the list anew.
func TestEveryLab(t *testing.T) {
	kubeconfig := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if kubeconfig == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG names no cluster: run make e2e")
	}
	config, err := cluster.RESTConfig(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := probe.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	nightly := os.Getenv("PODLAB_E2E_NIGHTLY") != ""
	proven := readProven(t)
	firstOnly := map[string]bool{}
	for _, l := range catalog.Labs() {
		firstOnly[l.ID] = !nightly && proven.Holds(l)
		if !firstOnly[l.ID] {
			t.Logf("%s is proven in full", l.ID)
		}
	}
	summary, err := lint.Cluster(t.Context(), lint.ClusterOptions{
		Catalog: catalog, Client: client, RunsContainers: true, Prefix: "podlab-e2e-lint-",
		Parallel: 5, FirstOnly: func(id string) bool { return firstOnly[id] },
	})
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range summary.Failures() {
		failed[f.Lab] = true
		t.Errorf("%s %s %s: %s", f.Lab, f.Kind, f.Name, f.Problem)
	}
	t.Logf("%d labs, %d solutions, %d mutants, %d caught, %d of them by exactly the checks they name, in %v",
		summary.Labs(), summary.Solutions(), summary.Mutants(), summary.Caught(), summary.Exact(), summary.Duration)
	if !nightly {
		return
	}
	for _, l := range catalog.Labs() {
		if delete(proven, l.ID); !failed[l.ID] {
			proven[l.ID] = lint.Digest(l)
		}
	}
	f, err := os.Create(provenFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := proven.Write(f); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func readProven(t *testing.T) lint.Proven {
	t.Helper()
	f, err := os.Open(provenFile)
	if err != nil {
		t.Fatalf("read which labs were proven: %v", err)
	}
	defer f.Close() //nolint:errcheck // only read
	p, err := lint.ReadProven(f)
	if err != nil {
		t.Fatalf("%s: %v", provenFile, err)
	}
	return p
}
