package labs

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"podlab/content"
	"podlab/grader"
)

// Instance is a lab whose templates are expanded: what one learner works on.
// It is safe for concurrent use.
type Instance struct {
	Lab       *Lab              // as loaded, unexpanded
	Params    map[string]string // the value of each param of the lab
	Namespace string

	Setup []Manifest // in order of application
	Files []File
	// Spec is the lab's, expanded; Program is Spec compiled.
	Spec      grader.Spec
	Program   *grader.Program
	Solutions []Answer
	Mutants   []Answer

	texts map[content.Lang]*Text

	mu       sync.Mutex
	catalogs map[content.Lang]content.Catalog // as they are needed
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

// Instantiate expands the lab for a namespace with the values of params;
// params that are not given have their default. All problems are reported at
// once, as Problems.
func (l *Lab) Instantiate(namespace string, params map[string]string) (*Instance, error) {
	i := &Instance{Lab: l, Params: l.Defaults(), Namespace: namespace, texts: map[content.Lang]*Text{}}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if _, ok := i.Params[name]; !ok {
			return nil, fmt.Errorf("lab %s has no param %q: it has %s", l.ID, name, orNone(slices.Sorted(maps.Keys(i.Params))))
		}
		i.Params[name] = params[name]
	}
	e := &expander{lab: l, values: maps.Clone(i.Params)}
	e.values["namespace"] = namespace

	for _, name := range l.Setup {
		i.Setup = append(i.Setup, Manifest{Name: name, Data: e.file(name)})
	}
	for _, name := range l.Files {
		i.Files = append(i.Files, File{Name: path.Base(name), Data: e.file(name)})
	}
	for _, s := range l.Solutions {
		i.Solutions = append(i.Solutions, Answer{Name: s.Name, Note: s.Note, Manifest: Manifest{Name: s.Manifest, Data: e.file(s.Manifest)}})
	}
	for n := range l.Mutants {
		i.Mutants = append(i.Mutants, e.mutant(n, i.Solutions))
	}
	for _, lang := range content.Langs() {
		if text := l.Texts[lang]; text != nil {
			i.texts[lang] = e.fields(textFile(lang), nil, reflect.ValueOf(text)).Interface().(*Text)
		}
	}
	before := len(e.problems)
	i.Spec = e.fields(labFile, nil, reflect.ValueOf(l.Spec)).Interface().(grader.Spec)
	if len(e.problems) == before { // expressions with unexpanded templates only add noise
		var err error
		if i.Program, err = grader.Compile(i.Spec, i.Params); err != nil {
			e.problems = append(e.problems, l.compileProblems(err)...)
		}
	}
	if err := e.problems.Sorted().Err(); err != nil {
		return nil, err
	}
	return i, nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// mutant makes the wrong answer that the lab's n-th mutant describes. Edits
// are made in the expanded manifest, so that they may span what params vary.
func (e *expander) mutant(n int, solutions []Answer) Answer {
	m := e.lab.Mutants[n]
	answer := Answer{Name: m.Name, Catch: m.Catch, Note: m.Note}
	if m.Manifest != "" {
		answer.Manifest = Manifest{Name: m.Manifest, Data: e.file(m.Manifest)}
		return answer
	}
	from := slices.IndexFunc(solutions, func(s Answer) bool { return s.Name == m.From })
	if from < 0 || solutions[from].Manifest.Data == nil {
		return answer // a problem that is known already
	}
	text := string(solutions[from].Manifest.Data)
	for r, replace := range m.Replace {
		at := []string{"mutants", strconv.Itoa(n), "replace", strconv.Itoa(r)}
		before := e.field(labFile, append(slices.Clone(at), "old"), replace.Old)
		after := e.field(labFile, append(slices.Clone(at), "new"), replace.New)
		if before == "" {
			continue // check has said so
		}
		if count := strings.Count(text, before); count != 1 {
			e.problems = append(e.problems, e.lab.Problem(labFile, append(at, "old"),
				fmt.Sprintf("mutant %q: old occurs %d times in solution %q: quote a part that occurs exactly once", m.Name, count, m.From)))
			continue
		}
		text = strings.Replace(text, before, after, 1)
	}
	answer.Manifest = Manifest{Name: solutions[from].Manifest.Name, Data: []byte(text)}
	return answer
}

// compileProblems finds the lines of what grader.Compile reported.
func (l *Lab) compileProblems(err error) Problems {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var problems Problems
		for _, one := range joined.Unwrap() {
			problems = append(problems, l.compileProblems(one)...)
		}
		return problems
	}
	var compile *grader.CompileError
	if errors.As(err, &compile) {
		return Problems{l.Problem(labFile, compile.Path, compile.Problem)}
	}
	return Problems{{File: l.Path(labFile), Line: 1, Message: err.Error()}}
}

// Text returns the expanded texts in lang, and the English ones for a
// language that podlab does not speak.
func (i *Instance) Text(lang content.Lang) *Text {
	if text, ok := i.texts[lang]; ok {
		return text
	}
	return i.texts[content.English]
}
