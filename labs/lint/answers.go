package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"podlab/content"
	"podlab/labs"
)

// checkAnswers looks at solutions and mutants as the files list them.
func (l *lab) checkAnswers() {
	for i, s := range l.Solutions {
		l.note([]string{"solutions", strconv.Itoa(i)}, "solution", s.Name, s.Note)
	}
	caught := map[string]bool{}
	for i, m := range l.Mutants {
		l.note([]string{"mutants", strconv.Itoa(i)}, "mutant", m.Name, m.Note)
		for _, id := range m.Catch {
			caught[id] = true
		}
	}
	for i, c := range l.Checks {
		if !caught[c.ID] {
			l.add(labFile, []string{"checks", strconv.Itoa(i), "id"}, "check %q catches no mutant: add the mistake that it is there for", c.ID)
		}
	}
}

func (l *lab) note(at []string, what, name, note string) {
	note = strings.TrimSpace(note)
	if note == "" || strings.Contains(note, "\n") {
		l.add(labFile, append(at, "note"), "%s %q: write one line as its note, what is special about it", what, name)
	}
}

// checkParams looks at params as the file lists them; whether each choice
// works is for checkInstances.
func (l *lab) checkParams() {
	before := len(l.problems)
	defer func() { l.badChoices = len(l.problems) > before }()
	for i, p := range l.Params {
		at := []string{"params", strconv.Itoa(i)}
		seen := map[string]bool{p.Default: true}
		for n, choice := range p.Choices {
			switch {
			case choice == "":
				l.add(labFile, append(slices.Clone(at), "choices", strconv.Itoa(n)), "param %q: a choice is empty: remove it", p.Name)
			case seen[choice]:
				l.add(labFile, append(slices.Clone(at), "choices", strconv.Itoa(n)), "param %q: %q is there twice (the default is a choice already): remove one", p.Name, choice)
			}
			seen[choice] = true
		}
		if !l.usesParam(p.Name) {
			l.add(labFile, append(slices.Clone(at), "name"), "param %q is not used: use it as {{.%s}} or remove it", p.Name, p.Name)
		}
	}
}

// usesParam looks for the param in the templates and the expressions.
func (l *lab) usesParam(name string) bool {
	inTemplate := regexp.MustCompile(`\{\{[^}]*\.` + name + `\b`)
	inExpression := regexp.MustCompile(`\bparams\.` + name + `\b`)
	for _, file := range l.RawNames() {
		if inTemplate.Match(l.Raw(file)) {
			return true
		}
	}
	return inExpression.Match(l.Raw(labFile))
}

// checkStrayFiles finds files that lab.yaml forgot.
func (l *lab) checkStrayFiles() {
	known := map[string]bool{labFile: true}
	for _, lang := range content.Langs() {
		known[textFile(lang)] = true
	}
	for _, name := range slices.Concat(l.Setup, l.Files) {
		known[name] = true
	}
	steps := func(steps []labs.Step) {
		for _, s := range steps {
			known[s.Apply] = true
		}
	}
	for _, s := range l.Solutions {
		known[s.Manifest] = true
		steps(s.Steps)
	}
	for _, m := range l.Mutants {
		known[m.Manifest] = true
		steps(m.Steps)
	}
	for _, name := range l.RawNames() {
		if !known[name] {
			l.add(name, nil, "%s does not list this file: list it or remove it", labFile)
		}
	}
}
