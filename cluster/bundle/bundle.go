// Package bundle reads an offline bundle: the node image and the lab images
// of a cluster as compressed archives, for machines that reach no image
// registry. docs/bundle.md describes the format.
//
// Package pack writes bundles, package create fills them from registries.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"podlab/cluster"
)

// Bundle is a bundle's description. Open has checked it, Verify checks the
// archives.
type Bundle struct {
	// Dir that holds the bundle.
	Dir string
	// Version of the format it was read from.
	Version int
	// Kubernetes version of the node images: v1.37.0.
	Kubernetes string
	// Platforms that the bundle has images for: at least one, each once.
	Platforms []*Platform
}

// Platform is what a bundle holds for one platform. Its OS is always linux:
// Kubernetes nodes that are containers have no other.
type Platform struct {
	// Arch of all images, in Go's names: amd64, arm64.
	Arch string
	// Node is the archive of the node image.
	Node Node
	// Labs is the archive of the images that labs use.
	Labs Labs
}

// String is the platform as --platform takes it: linux/amd64.
func (p *Platform) String() string { return "linux/" + p.Arch }

// Node is the archive of the node image.
type Node struct {
	Archive `yaml:",inline"`
	Image   `yaml:",inline"`
}

// Labs is the archive of the lab images.
type Labs struct {
	Archive `yaml:",inline"`
	// Images that the archive holds.
	Images []Image `yaml:"images"`
}

// References of the images.
func (l *Labs) References() []string {
	refs := make([]string, len(l.Images))
	for i, image := range l.Images {
		refs[i] = image.Reference
	}
	return refs
}

// Image is one image of an archive.
type Image struct {
	// Reference under which the archive holds it: busybox:1.37.
	Reference string `yaml:"image"`
	// Digest that the reference stood for at the registry when the bundle was
	// made, of an index where there was one: sha256:…; empty if not known.
	Digest string `yaml:"digest,omitempty"`
	// ID is the digest of the image's configuration, which engines show as the
	// image's ID; empty if not known.
	ID string `yaml:"id,omitempty"`
}

// Archive is a docker-archive compressed with zstd.
type Archive struct {
	// File is its path, relative to the bundle's directory.
	File string `yaml:"file"`
	// SHA256 of the compressed file, in hexadecimal.
	SHA256 string `yaml:"sha256"`

	path string
	size int64
}

// Size of the compressed file in bytes.
func (a *Archive) Size() int64 { return a.size }

// Open reads the description in dir and sees that the archives are there. It
// does not read them: that is for Verify. Errors are of type *cluster.Error.
func Open(dir string) (*Bundle, error) {
	b, err := read(dir)
	if err != nil {
		return nil, err
	}
	for _, a := range b.archives() {
		a.path = filepath.Join(dir, filepath.FromSlash(a.File))
		info, err := os.Stat(a.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, cluster.Fail("bundle-missing", err, "", "file", a.path)
		case err != nil:
			return nil, cluster.Fail("bundle-unreadable", err, "", "file", a.path, "reason", err.Error())
		case !info.Mode().IsRegular():
			return nil, cluster.Fail("bundle-unreadable", nil, "", "file", a.path, "reason", "not a regular file")
		}
		a.size = info.Size()
	}
	return b, nil
}

// For returns what the bundle holds for an engine that runs on arch; an error
// with the key bundle-arch if it holds nothing for it. Where an engine does
// not say what it runs on, arch is empty: then the platform of this program is
// the best guess, and any other one the next.
func (b *Bundle) For(engine, arch string) (*Platform, error) {
	for _, want := range []string{arch, runtime.GOARCH} {
		i := slices.IndexFunc(b.Platforms, func(p *Platform) bool { return p.Arch == want })
		switch {
		case i >= 0:
			return b.Platforms[i], nil
		case arch != "":
			return nil, cluster.Fail("bundle-arch", nil, "", "dir", b.Dir, "bundle", b.Archs(), "engine", engine, "arch", arch)
		}
	}
	return b.Platforms[0], nil
}

// Archs lists the architectures for people to read: amd64, arm64.
func (b *Bundle) Archs() string {
	archs := make([]string, len(b.Platforms))
	for i, p := range b.Platforms {
		archs[i] = p.Arch
	}
	return strings.Join(archs, ", ")
}

func (b *Bundle) archives() []*Archive {
	var all []*Archive
	for _, p := range b.Platforms {
		all = append(all, p.archives()...)
	}
	return all
}

func (p *Platform) archives() []*Archive { return []*Archive{&p.Node.Archive, &p.Labs.Archive} }

// Verify reads both archives and compares their SHA-256 with the description.
// progress, if not nil, is told of bytes read of all, from two goroutines. The
// error is a *cluster.Error that holds both sums, or the cause that ended ctx.
func (p *Platform) Verify(ctx context.Context, progress func(done, total int64)) error {
	return verify(ctx, p.archives(), progress)
}

// Verify verifies the archives of all platforms, as Platform.Verify does.
func (b *Bundle) Verify(ctx context.Context, progress func(done, total int64)) error {
	return verify(ctx, b.archives(), progress)
}

func verify(ctx context.Context, archives []*Archive, progress func(done, total int64)) error {
	var total int64
	for _, a := range archives {
		total += a.size
	}
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for _, a := range archives {
		group.Go(func() error {
			return a.verify(ctx, func(n int) {
				if now := done.Add(int64(n)); progress != nil {
					progress(now, total)
				}
			})
		})
	}
	return group.Wait()
}

// Verify reads the archive and compares its SHA-256 with the description.
func (a *Archive) Verify(ctx context.Context) error { return a.verify(ctx, func(int) {}) }

func (a *Archive) verify(ctx context.Context, read func(int)) error {
	f, err := os.Open(a.path)
	if err != nil {
		return cluster.Fail("bundle-unreadable", err, "", "file", a.path, "reason", err.Error())
	}
	defer f.Close() //nolint:errcheck // read only
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, &counter{ctx: ctx, r: f, read: read}, make([]byte, 1<<20)); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return cluster.Fail("bundle-unreadable", err, "", "file", a.path, "reason", err.Error())
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != a.SHA256 {
		return cluster.Fail("bundle-sha256", nil, "", "file", a.path, "want", a.SHA256, "got", got)
	}
	return nil
}

// counter tells of bytes read and ends with its context.
type counter struct {
	ctx  context.Context
	r    io.Reader
	read func(int)
}

func (c *counter) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	n, err := c.r.Read(p)
	if n > 0 {
		c.read(n)
	}
	return n, err
}
