// Package progress keeps what a learner has achieved in one small file that
// people can read, written atomically at each change. docs/progress.md
// describes it.
package progress

import (
	"errors"
	"fmt"
	"time"
)

// FormatVersion is the version of the progress file that this podlab writes.
// It reads all before: version 1 had no VerifiedPoints and VerifiedOf.
const FormatVersion = 2

// Errors that say why a progress file cannot be used. They are wrapped in an
// error that names the file and what to do; the file itself stays as it is.
var (
	// ErrDamaged: the file is no valid progress file.
	ErrDamaged = errors.New("the progress file is damaged")
	// ErrNewer: a newer podlab wrote the file.
	ErrNewer = errors.New("the progress file was written by a newer podlab")
)

// Record is what is kept of one lab.
type Record struct {
	// Attempts is how often the lab was started or reset, and then graded.
	Attempts int `yaml:"attempts"`
	// Best score in points, and what the lab was worth then.
	BestPoints int `yaml:"bestPoints"`
	MaxPoints  int `yaml:"maxPoints"`
	// VerifiedPoints of VerifiedOf says that the lab was solved on a cluster
	// that could verify only so many points; both zero where it never was, and
	// once it was solved in full.
	VerifiedPoints int `yaml:"verifiedPoints,omitempty"`
	VerifiedOf     int `yaml:"verifiedOf,omitempty"`
	// HintsUsed is how many hints were shown in the current attempt.
	HintsUsed int `yaml:"hintsUsed"`
	// SolutionSeen says that a solution was shown before full marks.
	SolutionSeen bool `yaml:"solutionSeen,omitempty"`
	// StartedAt is when the current attempt began; zero when none is open.
	StartedAt time.Time `yaml:"startedAt,omitempty"`
	// AttemptGraded says that the current attempt was graded, and is therefore
	// counted in Attempts.
	AttemptGraded bool `yaml:"attemptGraded,omitempty"`
	// BestTime is the shortest time from start to full marks; zero for never.
	BestTime time.Duration `yaml:"bestTime,omitempty"`
	// LastGraded is when the lab was last graded.
	LastGraded time.Time `yaml:"lastGraded,omitempty"`
}

// Begin opens a new attempt at now.
func (r *Record) Begin(now time.Time) {
	r.StartedAt = now.UTC().Truncate(time.Second)
	r.AttemptGraded = false
	r.HintsUsed = 0
}

// End closes the current attempt, if any. What it achieved stays.
func (r *Record) End() {
	r.StartedAt = time.Time{}
	r.AttemptGraded = false
}

// Grade enters a grading at now that earned points of max. The first grading
// of an attempt counts the attempt; one outside an attempt counts none.
func (r *Record) Grade(now time.Time, points, max int) {
	r.LastGraded = now.UTC().Truncate(time.Second)
	if r.Beats(points, max) || r.sameShare(points, max) {
		r.BestPoints, r.MaxPoints = points, max
	}
	r.settle()
	if r.StartedAt.IsZero() {
		return
	}
	if !r.AttemptGraded {
		r.AttemptGraded = true
		r.Attempts++
	}
	if points < max {
		return
	}
	// Times are kept in whole seconds, and zero means never.
	took := now.Sub(r.StartedAt).Truncate(time.Second)
	if took < time.Second {
		took = time.Second
	}
	if r.BestTime == 0 || took < r.BestTime {
		r.BestTime = took
	}
}

// SolveInPart enters that all was right of what the cluster could verify:
// points of max. Of several times the one counts that verified most, and none
// once the lab was solved in full.
func (r *Record) SolveInPart(points, max int) {
	if points*r.VerifiedOf >= r.VerifiedPoints*max {
		r.VerifiedPoints, r.VerifiedOf = points, max
	}
	r.settle()
}

// settle drops what full marks make needless.
func (r *Record) settle() {
	if r.FullMarks() {
		r.VerifiedPoints, r.VerifiedOf = 0, 0
	}
}

// SolvedInPart reports whether the lab was solved only where not all of it
// could be verified.
func (r *Record) SolvedInPart() bool { return r.VerifiedPoints > 0 }

// Solved reports whether the lab was solved, be it only as far as a cluster
// could verify it.
func (r *Record) Solved() bool { return r.FullMarks() || r.SolvedInPart() }

// Beats reports whether points of max is a better score than the best so far.
// Scores are compared by their share, since what a lab is worth may change
// from one podlab to the next.
func (r *Record) Beats(points, max int) bool {
	if r.MaxPoints == 0 {
		return max > 0
	}
	return points*r.MaxPoints > r.BestPoints*max
}

func (r *Record) sameShare(points, max int) bool {
	return points*r.MaxPoints == r.BestPoints*max
}

// FullMarks reports whether the best score is all there was to earn.
func (r *Record) FullMarks() bool {
	return r.MaxPoints > 0 && r.BestPoints == r.MaxPoints
}

// Merge takes in what another machine has recorded of the lab: of scores the
// better one, with whether a solution was shown before it; of attempts and times the best
// and the latest. The attempt that is open on this machine stays what it is,
// and one that is open elsewhere is not taken over.
func (r *Record) Merge(other Record) {
	switch full, otherFull := r.FullMarks(), other.FullMarks(); {
	case full && otherFull:
		// Earned without help once is earned without help.
		r.SolutionSeen = r.SolutionSeen && other.SolutionSeen
	case otherFull:
		r.SolutionSeen = other.SolutionSeen
	case !full:
		r.SolutionSeen = r.SolutionSeen || other.SolutionSeen
	}
	if r.Beats(other.BestPoints, other.MaxPoints) {
		r.BestPoints, r.MaxPoints = other.BestPoints, other.MaxPoints
	}
	if other.SolvedInPart() {
		r.SolveInPart(other.VerifiedPoints, other.VerifiedOf)
	}
	r.settle()
	r.Attempts = max(r.Attempts, other.Attempts)
	if other.BestTime > 0 && (r.BestTime == 0 || other.BestTime < r.BestTime) {
		r.BestTime = other.BestTime
	}
	if other.LastGraded.After(r.LastGraded) {
		r.LastGraded = other.LastGraded
	}
}

// check says what no podlab would have written.
func (r *Record) check() error {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"attempts", int64(r.Attempts)},
		{"bestPoints", int64(r.BestPoints)},
		{"maxPoints", int64(r.MaxPoints)},
		{"verifiedPoints", int64(r.VerifiedPoints)},
		{"verifiedOf", int64(r.VerifiedOf)},
		{"hintsUsed", int64(r.HintsUsed)},
		{"bestTime", int64(r.BestTime)},
	} {
		if f.value < 0 {
			return fmt.Errorf("%s is negative", f.name)
		}
	}
	if r.BestPoints > r.MaxPoints {
		return fmt.Errorf("bestPoints %d is more than maxPoints %d", r.BestPoints, r.MaxPoints)
	}
	if r.VerifiedPoints > r.VerifiedOf {
		return fmt.Errorf("verifiedPoints %d is more than verifiedOf %d", r.VerifiedPoints, r.VerifiedOf)
	}
	return nil
}
