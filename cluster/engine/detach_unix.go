//go:build unix

package engine

import (
	"os/exec"
	"syscall"
)

// detach puts cmd into a process group of its own, which the terminal's
// Ctrl-C does not reach.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
