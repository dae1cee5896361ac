package exam

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
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32k"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	s := OpenStore(filepath.Join(dir, "current"), nil)
	state := someState()
	state.Begin(noon)
	if _, err := s.Create(state); err != nil {
		t.Fatal(err)
	}
	flag := func(on bool) error {
		_, err := s.Update(func(s *State) error { return s.Flag(1, on, noon) })
		return err
	}
	if err := flag(true); err != nil {
		t.Fatal(err)
	}
	wantError := func(says ...string) {
		t.Helper()
		err := flag(false)
		if err == nil {
			t.Fatal("the change did not fail")
		}
		for _, part := range append(says, s.Dir()) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not say %q", err, part)
			}
		}
		if state, err := s.Load(); err != nil || !state.Tasks[0].Flagged {
			t.Errorf("afterwards the state is %+v, %v; want what it was before", state, err)
		}
	}

	full := filepath.Join(dir, "ballast")
	if err := os.WriteFile(full, make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the file system takes more than its size")
	}
	wantError("no space left on device", "free some disk space")
	if err := s.Tick(noon); err == nil {
		t.Error("a tick on a full disk is no error")
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	if err := flag(true); err != nil {
		t.Errorf("with space again: %v", err)
	}

	if err := syscall.Mount("tmpfs", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=32k"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	wantError("read-only file system", "PODLAB_STATE")
}
