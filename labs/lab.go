// Package labs reads exercises: folders of data that say what a learner is
// asked, what the grader checks, and which answers are right and wrong.
//
// A Lab is what the files hold, its templates unexpanded. An Instance is a
// lab with its params chosen and its namespace known: the thing a learner
// works on. docs/labs.md describes the files.
package labs

import (
	"strings"

	"podlab/content"
	"podlab/grader"
)

// FormatVersion is the version of the lab format that this podlab reads.
const FormatVersion = 1

// Pattern is the kind of multi-container design that a lab practises.
type Pattern string

// The patterns, in the order in which the catalogue groups them.
const (
	SharedVolume    Pattern = "shared-volume"
	IPC             Pattern = "ipc"
	Network         Pattern = "network"
	Sidecar         Pattern = "sidecar"
	Ambassador      Pattern = "ambassador"
	Adapter         Pattern = "adapter"
	Init            Pattern = "init"
	Troubleshooting Pattern = "troubleshooting"
)

// Patterns returns all patterns in order.
func Patterns() []Pattern {
	return []Pattern{SharedVolume, IPC, Network, Sidecar, Ambassador, Adapter, Init, Troubleshooting}
}

// PatternNames returns what the patterns are called in lang, by pattern.
func PatternNames(lang content.Lang) (content.Catalog, error) {
	return content.LoadCatalog("patterns", lang)
}

// Lab is one exercise as its folder holds it. The yaml tags are those of
// lab.yaml; fields without one come from the other files of the folder.
type Lab struct {
	Version int     `yaml:"version"`
	ID      string  `yaml:"id"`
	Pattern Pattern `yaml:"pattern"`
	Level   int     `yaml:"level"`   // 1 warm-up, 2 exam, 3 exam-hard
	Minutes int     `yaml:"minutes"` // target time
	Source  string  `yaml:"source"`  // the document it was drawn from, as docs/documents.md names it
	// Params vary a lab. The probes, vars and checks, the edits of mutants and
	// every other file of the lab may use {{.name}}; {{.namespace}} is always
	// there.
	Params []Param `yaml:"params,omitempty"`
	// Namespaces are further namespaces that setup fills, beside the lab's own:
	// the names under which templates know them. Answers cannot reach them.
	Namespaces []string `yaml:"namespaces,omitempty"`
	// Setup lists the manifests, relative to the folder, that starting the lab
	// applies, in order.
	Setup []string `yaml:"setup,omitempty"`
	// Files lists the files, relative to the folder, that the learner finds in
	// the work directory under their base names.
	Files []string `yaml:"files,omitempty"`
	// The embedded Spec holds images, probes, vars and checks.
	grader.Spec `yaml:",inline"`
	Solutions   []Solution `yaml:"solutions"`
	Mutants     []Mutant   `yaml:"mutants"`

	// Texts holds what people read, one per language.
	Texts map[content.Lang]*Text `yaml:"-"`

	dir string            // how problems name the lab's folder
	raw map[string][]byte // the files of the folder, by their path in it
}

// Points returns what the lab is worth: the sum of its checks' points.
func (l *Lab) Points() int {
	sum := 0
	for _, c := range l.Checks {
		sum += c.Points
	}
	return sum
}

// Param is a value that varies between runs of a lab.
type Param struct {
	Name    string   `yaml:"name"`
	Default string   `yaml:"default"`           // used in practice
	Choices []string `yaml:"choices,omitempty"` // a seed picks one of them, or Default
}

// Solution is a correct answer.
type Solution struct {
	Name string `yaml:"name"`
	// Manifest is applied to a namespace in its start state.
	Manifest string `yaml:"manifest"`
	// Steps are what the learner does after that, in order.
	Steps []Step `yaml:"steps,omitempty"`
	// Note says in one English sentence what is special about this form.
	Note string `yaml:"note"`
}

// Mutant is a wrong answer: a solution with one mistake.
type Mutant struct {
	Name string `yaml:"name"`
	// From names the solution that Replace changes.
	From string `yaml:"from,omitempty"`
	// Replace lists edits to the solution's manifest.
	Replace []Replace `yaml:"replace,omitempty"`
	// Manifest is used instead of From and Replace where an edit would be
	// longer than the whole.
	Manifest string `yaml:"manifest,omitempty"`
	// Steps replace those of the solution; nil keeps them.
	Steps []Step `yaml:"steps,omitempty"`
	// Catch lists the checks that must not pass. Others may or may not.
	Catch []string `yaml:"catch"`
	// Note says in one English sentence whose mistake this is.
	Note string `yaml:"note"`
}

// Step is one thing that a learner does after the first apply. Exactly one
// field is set.
type Step struct {
	// Passed are checks to wait for: until all of them pass.
	Passed []string `yaml:"passed,omitempty"`
	// Delete is an object of the lab's namespace, to be deleted as kubectl
	// delete would.
	Delete *ObjectRef `yaml:"delete,omitempty"`
	// Apply is a manifest among the solutions' files.
	Apply string `yaml:"apply,omitempty"`
}

// ObjectRef names an object of the lab's namespace.
type ObjectRef struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
}

// DeleteCommand returns the kubectl command that deletes the object.
func (o ObjectRef) DeleteCommand() string {
	return "kubectl delete " + strings.ToLower(o.Kind) + " " + o.Name
}

// Replace is an edit of a text: Old must occur in it exactly once.
type Replace struct {
	// In is the manifest of a step; empty for the solution's own.
	In  string `yaml:"in,omitempty"`
	Old string `yaml:"old"`
	New string `yaml:"new"`
}

// Text is what a person reads of a lab in one language; it is the content of
// <lang>.yaml in the lab's folder.
type Text struct {
	Title   string `yaml:"title"`
	Summary string `yaml:"summary"` // one line
	Task    string `yaml:"task"`    // Markdown
	// Hints from gentle to plain, at least two; Markdown.
	Hints  []string             `yaml:"hints"`
	Checks map[string]CheckText `yaml:"checks"` // by check id
	// Messages are the texts that the checks' actual expressions say, beside
	// the grader's own (content/texts/grader.<lang>.yaml), with {placeholders}.
	Messages content.Catalog `yaml:"messages,omitempty"`
	Debrief  string          `yaml:"debrief"` // Markdown
}

// Titles returns the titles of checks.
func (t *Text) Titles(ids []string) []string {
	titles := make([]string, len(ids))
	for i, id := range ids {
		titles[i] = t.Checks[id].Title
	}
	return titles
}

// CheckText is what a person reads of one check.
type CheckText struct {
	Title    string `yaml:"title"`
	Expected string `yaml:"expected"`
	Why      string `yaml:"why"`
}
