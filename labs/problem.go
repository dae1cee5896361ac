package labs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong in a lab's files.
type Problem struct {
	// File is the path as its author knows it: Source.Dir, lab, file.
	File string
	// Line counts from 1; 0 where no line is to blame (a missing file).
	Line int
	// Message says what is wrong, then what to do.
	Message string
}

// String writes the problem as "file:line: message", which editors and
// terminals turn into a link.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Problems is an error that lists all problems found, one per line.
type Problems []Problem

// Error lists the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns p as an error, and nil where there are no problems.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Sorted returns the problems by file and line, each once.
func (p Problems) Sorted() Problems {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(sorted)
}
