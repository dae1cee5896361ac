package create_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"podlab/cluster"
	"podlab/cluster/bundle/create"
	"podlab/test/tinydisk"
)

// TestFullDisk has a tiny file system.
func TestFullDisk(t *testing.T) {
	if !tinydisk.Enter(t) {
		return
	}

	s := newSite(t)
	dir := t.TempDir()
	tinydisk.Mount(t, dir, "200k", 0)
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
	tinydisk.Mount(t, dir, "600k", syscall.MS_REMOUNT)
	full() // while an archive is written
	if left, err := filepath.Glob(filepath.Join(s.options.Dir, ".partial", "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("half an archive fills the disk: %v, %v", left, err)
	}
	tinydisk.Mount(t, dir, "4m", syscall.MS_REMOUNT)
	s.Requests()
	s.create(t)
	s.whole(t)
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "GET") && strings.Contains(r, "/blobs/") {
			t.Errorf("after the disk was full, %s again", r)
		}
	}
}
