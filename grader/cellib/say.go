package cellib

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"podlab/content"
)

// MessageType is the CEL type of what say returns.
var MessageType = cel.OpaqueType("podlab.Message")

// message is a content.Message as a CEL value.
type message struct{ content.Message }

func sayOptions() []cel.EnvOption {
	binding := func(args ...ref.Val) ref.Val {
		m := content.Message{Key: asString(Native(args[0]))}
		if len(args) > 1 {
			m.Args = map[string]string{}
			for name, value := range asMap(Native(args[1])) {
				m.Args[name] = Display(value)
			}
		}
		return message{m}
	}
	return []cel.EnvOption{cel.Function("say",
		cel.Overload("say_key", []*cel.Type{cel.StringType}, MessageType, cel.FunctionBinding(binding)),
		cel.Overload("say_key_args", []*cel.Type{cel.StringType, cel.MapType(cel.StringType, cel.DynType)},
			MessageType, cel.FunctionBinding(binding)),
	)}
}

// Messages returns the messages that an expression of type message, list of
// message or dyn yielded.
func Messages(v ref.Val) ([]content.Message, error) {
	switch v := v.(type) {
	case message:
		return []content.Message{v.Message}, nil
	case traits.Lister:
		var out []content.Message
		for it := v.Iterator(); it.HasNext() == types.True; {
			item := it.Next()
			m, ok := item.(message)
			if !ok {
				return nil, fmt.Errorf("a list with %s in it: say(...) makes messages", item.Type().TypeName())
			}
			out = append(out, m.Message)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s: say(...) makes messages", v.Type().TypeName())
}

// Display writes a value as a person would: lists joined by commas, null and
// the empty string as a dash, integers without a decimal point.
func Display(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case string:
		if v == "" {
			return "–"
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		if len(v) == 0 {
			return "–"
		}
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = Display(item)
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

func (m message) ConvertToNative(t reflect.Type) (any, error) {
	if t == reflect.TypeFor[content.Message]() {
		return m.Message, nil
	}
	return nil, fmt.Errorf("a message is no %v", t)
}

func (m message) ConvertToType(t ref.Type) ref.Val {
	if t.TypeName() == MessageType.TypeName() {
		return m
	}
	return types.NewErr("a message is no %s", t.TypeName())
}

func (m message) Equal(other ref.Val) ref.Val {
	o, ok := other.(message)
	return types.Bool(ok && reflect.DeepEqual(m, o))
}

func (m message) Type() ref.Type { return MessageType }

func (m message) Value() any { return m.Message }
