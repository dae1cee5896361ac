// Package statefile changes podlab's own files so that several processes can
// share them and none is ever found half written: Lock, read, Replace.
package statefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// poll is how often Lock tries again.
const poll = 2 * time.Millisecond

// Lock keeps other processes, and other goroutines of this one, from taking
// the lock file name, until unlock or the end of the process, however it ends.
// It makes the directory if need be, and waits until ctx ends; the error is
// that of ctx then. The file stays; it is empty.
func Lock(ctx context.Context, name string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, remedy(fmt.Errorf("make the directory of %s: %w", name, err))
	}
	l := flock.New(name, flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, poll); err != nil {
		return nil, remedy(fmt.Errorf("lock %s: %w", name, err))
	}
	// Unlock only fails for a file that is closed, and closing releases too.
	return func() { _ = l.Unlock() }, nil
}

// Replace gives the file at path new content, with mode 0600: whatever
// happens, it has the old content or the new one. The caller holds the lock
// that belongs to the file.
func Replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	removeLeftovers(path)
	// The temporary file is made beside the file: elsewhere may be another
	// file system, on which renaming is not atomic.
	if err := renameio.WriteFile(path, data, 0o600, renameio.WithTempDir(dir)); err != nil {
		return remedy(fmt.Errorf("write %s: %w", path, err))
	}
	// Without this a power cut may bring the former file back. File systems
	// that cannot do it have nothing better to offer.
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// removeLeftovers deletes temporary files of processes that were killed while
// they wrote. The lock is held, so that no file can be one in use.
func removeLeftovers(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), "."+filepath.Base(path))
		if ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// remedy adds what to do to the failures that a learner can mend.
func remedy(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some disk space; what was recorded so far is kept", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: make the directory writable, or set PODLAB_STATE to one that is", err)
	}
	return err
}
