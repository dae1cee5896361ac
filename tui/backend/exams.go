package backend

import (
	"context"
	"os/exec"
	"time"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/labs/history"
)

// Exams is the timed exams of one learner: *exam.Exam, through LiveExams. All
// methods do I/O; those with a context may take long.
type Exams interface {
	// Blueprints lists the exams that can be started.
	Blueprints() ([]exam.Blueprint, error)
	// NewSeed thinks of a seed.
	NewSeed() uint64
	// Look reads the exam that is there. That there is none is no error.
	Look() (ExamLook, error)
	// Asked returns what the tasks of s ask, in their order.
	Asked(s *exam.State) ([]Asked, error)

	// Start and Resume are those of exam.Exam.
	Start(ctx context.Context, b exam.Blueprint, seed uint64, lang content.Lang, tell exam.Prepared) (*exam.State, error)
	Resume(ctx context.Context, tell exam.Prepared) (*exam.State, error)
	// Oversee makes sure that the exam ends at its time even if podlab is closed.
	Oversee(ctx context.Context) error

	// Goto, Flag and MarkDone change the task of a number, from 1.
	Goto(n int) (*exam.State, error)
	Flag(n int, on bool) (*exam.State, error)
	MarkDone(n int, on bool) (*exam.State, error)

	// Submit, Finish and Abort end the exam, see exam.Exam.
	Submit(ctx context.Context) (*exam.Result, error)
	Finish(ctx context.Context) (*exam.Result, error)
	Abort(ctx context.Context) error

	// Result is that of a graded exam; Results are all, the newest first, even if
	// some cannot be read.
	Result(id string) (*exam.Result, error)
	Results() ([]*exam.Result, error)
	// Report says a result in a language.
	Report(r *exam.Result, lang content.Lang) (*report.Report, error)
	// Trend says how the learner does in each pattern, in these exams and in
	// practice.
	Trend(results []*exam.Result) ([]history.Pattern, error)
}

// ExamLook is an exam at a moment.
type ExamLook struct {
	// State is nil where there is no exam.
	State *exam.State
	// At is what counts as the time.
	At time.Time
	// Recovered says that the state was damaged and the one before it is used, and
	// Aside where the damaged one was put; empty where it was missing.
	Recovered bool
	Aside     string
}

// Open reports whether an exam is under way.
func (l ExamLook) Open() bool { return l.State != nil && l.State.Phase.Open() }

// Closes reports whether the exam that is under way asks a lab, which is then
// not to be practised.
func (l ExamLook) Closes(lab string) bool { return l.Open() && l.State.TaskOf(lab) > 0 }

// Asked is what a task of an exam asks. It is read before, so that asking is quick.
type Asked interface {
	// Text returns what the candidate reads, in a language.
	Text(lang content.Lang) *labs.Text
	// WorkDir is the directory with the files of the task.
	WorkDir() string
	// Links are the pages of the documentation that may be read.
	Links() []exam.Link
}

// ExamShellCommand prepares the shell of a task of the exam that is under way,
// numbered from 1; it may write files.
type ExamShellCommand func(task int) (*exec.Cmd, error)
