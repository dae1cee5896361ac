// Package tinydisk lets a test meet a full disk: a tiny file system, in a mount
// namespace of the test's own.
package tinydisk

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Enter runs the calling test once more, in a process with mounts of its own, and
// reports whether this is that process: only there the test may go on. The test
// is skipped where the system allows no such process.
func Enter(t *testing.T) bool {
	t.Helper()
	const inside = "PODLAB_TEST_OWN_MOUNTS"
	if os.Getenv(inside) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case strings.Contains(string(out), cannotMount), err != nil && len(out) == 0:
		t.Skipf("this system does not let the test mount a file system: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

const cannotMount = "cannot mount"

// Mount mounts a file system of a size such as "16k" on dir, which must exist,
// until the test ends. Flags such as syscall.MS_REMOUNT are those of mount(2).
func Mount(t *testing.T, dir, size string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size); err != nil {
		t.Skipf("%s: %v", cannotMount, err)
	}
	if flags&syscall.MS_REMOUNT == 0 {
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
}

// Fill fills the file system on dir; free makes room again.
func Fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 8<<20), 0o600); err == nil {
		t.Fatal("the file system is not full after 8 MB")
	}
	return func() {
		t.Helper()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}
