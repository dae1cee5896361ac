package written

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// YAML writes an object in the order in which people write them: what it is
// comes first, and in each list the name of an element.
func YAML(o map[string]any) (string, error) {
	n, err := node(o)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	e.CompactSeqIndent() // as kubectl does
	if err := e.Encode(n); err != nil {
		return "", fmt.Errorf("write an object as YAML: %w", err)
	}
	if err := e.Close(); err != nil {
		return "", fmt.Errorf("write an object as YAML: %w", err)
	}
	return b.String(), nil
}

func node(value any) (*yaml.Node, error) {
	switch value := value.(type) {
	case map[string]any:
		out := &yaml.Node{Kind: yaml.MappingNode}
		if len(value) == 0 {
			out.Style = yaml.FlowStyle
		}
		for _, key := range slices.SortedFunc(maps.Keys(value), byHabit) {
			name, err := node(key)
			if err != nil {
				return nil, err
			}
			field, err := node(value[key])
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, name, field)
		}
		return out, nil
	case []any:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		if len(value) == 0 {
			out.Style = yaml.FlowStyle
		}
		for _, element := range value {
			n, err := node(element)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, n)
		}
		return out, nil
	default:
		out := &yaml.Node{}
		if err := out.Encode(value); err != nil {
			return nil, fmt.Errorf("write %v as YAML: %w", value, err)
		}
		return out, nil
	}
}

// byHabit puts the fields that people write first in front.
func byHabit(a, b string) int {
	rank := func(key string) int {
		first := []string{"apiVersion", "kind", "metadata", "name", "image", "command", "args"}
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		return len(first)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
