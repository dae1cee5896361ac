package kind

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/engine"
)

// containerdTimeout is how long a node may take from its start until its
// containerd answers.
const containerdTimeout = 30 * time.Second

// loadLabImages imports the bundle's lab images into each node that lacks one.
func (p *Provider) loadLabImages(ctx context.Context, j *job) error {
	if j.bundle == nil {
		j.steps.Skip(cluster.StepLabImages, "")
		return nil
	}
	found, err := j.engine.Nodes(ctx, p.name)
	if err != nil {
		return err
	}
	j.steps.Start(cluster.StepLabImages)
	loaded := false
	for _, n := range internal(found) {
		missing, err := p.missingImages(ctx, j, n)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		loaded = true
		if err := p.importLabs(ctx, j, n); err != nil {
			return err
		}
		if missing, err = p.missingImages(ctx, j, n); err != nil {
			return err
		}
		if len(missing) > 0 {
			return cluster.Fail("bundle-lacks", nil, "", "file", j.bundle.Labs.File, "image", strings.Join(missing, ", "))
		}
	}
	if !loaded {
		j.steps.Skip(cluster.StepLabImages, "")
		return nil
	}
	j.steps.Done(cluster.StepLabImages)
	return nil
}

// importLabs streams the archive into a node's containerd: compressed, as
// containerd 2 unpacks it by itself. All that passes through the engine's exec
// and containerd's streaming API costs several times the CPU of unpacking it,
// and it would cost that while kubeadm needs the CPU. An older containerd, or
// an archive with a larger window than containerd allows, gets the plain tar.
func (p *Provider) importLabs(ctx context.Context, j *job, n engine.Container) error {
	lib := p.library(j.engine, log.NoopLogger{})
	progress := func(done, total int64) { j.steps.Bytes(cluster.StepLabImages, done, total) }
	file, err := j.bundle.Labs.Open(ctx, progress)
	if err != nil {
		return err
	}
	err = lib.LoadArchive(p.name, n.Name, file)
	_ = file.Close()
	if err == nil || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	j.steps.Note(cluster.StepLabImages, reason(err))

	stream, err := j.bundle.Labs.Stream(ctx, progress)
	if err != nil {
		return err
	}
	err = lib.LoadArchive(p.name, n.Name, stream)
	damaged := stream.Err()
	_ = stream.Close()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case damaged != nil:
		return damaged
	case err != nil:
		return cluster.Fail("load-images", err, output(err), "node", n.Name, "file", j.bundle.Labs.File, "reason", reason(err))
	}
	return nil
}

// missingImages returns the bundle's lab images that a node lacks. A node
// that has just started is asked until its containerd answers.
func (p *Provider) missingImages(ctx context.Context, j *job, n engine.Container) ([]string, error) {
	deadline := time.Now().Add(containerdTimeout)
	for {
		listing, err := j.engine.Exec(ctx, n.Name, "ctr", "--namespace=k8s.io", "images", "ls", "-q")
		if err == nil {
			return lacking(strings.Fields(listing), j.bundle.Labs.References()), nil
		}
		if ctx.Err() != nil || isEngineTrouble(err) || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// lacking returns those of want, in whatever form they are written, that the
// full references in have do not contain.
func lacking(have, want []string) []string {
	var missing []string
	for _, ref := range want {
		full := ref
		if named, err := reference.ParseDockerRef(ref); err == nil {
			full = named.String()
		}
		if !slices.Contains(have, full) {
			missing = append(missing, ref)
		}
	}
	return missing
}
