package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/kind/pkg/apis/config/defaults"
	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/engine"
)

// How long to wait before giving up.
const (
	readyTimeout   = 3 * time.Minute  // from kind's end to a cluster that runs labs
	repairTimeout  = 90 * time.Second // from the start of a stopped node to the same
	reuseTimeout   = 20 * time.Second // for a running node that may just have started
	cleanUpTimeout = 90 * time.Second
)

// job is one Create: what was asked for and what has been found out.
type job struct {
	steps  *cluster.Steps
	engine *engine.Engine
	bundle *bundle.Platform // of a bundle, for the engine; nil without one
	nodes  []engine.Container
	image  string // reference of the node image
}

// Create implements cluster.Provider.
func (p *Provider) Create(ctx context.Context, o cluster.CreateOptions) (err error) {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	steps := cluster.NewSteps(o.Listener)
	defer func() {
		if err != nil {
			steps.FailRunning(reason(err))
		}
	}()
	j, err := p.prepare(ctx, o, steps)
	if err != nil {
		return err
	}
	if len(j.nodes) > 0 {
		usable, err := p.reuse(ctx, j)
		if err != nil {
			return err
		}
		if usable {
			return p.loadLabImages(ctx, j)
		}
		// The node image must be at hand before the old cluster goes.
		if err := p.nodeImage(ctx, j); err != nil {
			return err
		}
		if err := p.remove(ctx, j.engine, true); err != nil {
			return err
		}
		return p.create(ctx, j)
	}
	if err := p.nodeImage(ctx, j); err != nil {
		return err
	}
	return p.create(ctx, j)
}

// LoadImages implements cluster.Provider.
func (p *Provider) LoadImages(ctx context.Context, o cluster.CreateOptions) (err error) {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	steps := cluster.NewSteps(o.Listener)
	defer func() {
		if err != nil {
			steps.FailRunning(reason(err))
		}
	}()
	j, err := p.prepare(ctx, o, steps)
	if err != nil {
		return err
	}
	if len(j.nodes) == 0 || !controlPlane(j.nodes).Running() {
		return cluster.Fail("not-running", nil, "", "name", p.name)
	}
	return p.loadLabImages(ctx, j)
}

