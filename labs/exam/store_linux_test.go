package exam

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
	tinydisk.Mount(t, dir, "32k", 0)
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

	free := tinydisk.Fill(t, dir)
	wantError("no space left on device", "free some disk space")
	if err := s.Tick(noon); err == nil {
		t.Error("a tick on a full disk is no error")
	}
	free()
	if err := flag(true); err != nil {
		t.Errorf("with space again: %v", err)
	}

	tinydisk.Mount(t, dir, "32k", syscall.MS_REMOUNT|syscall.MS_RDONLY)
	wantError("read-only file system", "PODLAB_STATE")
}
