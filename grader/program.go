// Package grader judges the state of a cluster: it runs the probes of a lab
// through client-go, evaluates the lab's CEL checks over what they saw, and
// says what is there where a check is false.
//
// A Spec is compiled once into a Program. Grade runs one round; Watch keeps
// one set of informers per namespace and reports each change of a verdict.
// Both share the same evaluation, so that they cannot disagree.
package grader

import (
	"context"
	"time"
)

// Program is a compiled Spec. It is safe for concurrent use.
type Program struct{}

// CompileError says what is wrong in a Spec and where.
type CompileError struct {
	// Path leads to the faulty field, by names and indices as in the file:
	// {"checks", "2", "expr"}, {"probes", "page", "http", "port"}.
	Path []string
	// Problem says what is wrong and what to do.
	Problem string
}

func (e *CompileError) Error() string { return e.Problem }

// Compile checks spec and compiles its expressions. The values of params are
// available to expressions as params.<name>. All problems are reported, as
// CompileErrors joined by errors.Join.
func Compile(spec Spec, params map[string]string) (*Program, error) { panic("todo") }

// MessageKeys returns the keys of all messages that the checks' Actual
// expressions say, so that a linter can look for their texts; per key the
// names of its arguments.
func (p *Program) MessageKeys() map[string][]string { panic("todo") }

// Target is where a Program looks.
type Target struct {
	// Client reaches the API server.
	Client *Client
	// Namespace of the lab.
	Namespace string
	// RunsContainers is false on a cluster that only simulates nodes: runtime
	// probes are then unverifiable.
	RunsContainers bool
}

// Grade runs one round. The error is non-nil only when nothing could be
// graded (the API server does not answer, ctx ended).
func (p *Program) Grade(ctx context.Context, t Target) (*Report, error) { panic("todo") }

// GradeSettled grades until no check is pending, or wait has passed, and
// returns the last report. It returns at once when nothing is pending.
func (p *Program) GradeSettled(ctx context.Context, t Target, wait time.Duration) (*Report, error) {
	panic("todo")
}

// Watch grades whenever the namespace changes and calls onChange, from one
// goroutine, with the first report and then whenever a verdict or what is
// there has changed. While the cluster does not answer it calls onTrouble
// (with nil when it answers again). It returns when ctx ends.
func (p *Program) Watch(ctx context.Context, t Target, onChange func(*Report), onTrouble func(error)) error {
	panic("todo")
}
