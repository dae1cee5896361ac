package create

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/renameio/v2"
)

// store keeps blobs by their digest. What has its final name was complete and
// right when it got it; what is being fetched ends with ".part". A killed
// process leaves nothing that the next one would trust unseen: each blob is
// compared with its digest once before it is used.
type store struct {
	dir string

	mu      sync.Mutex
	checked map[v1.Hash]bool
}

func newStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // bundles are for everybody
		return nil, localError{err}
	}
	return &store{dir: dir, checked: map[v1.Hash]bool{}}, nil
}

func (s *store) path(digest v1.Hash) string {
	return filepath.Join(s.dir, digest.Algorithm+"-"+digest.Hex)
}

// has reports whether a blob is there, whole. One that is damaged is removed.
func (s *store) has(digest v1.Hash) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checked[digest] {
		return true, nil
	}
	right, err := isOf(s.path(digest), digest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, localError{err}
	case !right:
		return false, localErr(os.Remove(s.path(digest)))
	}
	s.checked[digest] = true
	return true, nil
}

// isOf reports whether a file's content has a digest.
func isOf(path string, digest v1.Hash) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // read only
	got, _, err := v1.SHA256(f)
	return got == digest, err
}

// document returns a small blob, which get brings where it is not there yet.
func (s *store) document(digest v1.Hash, get func() ([]byte, error)) ([]byte, error) {
	has, err := s.has(digest)
	if err != nil {
		return nil, err
	}
	if has {
		data, err := os.ReadFile(s.path(digest))
		return data, localErr(err)
	}
	data, err := get()
	if err != nil {
		return nil, err
	}
	if got, _, _ := v1.SHA256(bytes.NewReader(data)); got != digest {
		return nil, brokenError{fmt.Errorf("%s was asked for, %s came", digest, got)}
	}
	return data, localErr(renameio.WriteFile(s.path(digest), data, 0o644))
}

// held returns how many bytes of a blob are there.
func (s *store) held(digest v1.Hash) int64 {
	for _, suffix := range []string{"", ".part"} {
		if info, err := os.Stat(s.path(digest) + suffix); err == nil {
			return info.Size()
		}
	}
	return 0
}

// fetch brings a blob, from where an earlier attempt ended if the registry can
// do that. at is told how many bytes are there, which may become fewer. A
// transfer that stands still for longer than stall has failed.
func (s *store) fetch(ctx context.Context, r *registries, repo name.Repository, digest v1.Hash, size int64, stall time.Duration, at func(int64)) error {
	part, err := os.OpenFile(s.path(digest)+".part", os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // bundles are for everybody
	if err != nil {
		return localError{err}
	}
	defer part.Close() //nolint:errcheck // what matters was synced
	held, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return localError{err}
	}
	if held < size {
		if err := s.transfer(ctx, r, repo, digest, part, held, size, stall, at); err != nil {
			return err
		}
	}
	if err := part.Sync(); err != nil {
		return localError{err}
	}
	if right, err := isOf(part.Name(), digest); err != nil {
		return localError{err}
	} else if !right {
		at(0)
		if err := os.Remove(part.Name()); err != nil {
			return localError{err}
		}
		return brokenError{fmt.Errorf("what came for %s does not have this digest", digest)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked[digest] = true
	return localErr(os.Rename(part.Name(), s.path(digest)))
}

// transfer appends to part, which holds so many bytes, until it has all.
func (s *store) transfer(ctx context.Context, r *registries, repo name.Repository, digest v1.Hash, part *os.File, held, size int64, stall time.Duration, at func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(stall, func() { cancel(fmt.Errorf("nothing came for %v", stall)) })
	defer watchdog.Stop()
	broken := func(err error) error {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return brokenError{err}
	}
	body, from, err := r.blob(ctx, repo, digest, held, size)
	if err != nil {
		if ctx.Err() != nil {
			return broken(err)
		}
		return err
	}
	defer body.Close() //nolint:errcheck // read only
	if from != held {
		if err := part.Truncate(from); err != nil {
			return localError{err}
		}
		held = from
	}
	at(held)
	if _, err := part.Seek(held, io.SeekStart); err != nil {
		return localError{err}
	}
	buffer := make([]byte, 256<<10)
	for {
		n, err := body.Read(buffer)
		watchdog.Reset(stall)
		if n > 0 {
			if held+int64(n) > size {
				return broken(fmt.Errorf("more than the %d bytes of %s came", size, digest))
			}
			if _, err := part.Write(buffer[:n]); err != nil {
				return localError{err}
			}
			held += int64(n)
			at(held)
		}
		switch {
		case errors.Is(err, io.EOF) && held == size:
			return nil
		case errors.Is(err, io.EOF):
			return broken(fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, held, size))
		case err != nil:
			return broken(err)
		}
	}
}

// localError is trouble with podlab's own files, not with a registry.
type localError struct{ error }

func (e localError) Unwrap() error { return e.error }

func localErr(err error) error {
	if err == nil {
		return nil
	}
	return localError{err}
}

// stored is an image whose parts are in a store.
type stored struct {
	store    *store
	manifest []byte
	config   []byte
	parsed   *v1.Manifest
}

// image returns it as a v1.Image.
func (s *stored) image() (v1.Image, error) { return partial.CompressedToImage(s) }

// RawConfigFile implements partial.CompressedImageCore.
func (s *stored) RawConfigFile() ([]byte, error) { return s.config, nil }

// RawManifest implements partial.CompressedImageCore.
func (s *stored) RawManifest() ([]byte, error) { return s.manifest, nil }

// MediaType implements partial.CompressedImageCore.
func (s *stored) MediaType() (types.MediaType, error) { return s.parsed.MediaType, nil }

// LayerByDigest implements partial.CompressedImageCore.
func (s *stored) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	for _, l := range s.parsed.Layers {
		if l.Digest == digest {
			return storedLayer{s.store, l}, nil
		}
	}
	return nil, fmt.Errorf("the manifest has no layer %s", digest)
}

// storedLayer is a layer as the registry sent it.
type storedLayer struct {
	store *store
	desc  v1.Descriptor
}

func (l storedLayer) Digest() (v1.Hash, error)            { return l.desc.Digest, nil }
func (l storedLayer) Size() (int64, error)                { return l.desc.Size, nil }
func (l storedLayer) MediaType() (types.MediaType, error) { return l.desc.MediaType, nil }
func (l storedLayer) Compressed() (io.ReadCloser, error)  { return os.Open(l.store.path(l.desc.Digest)) }
