// Package create makes offline bundles from image registries: it looks up the
// images for each platform, brings their blobs into DIR/.partial, writes the
// archives there, and puts all in place when all is complete. Whatever ends
// it, the next run goes on from what is there.
package create

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/pack"
)

// partialDir is the directory inside the bundle's that holds what an
// unfinished creation has brought and made.
const partialDir = ".partial"

// The steps, in order.
const (
	// StepLookup asks registries what the references stand for.
	StepLookup cluster.StepID = "bundle-lookup"
	// StepDownload brings blobs. Its details, and those of StepLookup, are
	// reasons for which something is tried again.
	StepDownload cluster.StepID = "bundle-download"
	// StepPack writes one archive, which is its detail; it comes several times.
	StepPack cluster.StepID = "bundle-pack"
)

// How much is tried, and how long waited.
const (
	downloads   = 3 // at the same time
	tries       = 5 // without a byte of progress
	longestWait = time.Minute
)

// Options say what to create.
type Options struct {
	// Dir gets the bundle; it is made if it is not there.
	Dir string
	// Node is the reference of the node image.
	Node string
	// Labs are the references of the lab images.
	Labs []string
	// Archs to create it for, in Go's names.
	Archs []string
	// Mirrors by registry: which host[:port][/path] to ask in its place.
	Mirrors map[string]string
	// Listener is told of progress; nil for none.
	Listener cluster.Listener
	// Keychain has the credentials; those of docker's configuration if nil.
	Keychain authn.Keychain
	// Backoff is the wait before the first repetition, doubled before each
	// further one; one second if zero.
	Backoff time.Duration
	// Stall is how long a transfer may stand still; one minute if zero.
	Stall time.Duration
}

// Result of a creation.
type Result struct {
	Bundle *bundle.Bundle
	// Unchanged is true where a complete bundle was there that is the same.
	Unchanged bool
}

// Create makes the bundle. Errors are of type *cluster.Error; one that ctx
// ended wraps its cause.
func Create(ctx context.Context, o Options) (Result, error) {
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	if o.Backoff == 0 {
		o.Backoff = time.Second
	}
	if o.Stall == 0 {
		o.Stall = time.Minute
	}
	c := &creation{
		Options: o, steps: cluster.NewSteps(o.Listener),
		work: filepath.Join(o.Dir, partialDir), registries: newRegistries(o.Mirrors, o.Keychain),
	}
	result, err := c.run(ctx)
	if err != nil {
		err = c.explain(ctx, err)
		c.steps.FailRunning(err.Error())
	}
	return result, err
}

// creation is one Create.
type creation struct {
	Options
	steps      *cluster.Steps
	work       string // Dir/.partial
	registries *registries
	store      *store
	old        *bundle.Bundle // that was there; nil if none
}

func (c *creation) run(ctx context.Context) (Result, error) {
	if err := c.openOld(); err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(c.work, 0o755); err != nil { //nolint:gosec // bundles are for everybody
		return Result{}, localError{err}
	}
	lock := flock.New(filepath.Join(c.work, "lock"))
	mine, err := lock.TryLock()
	if err != nil {
		return Result{}, localError{err}
	}
	if !mine {
		return Result{}, cluster.Fail("bundle-busy", nil, "", "dir", c.Dir)
	}
	defer lock.Unlock() //nolint:errcheck // the process ends soon
	// What a killed process was writing is worth nothing.
	halves, _ := filepath.Glob(filepath.Join(c.work, "*.tmp"))
	for _, half := range halves {
		if err := os.Remove(half); err != nil {
			return Result{}, localError{err}
		}
	}
	if c.store, err = newStore(filepath.Join(c.work, "blobs")); err != nil {
		return Result{}, err
	}

	c.steps.Start(StepLookup)
	parts, err := c.plan(ctx)
	if err != nil {
		return Result{}, err
	}
	c.steps.Done(StepLookup)
	if err := c.download(ctx, parts); err != nil {
		return Result{}, err
	}
	b, err := c.pack(ctx, parts)
	if err != nil {
		return Result{}, err
	}
	return c.finish(b, parts)
}

// openOld reads the bundle that is there. One that was not made by podlab, or
// that has more than was asked for, is not replaced; one that lost a file is.
func (c *creation) openOld() error {
	old, err := bundle.Open(c.Dir)
	var problem *cluster.Error
	if errors.As(err, &problem) && problem.Problem.Key == "bundle-missing" {
		return nil
	}
	if err != nil {
		return err
	}
	c.old = old
	for _, p := range old.Platforms {
		if p.Node.ID == "" || !slices.Contains(c.Archs, p.Arch) {
			return cluster.Fail("bundle-other", nil, "", "dir", c.Dir, "kubernetes", old.Kubernetes, "arch", old.Archs())
		}
	}
	return nil
}

// part is one archive that the bundle shall have.
type part struct {
	*bundle.Archive
	arch   string
	node   bool
	images []*image
	// kubernetes version of the node image, as soon as it is known.
	kubernetes string
	// ready is the path of the archive where it needs no packing; empty else.
	ready string
}

