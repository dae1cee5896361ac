// Package kind provides clusters through the kind library: Kubernetes nodes
// that are containers of docker, podman or nerdctl.
//
// The kubeconfig is podlab's own file. Every call of the library gets its
// path, since without one kind would edit $KUBECONFIG or ~/.kube/config.
package kind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/renameio/v2"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/engine"
)

// ProviderName is what cluster.Provider.Name returns.
const ProviderName = "kind"

// Options of a provider.
type Options struct {
	// Name of the cluster: a DNS label of at most 50 characters; cluster.DefaultName if empty.
	Name string
	// StateDir is podlab's state directory; the kubeconfig goes to
	// clusters/<name>/kubeconfig below it.
	StateDir string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
	// Runner runs the engine's client; engine.Local if nil.
	Runner engine.Runner
}

// Provider makes and keeps one kind cluster. It implements cluster.Provider.
type Provider struct {
	name     string
	stateDir string
	getenv   func(string) string
	runner   engine.Runner
	// library opens the kind library; tests replace it.
	library func(*engine.Engine, log.Logger) library
	// connect reaches the API server; tests replace it.
	connect func(kubeconfig string, since time.Time) (*api, error)

	mu     sync.Mutex
	engine *engine.Engine
}

var _ cluster.Provider = (*Provider)(nil)

// library is what podlab uses of the kind library.
type library interface {
	// Create creates the cluster and writes its kubeconfig.
	Create(name, image, kubeconfig string) error
	// Delete removes the cluster's nodes and its entry of the kubeconfig.
	Delete(name, kubeconfig string) error
	// KubeConfig returns the kubeconfig for use on the host.
	KubeConfig(name string) (string, error)
	// LoadArchive imports a docker-archive into one node.
	LoadArchive(name, node string, archive io.Reader) error
}

