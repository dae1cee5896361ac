// Package labs_test proves every lab on a real cluster.
package labs_test

import (
	"os"
	"testing"
	"time"

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
	catalog, client := open(t)
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
		Parallel: parallel, SolutionWait: patience, FirstOnly: func(id string) bool { return firstOnly[id] },
	})
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range summary.Failures() {
		failed[f.Lab] = true
		t.Errorf("%s %s %s: %s", f.Lab, f.Kind, f.Name, f.Problem)
	}
	t.Logf("%d labs, %d solutions, %d mutants, %d caught, %d of them by exactly the checks they name, %d with a check still pending, %d refused by the API server, in %v",
		summary.Labs(), summary.Solutions(), summary.Mutants(), summary.Caught(), summary.Exact(), summary.Undecided(), summary.Refused(), summary.Duration)
	for _, r := range summary.Variants {
		if len(r.AlsoFailed)+len(r.Undecided) > 0 {
			t.Logf("%s mutant %s: failing as well: %v, still pending: %v", r.Lab, r.Name, r.AlsoFailed, r.Undecided)
		}
	}
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

// The params that an exam varies work as well: with those of a seed each lab's
// first solution earns full marks. It takes minutes, so only at night.
func TestSeededLabs(t *testing.T) {
	if os.Getenv("PODLAB_E2E_NIGHTLY") == "" {
		t.Skip("runs at night: make nightly")
	}
	catalog, client := open(t)
	for _, seed := range []uint64{1, 2} {
		summary, err := lint.Cluster(t.Context(), lint.ClusterOptions{
			Catalog: catalog, Client: client, RunsContainers: true, Prefix: "podlab-e2e-seed-",
			Parallel: parallel, SolutionWait: patience, FirstOnly: func(string) bool { return true }, Seed: seed,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range summary.Failures() {
			t.Errorf("seed %d: %s %s %s: %s", seed, f.Lab, f.Kind, f.Name, f.Problem)
		}
		t.Logf("seed %d: %d solutions in %v", seed, summary.Solutions(), summary.Duration)
	}
}

const (
	// parallel is how many labs are tried at once.
	parallel = 5
	// patience is what a solution gets. It takes seconds, but a node that shares
	// its machine may stand still for minutes.
	patience = 5 * time.Minute
)

// open reads the labs and connects to the cluster, or skips the test.
func open(t *testing.T) (*labs.Catalog, *probe.Client) {
	t.Helper()
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
	return catalog, client
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
