package lint

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"podlab/grader"
	"podlab/labs/evidence"
)

const (
	// regrade is the pause between gradings of a variant that settles.
	regrade = 300 * time.Millisecond
	// bystanderWait is what other checks get to settle once a mutant is caught:
	// they only decide whether it was caught exactly.
	bystanderWait = time.Second
)

func (t *trial) judgeStart(ctx context.Context, r *VariantResult) error {
	graded, err := t.settle(ctx, r, (*grader.Report).Settled)
	if err != nil {
		return err
	}
	if graded.FullMarks() {
		return fmt.Errorf("the start state earns full marks: the checks ask nothing of the learner")
	}
	if err := trouble(graded); err != nil {
		return err
	}
	// What is given need not pass: some of it comes and goes, as the processes of
	// a container that crashes again and again.
	for _, c := range graded.Results {
		if c.Status == grader.Passed && !c.Given {
			return fmt.Errorf("%s passes before the learner has done anything: mark it as given, or ask for more", c.ID)
		}
	}
	return nil
}

func (t *trial) judgeSolution(ctx context.Context, r *VariantResult) error {
	// As podlab grade --wait does it.
	graded, seen, err := t.stage.GradeWithEvidence(ctx, t.id, t.SolutionWait)
	if err != nil {
		return err
	}
	t.keep(r, graded)
	if err := t.judgeAnew(ctx, graded, seen); err != nil {
		return err
	}
	if graded.FullMarks() {
		return nil
	}
	earned, most := graded.Score()
	return fmt.Errorf("the solution earns %d of %d points after waiting up to %s: %s",
		earned, most, t.SolutionWait, t.describe(r, notPassed(graded)))
}

func (t *trial) judgeMutant(ctx context.Context, r *VariantResult) error {
	var caughtAt time.Time
	graded, err := t.settle(ctx, r, func(report *grader.Report) bool {
		if !all(report, r.Catch, grader.Failed) {
			caughtAt = time.Time{}
			return report.Settled()
		}
		if caughtAt.IsZero() {
			caughtAt = time.Now()
		}
		return report.Settled() || time.Since(caughtAt) >= bystanderWait
	})
	if err != nil {
		return err
	}
	if err := trouble(graded); err != nil {
		return err
	}
	var missed []string
	for _, c := range graded.Results {
		named := slices.Contains(r.Catch, c.ID)
		switch {
		case named && (c.Status == grader.Passed || c.Status == grader.Unverifiable):
			missed = append(missed, c.ID)
		case named && c.Status == grader.Pending:
			r.Undecided = append(r.Undecided, c.ID)
		case !named && c.Status == grader.Failed:
			r.AlsoFailed = append(r.AlsoFailed, c.ID)
		}
	}
	switch {
	case graded.FullMarks():
		return fmt.Errorf("the mutant earns full marks: no check sees the mistake")
	case len(missed) > 0:
		return fmt.Errorf("not caught by %s; failing: %s", t.describe(r, missed), t.describe(r, notPassed(graded)))
	}
	return nil
}

// settle grades until enough is true of the report, or MutantWait is over, and
// keeps the last report. Trouble on the way, such as a node that stalls, is
// waited out for as long as SolutionWait.
func (t *trial) settle(ctx context.Context, r *VariantResult, enough func(*grader.Report) bool) (*grader.Report, error) {
	began := time.Now()
	for {
		graded, seen, err := t.stage.GradeWithEvidence(ctx, t.id, 0)
		if err != nil {
			return nil, err
		}
		wait := t.MutantWait
		if graded.Trouble() {
			wait = max(wait, t.SolutionWait)
		}
		if time.Since(began) >= wait || enough(graded) && !graded.Trouble() {
			t.keep(r, graded)
			return graded, t.judgeAnew(ctx, graded, seen)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(regrade):
		}
	}
}

// judgeAnew proves that the evidence of a grading yields the same verdicts.
func (t *trial) judgeAnew(ctx context.Context, graded *grader.Report, seen *evidence.Grading) error {
	if seen == nil {
		return nil
	}
	var file bytes.Buffer
	if err := evidence.Write(&file, &evidence.File{Version: evidence.FormatVersion, Gradings: []evidence.Grading{*seen}}); err != nil {
		return err
	}
	read, err := evidence.Read(&file)
	if err != nil {
		return err
	}
	anew, err := t.instance.Program.Judge(ctx, read.Gradings[0].Seen)
	if err != nil {
		return err
	}
	if !anew.SameAs(graded) {
		return fmt.Errorf("its evidence is judged otherwise than the cluster was: %+v, not %+v", anew.Results, graded.Results)
	}
	return nil
}

// trouble is an error when podlab or the cluster was at fault: such a grading
// proves nothing.
func trouble(graded *grader.Report) error {
	if !graded.Trouble() {
		return nil
	}
	var ids []string
	for _, c := range graded.Results {
		if c.Status == grader.Errored {
			ids = append(ids, c.ID)
		}
	}
	return fmt.Errorf("podlab or the cluster is at fault for %s, so this proves nothing: try again", strings.Join(ids, ", "))
}

// all reports whether each of these checks has that status.
func all(graded *grader.Report, ids []string, status grader.Status) bool {
	for _, c := range graded.Results {
		if slices.Contains(ids, c.ID) && c.Status != status {
			return false
		}
	}
	return true
}

func notPassed(graded *grader.Report) []string {
	var ids []string
	for _, c := range graded.Results {
		if c.Status != grader.Passed {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// describe names checks with their status, and what was expected and is there.
func (t *trial) describe(r *VariantResult, ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	var parts []string
	for _, c := range r.Report.Checks {
		if !slices.Contains(ids, c.ID) {
			continue
		}
		part := fmt.Sprintf("%s (%s", c.ID, c.Status)
		if c.Actual != "" {
			part += fmt.Sprintf(": expected %q, actual %q", c.Expected, c.Actual)
		}
		parts = append(parts, part+")")
	}
	return strings.Join(parts, "; ")
}
