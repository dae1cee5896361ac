// Package heap keeps the garbage collector from running while podlab starts.
// What the packages of Kubernetes allocate while they are initialised stays: to
// look through it twice takes a fifth of the start of every command, and finds
// nothing. See ../go.mod for why this comes first.
package heap

import (
	"runtime/debug"
	"time"
)

func init() {
	usual := debug.SetGCPercent(200)
	time.AfterFunc(100*time.Millisecond, func() { debug.SetGCPercent(usual) })
}
