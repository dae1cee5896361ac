package labs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"podlab/content"
)

var (
	// A lab's id is part of a namespace's name, behind a prefix.
	labID         = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)
	namespaceName = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)
	paramName     = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
)

// checker collects what is wrong in a lab that could be decoded.
type checker struct {
	lab      *Lab
	problems Problems
}

func (c *checker) add(file string, path []string, format string, args ...any) {
	c.problems = append(c.problems, c.lab.Problem(file, path, fmt.Sprintf(format, args...)))
}

// check finds what would make the lab fail when it is used, except what
// checkParams does, and what instantiating it does: templates, expressions and
// edits.
func (l *Lab) check(folder string) Problems {
	c := &checker{lab: l}
	c.head(folder)
	c.fileLists()
	c.answers()
	c.texts()
	return c.problems
}

func (c *checker) head(folder string) {
	l := c.lab
	at := func(field string) []string { return []string{field} }
	switch {
	case l.ID != folder:
		c.add(labFile, at("id"), "id %q: write %q, the name of the folder", l.ID, folder)
	case !labID.MatchString(l.ID):
		c.add(labFile, at("id"), "id %q: use at most 40 lower-case letters, digits and hyphens", l.ID)
	}
	if !slices.Contains(Patterns(), l.Pattern) {
		names := make([]string, len(Patterns()))
		for i, p := range Patterns() {
			names[i] = string(p)
		}
		c.add(labFile, at("pattern"), "pattern %q: use one of %s", l.Pattern, strings.Join(names, ", "))
	}
	if l.Level < 1 || l.Level > 3 {
		c.add(labFile, at("level"), "level %d: use 1 (warm-up), 2 (exam) or 3 (exam-hard)", l.Level)
	}
	if l.Minutes < 1 {
		c.add(labFile, at("minutes"), "minutes %d: write the target time, at least 1", l.Minutes)
	}
	if strings.TrimSpace(l.Source) == "" {
		c.add(labFile, at("source"), "source is missing: name the document as docs/documents.md does")
	}
}

// checkParams finds params that templates could not use.
func (l *Lab) checkParams() Problems {
	c := &checker{lab: l}
	seen := map[string]bool{}
	for i, p := range l.Params {
		at := []string{"params", strconv.Itoa(i), "name"}
		switch {
		case p.Name == "namespace":
			c.add(labFile, at, "param \"namespace\" is always there: choose another name")
		case !paramName.MatchString(p.Name):
			c.add(labFile, at, "param name %q: use a lower-case letter, then letters and digits", p.Name)
		case seen[p.Name]:
			c.add(labFile, at, "param %q is declared twice: choose another name", p.Name)
		}
		seen[p.Name] = true
		if p.Default == "" {
			c.add(labFile, []string{"params", strconv.Itoa(i), "default"}, "param %q has no default: write the value that practice uses", p.Name)
		}
	}
	for i, name := range l.Namespaces {
		at := []string{"namespaces", strconv.Itoa(i)}
		switch {
		case name == "namespace" || !namespaceName.MatchString(name):
			c.add(labFile, at, "namespace %q: use at most 12 lower-case letters and digits, but not \"namespace\"", name)
		case seen[name]:
			c.add(labFile, at, "namespace %q is the name of a param, or there twice: choose another name", name)
		}
		seen[name] = true
	}
	return c.problems
}

func (c *checker) fileLists() {
	for i, name := range c.lab.Setup {
		c.file(name, setupDir, "setup", strconv.Itoa(i))
	}
	base := map[string]bool{}
	for i, name := range c.lab.Files {
		c.file(name, filesDir, "files", strconv.Itoa(i))
		if base[path.Base(name)] {
			c.add(labFile, []string{"files", strconv.Itoa(i)}, "a second file %q: the learner gets all files in one directory, choose another name", path.Base(name))
		}
		base[path.Base(name)] = true
	}
}

// file checks the name of a file that lab.yaml lists.
func (c *checker) file(name, dir string, at ...string) {
	switch {
	case !strings.HasPrefix(name, dir+"/") || path.Clean(name) != name:
		c.add(labFile, at, "file %q: write %s/<name> and put it there", name, dir)
	case c.lab.raw[name] == nil:
		c.add(labFile, at, "there is no file %q in the lab's folder: add it or correct the name", name)
	}
}

