package labs

import (
	"cmp"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"podlab/content"
)

// Source is a tree of lab folders. Dir is its path on disk, used in errors;
// it is "content/labs" for the embedded one.
type Source struct {
	Dir string
	FS  fs.FS
	// proven is true of labs that were linted when the binary was built, so
	// that loading them need not instantiate each one to see whether it can.
	proven bool
}

// Embedded returns the labs that are part of the binary. Loading them skips
// the trial instantiation that Load makes of others, since podlab's own tests
// lint them: it would compile every check of every lab at each start.
func Embedded() Source {
	return Source{Dir: "content/labs", FS: content.Labs(), proven: true}
}

// Catalog is all labs that are available, in the order in which they are
// offered: by pattern, level, then id. It is safe for concurrent use.
type Catalog struct {
	ids  []string // sorted
	byID map[string]func() (*Lab, error)
	all  func() []*Lab
}

// Load finds all labs of the sources; a lab in a later source replaces one
// with the same id in an earlier source. All problems of all labs are
// reported at once, as Problems, each as "file:line: what is wrong: what to do".
//
// Load refuses whatever would fail at run time: unknown fields, another
// version of the format, missing languages or files, check ids that differ
// between the files, templates and expressions that do not compile. What makes
// a lab bad without breaking it is for package lint. The labs of Embedded are
// read when they are first asked for: most commands need one of them.
func Load(sources ...Source) (*Catalog, error) {
	folders, problems := list(sources)
	c := &Catalog{byID: make(map[string]func() (*Lab, error), len(folders))}
	var eager []folder
	for _, f := range folders {
		c.ids = append(c.ids, f.id)
		c.byID[f.id] = sync.OnceValues(func() (*Lab, error) {
			r := f.load()
			return r.lab, r.problems.Sorted().Err()
		})
		if !f.source.proven {
			eager = append(eager, f)
		}
	}
	for _, r := range loadAll(eager) {
		problems = append(problems, r.problems...)
		if r.lab != nil {
			c.byID[r.lab.ID] = func() (*Lab, error) { return r.lab, nil }
		}
	}
	if err := problems.Sorted().Err(); err != nil {
		return nil, err
	}
	c.all = sync.OnceValue(c.loadAll)
	return c, nil
}

// loadAll reads the labs that nobody has asked for yet. It panics if an
// embedded one is unsound, which podlab's tests rule out.
func (c *Catalog) loadAll() []*Lab {
	all := make([]*Lab, len(c.ids))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, id := range c.ids {
		group.Go(func() (err error) {
			all[i], err = c.byID[id]()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		panic(fmt.Sprintf("an embedded lab is unsound: %v", err))
	}
	order(all)
	return all
}

// Labs returns all labs in order.
func (c *Catalog) Labs() []*Lab { return slices.Clone(c.all()) }

// Lab returns the lab with that id; the error of an unknown id is an
// UnknownError.
func (c *Catalog) Lab(id string) (*Lab, error) {
	if load := c.byID[id]; load != nil {
		return load()
	}
	return nil, &UnknownError{Lab: id, Near: closest(id, c.ids), Empty: len(c.ids) == 0}
}

// UnknownError says that there is no lab with that id.
type UnknownError struct {
	Lab string
	// Near holds the ids that may have been meant, the closest first.
	Near []string
	// Empty says that there are no labs at all.
	Empty bool
}

func (e *UnknownError) Error() string {
	switch {
	case e.Empty:
		return fmt.Sprintf("no lab %q: there are no labs at all, see --labs", e.Lab)
	case len(e.Near) > 0:
		return fmt.Sprintf("no lab %q: did you mean %s?", e.Lab, strings.Join(e.Near, " or "))
	}
	return fmt.Sprintf("no lab %q: podlab list shows all", e.Lab)
}

// Suggest returns the lab to do next of those that are not solved: the
// easiest first, and among equals in the order of all; nil when all are solved.
func Suggest(all []*Lab, solved func(*Lab) bool) *Lab {
	var next *Lab
	for _, l := range all {
		if !solved(l) && (next == nil || l.Level < next.Level) {
			next = l
		}
	}
	return next
}

// order sorts labs as the catalogue offers them.
func order(all []*Lab) {
	slices.SortFunc(all, func(a, b *Lab) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Patterns(), a.Pattern), slices.Index(Patterns(), b.Pattern)),
			cmp.Compare(a.Level, b.Level),
			cmp.Compare(a.ID, b.ID),
		)
	})
}

// closest returns up to three ids that a person who typed id may have meant:
// those that need few edits, or that begin or end with it.
func closest(id string, ids []string) []string {
	type candidate struct {
		id       string
		distance int
	}
	typed := strings.ToLower(id)
	var near []candidate
	for _, other := range ids {
		d := editDistance(typed, other)
		part := len(typed) >= 2 && (strings.HasPrefix(other, typed) || strings.HasSuffix(other, typed))
		if d <= max(1, len(other)/3) || part {
			near = append(near, candidate{other, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.id, b.id))
	})
	names := make([]string, 0, 3)
	for _, c := range near[:min(len(near), 3)] {
		names = append(names, c.id)
	}
	return names
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from a to b (optimal string alignment).
func editDistance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
