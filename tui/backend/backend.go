// Package backend names what the screens need from the rest of podlab, as
// small interfaces, so that every screen can be tried with a fake.
package backend

import (
	"context"
	"os/exec"
	"time"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/grader/probe"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/labs/progress"
)

// Cluster is the part of cluster.Provider that the screens use.
type Cluster interface {
	// Name of the provider: "kind".
	Name() string
	// Create brings the cluster up, repairs it, or leaves a healthy one alone.
	Create(ctx context.Context, o cluster.CreateOptions) error
	// Status says what is there and changes nothing.
	Status(ctx context.Context) (cluster.Status, error)
}

// Catalog is all labs, in the order in which they are offered.
// *labs.Catalog is one.
type Catalog interface {
	Labs() []*labs.Lab
}

// Records is where scores are read. *progress.Store is one.
type Records interface {
	All() (map[string]progress.Record, error)
}

// Exercise is a lab that the learner works on: *labs.Instance, through Live.
type Exercise interface {
	// Text returns what the learner reads, in a language.
	Text(lang content.Lang) *labs.Text
	// Localize says a graded report in a language.
	Localize(r *grader.Report, lang content.Lang) *report.Report
	// Answers returns the correct solutions.
	Answers() []labs.Answer
	// In returns the namespace that the exercise lives in.
	In() string
}

// Practice is the life of labs in a cluster: *practice.Practice, through Live.
// Every method may take long, except WorkDir.
type Practice interface {
	Exercise(id string) (Exercise, error)
	WorkDir(id string) string
	Start(ctx context.Context, id string) error
	Edited(id string) ([]string, error)
	Reset(ctx context.Context, id string, replaceEdited bool) error
	// Perform applies an answer and takes its steps, see practice.Perform.
	Perform(ctx context.Context, id string, a labs.Answer, wait time.Duration, goOn bool) error
	Grade(ctx context.Context, id string, wait time.Duration) (*grader.Report, error)
	// Compare sets the learner's objects beside those of an answer, see
	// practice.Compare.
	Compare(ctx context.Context, id string, a labs.Answer) ([]practice.Comparison, error)
	// Watch grades live until ctx ends, see practice.Watch.
	Watch(ctx context.Context, id string, o grader.Observer) error
	// Tail returns the last lines of a container's log, see practice.Tail.
	Tail(ctx context.Context, id, pod, container string, previous bool, lines int) (string, error)
	// Logs follows the log of a container of the lab until it or ctx ends, see
	// practice.Logs.
	Logs(ctx context.Context, id string, r probe.FollowRequest, onLines func([]probe.Line)) error
	// RecordHint notes that the learner has seen the first n hints.
	RecordHint(id string, n int) error
	// RecordSolutionSeen notes that the learner has looked at a solution.
	RecordSolutionSeen(id string) error
}

// Settings is what podlab remembers of how a learner likes it.
type Settings struct {
	// Lang is the language that was chosen; empty before the first choice.
	Lang content.Lang `yaml:"lang,omitempty"`
	// Theme is "dark", "light", or empty for what the terminal says.
	Theme string `yaml:"theme,omitempty"`
	// Layout says how a screen with two panes arranges them.
	Layout Layout `yaml:"layout,omitempty"`
	// Mouse says that podlab takes the mouse, which then selects no text.
	Mouse bool `yaml:"mouse,omitempty"`
}

// SettingsStore keeps the Settings.
type SettingsStore interface {
	// Load returns the zero Settings where nothing was saved yet.
	Load() (Settings, error)
	Save(Settings) error
}

// ShellCommand prepares the shell of a lab; it may write files. The TUI runs
// the command on its terminal and comes back when it ends.
type ShellCommand func(lab string) (*exec.Cmd, error)

// Splitter opens a pane beside the TUI's. *tmux.Client is one.
type Splitter interface {
	// Split runs cmd in a new pane and returns when the pane is there. It fails
	// with tmux.ErrNoRoom where the TUI would become too small.
	Split(cmd *exec.Cmd) error
}

// Clipboard takes what the learner copies. *clipboard.Clipboard is one.
type Clipboard interface {
	Copy(text string) error
}
