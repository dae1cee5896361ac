//go:build !unix

package background

import (
	"os"
	"time"
)

// ask does not know how to ask here.
func ask(_, _ *os.File, _ time.Duration) string { return "" }
