// Package report shows a graded lab to people and to scripts: as a table,
// as JSON and as JUnit XML.
package report

import "podlab/grader"

// Report is a graded lab in one language. Its JSON form is what
// "podlab grade -o json" prints and docs/json.md documents.
type Report struct {
	Lab       string `json:"lab"`
	Title     string `json:"title"`
	Namespace string `json:"namespace"`
	Language  string `json:"language"`
	// Score is 100*points/maxPoints, rounded down, so that 100 means full marks.
	Score     int `json:"score"`
	Points    int `json:"points"`
	MaxPoints int `json:"maxPoints"`
	// VerifiablePoints are those of MaxPoints that the cluster could show.
	VerifiablePoints int `json:"verifiablePoints"`
	// SolvedInPart says that all of these were earned, and there are more.
	SolvedInPart bool    `json:"solvedInPart"`
	DurationMS   int64   `json:"durationMs"`
	Checks       []Check `json:"checks"`
}

// Check is one verdict in words. All text is free of control sequences.
type Check struct {
	ID         string        `json:"id"`
	Title      string        `json:"title"`
	Status     grader.Status `json:"status"`
	Points     int           `json:"points"`
	Earned     int           `json:"earned"`
	Expected   string        `json:"expected"`
	Actual     string        `json:"actual"` // empty for a check that passed
	Why        string        `json:"why"`
	DurationMS int64         `json:"durationMs"`
}
