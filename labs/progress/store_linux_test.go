package progress

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"podlab/test/tinydisk"
)

// TestFullAndReadOnlyDisk has a tiny file system.
func TestFullAndReadOnlyDisk(t *testing.T) {
	if !tinydisk.Enter(t) {
		return
	}

	dir := t.TempDir()
	tinydisk.Mount(t, dir, "16k", 0)
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

	free := tinydisk.Fill(t, dir)
	wantError("no space left on device", "free some disk space")
	free()

	tinydisk.Mount(t, dir, "16k", syscall.MS_REMOUNT|syscall.MS_RDONLY)
	wantError("read-only file system", "PODLAB_STATE")
}
