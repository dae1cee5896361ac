// Package pack writes bundles from images, wherever those come from. The same
// images give the same bytes, so that two people who made a bundle can compare
// its sums.
package pack

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/distribution/reference"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/klauspost/compress/zstd"

	"podlab/cluster/bundle"
)

// Compression of an archive. It decides the bytes of the archive: Format must
// change with it.
type Compression zstd.EncoderLevel

// The lab images go through the engine's exec into each new cluster, and have
// much in common: all that can be saved is worth saving. The node image is
// several times larger, and another sixth less takes six times as long.
const (
	ForNode = Compression(zstd.SpeedBetterCompression)
	ForLabs = Compression(zstd.SpeedBestCompression)
)

// window of the compression: 128 MiB finds what layers have in common and
// costs those who load the archive no more than that.
const window = 1 << 27

// Format names how archives are written. Archives of the same images and the
// same format are equal byte for byte.
const Format = "docker-archive zstd 27 1"

// Image is an image and how an archive shall call it.
type Image struct {
	// Reference with a tag: busybox:1.37. A digest behind the tag is left out,
	// since a docker-archive has no place for it.
	Reference string
	// Digest that the reference stood for at its registry; empty if it has none.
	Digest string
	// Image itself.
	Image v1.Image
}

// Describe returns the image as a bundle's description lists it.
func (i Image) Describe() (bundle.Image, error) {
	tag, err := Tag(i.Reference)
	if err != nil {
		return bundle.Image{}, err
	}
	id, err := i.Image.ConfigName()
	if err != nil {
		return bundle.Image{}, fmt.Errorf("%s: %w", i.Reference, err)
	}
	return bundle.Image{Reference: tag, Digest: i.Digest, ID: id.String()}, nil
}

// Platform is all that a bundle shall hold for one platform.
type Platform struct {
	// Arch in Go's names: amd64.
	Arch string
	Node Image
	Labs []Image
}

// Bundle writes a whole bundle into dir: the archives, then the description.
// kubernetes is the version of the node images, for people to read. progress,
// if not nil, is told which file is being written and how many bytes of its
// content are.
func Bundle(ctx context.Context, dir, kubernetes string, platforms []Platform, progress func(file string, done, total int64)) (*bundle.Bundle, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // bundles are for everybody
		return nil, err
	}
	b := &bundle.Bundle{Dir: dir, Version: bundle.Version, Kubernetes: kubernetes}
	for _, p := range platforms {
		described, err := Describe(p)
		if err != nil {
			return nil, err
		}
		for _, part := range []struct {
			*bundle.Archive
			compression Compression
			images      []Image
		}{{&described.Node.Archive, ForNode, []Image{p.Node}}, {&described.Labs.Archive, ForLabs, p.Labs}} {
			tell := func(done, total int64) {
				if progress != nil {
					progress(part.File, done, total)
				}
			}
			if part.SHA256, err = File(ctx, filepath.Join(dir, part.File), part.compression, part.images, tell); err != nil {
				return nil, err
			}
		}
		b.Platforms = append(b.Platforms, described)
	}
	return b, b.Write()
}

// Describe returns the description of p with the names of its files, but
// without their sums.
func Describe(p Platform) (*bundle.Platform, error) {
	d := &bundle.Platform{Arch: p.Arch}
	d.Node.File, d.Labs.File = "node-"+p.Arch+".tar.zst", "labs-"+p.Arch+".tar.zst"
	var err error
	if d.Node.Image, err = p.Node.Describe(); err != nil {
		return nil, err
	}
	for _, image := range p.Labs {
		listed, err := image.Describe()
		if err != nil {
			return nil, err
		}
		d.Labs.Images = append(d.Labs.Images, listed)
	}
	slices.SortFunc(d.Labs.Images, func(a, b bundle.Image) int { return strings.Compare(a.Reference, b.Reference) })
	return d, nil
}

// Tag returns a reference as archives hold it: with a tag, without a digest,
// and short where people write it short.
func Tag(ref string) (string, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", fmt.Errorf("%s: %w", ref, err)
	}
	tagged, ok := reference.TagNameOnly(named).(reference.Tagged)
	if !ok {
		return "", fmt.Errorf("%s has no tag: an archive needs one", ref)
	}
	plain, err := reference.WithTag(reference.TrimNamed(named), tagged.Tag())
	if err != nil {
		return "", fmt.Errorf("%s: %w", ref, err)
	}
	return reference.FamiliarString(plain), nil
}

// File writes an archive of images to path, whole or not at all, and returns
// the SHA-256 of the file. progress, if not nil, is told of bytes of content.
func File(ctx context.Context, path string, compression Compression, images []Image, progress func(done, total int64)) (sum string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	hash := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, hash), 1<<20)
	if err := Archive(ctx, out, compression, images, progress); err != nil {
		return "", err
	}
	if err := out.Flush(); err != nil {
		return "", err
	}
	if err := f.Chmod(0o644); err != nil { //nolint:gosec // bundles are for everybody
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), os.Rename(f.Name(), path)
}