// plan finds out which archives there shall be, what is in each, and which of
// them are there already.
func (c *creation) plan(ctx context.Context) ([]*part, error) {
	digests := map[string]v1.Hash{}
	for _, ref := range append([]string{c.Node}, c.Labs...) {
		if _, asked := digests[ref]; asked {
			continue
		}
		digest, err := c.lookup(ctx, ref)
		if err != nil {
			return nil, err
		}
		digests[ref] = digest
	}
	var parts []*part
	for _, arch := range c.Archs {
		for _, p := range []*part{
			{Archive: &bundle.Archive{File: "node-" + arch + ".tar.zst"}, arch: arch, node: true, images: refs(c.Node)},
			{Archive: &bundle.Archive{File: "labs-" + arch + ".tar.zst"}, arch: arch, images: refs(c.Labs...)},
		} {
			for _, i := range p.images {
				i.digest = digests[i.ref]
			}
			if err := c.planPart(ctx, p); err != nil {
				return nil, err
			}
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// refs are images of which only the reference is known, each once.
func refs(all ...string) []*image {
	var images []*image
	for _, ref := range all {
		if !slices.ContainsFunc(images, func(i *image) bool { return bundle.Full(i.ref) == bundle.Full(ref) }) {
			images = append(images, &image{ref: ref})
		}
	}
	slices.SortFunc(images, func(a, b *image) int { return strings.Compare(a.ref, b.ref) })
	return images
}

// planPart finds the images of a part. Where the registry says what it said
// when the existing archive was made, that is all: nothing is asked further.
func (c *creation) planPart(ctx context.Context, p *part) error {
	archive, known := c.existing(ctx, p)
	if archive != nil && p.adopt(known, func(i *image, k bundle.Image) bool { return i.digest.String() == k.Digest }) {
		p.Archive, p.ready, p.kubernetes = archive, filepath.Join(c.Dir, archive.File), c.old.Kubernetes
		return nil
	}
	for _, i := range p.images {
		if err := c.resolve(ctx, i, p.arch); err != nil {
			return err
		}
	}
	if archive != nil && p.adopt(known, func(i *image, k bundle.Image) bool { return i.id == k.ID }) {
		p.Archive, p.ready, p.kubernetes = archive, filepath.Join(c.Dir, archive.File), c.old.Kubernetes
		return nil
	}
	return c.packedBefore(p)
}

// existing returns the archive of the existing bundle that p would replace, if
// it is whole, and its images.
func (c *creation) existing(ctx context.Context, p *part) (*bundle.Archive, []bundle.Image) {
	if c.old == nil {
		return nil, nil
	}
	for _, old := range c.old.Platforms {
		if old.Arch != p.arch {
			continue
		}
		archive, images := &old.Labs.Archive, old.Labs.Images
		if p.node {
			archive, images = &old.Node.Archive, []bundle.Image{old.Node.Image}
		}
		if archive.Verify(ctx) == nil {
			return archive, images
		}
	}
	return nil, nil
}

// adopt reports whether the known images are just those of p, and if so, takes
// their IDs.
func (p *part) adopt(known []bundle.Image, same func(*image, bundle.Image) bool) bool {
	if len(known) != len(p.images) {
		return false
	}
	ids := make([]string, len(p.images))
	for n, i := range p.images {
		tag, err := pack.Tag(i.ref)
		k := slices.IndexFunc(known, func(k bundle.Image) bool { return err == nil && k.Reference == tag && same(i, k) })
		if k < 0 {
			return false
		}
		ids[n] = known[k].ID
	}
	for n, i := range p.images {
		i.id = ids[n]
	}
	return true
}

// finish puts the archives in place, writes the description and removes what
// is no longer needed.
func (c *creation) finish(b *bundle.Bundle, parts []*part) (Result, error) {
	target := func(p *part) string { return filepath.Join(c.Dir, p.File) }
	moved := func(p *part) bool { return p.ready != target(p) }
	if c.old != nil && same(c.old, b) && !slices.ContainsFunc(parts, moved) {
		return Result{Bundle: c.old, Unchanged: true}, localErr(os.RemoveAll(c.work))
	}
	for _, p := range parts {
		if moved(p) {
			if err := os.Rename(p.ready, target(p)); err != nil {
				return Result{}, localError{err}
			}
		}
	}
	if err := b.Write(); err != nil {
		return Result{}, localError{err}
	}
	done, err := bundle.Open(c.Dir)
	if err != nil {
		return Result{}, err
	}
	return Result{Bundle: done}, localErr(os.RemoveAll(c.work))
}

// same reports whether two descriptions say the same.
func same(a, b *bundle.Bundle) bool {
	plain := func(x *bundle.Bundle) []any {
		all := []any{x.Kubernetes}
		for _, p := range x.Platforms {
			all = append(all, p.Arch, p.Node.File, p.Node.SHA256, p.Node.Image, p.Labs.File, p.Labs.SHA256, p.Labs.Images)
		}
		return all
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// kept returns how many bytes an unfinished creation has in store.
func (c *creation) kept() int64 {
	var sum int64
	_ = filepath.WalkDir(c.work, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // it is a figure for people
		}
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}
