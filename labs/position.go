package labs

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"podlab/content"
)

// Path returns how problems name a file of the lab's folder.
func (l *Lab) Path(file string) string { return path.Join(l.dir, file) }

// Raw returns a file of the lab's folder as it is on disk, templates
// unexpanded; nil where there is none. The bytes must not be changed.
func (l *Lab) Raw(file string) []byte { return l.raw[file] }

// RawNames returns the names of all files in the lab's folder, sorted.
func (l *Lab) RawNames() []string { return slices.Sorted(maps.Keys(l.raw)) }

// Line finds the line of a field of one of the lab's YAML files: path leads
// to it by keys and by indices, as in {"checks", "2", "expr"}. Where the path
// ends early, because the field is missing, it is the line of the last part
// that is there; 1 where there is none.
func (l *Lab) Line(file string, path ...string) int {
	line, _ := findLine(l.document(file), path)
	return line
}

// Problem makes a problem of a field of one of the lab's YAML files, see Line.
func (l *Lab) Problem(file string, path []string, message string) Problem {
	return Problem{File: l.Path(file), Line: l.Line(file, path...), Message: message}
}

// document parses a file of the lab once more, keeping positions. Only
// problems need them, so that a sound lab does not pay for it.
func (l *Lab) document(file string) *content.Node {
	var doc content.Node
	if content.Decode(file, l.raw[file], &doc) != nil {
		return nil
	}
	return &doc
}

// findLine returns the line of the field at path, and the line on which the
// text of its scalar begins: the next one for block scalars.
func findLine(doc *content.Node, path []string) (line, textLine int) {
	if doc == nil || len(doc.Content) == 0 {
		return 1, 1
	}
	node := doc.Content[0]
	line = node.Line
	for _, part := range path {
		key, value := child(node, part)
		if value == nil {
			return line, line
		}
		node, line = value, key.Line
	}
	textLine = node.Line
	// An indicator (| or >) stands on the line before the text.
	if len(node.Content) == 0 && isBlockScalar(node) {
		textLine++
	}
	return line, textLine
}

// Styles of the YAML library, which only package content may import.
const (
	literalStyle = 1 << 3
	foldedStyle  = 1 << 4
)

func isBlockScalar(n *content.Node) bool { return n.Style&(literalStyle|foldedStyle) != 0 }

// child returns the entry of a mapping or sequence, and the node whose line
// is that of the entry.
func child(node *content.Node, part string) (key, value *content.Node) {
	if node.Alias != nil {
		node = node.Alias
	}
	if isMapping(node) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == part {
				return node.Content[i], node.Content[i+1]
			}
		}
		return nil, nil
	}
	if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(node.Content) {
		return node.Content[i], node.Content[i]
	}
	return nil, nil
}

func isMapping(n *content.Node) bool { return n.ShortTag() == "!!map" }

// scalarLine returns the line of the first scalar with that value, 0 if none.
func scalarLine(node *content.Node, value string) int {
	if node == nil {
		return 0
	}
	if len(node.Content) == 0 {
		if strings.TrimSpace(node.Value) == strings.TrimSpace(value) {
			return node.Line
		}
		return 0
	}
	for _, c := range node.Content {
		if line := scalarLine(c, value); line > 0 {
			return line
		}
	}
	return 0
}
