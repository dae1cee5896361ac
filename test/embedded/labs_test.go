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
// the first solution, in a nightly run each solution, earns all that the embedded
// cluster can verify. The table says how much that is.
func TestEveryLab(t *testing.T) {
	nightly := os.Getenv("PODLAB_E2E_NIGHTLY") != ""
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
			lab, err := catalog.Lab(id)
			if err != nil {
				return err
			}
			parts[i], err = lint.Cluster(t.Context(), lint.ClusterOptions{
				Catalog: catalog, Labs: []string{id}, Client: client, RunsContainers: p.Capabilities().RunsContainers, Prefix: "podlab-embedded-",
				Variants: solutionNames(lab), FirstOnly: func(string) bool { return !nightly }, SolutionWait: 5 * time.Minute,
			})
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
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
	_, _ = fmt.Fprintln(w, "lab\tsolution\tverifiable\tall\tearned\tchecks that need running containers")
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
				t.Errorf("%s: check %s of solution %s is %s: %s", r.Lab, c.ID, r.Name, c.Status, c.Actual)
			}
		}
		if earned == all {
			t.Errorf("%s: solution %s earns full marks on a cluster that runs no containers", r.Lab, r.Name)
		}
		allVerifiable, allPoints = allVerifiable+verifiable, allPoints+all
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", r.Lab, r.Name, verifiable, all, earned, strings.Join(rest, " "))
	}
	_, _ = fmt.Fprintf(w, "\t\t%d\t%d\n", allVerifiable, allPoints)
	_ = w.Flush()
	t.Logf("\n%s", table.String())
}

func solutionNames(l *labs.Lab) []string {
	var names []string
	for _, s := range l.Solutions {
		names = append(names, s.Name)
	}
	return names
}
