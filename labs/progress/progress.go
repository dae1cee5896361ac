// Package progress keeps what a learner has achieved in one small file that
// people can read, written atomically at each change. docs/progress.md
// describes it.
package progress

import "time"

// Record is what is kept of one lab.
type Record struct {
	// Attempts is how often the lab was started or reset, and then graded.
	Attempts int `yaml:"attempts"`
	// Best score in points, and what the lab was worth then.
	BestPoints int `yaml:"bestPoints"`
	MaxPoints  int `yaml:"maxPoints"`
	// HintsUsed is how many hints were shown in the current attempt.
	HintsUsed int `yaml:"hintsUsed"`
	// SolutionSeen says that a solution was shown before full marks.
	SolutionSeen bool `yaml:"solutionSeen,omitempty"`
	// StartedAt is when the current attempt began; zero when none is open.
	StartedAt time.Time `yaml:"startedAt,omitempty"`
	// BestTime is the shortest time from start to full marks; zero for never.
	BestTime time.Duration `yaml:"bestTime,omitempty"`
	// LastGraded is when the lab was last graded.
	LastGraded time.Time `yaml:"lastGraded,omitempty"`
}

// Store is the progress file. Several processes may use one file: each
// change locks it, reads it, changes one lab's record and replaces it.
type Store struct{}

// Open makes a Store for the file at path, which need not exist. It does no
// I/O.
func Open(path string) *Store { panic("todo") }

// All returns the records by lab id. A damaged file is an error that names
// the file and says what to do; it is never overwritten.
func (s *Store) All() (map[string]Record, error) { panic("todo") }

// Update changes the record of one lab.
func (s *Store) Update(id string, change func(*Record)) (Record, error) { panic("todo") }
