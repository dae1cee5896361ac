package grader

import (
	"maps"
	"slices"
	"time"

	"podlab/content"
)

// Status is the verdict on one check.
type Status string

// The verdicts.
const (
	// Passed: the expression is true.
	Passed Status = "passed"
	// Failed: the expression is false, and it stays so unless the learner
	// changes something.
	Failed Status = "failed"
	// Pending: not true yet, but it may become true without the learner doing
	// anything (a container that is starting, a probe that is being retried).
	Pending Status = "pending"
	// Unverifiable: this cluster cannot show it (it runs no containers).
	Unverifiable Status = "unverifiable"
	// Errored: podlab or the cluster is at fault, never the learner.
	Errored Status = "error"
)

// Result is the verdict on one check, in no language yet.
type Result struct {
	ID     string
	Status Status
	// Points that the check is worth, and Earned of them.
	Points, Earned int
	// Given as the check says.
	Given bool
	// Actual says what is there; empty for a check that passed.
	Actual []content.Message
	// Duration is how long the check's slowest probe and its evaluation took.
	Duration time.Duration
}

// Report is the outcome of one round of grading.
type Report struct {
	Namespace string
	Results   []Result
	// Duration of the whole round.
	Duration time.Duration
}

// Score returns the points earned and the points there were to earn. Checks
// that are unverifiable or in error count in max: they are never dropped.
func (r *Report) Score() (earned, max int) {
	for _, c := range r.Results {
		earned += c.Earned
		max += c.Points
	}
	return earned, max
}

// FullMarks reports whether every check passed.
func (r *Report) FullMarks() bool {
	for _, c := range r.Results {
		if c.Status != Passed {
			return false
		}
	}
	return true
}

// Verifiable returns how many of all points this cluster could show: those of
// checks that are not Unverifiable.
func (r *Report) Verifiable() (points, max int) {
	for _, c := range r.Results {
		max += c.Points
		if c.Status != Unverifiable {
			points += c.Points
		}
	}
	return points, max
}

// SolvedInPart reports whether everything passed that the cluster could show,
// though it could not show all, and some of it was work of the learner's own.
func (r *Report) SolvedInPart() bool {
	worked, hidden := false, false
	for _, c := range r.Results {
		switch c.Status {
		case Passed:
			worked = worked || !c.Given && c.Points > 0
		case Unverifiable:
			hidden = true
		default:
			return false
		}
	}
	return worked && hidden
}

// Solved reports whether nothing is left to do on this cluster.
func (r *Report) Solved() bool { return r.FullMarks() || r.SolvedInPart() }

// Settled reports whether no check is pending.
func (r *Report) Settled() bool {
	for _, c := range r.Results {
		if c.Status == Pending {
			return false
		}
	}
	return true
}

// Final reports whether waiting would change nothing: all is settled, and
// nothing was at fault.
func (r *Report) Final() bool { return r.Settled() && !r.Trouble() }

// Trouble reports whether podlab or the cluster was at fault for any check.
func (r *Report) Trouble() bool {
	for _, c := range r.Results {
		if c.Status == Errored {
			return true
		}
	}
	return false
}

// SameAs reports whether both give the same verdicts and say the same of them.
func (r *Report) SameAs(other *Report) bool {
	return slices.EqualFunc(r.Results, other.Results, func(x, y Result) bool {
		return x.ID == y.ID && x.Status == y.Status && slices.EqualFunc(x.Actual, y.Actual, sameMessage)
	})
}

func sameMessage(a, b content.Message) bool { return a.Key == b.Key && maps.Equal(a.Args, b.Args) }
