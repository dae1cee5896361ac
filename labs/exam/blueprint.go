package exam

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"podlab/content"
	"podlab/labs"
)

// BlueprintVersion is the version of blueprints that this podlab reads.
const BlueprintVersion = 1

// Blueprint says what an exam asks for, see content/exams.
type Blueprint struct {
	Version int    `yaml:"version"`
	ID      string `yaml:"id"`
	// Tasks is how many labs are chosen, and Minutes the time for all of them.
	Tasks   int `yaml:"tasks"`
	Minutes int `yaml:"minutes"`
	// Patterns and Levels limit the choice; empty for all.
	Patterns []labs.Pattern `yaml:"patterns,omitempty"`
	Levels   []int          `yaml:"levels,omitempty"`
	// Title in each language.
	Title map[content.Lang]string `yaml:"title"`
}

// Blueprints reads the blueprints below fsys, one file each: first those that ask
// from all patterns, the shorter ones first, then the others by name.
func Blueprints(fsys fs.FS) ([]Blueprint, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the blueprints of exams: %w", err)
	}
	var all []Blueprint
	for _, name := range names {
		if name == linksFile {
			continue
		}
		var b Blueprint
		if err := content.DecodeFile(fsys, name, &b); err != nil {
			return nil, fmt.Errorf("read a blueprint: %w", err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".yaml"); b.ID != want {
			return nil, fmt.Errorf("%s: id %q: a blueprint is named like its file, %q", name, b.ID, want)
		}
		if err := b.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, b)
	}
	slices.SortStableFunc(all, func(a, b Blueprint) int {
		return cmp.Or(
			cmp.Compare(min(len(a.Patterns), 1), min(len(b.Patterns), 1)),
			// Those of a pattern are in the order of their names already.
			cmp.Compare(a.generalTasks(), b.generalTasks()),
		)
	})
	return all, nil
}

// generalTasks is how many tasks there are, 0 where they are from some patterns.
func (b *Blueprint) generalTasks() int {
	if len(b.Patterns) > 0 {
		return 0
	}
	return b.Tasks
}

// TitleOf returns what the blueprint of that id is called in lang; empty for one
// that is not among them.
func TitleOf(blueprints []Blueprint, id string, lang content.Lang) string {
	for _, b := range blueprints {
		if b.ID == id {
			return b.Title[lang]
		}
	}
	return ""
}

func (b *Blueprint) check() error {
	switch {
	case b.Version != BlueprintVersion:
		return fmt.Errorf("version %d: this podlab reads version %d", b.Version, BlueprintVersion)
	case b.Tasks < 1:
		return fmt.Errorf("tasks %d: an exam has at least one", b.Tasks)
	case b.Minutes < 1:
		return fmt.Errorf("minutes %d: an exam takes at least one", b.Minutes)
	}
	for _, lang := range content.Langs() {
		if b.Title[lang] == "" {
			return fmt.Errorf("title: there is none in %s", lang.Name())
		}
	}
	return nil
}

// admits reports whether the blueprint lets a lab be chosen.
func (b *Blueprint) admits(lab *labs.Lab) bool {
	return (len(b.Patterns) == 0 || slices.Contains(b.Patterns, lab.Pattern)) &&
		(len(b.Levels) == 0 || slices.Contains(b.Levels, lab.Level))
}