func (c *checker) answers() {
	l := c.lab
	if len(l.Solutions) == 0 {
		c.add(labFile, []string{"solutions"}, "there is no solution: add one, or two where two forms are right")
	}
	checks := map[string]bool{}
	for _, check := range l.Checks {
		checks[check.ID] = true
	}
	solutions := map[string]bool{}
	for i, s := range l.Solutions {
		at := []string{"solutions", strconv.Itoa(i)}
		c.name("solution", s.Name, solutions, at)
		c.file(s.Manifest, solutionsDir, append(slices.Clone(at), "manifest")...)
		c.steps("solution", s.Name, s.Steps, checks, append(slices.Clone(at), "steps"))
	}
	mutants := map[string]bool{}
	for i, m := range l.Mutants {
		at := []string{"mutants", strconv.Itoa(i)}
		field := func(name ...string) []string { return append(slices.Clone(at), name...) }
		c.name("mutant", m.Name, mutants, at)
		switch {
		case (m.From == "") == (m.Manifest == ""):
			c.add(labFile, at, "mutant %q: write either from and replace, or manifest", m.Name)
		case m.Manifest != "":
			c.file(m.Manifest, mutantsDir, field("manifest")...)
			if len(m.Replace) > 0 {
				c.add(labFile, field("replace"), "mutant %q has a manifest of its own: edit that instead", m.Name)
			}
		case !solutions[m.From]:
			c.add(labFile, field("from"), "mutant %q: there is no solution %q: name one of the lab's", m.Name, m.From)
		case len(m.Replace) == 0 && m.Steps == nil:
			c.add(labFile, at, "mutant %q changes nothing: add an edit under replace, or other steps", m.Name)
		}
		c.steps("mutant", m.Name, m.Steps, checks, field("steps"))
		for n, r := range m.Replace {
			switch {
			case r.Old == "":
				c.add(labFile, field("replace", strconv.Itoa(n)), "mutant %q: old is empty: quote the text to replace", m.Name)
			case r.Old == r.New:
				c.add(labFile, field("replace", strconv.Itoa(n)), "mutant %q: old and new are the same: make a mistake", m.Name)
			}
		}
		if len(m.Catch) == 0 {
			c.add(labFile, at, "mutant %q: catch is empty: name the checks that must not pass", m.Name)
		}
		for n, id := range m.Catch {
			if !checks[id] {
				c.add(labFile, field("catch", strconv.Itoa(n)), "mutant %q: there is no check %q: name one of the lab's", m.Name, id)
			}
		}
	}
}

// steps checks the steps of an answer, which are listed at path.
func (c *checker) steps(what, name string, steps []Step, checks map[string]bool, path []string) {
	for n, s := range steps {
		at := func(field ...string) []string { return append(append(slices.Clone(path), strconv.Itoa(n)), field...) }
		set := 0
		if len(s.Passed) > 0 {
			set++
		}
		for i, id := range s.Passed {
			if !checks[id] {
				c.add(labFile, at("passed", strconv.Itoa(i)), "%s %q: there is no check %q: name one of the lab's", what, name, id)
			}
		}
		if d := s.Delete; d != nil {
			set++
			if d.APIVersion == "" || d.Kind == "" || d.Name == "" {
				c.add(labFile, at("delete"), "%s %q: write apiVersion, kind and name of the object to delete", what, name)
			}
		}
		if s.Apply != "" {
			set++
			c.file(s.Apply, solutionsDir, at("apply")...)
		}
		if set != 1 {
			c.add(labFile, at(), "%s %q: a step has exactly one of passed, delete and apply", what, name)
		}
	}
}

// name checks the name of a solution or mutant; seen holds those above it.
func (c *checker) name(what, name string, seen map[string]bool, at []string) {
	switch {
	case !labID.MatchString(name):
		c.add(labFile, append(slices.Clone(at), "name"), "%s name %q: use lower-case letters, digits and hyphens", what, name)
	case seen[name]:
		c.add(labFile, append(slices.Clone(at), "name"), "%s %q is there twice: choose another name", what, name)
	}
	seen[name] = true
}

// texts checks that each language speaks about exactly the lab's checks.
func (c *checker) texts() {
	ids := map[string]bool{}
	for i, check := range c.lab.Checks {
		ids[check.ID] = true
		var lacking []string
		for _, lang := range content.Langs() {
			if t := c.lab.Texts[lang]; t != nil {
				if _, ok := t.Checks[check.ID]; !ok {
					lacking = append(lacking, textFile(lang))
				}
			}
		}
		if len(lacking) > 0 {
			c.add(labFile, []string{"checks", strconv.Itoa(i), "id"}, "check %q has no texts in %s: add them there under checks", check.ID, strings.Join(lacking, ", "))
		}
	}
	for _, lang := range content.Langs() {
		t := c.lab.Texts[lang]
		if t == nil {
			continue
		}
		for id := range t.Checks {
			if !ids[id] {
				c.add(textFile(lang), []string{"checks", id}, "texts for check %q, which lab.yaml does not have: remove them or correct the id", id)
			}
		}
	}
}
