// Package plane runs a Kubernetes control plane in one process: etcd, the API
// server, the controller manager, the scheduler and one simulated node.
//
// The parts are Kubernetes' own, run by their app packages' functions and not
// as commands: a command installs signal handlers and logging of its own.
package plane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"podlab/cmd/podlab-kube/internal/node"
	"podlab/cmd/podlab-kube/internal/pki"
)

// Options of a control plane.
type Options struct {
	// Dir holds all data. It is made, for its owner alone.
	Dir string
	// Kubeconfig is the file that gets the administrator's kubeconfig.
	Kubeconfig string
	// Name of the cluster in the kubeconfig.
	Name string
	// Images are those that can be pulled; nil means all.
	Images *node.Images
	// Log gets what the parts log.
	Log io.Writer
}

// ErrInUse is the error of Run where another process runs on the directory.
var ErrInUse = errors.New("another control plane runs on this directory")

// shutdown is how long the parts get to end before the process ends anyway.
const shutdown = 10 * time.Second

// resync is how long a write of the simulated node's that failed stays undone.
const resync = 45 * time.Second

// Run runs the control plane until ctx ends, or one of its parts does. The error
// says what it waited for if ctx ends before it is ready.
func Run(ctx context.Context, o Options) (err error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	// The lock tells others that this process lives; the kernel lets go of it
	// however the process ends.
	lock := flock.New(filepath.Join(o.Dir, "lock"))
	// Whoever looks whether it is held holds it for a moment, too.
	patience, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	held, err := lock.TryLockContext(patience, 10*time.Millisecond)
	cancel()
	switch {
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("lock the data directory: %w", err)
	case !held:
		return ErrInUse
	}
	defer lock.Unlock() //nolint:errcheck // the process ends

	state := stateFile{path: filepath.Join(o.Dir, StateFile)}
	before, _ := ReadState(o.Dir) // its port, if there was one
	defer func() {
		if ctx.Err() != nil { // else it died, and is to be started again
			state.remove()
		}
	}()
	if err := state.write(State{Phase: PhaseStore, Port: before.Port}); err != nil {
		return err
	}
	certs, err := pki.Open(filepath.Join(o.Dir, "pki"))
	if err != nil {
		return err
	}
	store, err := startEtcd(ctx, o.Dir, certs, zapcore.AddSync(o.Log))
	if err != nil {
		return err
	}
	defer store.Close()

	listener, err := listen(before.Port)
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := state.write(State{Phase: PhaseAPI, Port: port}); err != nil {
		return err
	}
	return run(ctx, o, certs, store, listener, state)
}

// run runs what needs the store. The API server ends last: the others say
// goodbye through it.
func run(ctx context.Context, o Options, certs *pki.Store, store *etcd, listener net.Listener, state stateFile) error {
	port := listener.Addr().(*net.TCPAddr).Port
	kubelet, err := certs.Cluster.Client("kubelet-client", "kube-apiserver-kubelet-client", "kubeadm:cluster-admins")
	if err != nil {
		return err
	}
	users, err := writeKubeconfigs(o, certs, port)
	if err != nil {
		return err
	}

	apiCtx, stopAPI := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAPI()
	apiEnded := make(chan error, 1)
	go func() { apiEnded <- runAPIServer(apiCtx, listener, store, certs, kubelet) }()

	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		select {
		case err := <-apiEnded:
			apiEnded <- err
			return ended("API server", err)
		case err := <-store.Err():
			return ended("etcd", err)
		case <-gctx.Done():
			return nil
		}
	})
	group.Go(func() error {
		client, err := users.node.client()
		if err != nil {
			return err
		}
		if err := waitFor(gctx, func(ctx context.Context) error {
			return client.Discovery().RESTClient().Get().AbsPath("/livez/ping").Do(ctx).Error()
		}); err != nil {
			return fmt.Errorf("the API server does not answer: %w", err)
		}
		if err := state.write(State{Phase: PhaseControllers, Port: port}); err != nil {
			return err
		}
		group.Go(func() error {
			return unlessDone(gctx, "controller manager", runControllers(gctx, users.controllers.file, certs))
		})
		group.Go(func() error { return unlessDone(gctx, "scheduler", runScheduler(gctx, users.scheduler.file)) })
		registered := make(chan struct{})
		group.Go(func() error {
			return unlessDone(gctx, "simulated node", node.Run(gctx, node.Options{
				Client: client, Certs: certs, Images: o.Images, Log: o.Log, Resync: resync,
				Registered: func() { close(registered) },
			}))
		})
		select { // what the API server has of the node may be an earlier process's
		case <-registered:
		case <-gctx.Done():
			return nil
		}
		if err := waitFor(gctx, func(ctx context.Context) error { return ready(ctx, client) }); err != nil {
			return fmt.Errorf("the cluster is not ready: %w", err)
		}
		if err := state.write(State{Phase: PhaseReady, Port: port, Version: version(client)}); err != nil {
			return err
		}
		// Starting takes three times the memory that staying takes.
		debug.FreeOSMemory()
		return nil
	})

	done := make(chan error, 1)
	go func() {
		err := group.Wait()
		stopAPI()
		apiEnded <- errors.Join(<-apiEnded)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(shutdown):
		return nil // etcd has on disk what was acknowledged
	}
}

// ready looks once whether a learner could begin: the API server has done its
// own setup, namespace default its ServiceAccount, and the node is ready.
func ready(ctx context.Context, client kubernetes.Interface) error {
	if err := client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
		return err
	}
	if _, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return err
	}
	n, err := client.CoreV1().Nodes().Get(ctx, node.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if !node.Ready(n) {
		return errors.New("the node is not ready")
	}
	return nil
}

func version(client kubernetes.Interface) string {
	v, err := client.Discovery().ServerVersion()
	if err != nil {
		return ""
	}
	return v.GitVersion
}

// waitFor tries until try succeeds or ctx ends; the error is then the last one of
// try, if there was one. There is nothing to watch before the API server answers.
func waitFor(ctx context.Context, try func(context.Context) error) error {
	last := context.Canceled
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := try(once)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ended is the error of a part that must not end by itself.
func ended(part string, err error) error {
	if err == nil {
		return fmt.Errorf("the %s ended", part)
	}
	return fmt.Errorf("the %s ended: %w", part, err)
}

func unlessDone(ctx context.Context, part string, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return ended(part, err)
}

// listen takes the port of the last run, so that kubeconfigs stay valid, or
// any other where that is taken.
func listen(port int) (net.Listener, error) {
	if port != 0 {
		if l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	return l, nil
}

// client of a user, with limits that fit a server on the same machine.
func (u user) client() (*kubernetes.Clientset, error) {
	config := &rest.Config{
		Host:            u.server,
		TLSClientConfig: rest.TLSClientConfig{CAFile: u.ca, CertFile: u.pair.Cert, KeyFile: u.pair.Key},
		QPS:             2000, Burst: 4000,
		UserAgent: "podlab-kube",
	}
	config.ContentType, config.AcceptContentTypes = "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return client, nil
}
