package purity

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Mutables returns the package variables, in packages that match pattern, that
// are changed after their package was initialised or could be without anybody
// noticing. Errors, and tables that are only read, are no state.
func (p *Program) Mutables(pattern string) []Finding {
	var found []Finding
	report := func(at token.Pos, format string, args ...any) {
		found = append(found, Finding{Position: p.position(at), What: fmt.Sprintf(format, args...)})
	}
	for _, v := range p.variables(pattern) {
		if !fixed(v.Type().(*types.Pointer).Elem()) {
			report(v.Pos(), "%s is of a type that holds state", v)
		}
	}
	for instr := range p.instructions() {
		if instr.Parent().Synthetic == "package initializer" {
			continue
		}
		for _, operand := range instr.Operands(nil) {
			v, ok := (*operand).(*ssa.Global)
			if ok && contains([]string{pattern}, v.Pkg.Pkg.Path()) && !reads(instr, v) {
				report(instr.Pos(), "%s may be changed here", v)
			}
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return cmp.Compare(a.Position+a.What, b.Position+b.What) })
	return slices.CompactFunc(found, func(a, b Finding) bool { return a.Position == b.Position && a.What == b.What })
}

// variables returns the package variables that somebody wrote.
func (p *Program) variables(pattern string) []*ssa.Global {
	var all []*ssa.Global
	for _, pkg := range p.ssa.AllPackages() {
		if !p.own[pkg.Pkg] || !contains([]string{pattern}, pkg.Pkg.Path()) {
			continue
		}
		for _, member := range pkg.Members {
			if v, ok := member.(*ssa.Global); ok && v.Object() != nil {
				all = append(all, v)
			}
		}
	}
	return all
}

// fixed reports whether values of a type can hold no state but what writing to
// the variable, or to an element of it, would change.
func fixed(of types.Type) bool {
	switch of.String() {
	case "error", "*regexp.Regexp", "*strings.Replacer":
		return true
	}
	switch t := of.Underlying().(type) {
	case *types.Basic, *types.Signature:
		return true
	case *types.Array:
		return fixed(t.Elem())
	case *types.Slice:
		return fixed(t.Elem())
	case *types.Map:
		return fixed(t.Elem())
	case *types.Struct:
		if types.NewMethodSet(types.NewPointer(of)).Len() > types.NewMethodSet(of).Len() {
			return false // its methods change it, as those of a sync.Mutex do
		}
		for field := range t.Fields() {
			if !fixed(field.Type()) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// reads reports whether instr only reads v, which is a variable, the place of
// a field or an element of one, or a table that was read from there. Whoever
// is handed a table might change it.
func reads(instr ssa.Instruction, v ssa.Value) bool {
	switch instr := instr.(type) {
	case *ssa.UnOp: // its value
		return !table(instr.Type()) || onlyRead(instr)
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice:
		return onlyRead(instr.(ssa.Value))
	case *ssa.Field, *ssa.Index, *ssa.Lookup:
		read := instr.(ssa.Value)
		return !table(read.Type()) || onlyRead(read)
	case *ssa.Range, *ssa.BinOp, *ssa.DebugRef:
		return true
	case *ssa.Store:
		return instr.Addr != v && !table(v.Type())
	case ssa.CallInstruction:
		return readsArguments(instr.Common())
	default:
		return false
	}
}

func onlyRead(v ssa.Value) bool {
	return !slices.ContainsFunc(*v.Referrers(), func(use ssa.Instruction) bool { return !reads(use, v) })
}

// table reports whether values of type t share what they hold.
func table(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return t.String() != "*regexp.Regexp" && t.String() != "*strings.Replacer"
	default:
		return false
	}
}

// readsArguments reports whether a call only reads the tables it is given.
func readsArguments(call *ssa.CallCommon) bool {
	if builtin, ok := call.Value.(*ssa.Builtin); ok {
		return builtin.Name() == "len" || builtin.Name() == "cap"
	}
	f := call.StaticCallee()
	return f != nil && contains([]string{
		"slices.Contains*", "slices.Index*", "slices.Equal*", "slices.Max*", "slices.Min*", "slices.BinarySearch*",
		"slices.Values", "slices.All", "slices.Sorted*", "slices.Clone",
		"maps.Keys", "maps.Values", "maps.All", "maps.Clone", "maps.Equal*", "strings.Join",
	}, name(f))
}
