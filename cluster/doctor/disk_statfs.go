//go:build linux || darwin || freebsd

package doctor

import "syscall"

// freeBytes returns what is free for others than root in the file system of path.
func freeBytes(path string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, err
	}
	return int64(uint64(s.Bavail) * uint64(s.Bsize)), nil //nolint:gosec,unconvert // types differ between systems
}
