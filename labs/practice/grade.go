package practice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"podlab/grader"
	"podlab/labs/evidence"
	"podlab/labs/progress"
)

// Grade grades a started lab, waiting up to wait for pending checks, and
// records the result. A report may come with an error: then the lab was
// graded, but the result could not be recorded.
func (p *Practice) Grade(ctx context.Context, id string, wait time.Duration) (*grader.Report, error) {
	inst, err := p.Instance(id)
	if err != nil {
		return nil, err
	}
	if err := p.mustBeStarted(ctx, id); err != nil {
		return nil, err
	}
	report, err := inst.Program.GradeSettled(ctx, p.target(id), wait)
	if err != nil {
		return nil, fmt.Errorf("grade lab %s: %w", id, err)
	}
	return report, p.recordReport(id, report)
}

// GradeWithEvidence is Grade, and returns all that the grading saw.
func (p *Practice) GradeWithEvidence(ctx context.Context, id string, wait time.Duration) (*grader.Report, *evidence.Grading, error) {
	inst, err := p.Instance(id)
	if err != nil {
		return nil, nil, err
	}
	if err := p.mustBeStarted(ctx, id); err != nil {
		return nil, nil, err
	}
	report, seen, err := inst.Program.GradeSettledWithEvidence(ctx, p.target(id), wait)
	if err != nil {
		return nil, nil, fmt.Errorf("grade lab %s: %w", id, err)
	}
	return report, &evidence.Grading{Lab: id, Params: inst.Params, Seen: seen}, p.recordReport(id, report)
}

// Watch grades a started lab live, see grader.Program.Watch. A report that
// reaches a new best score, or solves the lab, is recorded; o.Trouble is also told
// when that fails, and so is the caller at the end.
func (p *Practice) Watch(ctx context.Context, id string, o grader.Observer) error {
	inst, err := p.Instance(id)
	if err != nil {
		return err
	}
	if err := p.mustBeStarted(ctx, id); err != nil {
		return err
	}
	worth := p.worthRecording(id)
	var recordErr error
	tell := o.Report
	o.Report = func(r *grader.Report) {
		tell(r)
		if !worth(r) {
			return
		}
		if err := p.recordReport(id, r); err != nil {
			recordErr = err
			if o.Trouble != nil {
				o.Trouble(err)
			}
		}
	}
	err = inst.Program.Watch(ctx, p.target(id), o)
	if err != nil {
		err = fmt.Errorf("watch lab %s: %w", id, err)
	}
	return errors.Join(err, recordErr)
}

// worthRecording returns a function that picks, from the reports of one live
// grading, those that reach a better score than was known, and those that
// solve the lab: with full marks the time of an attempt ends.
func (p *Practice) worthRecording(id string) func(*grader.Report) bool {
	best := progress.Record{}
	if p.o.Records != nil {
		// A file that cannot be read is reported when the record is written.
		if all, err := p.o.Records.All(); err == nil {
			best = all[id]
		}
	}
	wasSolved := false
	return func(r *grader.Report) bool {
		earned, max := r.Score()
		solved := r.Solved()
		// Nothing done yet is no new best score of someone who begins.
		better := earned > 0 && best.Beats(earned, max)
		becameSolved := solved && !wasSolved
		wasSolved = solved
		if better {
			best.BestPoints, best.MaxPoints = earned, max
		}
		return better || becameSolved
	}
}

func (p *Practice) target(id string) grader.Target {
	return grader.Target{Client: p.o.Client, Namespace: p.Namespace(id), RunsContainers: p.o.RunsContainers, Foreign: p.o.Foreign}
}

// RecordHint records that hint n of the lab, counted from 1, was shown.
func (p *Practice) RecordHint(id string, n int) error {
	return p.record(id, func(r *progress.Record) { r.HintsUsed = max(r.HintsUsed, n) })
}

// RecordSolutionSeen records that a solution of the lab was shown. It changes
// nothing for a lab that had full marks before.
func (p *Practice) RecordSolutionSeen(id string) error {
	return p.record(id, func(r *progress.Record) {
		if !r.FullMarks() {
			r.SolutionSeen = true
		}
	})
}

// recordReport records a grading. One in which podlab or the cluster was at
// fault says nothing about the learner, and is not recorded.
func (p *Practice) recordReport(id string, report *grader.Report) error {
	if report.Trouble() {
		return nil
	}
	earned, max := report.Score()
	return p.record(id, func(r *progress.Record) {
		r.Grade(p.now(), earned, max)
		if report.SolvedInPart() {
			r.SolveInPart(report.Verifiable())
		}
	})
}

// continueAttempt opens an attempt for a lab that runs, but of which the
// records know none.
func (p *Practice) continueAttempt(id string) error {
	return p.record(id, func(r *progress.Record) {
		if r.StartedAt.IsZero() {
			r.Begin(p.now())
		}
	})
}

func (p *Practice) record(id string, change func(*progress.Record)) error {
	if p.o.Records == nil {
		return nil
	}
	_, err := p.o.Records.Update(id, change)
	return err
}
