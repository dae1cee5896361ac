package embedded_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/cluster"
	"podlab/grader"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/lint"
)

// parallel is how many labs are tried at once.
const parallel = 3

// Of each lab, the start state earns nothing that the learner is asked for, and
// the first solution earns all that the embedded cluster can verify. The table
// says how much that is.
func TestEveryLab(t *testing.T) {
	p := newCluster(t)
	config, err := cluster.RESTConfig(p.KubeconfigPath())
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
	// Lab by lab: what goes wrong with one, on a machine that is too busy to
	// remove its namespace in time, should not end the others.
	ids := strings.Fields(os.Getenv("PODLAB_LABS_ONLY"))
	if len(ids) == 0 {
		for _, l := range catalog.Labs() {
			ids = append(ids, l.ID)
		}
	}
	parts := make([]lint.Summary, len(ids))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, id := range ids {
		group.Go(func() error {
			var err error
			parts[i], err = lint.Cluster(t.Context(), lint.ClusterOptions{
				Catalog: catalog, Labs: []string{id}, Client: client, RunsContainers: p.Capabilities().RunsContainers, Prefix: "podlab-embedded-",
				FirstOnly: func(string) bool { return true }, SolutionWait: 5 * time.Minute,
			})
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			return nil
		})
	}
	_ = group.Wait()
	var summary lint.Summary
	for _, part := range parts {
		summary.Variants = append(summary.Variants, part.Variants...)
	}
	for _, f := range summary.Failures() {
		// That a solution cannot be verified is a fault to the linter.
		if f.Kind != lint.Solution || f.Report == nil {
			t.Errorf("%s %s %s: %s", f.Lab, f.Kind, f.Name, f.Problem)
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "lab\tverifiable\tall\tearned by the solution\tchecks that need running containers")
	allVerifiable, allPoints := 0, 0
	for _, r := range summary.Variants {
		if r.Kind != lint.Solution || r.Report == nil {
			continue
		}
		verifiable, earned, all := 0, 0, 0
		var rest []string
		for _, c := range r.Report.Checks {
			all += c.Points
			earned += c.Earned
			if c.Status == grader.Unverifiable {
				rest = append(rest, c.ID)
				continue
			}
			verifiable += c.Points
			if c.Status != grader.Passed {
				t.Errorf("%s: the solution's check %s is %s: %s", r.Lab, c.ID, c.Status, c.Actual)
			}
		}
		if earned == all {
			t.Errorf("%s: full marks on a cluster that runs no containers", r.Lab)
		}
		allVerifiable, allPoints = allVerifiable+verifiable, allPoints+all
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", r.Lab, verifiable, all, earned, strings.Join(rest, " "))
	}
	_, _ = fmt.Fprintf(w, "\t%d\t%d\n", allVerifiable, allPoints)
	_ = w.Flush()
	t.Logf("\n%s", table.String())
}
