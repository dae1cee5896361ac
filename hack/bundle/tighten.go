package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"podlab/cluster/bundle"
)

// tighten compresses the archive of the node image once more, with zstd's own
// program: Kubernetes is in it twice, for the node and in the images of the
// control plane, 173 MB apart, and only that finds what lies so far back. It
// saves a third of the archive. Those who load it need 256 MiB for it.
func (b *build) tighten(written *bundle.Bundle) (err error) {
	node := &written.Platforms[0].Node
	path := filepath.Join(written.Dir, node.File)
	out, err := os.CreateTemp(written.Dir, node.File+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			err = errors.Join(err, os.Remove(out.Name()))
		}
	}()
	hash := sha256.New()
	plain := exec.CommandContext(b.ctx, "zstd", "-q", "-dc", path)
	// The number of threads is given, so that it does not depend on the machine.
	packed := exec.CommandContext(b.ctx, "zstd", "-q", "-12", "--long=28", "-T2", "-c")
	plain.Stderr, packed.Stderr = os.Stderr, os.Stderr
	if packed.Stdin, err = plain.StdoutPipe(); err != nil {
		return err
	}
	packed.Stdout = io.MultiWriter(out, hash)
	if err := plain.Start(); err != nil {
		return err
	}
	if err := errors.Join(packed.Run(), plain.Wait()); err != nil {
		return fmt.Errorf("compressing %s: %w", path, err)
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), path); err != nil {
		return err
	}
	node.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return written.Write()
}
