// Package lint proves that labs are good: Static without a cluster, by
// reading them; the rest of the package on a cluster, by grading the start
// state, the solutions and the mutants.
package lint

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"podlab/labs"
)

// StaticOptions of Static.
type StaticOptions struct {
	// Images are the references that labs may declare, as in a bundle's list;
	// nil allows all.
	Images []string
}

// Static looks for everything that can be wrong in the labs of the sources
// without asking a cluster, and returns all of it sorted by file and line:
// what labs.Load refuses, and what makes a lab bad though it would run. Each
// lab is instantiated with its defaults, with every choice of every param, and
// with the params that some seeds choose.
func Static(o StaticOptions, sources ...labs.Source) labs.Problems {
	all, problems := labs.Inspect(sources...)
	found := make([]labs.Problems, len(all))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, l := range all {
		group.Go(func() error {
			found[i] = lintLab(o, l, problems)
			return nil
		})
	}
	_ = group.Wait() // the functions return none
	return slices.Concat(append(found, problems)...).Sorted()
}

// lab collects the problems of one lab.
type lab struct {
	*labs.Lab
	options  StaticOptions
	problems labs.Problems
	// badChoices: params have choices that are not worth trying.
	badChoices bool
}

const labFile = "lab.yaml"

// testNamespace is a namespace that no lab can have written into its files.
const testNamespace = "lint-0f5a"

func (l *lab) add(file string, path []string, format string, args ...any) {
	l.problems = append(l.problems, l.Problem(file, path, fmt.Sprintf(format, args...)))
}

func lintLab(o StaticOptions, loaded *labs.Lab, broken labs.Problems) labs.Problems {
	l := &lab{Lab: loaded, options: o}
	l.checkTexts()
	l.checkAnswers()
	l.checkParams()
	l.checkStrayFiles()
	if !l.isBroken(broken) {
		l.checkInstances()
	}
	return l.problems
}

// isBroken reports whether the lab has problems that already keep it from
// being instantiated, or would be reported once more for each instance.
func (l *lab) isBroken(problems labs.Problems) bool {
	return slices.ContainsFunc(problems, func(p labs.Problem) bool {
		return p.File == l.Path("") || strings.HasPrefix(p.File, l.Path("")+"/")
	})
}

// variant is one set of values of a lab's params.
type variant struct {
	name   string // "" for the defaults
	values map[string]string
}

// seeds is how many seeds are tried. With every choice tried on its own
// before, they only have to find combinations that do not go together.
const seeds = 8

func (l *lab) variants() []variant {
	all := []variant{{values: l.Defaults()}}
	if l.badChoices {
		return all
	}
	for _, p := range l.Params {
		for _, choice := range p.Choices {
			values := l.Defaults()
			values[p.Name] = choice
			all = append(all, variant{name: p.Name + "=" + choice, values: values})
		}
	}
	if len(l.Params) > 1 {
		for seed := range uint64(seeds) {
			all = append(all, variant{name: fmt.Sprintf("those of seed %d", seed), values: l.Seeded(seed)})
		}
	}
	return all
}

// checkInstances looks at the expanded lab. It stops at the first variant
// with problems, since others would mostly repeat them.
func (l *lab) checkInstances() {
	used := map[string]bool{} // images, over all variants
	for _, v := range l.variants() {
		before := len(l.problems)
		i, err := l.Instantiate(testNamespace, v.values)
		if err != nil {
			var found labs.Problems
			if !errors.As(err, &found) {
				found = labs.Problems{l.Problem(labFile, nil, err.Error())}
			}
			l.problems = append(l.problems, found...)
		} else {
			maps.Copy(used, l.checkManifests(i))
			l.checkNames(i)
			if v.name == "" {
				l.checkMessages(i)
			}
		}
		if len(l.problems) > before {
			if v.name != "" {
				for n := range l.problems[before:] {
					l.problems[before+n].Message += fmt.Sprintf(" (with the params %s)", v.name)
				}
			}
			return
		}
	}
	l.checkImages(used)
}
