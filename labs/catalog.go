package labs

import (
	"io/fs"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
)

// Source is a tree of lab folders. Dir is its path on disk, used in errors;
// it is "content/labs" for the embedded one.
type Source struct {
	Dir string
	FS  fs.FS
}

// Catalog is all labs that are available, in the order in which they are
// offered: by pattern, level, then id.
type Catalog struct{}

// Load reads all labs of the sources; a lab in a later source replaces one
// with the same id in an earlier source. All problems of all labs are
// reported, joined, each as "file:line: what is wrong: what to do".
func Load(sources ...Source) (*Catalog, error) { panic("todo") }

// Labs returns all labs in order.
func (c *Catalog) Labs() []*Lab { panic("todo") }

// Lab returns the lab with that id; the error of an unknown id names the
// closest ones.
func (c *Catalog) Lab(id string) (*Lab, error) { panic("todo") }

// Defaults returns the values of the lab's params for practice.
func (l *Lab) Defaults() map[string]string { panic("todo") }

// Seeded returns the values of the lab's params that seed chooses; the same
// on every machine.
func (l *Lab) Seeded(seed uint64) map[string]string { panic("todo") }

// Instance is a lab whose templates are expanded: what one learner works on.
type Instance struct {
	Lab       *Lab // as loaded, unexpanded
	Params    map[string]string
	Namespace string

	Setup     []Manifest // in order of application
	Files     []File
	Program   *grader.Program
	Solutions []Answer
	Mutants   []Answer
}

// Manifest is an expanded Kubernetes YAML file.
type Manifest struct {
	Name string // relative to the lab's folder
	Data []byte
}

// File is a file of the learner's work directory.
type File struct {
	Name string // a base name
	Data []byte
}

// Answer is a solution, or a mutant with its edits made.
type Answer struct {
	Name     string
	Manifest Manifest
	Catch    []string // mutants only
	Note     string
}

// Instantiate expands the lab for a namespace with the values of params.
func (l *Lab) Instantiate(namespace string, params map[string]string) (*Instance, error) {
	panic("todo")
}

// Text returns the expanded texts in lang.
func (i *Instance) Text(lang content.Lang) *Text { panic("todo") }

// Localize says a graded report in lang.
func (i *Instance) Localize(r *grader.Report, lang content.Lang) *report.Report { panic("todo") }
