package progress

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullAndReadOnlyDisk runs itself in a mount namespace of its own, where
// it can mount a tiny file system.
func TestFullAndReadOnlyDisk(t *testing.T) {
	const inside = "PODLAB_TEST_OWN_MOUNTS"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullAndReadOnlyDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.CombinedOutput()
		switch {
		case strings.Contains(string(out), "cannot mount"), err != nil && len(out) == 0:
			t.Skipf("this system does not let the test mount a file system: %v", err)
		case err != nil:
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}

	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	s := Open(filepath.Join(dir, "progress.yaml"))
	if _, err := s.Update("mc1", func(r *Record) { r.Attempts = 1 }); err != nil {
		t.Fatal(err)
	}
	wantError := func(says ...string) {
		t.Helper()
		_, err := s.Update("mc1", func(r *Record) { r.Attempts = 2 })
		if err == nil {
			t.Fatal("the update did not fail")
		}
		for _, part := range append(says, s.Path()) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not say %q", err, part)
			}
		}
		all, err := s.All()
		if err != nil || all["mc1"].Attempts != 1 {
			t.Errorf("afterwards the file says %+v, %v; want what it said before", all, err)
		}
	}

	full := filepath.Join(dir, "ballast")
	if err := os.WriteFile(full, make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the file system takes more than its size")
	}
	wantError("no space left on device", "free some disk space")
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}

	if err := syscall.Mount("tmpfs", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=16k"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	wantError("read-only file system", "PODLAB_STATE")
}
