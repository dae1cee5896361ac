// Package bundle reads an offline bundle: the node image and the lab images
// of a cluster as compressed archives, for machines that reach no image
// registry. docs/bundle.md describes the format.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"podlab/cluster"
	"podlab/content"
)

// Version of the format that this package reads.
const Version = 1

// FileName of the description in a bundle's directory.
const FileName = "bundle.yaml"

// Bundle is a bundle's description. Open has checked it, Verify checks the
// archives.
type Bundle struct {
	// Dir that holds the bundle.
	Dir string `yaml:"-"`
	// Version of the format.
	Version int `yaml:"version"`
	// Arch of all images, in Go's names: amd64, arm64.
	Arch string `yaml:"arch"`
	// Kubernetes version of the node image: v1.37.0.
	Kubernetes string `yaml:"kubernetes"`
	// Node is the archive of the node image.
	Node Node `yaml:"node"`
	// Labs is the archive of the images that labs use.
	Labs Labs `yaml:"labs"`
}

// Node is the archive of the node image.
type Node struct {
	Archive `yaml:",inline"`
	// Image is the reference under which the archive holds it.
	Image string `yaml:"image"`
}

// Labs is the archive of the lab images.
type Labs struct {
	Archive `yaml:",inline"`
	// Images are the references that the archive holds.
	Images []string `yaml:"images"`
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
	name := filepath.Join(dir, FileName)
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, cluster.Fail("bundle-missing", err, "", "file", name)
	case err != nil:
		return nil, cluster.Fail("bundle-unreadable", err, "", "file", name, "reason", err.Error())
	}
	invalid := func(err error) error {
		return cluster.Fail("bundle-invalid", err, "", "file", name, "reason", err.Error())
	}
	// The version is read first: a later format has fields that are unknown
	// here, and "unknown field" would not say what is wrong.
	var document content.Node
	if err := content.Decode(name, data, &document); err != nil {
		return nil, invalid(err)
	}
	if v := scalar(&document, "version"); v != strconv.Itoa(Version) {
		return nil, cluster.Fail("bundle-version", nil, "", "file", name, "version", v, "known", strconv.Itoa(Version))
	}
	b := &Bundle{Dir: dir}
	if err := content.Decode(name, data, b); err != nil {
		return nil, invalid(err)
	}
	if err := b.check(); err != nil {
		return nil, invalid(err)
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

// scalar returns the value of a key at the top of a document, or "" where it
// is absent.
func scalar(document *content.Node, key string) string {
	if len(document.Content) == 0 {
		return ""
	}
	fields := document.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i].Value == key {
			return fields[i+1].Value
		}
	}
	return ""
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (b *Bundle) check() error {
	switch {
	case b.Arch == "":
		return errors.New("arch is not set: write amd64 or arm64")
	case b.Node.Image == "":
		return errors.New("node.image is not set: write the reference of the node image")
	case len(b.Labs.Images) == 0:
		return errors.New("labs.images is empty: list the references that the archive holds")
	}
	for _, part := range []struct {
		name string
		a    Archive
	}{{"node", b.Node.Archive}, {"labs", b.Labs.Archive}} {
		if part.a.File == "" || !filepath.IsLocal(filepath.FromSlash(part.a.File)) {
			return fmt.Errorf("%s.file is %q: write a path inside the bundle's directory", part.name, part.a.File)
		}
		if !sum.MatchString(part.a.SHA256) {
			return fmt.Errorf("%s.sha256 is %q: write 64 hexadecimal digits in lower case", part.name, part.a.SHA256)
		}
	}
	return nil
}

func (b *Bundle) archives() []*Archive { return []*Archive{&b.Node.Archive, &b.Labs.Archive} }

// Verify reads both archives and compares their SHA-256 with the description.
// progress, if not nil, is told of bytes read of all, from two goroutines. The
// error is a *cluster.Error that holds both sums, or the cause that ended ctx.
func (b *Bundle) Verify(ctx context.Context, progress func(done, total int64)) error {
	var total int64
	for _, a := range b.archives() {
		total += a.size
	}
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for _, a := range b.archives() {
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
