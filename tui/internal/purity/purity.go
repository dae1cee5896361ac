// Package purity proves by its code what keeps a bubbletea program responsive
// and easy to test: that nothing between a message and the next frame waits or
// reaches outside of the program (Impurities), and that no package keeps state
// in its variables (Mutables). Its own test applies it to podlab's TUI.
//
// What a tea.Cmd does is not looked at: to make one is not to run it.
package purity

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// Program is code to be judged. What it imports is known by names alone.
type Program struct {
	dir   string
	ssa   *ssa.Program
	own   map[*types.Package]bool
	funcs map[*ssa.Function]bool // those whose code is known
	types []types.Type           // those that may stand behind an interface
	calls *callgraph.Graph       // what calls of function values may call
}

// Load reads the packages that match patterns, seen from dir, without their
// tests. It runs "go list", which compiles what they import where that was not
// done before.
func Load(dir string, patterns ...string) (*Program, error) {
	fail := func(err error) (*Program, error) {
		return nil, fmt.Errorf("load %s: %w", strings.Join(patterns, " "), err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fail(err)
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: dir}, patterns...)
	if err != nil {
		return fail(err)
	}
	var broken []error
	for _, pkg := range loaded {
		for _, err := range pkg.Errors {
			broken = append(broken, err)
		}
	}
	if len(broken) > 0 {
		return fail(errors.Join(broken...))
	}

	p := &Program{dir: dir, own: map[*types.Package]bool{}, funcs: map[*ssa.Function]bool{}}
	prog, built := ssautil.Packages(loaded, ssa.InstantiateGenerics)
	prog.Build()
	p.ssa = prog
	for _, pkg := range built {
		p.own[pkg.Pkg] = true
	}
	for f := range ssautil.AllFunctions(prog) {
		if len(f.Blocks) > 0 {
			p.funcs[f] = true
		}
	}
	for _, t := range prog.RuntimeTypes() {
		if !types.IsInterface(t) {
			p.types = append(p.types, t)
		}
	}
	p.calls = vta.CallGraph(p.mentioned(), nil)
	return p, nil
}

// mentioned returns the functions whose code is known, and those of others
// that the code mentions: they may be kept in a variable.
func (p *Program) mentioned() map[*ssa.Function]bool {
	all := maps.Clone(p.funcs)
	for instr := range p.instructions() {
		for _, operand := range instr.Operands(nil) {
			if f, ok := (*operand).(*ssa.Function); ok {
				all[f] = true
			}
		}
	}
	return all
}

// instructions of all functions whose code is known.
func (p *Program) instructions() iter.Seq[ssa.Instruction] {
	return func(yield func(ssa.Instruction) bool) {
		for f := range p.funcs {
			for _, block := range f.Blocks {
				for _, instr := range block.Instrs {
					if !yield(instr) {
						return
					}
				}
			}
		}
	}
}

// Finding is a place in the code that breaks a rule.
type Finding struct {
	// Position is file:line, below the directory that was given to Load.
	Position string
	// What is wrong there.
	What string
	// Path leads to the place from the method that bubbletea calls; empty
	// where the place speaks for itself.
	Path []string
}

// String shows a finding to a person.
func (f Finding) String() string {
	return strings.Join(append([]string{f.Position + ": " + f.What}, f.Path...), "\n\t")
}

// position is where something stands in the code; empty for what stands
// nowhere, since the compiler made it up.
func (p *Program) position(pos token.Pos) string {
	if !pos.IsValid() {
		return ""
	}
	at := p.ssa.Fset.Position(pos)
	if rel, err := filepath.Rel(p.dir, at.Filename); err == nil {
		at.Filename = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

// home is the package that a function was written in; nil where nothing was
// written.
func home(f *ssa.Function) *types.Package {
	switch {
	case f.Pkg != nil:
		return f.Pkg.Pkg
	case f.Object() != nil:
		return f.Object().Pkg()
	case f.Parent() != nil:
		return home(f.Parent())
	default:
		return nil
	}
}
