package exam

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"podlab/grader"
)

// ErrResult means that the result of an exam is not one that podlab wrote.
var ErrResult = errors.New("the result of the exam is damaged")

// resultID is how exams are named, see Exam.Start.
var resultID = regexp.MustCompile(`^\d{8}-\d{6}-\d{1,20}$`)

// maxTasks is more than any exam has.
const maxTasks = 100

// IsID reports whether id may be that of an exam. Such an id is safe as the
// name of a directory.
func IsID(id string) bool { return resultID.MatchString(id) }

// ResultFiles returns the paths of what is kept of a graded exam below the Root
// of Options. The result is written last: it says that the exam is in the
// history.
func ResultFiles(root, id string) (result, evidence string) {
	dir := filepath.Join(root, "results", id)
	return filepath.Join(dir, resultFile), filepath.Join(dir, evidenceFile)
}

// ParseResult reads a result as it is kept. It refuses what no podlab would
// have written, since results come from other machines too: the error is
// ErrResult, or ErrNewer, wrapped.
func ParseResult(data []byte) (*Result, error) {
	// The version decides how the rest is read.
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResult, err)
	}
	if head.Version > ResultVersion {
		return nil, fmt.Errorf("it has version %d, this podlab knows version %d: %w", head.Version, ResultVersion, ErrNewer)
	}
	r := &Result{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResult, err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResult, err)
	}
	return r, nil
}

func (r *Result) check() error {
	weight := 0
	for i, t := range r.Tasks {
		if t.Lab == "" || t.Weight < 0 || t.Weight > 100 || t.Minutes < 0 || t.Spent < 0 {
			return fmt.Errorf("task %d is not whole", i+1)
		}
		weight += t.Weight
		for _, c := range t.Checks {
			if err := checkVerdict(c); err != nil {
				return fmt.Errorf("task %d: %w", i+1, err)
			}
		}
	}
	switch {
	case r.Version < 1:
		return fmt.Errorf("version %d", r.Version)
	case !IsID(r.ID):
		return fmt.Errorf("id %q", r.ID)
	case r.Minutes < 1 || r.StartedAt.IsZero() || r.EndedAt.Before(r.StartedAt):
		return errors.New("its times are not whole")
	case len(r.Tasks) == 0 || len(r.Tasks) > maxTasks || weight != 100:
		return fmt.Errorf("the weights of %d tasks add up to %d", len(r.Tasks), weight)
	}
	return nil
}

// maxPoints is more than any check is worth.
const maxPoints = 1000

func checkVerdict(c grader.Result) error {
	known := []grader.Status{grader.Passed, grader.Failed, grader.Pending, grader.Unverifiable, grader.Errored}
	if c.ID == "" || !slices.Contains(known, c.Status) || c.Points < 0 || c.Points > maxPoints || c.Earned < 0 || c.Earned > c.Points {
		return fmt.Errorf("check %q is not whole", c.ID)
	}
	return nil
}
