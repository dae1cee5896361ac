package create_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"podlab/cluster"
	"podlab/cluster/bundle/create"
)

// TestFullDisk runs itself in a mount namespace of its own, where it can mount
// a tiny file system.
func TestFullDisk(t *testing.T) {
	const inside = "PODLAB_TEST_OWN_MOUNTS"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
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

	s := newSite(t)
	dir := t.TempDir()
	mount := func(flags uintptr, size string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size); err != nil {
			t.Skipf("cannot mount: %v", err)
		}
	}
	mount(0, "200k")
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	s.options.Dir = filepath.Join(dir, "bundle")
	full := func() {
		t.Helper()
		_, err := create.Create(t.Context(), s.options)
		if key(err) != "bundle-disk-full" || !strings.Contains(err.Error(), s.options.Dir) {
			t.Fatalf("error %v", err)
		}
	}
	full() // while a blob is fetched
	for _, e := range s.events {
		if e.State == cluster.Running && e.Detail != "" {
			t.Errorf("a full disk was tried again: %s", e.Detail)
		}
	}
	mount(syscall.MS_REMOUNT, "600k")
	full() // while an archive is written
	if left, err := filepath.Glob(filepath.Join(s.options.Dir, ".partial", "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("half an archive fills the disk: %v, %v", left, err)
	}
	mount(syscall.MS_REMOUNT, "4m")
	s.Requests()
	s.create(t)
	s.whole(t)
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "GET") && strings.Contains(r, "/blobs/") {
			t.Errorf("after the disk was full, %s again", r)
		}
	}
}
