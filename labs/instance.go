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
	// Namespaces are the names of the further namespaces that the lab uses.
	Namespaces []string

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

// File is a file of the learner's work directory.
type File struct {
	Name string // a base name
	Data []byte
}

// Answer is a solution, or a mutant with its edits made.
type Answer struct {
	Name     string
	Manifest Manifest
	Steps    []AnswerStep // what to do after the manifest was applied, in order
	Catch    []string     // mutants only
	Note     string
}

// AnswerStep is an expanded Step; exactly one field is set.
type AnswerStep struct {
	Passed []string   // wait until these checks pass
	Delete *ObjectRef // delete this object of the lab's namespace
	Apply  *Manifest  // apply this manifest
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
	for _, name := range l.Namespaces {
		e.values[name] = namespace + "-" + name
		i.Namespaces = append(i.Namespaces, e.values[name])
	}

	for _, name := range l.Setup {
		i.Setup = append(i.Setup, Manifest{Name: name, Data: e.file(name)})
	}
	for _, name := range l.Files {
		i.Files = append(i.Files, File{Name: path.Base(name), Data: e.file(name)})
	}
	for n, s := range l.Solutions {
		i.Solutions = append(i.Solutions, Answer{
			Name: s.Name, Note: s.Note,
			Manifest: Manifest{Name: s.Manifest, Data: e.file(s.Manifest)},
			Steps:    e.steps([]string{"solutions", strconv.Itoa(n), "steps"}, s.Steps),
		})
	}
	for n := range l.Mutants {
		i.Mutants = append(i.Mutants, e.mutant(n, i.Solutions))
	}
	for _, lang := range content.Langs() {
		if text := l.Texts[lang]; text != nil {
			i.texts[lang] = e.fields(textFile(lang), nil, reflect.ValueOf(text)).Interface().(*Text)
			i.texts[lang].plainChecks()
		}
	}
	before := len(e.problems)
	i.Spec = e.fields(labFile, nil, reflect.ValueOf(l.Spec)).Interface().(grader.Spec)
	if len(e.problems) == before { // expressions with unexpanded templates only add noise
		var err error
		if i.Program, err = grader.Compile(i.Spec, i.Params, setupObjects(i.Setup)); err != nil {
			e.problems = append(e.problems, l.compileProblems(err)...)
		}
	}
	if err := e.problems.Sorted().Err(); err != nil {
		return nil, err
	}
	return i, nil
}

// plainChecks takes the backticks off the texts of checks: they are shown as
// they are, in tables and JUnit files as well.
func (t *Text) plainChecks() {
	plain := func(s string) string { return strings.ReplaceAll(s, "`", "") }
	for id, c := range t.Checks {
		t.Checks[id] = CheckText{Title: plain(c.Title), Expected: plain(c.Expected), Why: plain(c.Why)}
	}
}

// AllNamespaces returns the names of all namespaces of the lab, its own first.
func (i *Instance) AllNamespaces() []string {
	return append([]string{i.Namespace}, i.Namespaces...)
}

// Headline returns title and summary in lang with the default params, without
// the work of an Instance. Where the templates of an unsound lab do not expand
// they are returned as they are.
func (l *Lab) Headline(lang content.Lang) (title, summary string) {
	text := l.Texts[lang]
	if text == nil {
		text = l.Texts[content.English]
	}
	e := &expander{lab: l, values: l.Defaults()}
	title, _, _ = e.expand(text.Title)
	summary, _, _ = e.expand(text.Summary)
	return title, summary
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
	answer.Steps = e.steps([]string{"mutants", strconv.Itoa(n), "steps"}, m.Steps)
	if m.Manifest != "" {
		answer.Manifest = Manifest{Name: m.Manifest, Data: e.file(m.Manifest)}
		return answer
	}
	from := slices.IndexFunc(solutions, func(s Answer) bool { return s.Name == m.From })
	if from < 0 || solutions[from].Manifest.Data == nil {
		return answer // a problem that is known already
	}
	answer.Manifest = solutions[from].Manifest
	if m.Steps == nil {
		answer.Steps = slices.Clone(solutions[from].Steps)
	}
	for r, replace := range m.Replace {
		at := []string{"mutants", strconv.Itoa(n), "replace", strconv.Itoa(r)}
		before := e.field(labFile, append(slices.Clone(at), "old"), replace.Old)
		after := e.field(labFile, append(slices.Clone(at), "new"), replace.New)
		if before == "" {
			continue // check has said so
		}
		manifest := answer.manifest(replace.In)
		if manifest == nil {
			e.problems = append(e.problems, e.lab.Problem(labFile, append(at, "in"),
				fmt.Sprintf("mutant %q: no step applies %q: name a manifest of its steps, or leave it out to edit the solution's own", m.Name, replace.In)))
			continue
		}
		if count := strings.Count(string(manifest.Data), before); count != 1 {
			e.problems = append(e.problems, e.lab.Problem(labFile, append(at, "old"),
				fmt.Sprintf("mutant %q: old occurs %d times in %s: quote a part that occurs exactly once", m.Name, count, manifest.Name)))
			continue
		}
		manifest.Data = []byte(strings.Replace(string(manifest.Data), before, after, 1))
	}
	return answer
}

// manifest returns the manifest of the answer, or of the first step that
// applies the file of that name, to be edited; nil if there is none. A step's
// is copied, since steps are shared with the solution.
func (a *Answer) manifest(in string) *Manifest {
	if in == "" || in == a.Manifest.Name {
		return &a.Manifest
	}
	for i, s := range a.Steps {
		if s.Apply != nil && s.Apply.Name == in {
			edited := *s.Apply
			a.Steps[i].Apply = &edited
			return &edited
		}
	}
	return nil
}

// steps expands the steps of an answer, which are listed at path in lab.yaml.
func (e *expander) steps(path []string, steps []Step) []AnswerStep {
	var out []AnswerStep
	for n, s := range steps {
		expanded := AnswerStep{Passed: s.Passed}
		if s.Delete != nil {
			at := append(slices.Clone(path), strconv.Itoa(n), "delete")
			expanded.Delete = e.fields(labFile, at, reflect.ValueOf(s.Delete)).Interface().(*ObjectRef)
		}
		if s.Apply != "" {
			expanded.Apply = &Manifest{Name: s.Apply, Data: e.file(s.Apply)}
		}
		out = append(out, expanded)
	}
	return out
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
