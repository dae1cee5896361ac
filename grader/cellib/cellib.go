// Package cellib is the CEL function library of podlab's checks: short ways
// to ask about Pods, Pod templates and Services that are right for every form
// a correct answer may take. docs/checks.md lists the functions.
//
// Every function accepts null and missing fields, and then returns the empty
// value of its type: a check asks about what a learner wrote, which may be
// anything.
package cellib

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Library returns the environment options that declare all functions.
func Library() []cel.EnvOption {
	var opts []cel.EnvOption
	for _, f := range declarations() {
		opts = append(opts, f.option())
	}
	return append(opts, sayOptions()...)
}

// function is a CEL function over native Go values: maps, slices and scalars
// as JSON decoding makes them.
type function struct {
	name   string
	args   []*cel.Type
	result *cel.Type
	call   func(args []any) any
}

func (f function) option() cel.EnvOption {
	binding := func(args ...ref.Val) ref.Val {
		native := make([]any, len(args))
		for i, a := range args {
			if types.IsUnknownOrError(a) {
				return a
			}
			native[i] = Native(a)
		}
		return types.DefaultTypeAdapter.NativeToValue(f.call(native))
	}
	return cel.Function(f.name, cel.Overload(f.name, f.args, f.result, cel.FunctionBinding(binding)))
}

// Native returns the plain Go value behind a CEL value: nil, bool, int64,
// float64, string, []any or map[string]any. Values of other types become
// their string form.
func Native(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return int64(v)
	case types.Double:
		return float64(v)
	case types.String:
		return string(v)
	case *types.Optional:
		if !v.HasValue() {
			return nil
		}
		return Native(v.GetValue())
	case traits.Mapper:
		if m, ok := v.Value().(map[string]any); ok {
			return m
		}
		m := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			value, _ := v.Find(key)
			m[fmt.Sprint(key.Value())] = Native(value)
		}
		return m
	case traits.Lister:
		if l, ok := v.Value().([]any); ok {
			return l
		}
		list := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			list = append(list, Native(it.Next()))
		}
		return list
	default:
		if s, err := v.ConvertToNative(reflect.TypeFor[string]()); err == nil {
			return s
		}
		return fmt.Sprint(v.Value())
	}
}

// The accessors below read decoded JSON and never fail.

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func asString(v any) string {
	s, _ := v.(string)
	return s
}

// asInt reads a number however JSON or YAML decoding typed it.
func asInt(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case float64:
		return int64(n), n == float64(int64(n))
	}
	return 0, false
}

// field follows names into nested maps.
func field(v any, names ...string) any {
	for _, name := range names {
		v = asMap(v)[name]
	}
	return v
}
