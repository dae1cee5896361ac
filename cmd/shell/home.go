package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	homePrefix = "shell-"
	lockName   = "lock"
	// settleTime is how long a directory without a lock file is left alone:
	// its shell may be about to write it.
	settleTime = time.Minute
)

// home is the directory of one shell. A lock on a file in it says that the
// shell lives; it ends with the process, however that ends.
type home struct {
	dir  string
	lock *os.File
}

func newHome(root string) (*home, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of lab shells: %w", err)
	}
	dir, err := os.MkdirTemp(root, homePrefix) // with mode 0700
	if err != nil {
		return nil, fmt.Errorf("make the directory of the lab shell: %w", err)
	}
	h := &home{dir: dir}
	h.lock, err = os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(h.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		h.remove()
		return nil, fmt.Errorf("lock the directory of the lab shell: %w", err)
	}
	return h, nil
}

// remove removes the directory. What cannot be removed now, the next shell
// sweeps away.
func (h *home) remove() {
	_ = os.RemoveAll(h.dir)
	if h.lock != nil {
		_ = h.lock.Close()
	}
}

// sweep removes the directories of shells whose process is gone.
func sweep(root string) error {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for left-over lab shells: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), homePrefix) {
			continue
		}
		dir := filepath.Join(root, entry.Name())
		if !abandoned(dir) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a left-over lab shell: %w", err)
		}
	}
	return nil
}

func abandoned(dir string) bool {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		info, err := os.Stat(dir)
		return err == nil && time.Since(info.ModTime()) > settleTime
	}
	if err != nil {
		return false
	}
	defer func() { _ = lock.Close() }()
	return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// shims makes a directory with links to podlab for what the PATH lacks:
// kubectl, which podlab is under that name, and podlab itself. It is empty
// where nothing is missing.
func (h *home) shims(o Options) (string, error) {
	bin := filepath.Join(h.dir, "bin")
	made := false
	for _, name := range []string{"kubectl", "podlab"} {
		if onPath(o.Environ, name) {
			continue
		}
		if err := os.MkdirAll(bin, 0o700); err != nil {
			return "", fmt.Errorf("put %s on the lab shell's PATH: %w", name, err)
		}
		if err := os.Symlink(o.Podlab, filepath.Join(bin, name)); err != nil {
			return "", fmt.Errorf("put %s on the lab shell's PATH: %w", name, err)
		}
		made = true
	}
	if !made {
		return "", nil
	}
	return bin, nil
}

// onPath looks for an executable in the PATH of environ, which need not be
// that of this process.
func onPath(environ []string, name string) bool {
	for _, dir := range filepath.SplitList(lookup(environ, "PATH")) {
		if dir == "" {
			continue // the current directory, which is to be another one
		}
		if _, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
