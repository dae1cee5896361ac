// Package embedded provides clusters without a container engine: a real control
// plane in one process on this machine, with a simulated node that runs no
// containers. The process is podlab-kube, a program of its own (cmd/podlab-kube).
//
// The process outlives the command that starts it. A lock on its data directory
// says whether it lives, a file beside it how far it is.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
)

// ProviderName is what cluster.Provider.Name returns.
const ProviderName = "embedded"

// Program is the name of the control plane's program.
const Program = "podlab-kube"

// Options of a provider.
type Options struct {
	// Name of the cluster: a DNS label of at most 50 characters; cluster.DefaultName if empty.
	Name string
	// StateDir is podlab's state directory; the kubeconfig goes to
	// clusters/<name>/kubeconfig below it, the data to clusters/<name>/embedded.
	StateDir string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
	// Images returns the references that can be pulled; nil means all.
	Images func() ([]string, error)
}

// Provider makes and keeps one embedded cluster. It implements cluster.Provider.
type Provider struct {
	name     string
	stateDir string
	getenv   func(string) string
	images   func() ([]string, error)
	// startTimeout is how long a process that was started gets to be ready.
	startTimeout time.Duration
}

var _ cluster.Provider = (*Provider)(nil)

// New returns a provider of the cluster that o names. It starts nothing. The
// error is a *cluster.Error for a bad name.
func New(o Options) (*Provider, error) {
	name, err := cluster.CheckName(o.Name)
	if err != nil {
		return nil, err
	}
	if o.StateDir == "" {
		return nil, errors.New("embedded: no state directory given")
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	return &Provider{name: name, stateDir: o.StateDir, getenv: o.Getenv, images: o.Images, startTimeout: startTimeout}, nil
}

// Name implements cluster.Provider.
func (p *Provider) Name() string { return ProviderName }

// Capabilities implements cluster.Provider.
func (p *Provider) Capabilities() cluster.Capabilities { return cluster.Capabilities{} }

// KubeconfigPath implements cluster.Provider.
func (p *Provider) KubeconfigPath() string { return filepath.Join(p.dir(), "kubeconfig") }

// Exists reports whether there is data of such a cluster.
func (p *Provider) Exists() bool {
	_, err := os.Stat(p.data())
	return err == nil
}

func (p *Provider) dir() string { return filepath.Join(p.stateDir, "clusters", p.name) }

// data is the directory that the process works on.
func (p *Provider) data() string { return filepath.Join(p.dir(), "embedded") }

// Status implements cluster.Provider.
func (p *Provider) Status(ctx context.Context) (cluster.Status, error) {
	status := cluster.Status{Provider: ProviderName, Name: p.name, State: cluster.Absent, Kubeconfig: p.KubeconfigPath()}
	if !p.Exists() {
		return status, nil
	}
	status.State = cluster.Stopped
	lives, err := p.lives()
	if err != nil {
		return status, err
	}
	if !lives {
		status.Detail = Program + " does not run"
		return status, nil
	}
	state, err := p.state()
	if err != nil {
		return status, err
	}
	status.MemoryBytes, status.KubernetesVersion = resident(ctx, state.PID), state.Version
	status.State = cluster.Broken
	if state.Phase != phaseReady {
		status.Detail = fmt.Sprintf("%s (process %d) is still starting: %s", Program, state.PID, state.Phase)
		return status, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := p.healthy(ctx); err != nil {
		status.Detail = err.Error()
		return status, nil
	}
	status.State = cluster.Ready
	return status, nil
}

// healthy looks once whether the API server and the node are ready.
func (p *Provider) healthy(ctx context.Context) error {
	config, err := cluster.RESTConfig(p.KubeconfigPath())
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client from %s: %w", p.KubeconfigPath(), err)
	}
	if err := client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
		return fmt.Errorf("the API server is not ready: %w", err)
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list nodes: %w", err)
	}
	if !slices.ContainsFunc(nodes.Items, ready) {
		return errors.New("there is no node that is ready")
	}
	return nil
}

func ready(n corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// LoadImages implements cluster.Provider. There is nothing to load: images are
// only known by name.
func (p *Provider) LoadImages(context.Context, cluster.CreateOptions) error { return nil }

// Delete implements cluster.Provider.
func (p *Provider) Delete(ctx context.Context) error {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	return p.remove(ctx)
}

// remove stops the process and removes all that it kept.
func (p *Provider) remove(ctx context.Context) error {
	if !p.Exists() {
		return nil
	}
	if err := p.stop(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(p.dir()); err != nil {
		return fmt.Errorf("remove the data of cluster %s: %w", p.name, err)
	}
	return nil
}

// How long a process gets to end: when asked, and when it is killed.
const (
	endTimeout  = 15 * time.Second
	killTimeout = 5 * time.Second
)

// stop ends the process, if it lives.
func (p *Provider) stop(ctx context.Context) error {
	for _, end := range []struct {
		signal syscall.Signal
		within time.Duration
	}{{syscall.SIGTERM, endTimeout}, {syscall.SIGKILL, killTimeout}} {
		gone, err := p.signal(ctx, end.signal, end.within)
		if gone || err != nil {
			return err
		}
	}
	state, _ := p.state()
	return cluster.Fail("embedded-stop", nil, "", "name", p.name, "pid", fmt.Sprint(state.PID))
}

// signal sends the process a signal and waits until it is gone.
func (p *Provider) signal(ctx context.Context, signal syscall.Signal, within time.Duration) (gone bool, err error) {
	sent := 0
	for deadline := time.Now().Add(within); time.Now().Before(deadline); {
		lives, err := p.lives()
		if err != nil || !lives {
			return !lives, err
		}
		// The state file is written right after the lock was taken.
		if state, err := p.state(); err == nil && state.PID > 0 && state.PID != sent {
			if err := syscall.Kill(state.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, fmt.Errorf("end process %d: %w", state.PID, err)
			}
			sent = state.PID
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false, nil
}

// lock is what the process holds for as long as it lives.
func (p *Provider) lock() *flock.Flock {
	return flock.New(filepath.Join(p.data(), "lock"), flock.SetFlag(os.O_RDWR))
}

// lives reports whether a process holds the lock on the data.
func (p *Provider) lives() (bool, error) {
	lock := p.lock()
	free, err := lock.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look whether %s runs: %w", Program, err)
	}
	if free {
		_ = lock.Unlock()
	}
	return !free, nil
}

// find looks for the program: where $PODLAB_KUBE says, beside podlab, in PATH. The
// path is absolute: the program runs in a directory of its own.
func (p *Provider) find() (string, error) {
	if chosen := p.getenv("PODLAB_KUBE"); chosen != "" {
		if runnable(chosen) {
			return filepath.Abs(chosen)
		}
		return "", cluster.Fail("embedded-chosen", nil, "", "file", chosen)
	}
	var places []string
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		places = append(places, filepath.Dir(self))
	}
	for _, dir := range append(places, filepath.SplitList(p.getenv("PATH"))...) {
		if file := filepath.Join(dir, Program); filepath.IsAbs(dir) && runnable(file) {
			return file, nil
		}
	}
	return "", cluster.Fail("embedded-program", nil, "", "places", strings.Join(append(places, "PATH"), ", "))
}

// CanRun reports whether the program is at hand; the error says where it was
// looked for.
func (p *Provider) CanRun() error {
	_, err := p.find()
	return err
}

func runnable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
