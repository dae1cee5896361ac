package create

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/pack"
	"podlab/content"
)

// maxConfig bounds an image's configuration, which is held in memory.
const maxConfig = 4 << 20

// blob is one to download.
type blob struct {
	ref  string // of an image that has it
	repo name.Repository
	desc v1.Descriptor
}

// download brings the layers of all parts that have to be packed.
func (c *creation) download(ctx context.Context, parts []*part) error {
	var blobs []blob
	seen := map[v1.Hash]bool{}
	var total int64
	for _, p := range parts {
		if p.ready != "" {
			continue
		}
		for _, i := range p.images {
			for _, l := range i.parts.parsed.Layers {
				if !seen[l.Digest] {
					seen[l.Digest] = true
					blobs = append(blobs, blob{i.ref, i.repo, l})
					total += l.Size
				}
			}
		}
	}
	if len(blobs) == 0 {
		c.steps.Skip(StepDownload, "")
		return nil
	}
	c.steps.Start(StepDownload)
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	for _, b := range blobs {
		group.Go(func() error {
			var last int64
			return c.fetch(ctx, b, func(held int64) {
				c.steps.Bytes(StepDownload, done.Add(held-last), total)
				last = held
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	c.steps.Done(StepDownload)
	return nil
}

// fetch brings one blob, in as many attempts as bring it further. at is told
// how many of its bytes are there.
func (c *creation) fetch(ctx context.Context, b blob, at func(int64)) error {
	furthest := c.store.held(b.desc.Digest)
	further := func() bool {
		held := c.store.held(b.desc.Digest)
		got := held > furthest
		furthest = max(furthest, held)
		return got
	}
	return c.persist(ctx, b.ref, StepDownload, further, func() error {
		has, err := c.store.has(b.desc.Digest)
		if err != nil {
			return err
		}
		if has {
			at(b.desc.Size)
			return nil
		}
		return c.store.fetch(ctx, c.registries, b.repo, b.desc.Digest, b.desc.Size, c.Stall, at)
	})
}

// persist does what asks a registry about an image until it succeeds, cannot,
// or has failed too often. further, where it is not nil, reports whether the
// last attempt brought something, which makes it count as none.
func (c *creation) persist(ctx context.Context, ref string, step cluster.StepID, further func() bool, do func() error) error {
	for failures := 0; ; {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if further != nil && further() {
			failures = 0
		}
		failures++
		if !passing(err) || failures == tries {
			return imageError{ref: ref, error: err}
		}
		wait := c.Backoff << (failures - 1)
		var limited limitError
		if errors.As(err, &limited) {
			wait = limited.wait
		}
		c.steps.Note(step, err.Error())
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// packed is an archive that an unfinished creation has completed.
type packed struct {
	File   string `yaml:"file"`
	SHA256 string `yaml:"sha256"`
	// Recipe is a digest of what the archive was made from, and how.
	Recipe string `yaml:"recipe"`
	// Kubernetes version of a node image.
	Kubernetes string `yaml:"kubernetes,omitempty"`
}

// recipe of a part's archive.
func (p *part) recipe() string {
	hash := sha256.New()
	for _, word := range []string{pack.Format, p.arch} {
		_, _ = io.WriteString(hash, word+"\n")
	}
	for _, i := range p.images {
		_, _ = io.WriteString(hash, i.ref+" "+i.id+"\n")
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// note is where it is written down that an archive is complete.
func (c *creation) note(p *part) string { return filepath.Join(c.work, p.File+".yaml") }

// packedBefore looks for the archive among those that an unfinished creation
// has completed.
func (c *creation) packedBefore(p *part) error {
	data, err := os.ReadFile(c.note(p))
	if err != nil {
		return nil //nolint:nilerr // then it is packed
	}
	var n packed
	if content.Decode(c.note(p), data, &n) != nil || n.Recipe != p.recipe() {
		return nil
	}
	path := filepath.Join(c.work, p.File)
	if right, err := isOf(path, v1.Hash{Algorithm: "sha256", Hex: n.SHA256}); err == nil && right {
		p.SHA256, p.ready, p.kubernetes = n.SHA256, path, n.Kubernetes
	}
	return nil
}

// pack writes the archives that are not ready and returns the description.
func (c *creation) pack(ctx context.Context, parts []*part) (*bundle.Bundle, error) {
	b := &bundle.Bundle{Dir: c.Dir, Version: bundle.Version}
	for _, p := range parts {
		images := make([]bundle.Image, len(p.images))
		for n, i := range p.images {
			tag, err := pack.Tag(i.ref)
			if err != nil {
				return nil, cluster.Fail("bundle-reference", err, "", "image", i.ref, "reason", err.Error())
			}
			images[n] = bundle.Image{Reference: tag, Digest: i.digest.String(), ID: i.id}
		}
		if p.ready == "" {
			if err := c.packPart(ctx, p); err != nil {
				return nil, err
			}
		}
		if p.node {
			b.Kubernetes = p.kubernetes
			b.Platforms = append(b.Platforms, &bundle.Platform{Arch: p.arch, Node: bundle.Node{Archive: *p.Archive, Image: images[0]}})
		} else {
			b.Platforms[len(b.Platforms)-1].Labs = bundle.Labs{Archive: *p.Archive, Images: images}
		}
	}
	return b, nil
}

func (c *creation) packPart(ctx context.Context, p *part) error {
	c.steps.Note(StepPack, p.File)
	var images []pack.Image
	for _, i := range p.images {
		img, err := i.parts.image()
		if err != nil {
			return cluster.Fail("bundle-image-format", err, "", "image", i.ref)
		}
		images = append(images, pack.Image{Reference: i.ref, Image: img})
	}
	if p.node {
		version, err := kubernetes(images[0].Image)
		if err != nil {
			return packError{file: p.File, error: err}
		}
		if version == "" {
			return cluster.Fail("bundle-not-node", nil, "", "image", p.images[0].ref)
		}
		p.kubernetes = version
	}
	path := filepath.Join(c.work, p.File)
	compression := pack.ForLabs
	if p.node {
		compression = pack.ForNode
	}
	sum, err := pack.File(ctx, path, compression, images, func(done, total int64) { c.steps.Bytes(StepPack, done, total) })
	if err != nil {
		return packError{file: p.File, error: err}
	}
	data, err := content.Encode(packed{File: p.File, SHA256: sum, Recipe: p.recipe(), Kubernetes: p.kubernetes})
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(c.note(p), data, 0o644); err != nil {
		return localError{err}
	}
	p.SHA256, p.ready = sum, path
	c.steps.Done(StepPack)
	return nil
}

// kubernetes returns the version that a node image runs, which kind writes
// into it; empty if it is no node image.
func kubernetes(node v1.Image) (string, error) {
	layers, err := node.Layers()
	if err != nil {
		return "", err
	}
	for n := len(layers) - 1; n >= 0; n-- { // the last one that has it counts
		content, err := layers[n].Uncompressed()
		if err != nil {
			return "", err
		}
		version, err := versionIn(content)
		if err = errors.Join(err, content.Close()); err != nil || version != "" {
			return version, err
		}
	}
	return "", nil
}

// versionIn looks for /kind/version in a layer.
func versionIn(layer io.Reader) (string, error) {
	for files := tar.NewReader(layer); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if filepath.ToSlash(filepath.Clean("/"+header.Name)) == "/kind/version" {
			data, err := io.ReadAll(io.LimitReader(files, 100))
			return string(bytes.TrimSpace(data)), err
		}
	}
}

// bounded reads no more than is left, and then fails.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, fmt.Errorf("more than %d bytes came", int64(maxConfig))
	}
	return n, err
}