// New returns a provider of the cluster that o names. It starts nothing and
// looks for no engine yet. The error is a *cluster.Error for a bad name.
func New(o Options) (*Provider, error) {
	name, err := cluster.CheckName(o.Name)
	if err != nil {
		return nil, err
	}
	if o.StateDir == "" {
		return nil, errors.New("kind: no state directory given")
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Runner == nil {
		o.Runner = engine.Local{}
	}
	return &Provider{
		name: name, stateDir: o.StateDir, getenv: o.Getenv, runner: o.Runner, library: openLibrary, connect: newAPI,
	}, nil
}

// Name implements cluster.Provider.
func (p *Provider) Name() string { return ProviderName }

// Capabilities implements cluster.Provider.
func (p *Provider) Capabilities() cluster.Capabilities {
	return cluster.Capabilities{RunsContainers: true}
}

// KubeconfigPath implements cluster.Provider.
func (p *Provider) KubeconfigPath() string { return filepath.Join(p.dir(), "kubeconfig") }

func (p *Provider) dir() string { return filepath.Join(p.stateDir, "clusters", p.name) }

// Status implements cluster.Provider.
func (p *Provider) Status(ctx context.Context) (cluster.Status, error) {
	status := cluster.Status{
		Provider: ProviderName, Name: p.name, State: cluster.Absent, RunsContainers: true,
		Kubeconfig: p.KubeconfigPath(),
	}
	eng, err := p.detect(ctx)
	if err != nil {
		return status, err
	}
	status.Engine = eng.Binary
	found, err := eng.Nodes(ctx, p.name)
	if err != nil {
		return status, err
	}
	if len(found) == 0 {
		return status, nil
	}
	control := controlPlane(found)
	status.NodeImage = control.Image
	for _, n := range found {
		if !n.Running() {
			status.State = cluster.Stopped
			status.Detail = fmt.Sprintf("node container %s is %s", n.Name, n.Status)
			return status, nil
		}
	}
	status.State = cluster.Broken
	api, err := p.connect(p.KubeconfigPath(), control.StartedAt)
	if err != nil {
		status.Detail = err.Error()
		return status, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	version, err := api.healthy(ctx)
	status.KubernetesVersion = version
	if err != nil {
		status.Detail = err.Error()
		return status, nil
	}
	status.State = cluster.Ready
	return status, nil
}

// Delete implements cluster.Provider. The engine's network "kind" stays: all
// kind clusters of this machine share it.
func (p *Provider) Delete(ctx context.Context) error {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	eng, err := p.detect(ctx)
	if err != nil {
		return err
	}
	if _, err := eng.Info(ctx); err != nil {
		return err
	}
	return p.remove(ctx, eng, false)
}

// remove deletes node containers until none is left, then the kubeconfig.
// With settle it looks twice: an engine that was asked for a container by a
// client that has been killed since may still bring it up.
func (p *Provider) remove(ctx context.Context, eng *engine.Engine, settle bool) error {
	const tries = 25
	lib := p.library(eng, log.NoopLogger{})
	var failed error
	for i, absent := 0, 0; ; i++ {
		found, err := eng.Nodes(ctx, p.name)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			if absent++; absent == 2 || !settle {
				break
			}
		} else {
			if i > tries {
				return cluster.Fail("delete", failed, output(failed),
					"name", p.name, "engine", eng.Binary, "node", found[0].Name, "reason", reason(failed))
			}
			absent, settle = 0, true
			if err := p.prepareDir(); err != nil {
				return err
			}
			failed = lib.Delete(p.name, p.KubeconfigPath())
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
	if err := os.RemoveAll(p.dir()); err != nil {
		return fmt.Errorf("remove the kubeconfig of cluster %s: %w", p.name, err)
	}
	return nil
}

// Usable reports whether an engine answers. The error is a *cluster.Error.
func (p *Provider) Usable(ctx context.Context) error {
	eng, err := p.detect(ctx)
	if err != nil {
		return err
	}
	_, err = eng.Info(ctx)
	return err
}

// detect finds the engine once.
func (p *Provider) detect(ctx context.Context) (*engine.Engine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine != nil {
		return p.engine, nil
	}
	eng, err := engine.Detect(ctx, p.runner, p.getenv)
	if err != nil {
		return nil, err
	}
	p.engine = eng
	return eng, nil
}

// prepareDir makes the directory of the kubeconfig, for its owner alone, and
// removes a lock that a killed process left beside the kubeconfig: podlab's
// own lock is held, so that no other process of podlab can own it.
func (p *Provider) prepareDir() error {
	if err := os.MkdirAll(p.dir(), 0o700); err != nil {
		return fmt.Errorf("make the directory of the kubeconfig: %w", err)
	}
	if err := os.Chmod(p.dir(), 0o700); err != nil { //nolint:gosec // a directory needs its x bit
		return fmt.Errorf("close the directory of the kubeconfig to others: %w", err)
	}
	if err := os.Remove(p.KubeconfigPath() + ".lock"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a stale lock: %w", err)
	}
	return nil
}

// writeKubeconfig writes the cluster's kubeconfig, whole or not at all.
func (p *Provider) writeKubeconfig(text string) error {
	if err := p.prepareDir(); err != nil {
		return err
	}
	if err := renameio.WriteFile(p.KubeconfigPath(), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	return nil
}

// controlPlane returns the node that runs the API server.
func controlPlane(found []engine.Container) engine.Container {
	for _, n := range found {
		if n.Role == "control-plane" {
			return n
		}
	}
	return found[0]
}

// openLibrary returns the kind library for an engine.
func openLibrary(eng *engine.Engine, logger log.Logger) library {
	runtime := kindcluster.ProviderWithDocker()
	switch eng.Name {
	case engine.Podman:
		runtime = kindcluster.ProviderWithPodman()
	case engine.Nerdctl:
		runtime = kindcluster.ProviderWithNerdctl(eng.Binary)
	}
	return kindLibrary{kindcluster.NewProvider(runtime, kindcluster.ProviderWithLogger(logger))}
}

type kindLibrary struct{ provider *kindcluster.Provider }

func (k kindLibrary) Create(name, image, kubeconfig string) error {
	return k.provider.Create(name,
		kindcluster.CreateWithNodeImage(image),
		kindcluster.CreateWithKubeconfigPath(kubeconfig),
		kindcluster.CreateWithDisplayUsage(false),
		kindcluster.CreateWithDisplaySalutation(false))
}

func (k kindLibrary) Delete(name, kubeconfig string) error {
	return k.provider.Delete(name, kubeconfig)
}

func (k kindLibrary) KubeConfig(name string) (string, error) {
	return k.provider.KubeConfig(name, false)
}

func (k kindLibrary) LoadArchive(name, node string, archive io.Reader) error {
	found, err := k.provider.ListInternalNodes(name)
	if err != nil {
		return err
	}
	i := indexNode(found, node)
	if i < 0 {
		return fmt.Errorf("cluster %s has no node %s", name, node)
	}
	return nodeutils.LoadImageArchive(found[i], archive)
}

func indexNode(found []nodes.Node, name string) int {
	for i, n := range found {
		if n.String() == name {
			return i
		}
	}
	return -1
}
