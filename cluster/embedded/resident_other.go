//go:build !linux

package embedded

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
)

// resident returns the resident set of a process in bytes, 0 where it cannot be
// told. ps gives it in KiB (POSIX leaves rss out, every Unix has it).
func resident(ctx context.Context, pid int) int64 {
	text, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0
	}
	kib, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
