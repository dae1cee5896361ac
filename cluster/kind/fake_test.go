package kind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/bundle/bundletest"
	"podlab/cluster/engine"
	"podlab/cluster/engine/enginetest"
)

// world is a provider whose engine and kind library are fakes.
type world struct {
	*Provider
	engine *enginetest.Fake

	// createFails and loadFails are what the library returns.
	createFails, loadFails error
	// oldContainerd takes no compressed archive.
	oldContainerd bool
	// hang makes kind's Create wait until its node is deleted.
	hang bool
	// started is closed when kind's Create has made its node.
	started chan struct{}
	// api is what is found behind the kubeconfig; apiFails keeps it from answering.
	api      *api
	apiFails func() error

	mu     sync.Mutex
	calls  []string
	events []cluster.Progress
	// paths are the kubeconfig paths that the library was given.
	paths []string
}

const kubeconfigText = "apiVersion: v1\nkind: Config\n"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		engine: &enginetest.Fake{
			Images: []string{bundletest.NodeImage}, LoadsImage: bundletest.NodeImage, Networks: []string{"bridge"},
		},
		started: make(chan struct{}, 1),
	}
	p, err := New(Options{Name: "t", StateDir: t.TempDir(), Getenv: func(string) string { return "" }, Runner: w.engine})
	if err != nil {
		t.Fatal(err)
	}
	w.Provider = p
	p.library = func(_ *engine.Engine, l log.Logger) library { return &fakeLibrary{w, l} }
	p.connect = func(_ string, since time.Time) (*api, error) {
		a := &api{client: fake.NewClientset(readyObjects(time.Now().Add(time.Minute))...), since: since.Truncate(time.Second)}
		if w.api != nil {
			a.client = w.api.client
		}
		a.readyz = func(context.Context) error {
			if w.apiFails != nil {
				return w.apiFails()
			}
			return nil
		}
		return a, nil
	}
	return w
}

func (w *world) listen(p cluster.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, p)
}

func (w *world) called(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, name)
}

// lastState returns how a step ended, "" if it was not reported.
func (w *world) lastState(id cluster.StepID) cluster.StepState {
	w.mu.Lock()
	defer w.mu.Unlock()
	var state cluster.StepState
	for _, e := range w.events {
		if e.Step == id {
			state = e.State
		}
	}
	return state
}

// nothingLeft checks what a creation that did not succeed must not leave.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	if names := w.engine.NodeNames(); len(names) > 0 {
		t.Errorf("containers are left: %v", names)
	}
	if slices.Contains(w.engine.Networks, "kind") {
		t.Error("the network is left")
	}
	if _, err := os.Stat(w.dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory of the kubeconfig is left: %v", err)
	}
}

type fakeLibrary struct {
	*world
	log log.Logger
}

func (f *fakeLibrary) path(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paths = append(f.paths, path)
}

func (f *fakeLibrary) Create(name, image, kubeconfig string) error {
	f.called("create " + image)
	f.path(kubeconfig)
	say := func(format string, args ...any) { f.log.V(0).Infof(format, args...) }
	say(" • Ensuring node image (%s) 🖼  ...\n", image)
	say(" ✓ Ensuring node image (%s) 🖼\n", image)
	f.engine.AddNetwork("kind")
	say(" • %s  ...\n", "Preparing nodes 📦 ")
	f.engine.SetNode(engine.Container{Name: name + "-control-plane", Status: "running", StartedAt: time.Now(), Image: image, Role: "control-plane", APIAddress: "127.0.0.1:1"})
	say(" ✓ %s\n", "Preparing nodes 📦 ")
	say(" • %s  ...\n", "Writing configuration 📜")
	say(" ✓ %s\n", "Writing configuration 📜")
	say(" • %s  ...\n", "Starting control-plane 🕹️")
	select {
	case f.started <- struct{}{}:
	default:
	}
	for f.hang && len(f.engine.NodeNames()) > 0 {
		time.Sleep(time.Millisecond)
	}
	if f.hang {
		return errors.New("failed to init node with kubeadm: container is gone")
	}
	if f.createFails != nil {
		say(" ✗ %s\n", "Starting control-plane 🕹️")
		return f.createFails
	}
	for _, status := range []string{"Starting control-plane 🕹️", "Installing CNI 🔌", "Installing StorageClass 💾"} {
		say(" • %s  ...\n", status)
		say(" ✓ %s\n", status)
	}
	return os.WriteFile(kubeconfig, []byte(kubeconfigText), 0o600)
}

func (f *fakeLibrary) Delete(_, kubeconfig string) error {
	f.called("delete")
	f.path(kubeconfig)
	f.engine.RemoveNodes()
	return nil
}

func (f *fakeLibrary) KubeConfig(string) (string, error) { return kubeconfigText, nil }

func (f *fakeLibrary) LoadArchive(_, node string, archive io.Reader) error {
	data, err := io.ReadAll(archive)
	if plain, zerr := unzstd(data); zerr == nil {
		if f.oldContainerd {
			return errors.New("ctr: archive/tar: invalid tar header")
		}
		data = plain
	}
	f.called(fmt.Sprintf("load %q into %s", data, node))
	if err != nil {
		return err
	}
	if f.loadFails != nil {
		return f.loadFails
	}
	f.engine.AddNodeImages("docker.io/library/busybox:1.37")
	return nil
}

func unzstd(data []byte) ([]byte, error) {
	dec, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	return dec.DecodeAll(data, nil)
}

// readyObjects are what a cluster has that can run labs, seen at a time.
func readyObjects(at time.Time) []runtime.Object {
	t := metav1.NewTime(at)
	return []runtime.Object{
		&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "t-control-plane"},
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: t}}},
		},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}},
		&corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "coredns-1", Labels: map[string]string{"k8s-app": "kube-dns"}},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
				Name: "coredns", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: t}},
			}}},
		},
	}
}
