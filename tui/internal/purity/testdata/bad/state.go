package bad

import (
	"errors"
	"slices"
	"sync"
)

var (
	errNone = errors.New("none")
	names   = []string{"b", "a"}
	ranks   = map[string]int{"a": 1}
	origin  struct{ x, y int }
	count   int
	mu      sync.Mutex                   // want "bad.mu is of a type that holds state"
	last    *model                       // want "bad.last is of a type that holds state"
	shared  = map[string]*model{"a": {}} // want "bad.shared is of a type that holds state"
)

func change() error {
	count++            // want "bad.count may be changed"
	names[0] = "c"     // want "bad.names may be changed"
	ranks["b"] = 2     // want "bad.ranks may be changed"
	origin.x = 1       // want "bad.origin may be changed"
	errNone = nil      // want "bad.errNone may be changed"
	mu.Lock()          // want "bad.mu may be changed"
	slices.Sort(names) // want "bad.names may be changed"
	delete(ranks, "a") // want "bad.ranks may be changed"
	x := &origin.x     // want "bad.origin may be changed"
	*x = 2
	_ = append(names[:1], "c") // want "bad.names may be changed"
	last.text = ""             // want "bad.last may be changed"
	return errNone
}

// table hands out what others may then change.
func table() []string {
	return names // want "bad.names may be changed"
}

func init() { _ = change }

func init() { _ = table }
