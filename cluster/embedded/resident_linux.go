package embedded

import (
	"context"
	"fmt"
	"os"
)

// resident returns the resident set of a process in bytes, 0 where it cannot be
// told (proc(5), statm).
func resident(_ context.Context, pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
