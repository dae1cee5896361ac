package tui

import (
	"context"
	"io"
	"time"

	"podlab/cluster"
	"podlab/content"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/tui/backend"
)

// The interfaces through which the TUI reaches the rest of podlab.
type (
	// Cluster is the part of cluster.Provider that the TUI uses.
	Cluster = backend.Cluster
	// Catalog is all labs; *labs.Catalog is one.
	Catalog = backend.Catalog
	// Records is where scores are read; *progress.Store is one.
	Records = backend.Records
	// Practice starts, resets and grades labs; Live makes one.
	Practice = backend.Practice
	// Settings is what podlab remembers of how a learner likes it.
	Settings = backend.Settings
	// SettingsStore keeps the Settings.
	SettingsStore = backend.SettingsStore
	// ShellCommand prepares the shell of a lab.
	ShellCommand = backend.ShellCommand
	// Splitter opens a pane beside the TUI's; *tmux.Client is one.
	Splitter = backend.Splitter
	// Clipboard takes what the learner copies; *clipboard.Clipboard is one.
	Clipboard = backend.Clipboard
	// Exams is timed exams; LiveExams makes one.
	Exams = backend.Exams
	// ExamShellCommand prepares the shell of a task of an exam.
	ExamShellCommand = backend.ExamShellCommand
)

// Options is all that the TUI needs to know. Fields without a note are
// required.
type Options struct {
	// Lang is the language to start in: what content.DetectLang answered.
	Lang content.Lang
	// LangExplicit says that --lang or $PODLAB_LANG named Lang. Otherwise, and
	// when Settings hold no language yet, the first screen asks for it.
	LangExplicit bool

	Cluster Cluster
	// Create is the template of what to create: the bundle and the images. Its
	// Listener is replaced.
	Create cluster.CreateOptions
	// Catalog is asked for its labs once Open has succeeded, and never before
	// the first frame; so it may read them as late as that.
	Catalog Catalog
	Records Records
	// Settings is read once before the first frame and saved at each change.
	Settings SettingsStore
	// Open connects to the cluster; it is called when the cluster is ready,
	// and again after it was repaired.
	Open func(ctx context.Context) (Practice, error)
	// Shell prepares the shell of a lab.
	Shell ShellCommand
	// Split shows that shell beside the TUI; nil outside of tmux.
	Split Splitter
	// Clipboard is the terminal's.
	Clipboard Clipboard
	// Exams is asked once Open has succeeded. ExamShell prepares the shell of a
	// task of an exam.
	Exams     Exams
	ExamShell ExamShellCommand

	// ASCII draws borders and symbols without Unicode.
	ASCII bool
	// Input and Output are the terminal; optional, the process's own by
	// default.
	Input  io.Reader
	Output io.Writer
	// Now is the clock; optional, time.Now by default.
	Now func() time.Time
}

// Live makes the TUI's Practice of the real one.
func Live(p *practice.Practice) Practice { return live{p} }

type live struct{ *practice.Practice }

func (l live) Exercise(id string) (backend.Exercise, error) {
	i, err := l.Instance(id)
	if err != nil {
		return nil, err
	}
	return exercise{i}, nil
}

type exercise struct{ *labs.Instance }

func (e exercise) Answers() []labs.Answer { return e.Solutions }

func (e exercise) In() string { return e.Namespace }
