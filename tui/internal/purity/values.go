package purity

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// name is how findings and rules call a function. Type arguments are left out.
func name(f *ssa.Function) string {
	if origin := f.Origin(); origin != nil {
		f = origin
	}
	return f.String()
}

// methodName is how findings and rules call a method of an interface.
func methodName(call *ssa.CallCommon) string {
	if named, ok := types.Unalias(call.Value.Type()).(*types.Named); ok {
		return qualified(named) + "." + call.Method.Name()
	}
	return call.Method.FullName()
}

// fieldName is how findings and rules call the field that v was read from;
// empty when it was none.
func fieldName(v ssa.Value) string {
	var of types.Type
	var index int
	switch v := v.(type) {
	case *ssa.UnOp:
		addr, ok := v.X.(*ssa.FieldAddr)
		if !ok {
			return ""
		}
		of, index = addr.X.Type().Underlying().(*types.Pointer).Elem(), addr.Field
	case *ssa.Field:
		of, index = v.X.Type(), v.Field
	default:
		return ""
	}
	field := of.Underlying().(*types.Struct).Field(index).Name()
	if named, ok := types.Unalias(of).(*types.Named); ok {
		return qualified(named) + "." + field
	}
	return field
}

func qualified(t *types.Named) string {
	if t.Obj().Pkg() == nil {
		return t.Obj().Name()
	}
	return t.Obj().Pkg().Path() + "." + t.Obj().Name()
}

// maker returns the function whose result v is; nil when it is none.
func maker(v ssa.Value) *ssa.Function {
	if extract, ok := v.(*ssa.Extract); ok {
		v = extract.Tuple
	}
	if call, ok := v.(*ssa.Call); ok {
		return call.Call.StaticCallee()
	}
	return nil
}

// callees returns what a call in f of a function value may call.
func (p *Program) callees(f *ssa.Function, call ssa.CallInstruction) []*ssa.Function {
	node := p.calls.Nodes[f]
	if node == nil {
		return nil
	}
	var callees []*ssa.Function
	for _, edge := range node.Out {
		if edge.Site == call {
			callees = append(callees, edge.Callee.Func)
		}
	}
	return callees
}

// implementations returns the methods that a call through an interface may
// call.
func (p *Program) implementations(call *ssa.CallCommon) []*ssa.Function {
	iface := call.Value.Type().Underlying().(*types.Interface)
	var methods []*ssa.Function
	for _, t := range p.types {
		if !types.Implements(t, iface) {
			continue
		}
		selection := p.ssa.MethodSets.MethodSet(t).Lookup(call.Method.Pkg(), call.Method.Name())
		if f := p.ssa.MethodValue(selection); f != nil {
			methods = append(methods, f)
		}
	}
	return methods
}
