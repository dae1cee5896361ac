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

// Each lab's start state earns no full marks, each solution does, and each
// mutant is caught by the checks that it names.
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
	summary, err := lint.Cluster(t.Context(), lint.ClusterOptions{
		Catalog: catalog, Client: client, RunsContainers: true, Prefix: "podlab-e2e-lint-",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range summary.Failures() {
		t.Errorf("%s %s %s: %s", f.Lab, f.Kind, f.Name, f.Problem)
	}
	t.Logf("%d labs, %d solutions, %d mutants, %d caught, %d of them by exactly the checks they name, in %v",
		summary.Labs(), summary.Solutions(), summary.Mutants(), summary.Caught(), summary.Exact(), summary.Duration)
}
