// Package grader judges the state of a cluster: it runs the probes of a lab
// through client-go, evaluates the lab's CEL checks over what they saw, and
// says what is there where a check is false.
//
// A Spec is compiled once into a Program. Grade runs one round; Watch keeps
// one set of informers per namespace and reports each change of a verdict.
// Both share the same evaluation, so that they cannot disagree:
//
//	Spec ─Compile─► Program      what to look at, and what to ask of it
//	                  │
//	world             │          the objects of the namespace, fetched or cached
//	  └─► runProbes ──┤          logs, exec, HTTP, TCP, by groups
//	                  ▼
//	                judge ─► Report
package grader

import (
	"cel.dev/cel-go/cel"

	"podlab/content"
)

// Program is a compiled Spec. It is safe for concurrent use.
type Program struct {
	spec   Spec
	params map[string]string
	setup  map[string]any
	probes map[string]*compiledProbe
	vars   map[string]*expression
	checks []*compiledCheck
	// groups are the sets of runtime probes that wait for one another.
	groups []*group
	// messages that the checks say: key to the names of its arguments.
	messages map[string][]string
}

// compiledProbe is a Probe with the programs of its expressions.
type compiledProbe struct {
	name string
	Probe
	until *expression // of a logs probe; nil for none
}

// runtime reports whether the probe observes running containers.
func (p *compiledProbe) runtime() bool {
	return p.Logs != nil || p.Exec != nil || p.HTTP != nil || p.TCP != nil
}

// pod returns the name of the Pod that a runtime probe observes, "" where it
// observes none, or one that only its owner names.
func (p *compiledProbe) pod() string {
	switch {
	case p.Logs != nil:
		return p.Logs.Pod
	case p.Exec != nil:
		return p.Exec.Pod
	case p.HTTP != nil:
		return p.HTTP.Pod
	case p.TCP != nil:
		return p.TCP.Pod
	}
	return ""
}

// podOf returns the workload whose Pod the probe looks at, nil for none.
func (p *compiledProbe) podOf() *Workload {
	switch {
	case p.PodOf != nil:
		return p.PodOf
	case p.Logs != nil:
		return p.Logs.PodOf
	case p.Exec != nil:
		return p.Exec.PodOf
	case p.HTTP != nil:
		return p.HTTP.PodOf
	case p.TCP != nil:
		return p.TCP.PodOf
	}
	return nil
}

// container returns the name of the container that a runtime probe observes,
// "" where it is the Pod as a whole.
func (p *compiledProbe) container() string {
	switch {
	case p.Logs != nil:
		return p.Logs.Container
	case p.Exec != nil:
		return p.Exec.Container
	}
	return ""
}

// service returns the name of the Service that the probe goes through.
func (p *compiledProbe) service() string {
	if p.HTTP != nil {
		return p.HTTP.Service
	}
	return ""
}

func (p *compiledProbe) after() []string {
	switch {
	case p.Logs != nil:
		return p.Logs.After
	case p.Exec != nil:
		return p.Exec.After
	case p.HTTP != nil:
		return p.HTTP.After
	case p.TCP != nil:
		return p.TCP.After
	}
	return nil
}

// expression is a compiled CEL expression and what it uses.
type expression struct {
	source  string
	program cel.Program
	// doubtful plans the program for a cluster that runs no containers.
	doubtful func() (cel.Program, error)
	uses
}

// uses is what an expression refers to, through vars as well.
type uses struct {
	probes map[string]bool
	vars   map[string]bool // direct ones only
	status bool            // it looks at a Pod's status
	// assumed means that it takes the status apart by itself, for what cannot
	// change any more: it is never pending, but assumed where nothing runs.
	assumed bool
}

type compiledCheck struct {
	Check
	expr, actual *expression
	// probes that the check's expr uses, sorted; runtime is the subset of
	// runtime probes.
	probes, runtime []string
}

// group is a set of runtime probes that are connected by their After lists.
// They run together, each when those it waits for are done.
type group struct {
	probes []string // in an order in which they may run
	// follows means that all are logs probes with an until: while watching
	// they follow the log instead of reading it again and again.
	follows bool
}

// MessageKeys returns the keys of all messages that the checks' Actual
// expressions say, so that a linter can look for their texts; per key the
// sorted names of its arguments.
func (p *Program) MessageKeys() map[string][]string { return p.messages }

// CompileError says what is wrong in a Spec and where.
type CompileError struct {
	// Path leads to the faulty field, by names and indices as in the file:
	// {"checks", "2", "expr"}, {"probes", "page", "http", "port"}.
	Path []string
	// Problem says what is wrong and what to do.
	Problem string
}

func (e *CompileError) Error() string { return e.Problem }

// Texts returns the grader's own messages in lang.
func Texts(lang content.Lang) (content.Catalog, error) {
	return content.LoadCatalog("grader", lang)
}
