package purity

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Impurities returns where the methods that the rules call roots, in packages
// that match pattern, do what they must not: I/O, waiting, starting a
// goroutine, calling what cannot be known. Each place is told once, with a
// shortest way to it.
func (p *Program) Impurities(pattern string, rules Rules) []Finding {
	w := &walk{Program: p, rules: rules, seen: map[*ssa.Function]bool{}}
	for _, root := range p.roots(pattern, rules.Roots) {
		w.visit(root, nil, token.NoPos)
	}
	for len(w.queue) > 0 {
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.judge(next)
	}
	slices.SortStableFunc(w.found, func(a, b Finding) int { return cmp.Compare(a.Position, b.Position) })
	return slices.CompactFunc(w.found, func(a, b Finding) bool { return a.Position == b.Position && a.What == b.What })
}

// roots returns methods by their names, in the order of the source.
func (p *Program) roots(pattern string, names []string) []*ssa.Function {
	var roots []*ssa.Function
	for f := range p.funcs {
		if f.Signature.Recv() == nil || f.Synthetic != "" || !slices.Contains(names, f.Name()) {
			continue
		}
		if contains([]string{pattern}, home(f).Path()) {
			roots = append(roots, f)
		}
	}
	slices.SortFunc(roots, func(a, b *ssa.Function) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return roots
}

// walk goes through all that the roots reach, nearest first.
type walk struct {
	*Program
	rules Rules
	seen  map[*ssa.Function]bool
	queue []*step
	found []Finding
}

// step is a function on the way from a root.
type step struct {
	f    *ssa.Function
	from *step
	call token.Pos // in from
}

func (w *walk) visit(f *ssa.Function, from *step, call token.Pos) {
	if !w.seen[f] {
		w.seen[f] = true
		w.queue = append(w.queue, &step{f, from, call})
	}
}

func (w *walk) report(s *step, at token.Pos, format string, args ...any) {
	var path []string
	pos := at
	for ; s != nil; s = s.from {
		if s.f.Synthetic == "" {
			path = append(path, name(s.f)+" at "+w.position(pos))
		}
		pos = s.call
	}
	slices.Reverse(path)
	w.found = append(w.found, Finding{w.position(at), fmt.Sprintf(format, args...), path})
}

// judge looks at every instruction of a function.
func (w *walk) judge(s *step) {
	for _, block := range s.f.Blocks {
		for _, instr := range block.Instrs {
			w.judgeVariables(s, instr)
			switch instr := instr.(type) {
			case *ssa.Send:
				w.report(s, instr.Pos(), "waits to send to a channel")
			case *ssa.UnOp:
				if instr.Op == token.ARROW {
					w.report(s, instr.Pos(), "waits to receive from a channel")
				}
			case *ssa.Select:
				if instr.Blocking {
					w.report(s, instr.Pos(), "waits in a select without a default")
				}
			case *ssa.Go:
				w.report(s, instr.Pos(), "starts a goroutine, which is for a command to do")
			case ssa.CallInstruction: // now or deferred
				w.judgeCall(s, instr)
			}
		}
	}
}

// judgeVariables finds os.Stdout and its like.
func (w *walk) judgeVariables(s *step, instr ssa.Instruction) {
	for _, operand := range instr.Operands(nil) {
		v, ok := (*operand).(*ssa.Global)
		if ok && !w.own[v.Pkg.Pkg] && !w.rules.pure(v.Pkg.Pkg.Path(), v.String()) {
			w.report(s, instr.Pos(), "uses %s", v)
		}
	}
}

func (w *walk) judgeCall(s *step, call ssa.CallInstruction) {
	common := call.Common()
	if builtin, ok := common.Value.(*ssa.Builtin); ok {
		if name := builtin.Name(); name == "print" || name == "println" {
			w.report(s, call.Pos(), "calls %s, which writes to the terminal", name)
		}
		return
	}
	switch f := common.StaticCallee(); {
	case common.IsInvoke():
		w.judgeMethod(s, call)
	case f != nil:
		w.judgeFunction(s, call, f)
		w.judgeCallbacks(s, call, home(f))
	default:
		w.judgeValue(s, call)
	}
}

// judgeMethod judges a call through an interface.
func (w *walk) judgeMethod(s *step, call ssa.CallInstruction) {
	method := call.Common().Method
	if method.Pkg() == nil { // error
		return
	}
	pkg, name := method.Pkg().Path(), methodName(call.Common())
	switch {
	case contains(w.rules.Gates, name) && !contains(w.rules.Quick, name):
		w.report(s, call.Pos(), "calls %s, behind which lies the outside", name)
	case w.own[method.Pkg()]:
		behind := w.implementations(call.Common())
		for _, f := range behind {
			w.judgeFunction(s, call, f)
		}
		if len(behind) == 0 {
			w.report(s, call.Pos(), "calls %s, which nothing that is known has", name)
		}
	case !w.rules.pure(pkg, name):
		w.report(s, call.Pos(), "calls %s, which may do I/O or wait", name)
	default:
		w.judgeCallbacks(s, call, method.Pkg())
	}
}

// judgeFunction judges a call of a function that is known.
func (w *walk) judgeFunction(s *step, call ssa.CallInstruction, f *ssa.Function) {
	pkg, name := home(f), name(f)
	switch {
	case contains(w.rules.Trusted, name):
	case w.funcs[f]:
		w.visit(f, s, call.Pos())
	case pkg == nil || !w.rules.pure(pkg.Path(), name):
		w.report(s, call.Pos(), "calls %s, which may do I/O or wait", name)
	}
}

// judgeCallbacks goes on in the functions that the code of others is given,
// since it may call them.
func (w *walk) judgeCallbacks(s *step, call ssa.CallInstruction, callee *types.Package) {
	if callee == nil || w.own[callee] || contains(w.rules.Later, callee.Path()) {
		return
	}
	for _, arg := range call.Common().Args {
		switch arg := arg.(type) {
		case *ssa.Function:
			w.judgeFunction(s, call, arg)
		case *ssa.MakeClosure:
			w.judgeFunction(s, call, arg.Fn.(*ssa.Function))
		}
	}
}

// judgeValue judges a call of a function that is held in a variable.
func (w *walk) judgeValue(s *step, call ssa.CallInstruction) {
	value := call.Common().Value
	if contains(w.rules.Trusted, fieldName(value)) {
		return
	}
	callees := w.callees(s.f, call)
	for _, f := range callees {
		w.judgeFunction(s, call, f)
	}
	_, given := value.(*ssa.Parameter) // nobody calls s.f, if nothing is known to be given
	switch maker := maker(value); {
	case len(callees) > 0 || given:
	case maker != nil:
		// What a function of others returns is as pure as the function.
		w.judgeFunction(s, call, maker)
		w.judgeCallbacks(s, call, home(maker))
	case !w.pureType(value.Type()):
		w.report(s, call.Pos(), "calls a function that comes from elsewhere, held in %s", cmp.Or(fieldName(value), value.Name()))
	}
}

// pureType reports whether functions of type t come from pure packages, as
// every context.CancelFunc does.
func (w *walk) pureType(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	return w.rules.pure(named.Obj().Pkg().Path(), named.String())
}