// layer of an archive: its unpacked bytes by their digest.
type layer struct {
	v1.Layer
	diffID v1.Hash
	size   int64
}

func (l layer) file() string { return l.diffID.Hex + ".tar" }

// image with the names that manifest.json gives its parts.
type image struct {
	Config   string
	RepoTags []string
	Layers   []string

	config []byte
	layers []layer
}

// Archive writes images as "docker save" does, compressed with zstd. Layers
// are unpacked in it: what several have in common is then stored once, which
// no compression finds in gzip. Each layer is read twice, since a tar says the
// size of a file before its bytes, and is compared with the image's
// configuration on the way.
func Archive(ctx context.Context, w io.Writer, compression Compression, images []Image, progress func(done, total int64)) error {
	list, total, err := examine(ctx, images)
	if err != nil {
		return err
	}
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.EncoderLevel(compression)), zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return err
	}
	var done int64
	files := tar.NewWriter(enc)
	write := func(name string, size int64, r io.Reader) error {
		if err := files.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err := io.Copy(files, &reader{ctx: ctx, Reader: r, read: func(n int) {
			done += int64(n)
			if progress != nil {
				progress(done, total)
			}
		}})
		return err
	}
	written := map[string]bool{}
	for _, i := range list {
		if !written[i.Config] {
			written[i.Config] = true
			if err := write(i.Config, int64(len(i.config)), strings.NewReader(string(i.config))); err != nil {
				return err
			}
		}
		for _, l := range i.layers {
			if written[l.file()] {
				continue
			}
			written[l.file()] = true
			content, err := l.Uncompressed()
			if err != nil {
				return fmt.Errorf("layer %s: %w", l.diffID, err)
			}
			err = write(l.file(), l.size, content)
			if err = errors.Join(err, content.Close()); err != nil {
				return err
			}
		}
	}
	manifest, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if err := write("manifest.json", int64(len(manifest)), strings.NewReader(string(manifest))); err != nil {
		return err
	}
	if err := files.Close(); err != nil {
		return err
	}
	return enc.Close()
}

// examine reads the images once: what they consist of, in the order of their
// references, and how many bytes that is.
func examine(ctx context.Context, images []Image) (list []*image, total int64, err error) {
	sizes := map[v1.Hash]int64{}
	for _, from := range images {
		tag, err := Tag(from.Reference)
		if err != nil {
			return nil, 0, err
		}
		i, err := open(from)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", from.Reference, err)
		}
		i.RepoTags = []string{tag}
		for n := range i.layers {
			l := &i.layers[n]
			size, known := sizes[l.diffID]
			if !known {
				if size, err = measure(ctx, *l); err != nil {
					return nil, 0, fmt.Errorf("%s: layer %s: %w", from.Reference, l.diffID, err)
				}
				sizes[l.diffID] = size
				total += size
			}
			l.size = size
		}
		total += int64(len(i.config))
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b *image) int { return strings.Compare(a.RepoTags[0], b.RepoTags[0]) })
	return list, total, nil
}

func open(from Image) (*image, error) {
	name, err := from.Image.ConfigName()
	if err != nil {
		return nil, err
	}
	i := &image{Config: name.Hex + ".json"}
	if i.config, err = from.Image.RawConfigFile(); err != nil {
		return nil, err
	}
	config, err := from.Image.ConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := from.Image.Layers()
	if err != nil {
		return nil, err
	}
	diffIDs := config.RootFS.DiffIDs
	if len(layers) != len(diffIDs) {
		return nil, fmt.Errorf("%d layers, the configuration lists %d", len(layers), len(diffIDs))
	}
	for n, l := range layers {
		i.layers = append(i.layers, layer{Layer: l, diffID: diffIDs[n]})
		i.Layers = append(i.Layers, i.layers[n].file())
	}
	return i, nil
}

// measure returns the unpacked size of a layer, after it was found to be what
// the configuration says.
func measure(ctx context.Context, l layer) (int64, error) {
	content, err := l.Uncompressed()
	if err != nil {
		return 0, err
	}
	defer content.Close() //nolint:errcheck // read only
	hash := sha256.New()
	size, err := io.Copy(hash, &reader{ctx: ctx, Reader: content})
	if err != nil {
		return 0, err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != l.diffID.Hex {
		return 0, fmt.Errorf("unpacked, its digest is sha256:%s", got)
	}
	return size, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
	read func(int) // told of bytes; nil for nobody
}

func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.Reader.Read(p)
	if n > 0 && r.read != nil {
		r.read(n)
	}
	return n, err
}
