// Package layer makes layers of images: the same files give the same bytes,
// whenever and wherever they are written.
package layer

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Builder collects the files of a layer. Names are paths inside the image,
// with or without the leading slash; the last one of a name counts. Parents
// are not made up: where the layer below has them, they keep their modes.
type Builder struct {
	files map[string]*file
	below []*Builder
}

// file of a layer: its content is in memory or on the disk.
type file struct {
	header  tar.Header
	content []byte
	from    string
	inode   inode
}

// inode tells hard links on the disk from other files; zero for all others.
type inode struct{ device, number uint64 }

// New returns a Builder without files, for a layer above others: libraries
// that those have are not staged again.
func New(below ...*Builder) *Builder { return &Builder{files: map[string]*file{}, below: below} }

// has tells whether the layer or one below it has a file of that name.
func (b *Builder) has(name string) bool {
	if _, ok := b.files[clean(name)]; ok {
		return true
	}
	return slices.ContainsFunc(b.below, func(l *Builder) bool { return l.has(name) })
}

func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

func (b *Builder) add(name string, f *file) {
	f.header.Name = clean(name)
	b.files[f.header.Name] = f
}

// Dir adds a directory. mode is as chmod takes it: 0o1777.
func (b *Builder) Dir(name string, mode int64) {
	b.add(name, &file{header: tar.Header{Typeflag: tar.TypeDir, Mode: mode}})
}

// Dirs adds directories that everybody may enter and root may change.
func (b *Builder) Dirs(names ...string) {
	for _, name := range names {
		b.Dir(name, 0o755)
	}
}

// Text adds a file with that content.
func (b *Builder) Text(name string, mode int64, content string) {
	b.add(name, &file{header: tar.Header{Typeflag: tar.TypeReg, Mode: mode}, content: []byte(content)})
}

// Copy adds a file of the disk.
func (b *Builder) Copy(name, from string, mode int64) {
	b.add(name, &file{header: tar.Header{Typeflag: tar.TypeReg, Mode: mode}, from: from})
}

// Symlink adds a symbolic link.
func (b *Builder) Symlink(name, target string) {
	b.add(name, &file{header: tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o777, Linkname: target}})
}

// Own gives a file that was added before to a user and a group.
func (b *Builder) Own(name string, uid, gid int) {
	f := b.files[clean(name)]
	f.header.Uid, f.header.Gid = uid, gid
}

// Tree adds all that is below root on the disk, with its owners and modes, as
// below dir in the image. skip, if not nil, is asked which names of the image
// to leave out, with all that is below them. Devices and sockets are left out.
func (b *Builder) Tree(dir, root string, skip func(name string) bool) error {
	return filepath.WalkDir(root, func(from string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, from)
		if err != nil {
			return err
		}
		name := clean(path.Join(dir, filepath.ToSlash(below)))
		if name == "" {
			return nil
		}
		if skip != nil && skip(name) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("%s: this system does not tell the owners of files", from)
		}
		f := &file{header: tar.Header{
			Mode: int64(stat.Mode & 0o7777), Uid: int(stat.Uid), Gid: int(stat.Gid), ModTime: info.ModTime(),
		}}
		switch {
		case entry.IsDir():
			f.header.Typeflag = tar.TypeDir
		case info.Mode().IsRegular():
			f.header.Typeflag, f.from = tar.TypeReg, from
			if stat.Nlink > 1 {
				f.inode = inode{uint64(stat.Dev), stat.Ino}
			}
		case info.Mode()&fs.ModeSymlink != 0:
			f.header.Typeflag = tar.TypeSymlink
			if f.header.Linkname, err = os.Readlink(from); err != nil {
				return err
			}
		default:
			return nil
		}
		b.add(name, f)
		return nil
	})
}

// Save writes the layer to a file as a tar, sorted by name. What is newer than
// epoch is said to be of epoch, and so is what has no time of its own.
func (b *Builder) Save(name string, epoch time.Time) (_ *Layer, err error) {
	out, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	hash := sha256.New()
	count := &counter{}
	archive := tar.NewWriter(io.MultiWriter(out, hash, count))
	first := map[inode]string{}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		f := b.files[name]
		h := f.header
		h.Format = tar.FormatPAX
		if h.ModTime = h.ModTime.Truncate(time.Second); h.ModTime.IsZero() || h.ModTime.After(epoch) {
			h.ModTime = epoch
		}
		if h.Typeflag == tar.TypeDir {
			h.Name += "/"
		}
		if f.inode != (inode{}) {
			if other, known := first[f.inode]; known {
				h.Typeflag, h.Linkname = tar.TypeLink, other
			} else {
				first[f.inode] = name
			}
		}
		if err := f.write(archive, &h); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return &Layer{file: name, size: count.n, digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(hash.Sum(nil))}}, nil
}

func (f *file) write(archive *tar.Writer, h *tar.Header) error {
	if h.Typeflag != tar.TypeReg {
		return archive.WriteHeader(h)
	}
	content := io.Reader(bytes.NewReader(f.content))
	h.Size = int64(len(f.content))
	if f.from != "" {
		source, err := os.Open(f.from)
		if err != nil {
			return err
		}
		defer source.Close() //nolint:errcheck // read only
		info, err := source.Stat()
		if err != nil {
			return err
		}
		content, h.Size = source, info.Size()
	}
	if err := archive.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// Layer is a layer in a file, not compressed: an archive of images is
// compressed as a whole, and finds what layers have in common.
type Layer struct {
	file   string
	size   int64
	digest v1.Hash
}

// Digest implements v1.Layer.
func (l *Layer) Digest() (v1.Hash, error) { return l.digest, nil }

// DiffID implements v1.Layer.
func (l *Layer) DiffID() (v1.Hash, error) { return l.digest, nil }

// Compressed implements v1.Layer: as it is.
func (l *Layer) Compressed() (io.ReadCloser, error) { return os.Open(l.file) }

// Uncompressed implements v1.Layer.
func (l *Layer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.file) }

// Size implements v1.Layer, in bytes.
func (l *Layer) Size() (int64, error) { return l.size, nil }

// MediaType implements v1.Layer.
func (l *Layer) MediaType() (types.MediaType, error) { return types.DockerUncompressedLayer, nil }
