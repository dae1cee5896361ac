package tui

import (
	"context"
	"strings"
	"testing"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/labs/progress"
)

// inPart are verdicts of a cluster that cannot show everything; what it shows is
// right.
func inPart() *grader.Report {
	r := verdicts(grader.Passed, grader.Passed, grader.Unverifiable, grader.Unverifiable)
	for i := range r.Results {
		if r.Results[i].Status == grader.Unverifiable {
			r.Results[i].Earned = 0
		}
	}
	return r
}

// A lab of which not all can be verified is never shown with full marks, and how
// much was verified stands on its screen, in the report and on the board.
func TestHowMuchWasVerifiedIsShown(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 120, 40)
	w.practice.sees(0, inPart())
	d.shows("Everything that can be verified")
	d.lacks(d.say().Lab.AllPassed)
	d.press("B")
	d.shows(d.say().Board.DoneInPart)
	d.lacks(d.say().Board.Done)
	d.press("esc")
	d.shows("Everything that can be verified")

	w.practice.graded = inPart()
	d.press("g")
	d.shows(d.say().Report.InPart)
	d.shows(d.say().Report.Verified)
	d.lacks(d.say().Report.Full)

	// Where something is wrong as well, it is told too.
	w = newWorld()
	d = inLab(t, w, 120, 40)
	w.practice.sees(0, verdicts(grader.Passed, grader.Failed, grader.Unverifiable, grader.Unverifiable))
	d.shows("10 of 20 points can be verified")
}

func TestTheListMarksWhatWasSolvedInPart(t *testing.T) {
	w := newWorld()
	w.records.all["mc3"] = progress.Record{Attempts: 1, BestPoints: 10, MaxPoints: 20, VerifiedPoints: 10, VerifiedOf: 20}
	d := start(t, w, 100, 30)
	d.shows("50 %")
	for range 5 {
		if strings.Contains(d.view(), "Solved where 10 of 20 points could be verified") {
			return
		}
		d.press("k")
	}
	t.Errorf("the list does not say how much was verified:\n%s", d.view())
}

// A cluster that is there is used only after its plan was shown and agreed to. The
// texts of the plan are those of the cluster, which tests of the TUI do without.
func TestAForeignClusterIsAgreedTo(t *testing.T) {
	plan := []content.Message{content.Say("existing.target", "context", "team", "server", "https://team.example", "user", "kim"),
		content.Say("existing.never")}
	w := newWorld()
	w.cluster.state, w.cluster.plan = cluster.Absent, plan
	w.cluster.create = func(context.Context, cluster.Listener) error { return nil }
	d := start(t, w, 100, 30)
	d.shows("existing.target context=team server=https://team.example user=kim")
	d.shows(d.say().Welcome.AskExisting)
	d.lacks(d.say().Welcome.AskCreate)
	d.press("enter")
	d.shows("50 %")
	if !w.cluster.confirmed {
		t.Error("what was agreed to was not passed on")
	}

	w = newWorld()
	w.cluster.state, w.cluster.plan = cluster.Absent, plan
	w.cluster.create = func(context.Context, cluster.Listener) error { return nil }
	c := converse(t, w)
	c.hears("existing.target context=team server=https://team.example user=kim")
	c.answers("yes")
	c.hears("1 of 3 solved")
	if !w.cluster.confirmed {
		t.Error("in plain text: what was agreed to was not passed on")
	}
}

// Nobody promises to create or repair a cluster that is there.
func TestAForeignClusterIsNotRepaired(t *testing.T) {
	const silent = "existing-unreachable"
	w := newWorld()
	w.cluster.foreign, w.cluster.state = true, cluster.Broken
	d := start(t, w, 100, 30)
	d.shows(silent)
	d.shows("reason=connection refused")
	d.lacks(d.say().Welcome.AskRepair)
	w.cluster.becomes(cluster.Ready)
	d.press("r")
	d.shows("50 %")

	w = newWorld()
	w.cluster.foreign, w.cluster.state = true, cluster.Broken
	c := converse(t, w)
	c.hears(silent)
	w.cluster.becomes(cluster.Ready)
	c.answers("retry")
	c.hears("1 of 3 solved")

	// Without a context there is nothing to agree to.
	w = newWorld()
	w.cluster.foreign, w.cluster.state = true, cluster.Absent
	w.cluster.create = func(context.Context, cluster.Listener) error {
		return cluster.Fail("existing-no-context", nil, "", "known", "class, prod")
	}
	d = start(t, w, 100, 30)
	d.shows("known=class, prod")
	d.lacks(d.say().Welcome.AskCreate)
	c = converse(t, w)
	c.hears("known=class, prod")
}
