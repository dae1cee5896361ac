// Package practice is the life of a lab in a cluster: its namespace, setup,
// work directory, grading and records. The CLI and the TUI both work through
// it.
package practice

import (
	"context"
	"time"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/progress"
)

// Options of a Practice.
type Options struct {
	Catalog *labs.Catalog
	// Client of the cluster to practise on.
	Client *grader.Client
	// RunsContainers as the cluster's provider says.
	RunsContainers bool
	// Prefix of the namespaces' names. "podlab-" for practice; exams and other
	// learners use their own.
	Prefix string
	// WorkRoot is the directory that holds a work directory per lab.
	WorkRoot string
	// Records is where scores go.
	Records *progress.Store
}

// Practice starts, resets, stops and grades labs on one cluster.
type Practice struct{}

// New makes a Practice. It does no I/O.
func New(o Options) *Practice { panic("todo") }

// Instance returns the lab as practice uses it: default params, its namespace.
func (p *Practice) Instance(id string) (*labs.Instance, error) { panic("todo") }

// WorkDir returns the directory that holds the lab's files.
func (p *Practice) WorkDir(id string) string { panic("todo") }

// Started reports whether the lab's namespace exists and is podlab's.
func (p *Practice) Started(ctx context.Context, id string) (bool, error) { panic("todo") }

// Start creates the lab's namespace and work directory and applies its setup.
// Starting a lab that runs already changes nothing in the cluster and keeps
// edited files. A namespace of that name that podlab did not make is an error.
func (p *Practice) Start(ctx context.Context, id string) error { panic("todo") }

// Edited lists the files of the work directory that the learner changed or
// deleted since they were handed out, by base name. Files that the learner
// added are never touched and not listed.
func (p *Practice) Edited(id string) ([]string, error) { panic("todo") }

// Reset empties the lab's namespace in place, applies setup again and
// restores the files; it returns when the namespace is in its start state.
// With edited files it fails with ErrEdited and changes nothing, unless
// replaceEdited; then the edited ones are kept beside as <name>.old.
func (p *Practice) Reset(ctx context.Context, id string, replaceEdited bool) error { panic("todo") }

// Stop deletes the lab's namespace; the work directory stays. It returns once
// deletion is under way.
func (p *Practice) Stop(ctx context.Context, id string) error { panic("todo") }

// Apply applies the manifest of a solution, as kubectl apply --server-side
// would; objects whose fields are immutable are deleted and created again.
func (p *Practice) Apply(ctx context.Context, id string, m labs.Manifest) error { panic("todo") }

// Grade grades a started lab, waiting up to wait for pending checks, and
// records the result.
func (p *Practice) Grade(ctx context.Context, id string, wait time.Duration) (*grader.Report, error) {
	panic("todo")
}

// Watch grades a started lab live, see grader.Program.Watch. A report that
// reaches a new best score is recorded.
func (p *Practice) Watch(ctx context.Context, id string, onChange func(*grader.Report), onTrouble func(error)) error {
	panic("todo")
}
