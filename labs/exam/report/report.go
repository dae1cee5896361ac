// Package report says what became of a graded exam in one language (Build),
// and shows it: as a table, as Markdown, as JSON and as an HTML page of its
// own. Nothing that a Pod printed can do harm in any of them.
package report

import (
	"time"

	"podlab/content"
	"podlab/grader/report"
	"podlab/labs"
)

// Report is a graded exam in one language, free of control sequences. Its
// JSON form is what "podlab exam report -o json" prints and docs/json.md
// documents.
type Report struct {
	ID        string       `json:"id"`
	Blueprint string       `json:"blueprint"`
	Title     string       `json:"title"`
	Language  content.Lang `json:"language"`
	Seed      uint64       `json:"seed"`
	// Minutes is the length of the exam, and UsedSeconds what of it was used.
	Minutes     int       `json:"minutes"`
	UsedSeconds int       `json:"usedSeconds"`
	StartedAt   time.Time `json:"startedAt"`
	EndedAt     time.Time `json:"endedAt"`
	GradedAt    time.Time `json:"gradedAt"`
	// TimedOut says that the clock ended the exam, Late that it was graded long
	// after that.
	TimedOut bool `json:"timedOut"`
	Late     bool `json:"late"`
	// Score is in percent, rounded down, so that it reaches PassMark where the
	// exam is passed and nowhere else.
	Score    int  `json:"score"`
	PassMark int  `json:"passMark"`
	Passed   bool `json:"passed"`
	// Verified is how many percent of the exam could be judged, rounded down.
	// Score is of that.
	Verified int `json:"verified"`
	// Notes say what a reader of the score must know.
	Notes    []string  `json:"notes"`
	Tasks    []Task    `json:"tasks"`
	Patterns []Pattern `json:"patterns"` // the weakest first
	Practise []Next    `json:"practise"` // what helps most first

	words texts
	zone  *time.Location
}

// Task is what became of a task.
type Task struct {
	Number      int          `json:"number"` // from 1
	Lab         string       `json:"lab"`
	Title       string       `json:"title"`
	Namespace   string       `json:"namespace"`
	Pattern     labs.Pattern `json:"pattern"`
	PatternName string       `json:"patternName"`
	Level       int          `json:"level"`
	Weight      int          `json:"weight"`  // percent of the exam
	Minutes     int          `json:"minutes"` // the target
	// SpentSeconds is the time on the task.
	SpentSeconds int  `json:"spentSeconds"`
	Flagged      bool `json:"flagged"`
	Done         bool `json:"done"` // so the candidate said
	// Untouched says that the task was neither visited nor solved in part.
	Untouched bool `json:"untouched"`
	// Judged is false where nothing of the task could be judged; the task is
	// then taken out of the maximum, and Score says nothing.
	Judged bool `json:"judged"`
	Score  int  `json:"score"` // percent of the task, rounded down
	// Points earned, and those there were to earn; LeftOutPoints are those that
	// could not be judged and are in neither.
	Points        int `json:"points"`
	MaxPoints     int `json:"maxPoints"`
	LeftOutPoints int `json:"leftOutPoints"`
	// Notes say what a reader of the points must know.
	Notes []string `json:"notes"`
	// Text is the task as it was set, Markdown; empty where this podlab does not
	// know the lab.
	Text   string         `json:"task"`
	Checks []report.Check `json:"checks"`
}

// Pattern is how the tasks of a pattern went.
type Pattern struct {
	Pattern labs.Pattern `json:"pattern"`
	Name    string       `json:"name"`
	Tasks   []int        `json:"tasks"`  // their numbers
	Weight  int          `json:"weight"` // percent of the exam
	Judged  bool         `json:"judged"`
	Score   int          `json:"score"` // percent, rounded down
}

// Next is a lab to practise.
type Next struct {
	Lab         string       `json:"lab"`
	Title       string       `json:"title"`
	Pattern     labs.Pattern `json:"pattern"`
	PatternName string       `json:"patternName"`
	Level       int          `json:"level"`
	Minutes     int          `json:"minutes"`
	// Asked is the number of the task that asked for it in this exam; 0 for
	// none.
	Asked int `json:"asked"`
}

// Full reports whether the task earned all there was to earn.
func (t *Task) Full() bool { return t.Judged && t.Points == t.MaxPoints }

// Over reports whether the task took longer than its target.
func (t *Task) Over() bool { return t.SpentSeconds > 60*t.Minutes }
