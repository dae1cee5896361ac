// Package embedded_test tests podlab against a real API server on a machine
// without a container engine: the embedded cluster. make embedded runs it.
package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/labs"
)

// wait is what the cluster gets for one thing on a busy machine.
const wait = 5 * time.Minute

// images are those that the cluster can pull.
func images() ([]string, error) {
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		return nil, err
	}
	var all []string
	for _, l := range catalog.Labs() {
		all = append(all, l.Images...)
	}
	return all, nil
}

// newCluster brings up a cluster of its own, which is deleted in the end.
// Without podlab-kube the test is skipped.
func newCluster(t *testing.T) *embedded.Provider {
	t.Helper()
	p, err := embedded.New(embedded.Options{Name: "test", StateDir: t.TempDir(), Images: images})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CanRun(); err != nil {
		if os.Getenv("PODLAB_E2E") == "require" || os.Getenv("PODLAB_KUBE") != "" {
			t.Fatal(err)
		}
		t.Skip("podlab-kube is not built: run make embedded")
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(filepath.Dir(p.KubeconfigPath()), "embedded", "log"))
			t.Logf("the end of its log:\n%s", log[max(0, len(log)-4000):])
		}
		if err := p.Delete(context.Background()); err != nil {
			t.Error(err)
		}
	})
	up(t, p)
	return p
}

func up(t *testing.T, p *embedded.Provider) {
	t.Helper()
	began := time.Now()
	if err := p.Create(t.Context(), cluster.CreateOptions{}); err != nil {
		var failed *cluster.Error
		if errors.As(err, &failed) {
			t.Logf("its output: %s", failed.Output)
		}
		t.Fatal(err)
	}
	t.Logf("ready after %v", time.Since(began).Round(10*time.Millisecond))
}

// kill kills the process of the cluster and waits until it is known to be gone.
func kill(t *testing.T, p *embedded.Provider) {
	t.Helper()
	if err := syscall.Kill(pidOf(t, p), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its end", func() error {
		s, err := p.Status(t.Context())
		if err != nil {
			return err
		}
		return want("its state", s.State, cluster.Stopped)
	})
}

func clientOf(t *testing.T, p *embedded.Provider) kubernetes.Interface {
	t.Helper()
	config, err := cluster.RESTConfig(p.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// eventually tries until try returns nil.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(wait); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

func want[T comparable](what string, got T, any ...T) error {
	if slices.Contains(any, got) {
		return nil
	}
	return fmt.Errorf("%s is %v, want %v", what, got, any)
}