// prepare checks everything that can be wrong before anything is created: the
// engine, and the bundle's archives for its platform.
func (p *Provider) prepare(ctx context.Context, o cluster.CreateOptions, steps *cluster.Steps) (*job, error) {
	j := &job{steps: steps}
	var b *bundle.Bundle
	if o.BundleDir == "" {
		steps.Skip(cluster.StepCheckBundle, "")
	} else {
		steps.Start(cluster.StepCheckBundle)
		var err error
		if b, err = bundle.Open(o.BundleDir); err != nil {
			return nil, err
		}
	}
	group, gctx := errgroup.WithContext(ctx)
	verify := func(images *bundle.Platform) {
		group.Go(func() error {
			err := images.Verify(gctx, func(done, total int64) { steps.Bytes(cluster.StepCheckBundle, done, total) })
			if err == nil {
				steps.Done(cluster.StepCheckBundle)
			}
			return err
		})
	}
	// The archives are read while the engine answers, unless its answer says
	// which ones to read.
	if b != nil && len(b.Platforms) == 1 {
		verify(b.Platforms[0])
	}
	group.Go(func() error {
		eng, err := p.detect(gctx)
		if err != nil {
			return err
		}
		j.engine = eng
		info, err := eng.Info(gctx)
		if err != nil {
			return err
		}
		if b != nil {
			if j.bundle, err = b.For(eng.Binary, info.Arch); err != nil {
				return err
			}
			if len(b.Platforms) > 1 {
				verify(j.bundle)
			}
		}
		j.nodes, err = eng.Nodes(gctx, p.name)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	j.image = p.chooseImage(ctx, o, j)
	return j, nil
}

// chooseImage returns the node image: the one that was asked for, else the
// bundle's, else the one of the cluster that is there, else kind's default.
func (p *Provider) chooseImage(ctx context.Context, o cluster.CreateOptions, j *job) string {
	switch {
	case o.Image != "":
		return o.Image
	case j.bundle != nil:
		return j.bundle.Node.Reference
	case len(j.nodes) > 0:
		image := controlPlane(j.nodes).Image
		if has, err := j.engine.HasImage(ctx, image); err == nil && has {
			return image
		}
	}
	return defaults.Image
}

// nodeImage sees that the engine has the node image: from the bundle, else
// from its registry. kind would pull as well, but five times and in silence.
func (p *Provider) nodeImage(ctx context.Context, j *job) error {
	has, err := j.engine.HasImage(ctx, j.image)
	if err != nil {
		return err
	}
	if has {
		j.steps.Skip(cluster.StepNodeImage, j.image)
		return nil
	}
	j.steps.Note(cluster.StepNodeImage, j.image)
	if j.bundle == nil || j.bundle.Node.Reference != j.image {
		lines := &lineWriter{line: func(text string) { j.steps.Note(cluster.StepNodeImage, text) }}
		if err := j.engine.Pull(ctx, j.image, lines); err != nil {
			return err
		}
		j.steps.Done(cluster.StepNodeImage)
		return nil
	}
	stream, err := j.bundle.Node.Stream(ctx, func(done, total int64) { j.steps.Bytes(cluster.StepNodeImage, done, total) })
	if err != nil {
		return err
	}
	err = j.engine.LoadImages(ctx, stream)
	damaged := stream.Err()
	_ = stream.Close()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case damaged != nil:
		return damaged
	case err != nil:
		return err
	}
	if has, err = j.engine.HasImage(ctx, j.image); err != nil {
		return err
	}
	if !has {
		return cluster.Fail("bundle-lacks", nil, "", "file", j.bundle.Node.File, "image", j.image)
	}
	j.steps.Done(cluster.StepNodeImage)
	return nil
}

// create makes a new cluster. The lab images are imported while kubeadm starts
// the control plane. It is slower for it, but both together are faster than
// one after the other, also than importing while CoreDNS starts (measured on
// two cores).
func (p *Provider) create(ctx context.Context, j *job) (err error) {
	network := p.networkName(j.engine)
	hadNetwork, err := j.engine.HasNetwork(ctx, network)
	if err != nil {
		return err
	}
	if err := p.prepareDir(); err != nil {
		return err
	}
	// kind would merge into what an earlier cluster left.
	if err := os.RemoveAll(p.KubeconfigPath()); err != nil {
		return fmt.Errorf("remove a stale kubeconfig: %w", err)
	}
	defer func() {
		if err != nil {
			j.steps.FailRunning(reason(err))
			err = errors.Join(err, p.cleanUp(ctx, j, hadNetwork))
		}
	}()

	group, gctx := errgroup.WithContext(ctx)
	nodeUp := make(chan struct{})
	up := sync.OnceFunc(func() { close(nodeUp) })
	lib := p.library(j.engine, stepLogger{steps: j.steps, began: func(id cluster.StepID) {
		if id == cluster.StepControl {
			up()
		}
	}})
	var importErr error // of an import whose node went away under it
	group.Go(func() error {
		if err := p.createNodes(gctx, j, lib); err != nil {
			return err
		}
		up() // whatever kind logged
		return p.waitReady(gctx, j, readyTimeout)
	})
	group.Go(func() error {
		select {
		case <-nodeUp:
		case <-gctx.Done():
			return context.Cause(gctx)
		}
		err := p.loadLabImages(gctx, j)
		if err == nil || gctx.Err() != nil {
			return err
		}
		// When kubeadm fails, kind removes the node while it is being written
		// to. Then kubeadm's error is the one to report.
		found, listErr := j.engine.Nodes(gctx, p.name)
		if listErr == nil && (len(found) == 0 || !controlPlane(found).Running()) {
			importErr = err
			return nil
		}
		return err
	})
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	return importErr
}

// createNodes runs kind's Create, which knows no context: to cancel it, its
// nodes are deleted under it until it fails.
func (p *Provider) createNodes(ctx context.Context, j *job, lib library) error {
	created := make(chan error, 1)
	go func() { created <- lib.Create(p.name, j.image, p.KubeconfigPath()) }()
	var err error
	select {
	case err = <-created:
	case <-ctx.Done():
		deleter := p.library(j.engine, log.NoopLogger{})
		for {
			// Its own error says nothing: cleanUp looks at what is left.
			_ = deleter.Delete(p.name, p.KubeconfigPath())
			select {
			case failure := <-created: // because its node went away
				return errors.Join(context.Cause(ctx), failure)
			case <-time.After(300 * time.Millisecond):
			}
		}
	}
	if err == nil {
		return nil
	}
	// A Ctrl-C reaches kind's child processes too, and may do so before it
	// has ended ctx.
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(100 * time.Millisecond):
	}
	return p.explain(err)
}

// explain turns kind's error into one that says what to do where the cause
// is known.
func (p *Provider) explain(err error) error {
	key := "create"
	switch causeOf(err) {
	case diskFull:
		key = "disk-full"
	case portTaken:
		key = "port-taken"
	case fewFiles:
		key = "inotify"
	}
	return cluster.Fail(key, err, output(err), "name", p.name, "reason", reason(err))
}

// cause is what about the machine made kind or the engine fail.
type cause int

const (
	otherCause cause = iota
	diskFull
	portTaken
	fewFiles // that may be open, or watched
)

func causeOf(err error) cause {
	low := strings.ToLower(output(err) + err.Error())
	switch {
	case strings.Contains(low, "no space left on device"):
		return diskFull
	case strings.Contains(low, "port is already allocated"), strings.Contains(low, "address already in use"):
		return portTaken
	case strings.Contains(low, "too many open files"):
		return fewFiles
	}
	return otherCause
}

// waitReady waits until the cluster can run labs.
func (p *Provider) waitReady(ctx context.Context, j *job, timeout time.Duration) error {
	j.steps.Start(cluster.StepReady)
	found, err := j.engine.Nodes(ctx, p.name)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return cluster.Fail("not-running", nil, "", "name", p.name)
	}
	api, err := p.connect(p.KubeconfigPath(), controlPlane(found).StartedAt)
	if err != nil {
		return err
	}
	if err := api.waitReady(ctx, timeout, func(missing string) { j.steps.Note(cluster.StepReady, missing) }); err != nil {
		return err
	}
	j.steps.Done(cluster.StepReady)
	return nil
}

// cleanUp removes what a creation that failed or was cancelled has made.
func (p *Provider) cleanUp(ctx context.Context, j *job, hadNetwork bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	j.steps.Start(cluster.StepCleanUp)
	if err := p.remove(ctx, j.engine, true); err != nil {
		j.steps.Fail(cluster.StepCleanUp, reason(err))
		return fmt.Errorf("clean up: %w", err)
	}
	if !hadNetwork {
		network := p.networkName(j.engine)
		if has, err := j.engine.HasNetwork(ctx, network); err == nil && has {
			// The engine refuses where another cluster has come to use it,
			// which is then as it should be.
			_ = j.engine.RemoveNetwork(ctx, network)
		}
	}
	j.steps.Done(cluster.StepCleanUp)
	return nil
}

// networkName returns the network that kind puts nodes on.
func (p *Provider) networkName(eng *engine.Engine) string {
	name := ""
	switch eng.Name {
	case engine.Docker:
		name = p.getenv("KIND_EXPERIMENTAL_DOCKER_NETWORK")
	case engine.Podman:
		name = p.getenv("KIND_EXPERIMENTAL_PODMAN_NETWORK")
	}
	if name == "" {
		name = "kind"
	}
	return name
}

// lineWriter passes on whole lines.
type lineWriter struct {
	line func(string)
	rest string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	lines := strings.Split(w.rest+string(p), "\n")
	for _, line := range lines[:len(lines)-1] {
		if line = strings.TrimSpace(line); line != "" {
			w.line(line)
		}
	}
	w.rest = lines[len(lines)-1]
	return len(p), nil
}
