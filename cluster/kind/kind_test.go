package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"podlab/cluster"
	"podlab/cluster/bundle/bundletest"
	"podlab/cluster/engine"
)

func key(err error) string {
	var failed *cluster.Error
	if errors.As(err, &failed) {
		return failed.Problem.Key
	}
	return fmt.Sprint(err)
}

func TestNewRefusesNamesThatAreNone(t *testing.T) {
	for _, name := range []string{"..", "a/b", "-a", "A", "a.b", strings.Repeat("a", 51)} {
		if _, err := New(Options{Name: name, StateDir: t.TempDir()}); key(err) != "bad-name" {
			t.Errorf("name %q: %v", name, err)
		}
	}
	p, err := New(Options{StateDir: "/s"})
	if err != nil || p.KubeconfigPath() != filepath.Join("/s", "clusters", "podlab", "kubeconfig") {
		t.Errorf("by default: %v, %v", p, err)
	}
}

// Of a bundle for several platforms, the engine's is taken, and the others
// need not even be whole.
func TestCreateFromBundleOfSeveralPlatforms(t *testing.T) {
	dir := bundletest.MakePlatforms(t, "amd64", "arm64")
	damage := func(arch string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "labs-"+arch+".tar.zst"), []byte("rubbish"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage("amd64")
	on := func(arch string) (*world, error) {
		w := newWorld(t)
		w.engine.Images = nil
		w.engine.Info = `{"ServerVersion":"1","Architecture":"` + arch + `","CgroupVersion":"2"}`
		return w, w.Create(t.Context(), cluster.CreateOptions{BundleDir: dir, Listener: w.listen})
	}
	w, err := on("aarch64")
	if err != nil {
		t.Fatal(err)
	}
	if want := `load "arm64 labs" into t-control-plane`; !slices.Contains(w.calls, want) {
		t.Errorf("calls %q lack %q", w.calls, want)
	}
	if got := w.lastState(cluster.StepCheckBundle); got != cluster.Done {
		t.Errorf("step check-bundle is %q", got)
	}
	if _, err := on("x86_64"); key(err) != "bundle-sha256" {
		t.Errorf("with a damaged archive: %v", err)
	}
	if _, err := on("riscv64"); key(err) != "bundle-arch" {
		t.Errorf("for another platform: %v", err)
	}
}

func TestCreateFromBundle(t *testing.T) {
	w := newWorld(t)
	w.engine.Images = nil
	dir := bundletest.Make(t, "the node", "the labs")
	if err := w.Create(t.Context(), cluster.CreateOptions{BundleDir: dir, Listener: w.listen}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"create " + bundletest.NodeImage, `load "the labs" into t-control-plane`} {
		if !slices.Contains(w.calls, want) {
			t.Errorf("calls %q lack %q", w.calls, want)
		}
	}
	if !w.engine.Called("docker load") || w.engine.Called("docker pull") {
		t.Error("the node image should come from the bundle")
	}
	for _, id := range []cluster.StepID{
		cluster.StepCheckBundle, cluster.StepNodeImage, cluster.StepNode, cluster.StepControl,
		cluster.StepNetwork, cluster.StepStorage, cluster.StepLabImages, cluster.StepReady,
	} {
		if got := w.lastState(id); got != cluster.Done {
			t.Errorf("step %s is %q", id, got)
		}
	}
	info, err := os.Stat(w.KubeconfigPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig %v, %v", info, err)
	}
	for dir := w.dir(); dir != w.stateDir; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("directory %s: %v, %v", dir, info, err)
		}
	}
}

func TestOldContainerdGetsAPlainArchive(t *testing.T) {
	w := newWorld(t)
	w.oldContainerd = true
	if err := w.Create(t.Context(), cluster.CreateOptions{BundleDir: bundletest.Make(t, "node", "the labs")}); err != nil {
		t.Fatal(err)
	}
	if want := `load "the labs" into t-control-plane`; !slices.Contains(w.calls, want) {
		t.Errorf("calls %q lack %q", w.calls, want)
	}
}

func TestCreateWithoutBundlePullsTheImage(t *testing.T) {
	for _, c := range []struct{ name, override, want string }{
		{"kind's default", "", defaults.Image},
		{"--image", "example.org/other:v2", "example.org/other:v2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if err := w.Create(t.Context(), cluster.CreateOptions{Image: c.override, Listener: w.listen}); err != nil {
				t.Fatal(err)
			}
			if !w.engine.Called("docker pull "+c.want) || !slices.Contains(w.calls, "create "+c.want) {
				t.Errorf("calls %q", w.calls)
			}
			if got := w.lastState(cluster.StepLabImages); got != cluster.Skipped {
				t.Errorf("step lab-images is %q", got)
			}
		})
	}
}

// TestNothingIsCreatedWhenSomethingIsWrong: these errors come before the
// first container.
func TestNothingIsCreatedWhenSomethingIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, w *world, dir string)
		key    string
	}{
		{"no engine", func(_ *testing.T, w *world, _ string) { w.engine.Binaries = map[string]string{} }, "no-engine"},
		{"engine down", func(_ *testing.T, w *world, _ string) {
			w.engine.Fails = map[string]string{"info": "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"}
		}, "engine-down"},
		{"not permitted", func(_ *testing.T, w *world, _ string) {
			w.engine.Fails = map[string]string{"info": "permission denied while trying to connect to the Docker daemon socket"}
		}, "engine-forbidden"},
		{"other architecture", func(_ *testing.T, w *world, _ string) {
			w.engine.Info = `{"ServerVersion":"28.0.0","Architecture":"aarch64","CgroupVersion":"2"}`
		}, "bundle-arch"},
		{"damaged labs", func(t *testing.T, _ *world, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "labs.tar.zst"), []byte("rubbish"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "bundle-sha256"},
		{"bundle without its node image", func(_ *testing.T, w *world, _ string) {
			w.engine.Images, w.engine.LoadsImage = nil, "another:1"
		}, "bundle-lacks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			dir := bundletest.Make(t, "node", "labs")
			c.change(t, w, dir)
			err := w.Create(t.Context(), cluster.CreateOptions{BundleDir: dir, Listener: w.listen})
			if key(err) != c.key {
				t.Errorf("error %v, want key %s", err, c.key)
			}
			if len(w.calls) > 0 {
				t.Errorf("kind was asked to %q", w.calls)
			}
			for _, e := range w.events {
				if e.State == cluster.Running && w.lastState(e.Step) == cluster.Running {
					t.Errorf("step %s still runs", e.Step)
				}
			}
			w.nothingLeft(t)
		})
	}
}

func TestCreateThatFailsLeavesNothing(t *testing.T) {
	kubeadm := &kindexec.RunError{
		Command: []string{"docker", "exec", "kubeadm", "init"},
		Output:  []byte("[kubelet-check] Waiting for a healthy kubelet\nerror: the kubelet is not healthy"), Inner: errors.New("exit status 1"),
	}
	for _, c := range []struct {
		name   string
		change func(*world)
		key    string
		says   string
	}{
		{"kubeadm fails", func(w *world) { w.createFails = kubeadm }, "create", "the kubelet is not healthy"},
		{"disk full", func(w *world) { w.createFails = errors.New("write: no space left on device") }, "disk-full", "no space left"},
		{"import fails", func(w *world) { w.loadFails = errors.New("ctr: content digest mismatch") }, "load-images", "digest mismatch"},
		{"never ready", func(w *world) {
			w.connect = func(string, time.Time) (*api, error) { return nil, cluster.Fail("not-ready", nil, "", "missing", "x") }
		}, "not-ready", "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			err := w.Create(t.Context(), cluster.CreateOptions{BundleDir: bundletest.Make(t, "node", "labs"), Listener: w.listen})
			if key(err) != c.key || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want key %s and %q", err, c.key, c.says)
			}
			if got := w.lastState(cluster.StepCleanUp); got != cluster.Done {
				t.Errorf("step clean-up is %q", got)
			}
			w.nothingLeft(t)
		})
	}
}

func TestOutputOfAFailedCommandIsKept(t *testing.T) {
	w := newWorld(t)
	w.createFails = &kindexec.RunError{Command: []string{"docker", "run"}, Output: []byte("line 1\ndocker: Error response from daemon: boom"), Inner: errors.New("exit status 125")}
	err := w.Create(t.Context(), cluster.CreateOptions{})
	var failed *cluster.Error
	if !errors.As(err, &failed) || !strings.HasPrefix(failed.Output, "line 1\n") || !strings.Contains(err.Error(), "daemon: boom") {
		t.Errorf("error %v", err)
	}
}

func TestCancelDeletesWhatKindIsCreating(t *testing.T) {
	w := newWorld(t)
	w.hang = true
	stop := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-w.started
		cancel(stop)
	}()
	err := w.Create(ctx, cluster.CreateOptions{BundleDir: bundletest.Make(t, "node", "labs"), Listener: w.listen})
	if !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
	w.nothingLeft(t)
}

func TestNetworkOfOthersStays(t *testing.T) {
	w := newWorld(t)
	w.engine.AddNetwork("kind")
	w.createFails = errors.New("boom")
	if err := w.Create(t.Context(), cluster.CreateOptions{}); err == nil {
		t.Fatal("no error")
	}
	if !slices.Contains(w.engine.Networks, "kind") {
		t.Error("a network that was there before is gone")
	}
}

func node(status string) engine.Container {
	return engine.Container{Name: "t-control-plane", Status: status, StartedAt: time.Now(), Image: bundletest.NodeImage, Role: "control-plane", APIAddress: "127.0.0.1:1"}
}

func TestCreateReusesAHealthyCluster(t *testing.T) {
	w := newWorld(t)
	w.engine.SetNode(node("running"))
	for _, haveImages := range []bool{false, true} {
		w.calls = nil
		if err := w.Create(t.Context(), cluster.CreateOptions{BundleDir: bundletest.Make(t, "node", "labs"), Listener: w.listen}); err != nil {
			t.Fatal(err)
		}
		want := []string{`load "labs" into t-control-plane`}
		if haveImages {
			want = nil
		}
		if !slices.Equal(w.calls, want) {
			t.Errorf("calls %q, want %q", w.calls, want)
		}
		data, err := os.ReadFile(w.KubeconfigPath())
		if err != nil || string(data) != kubeconfigText {
			t.Errorf("kubeconfig %q, %v", data, err)
		}
	}
	if w.engine.Called("docker restart") || w.engine.Called("docker start") {
		t.Error("a healthy cluster was restarted")
	}
}

func TestCreateRepairsAStoppedCluster(t *testing.T) {
	for status, command := range map[string]string{"exited": "docker start", "paused": "docker unpause", "created": "docker start"} {
		w := newWorld(t)
		w.engine.SetNode(node(status))
		if err := w.Create(t.Context(), cluster.CreateOptions{Listener: w.listen}); err != nil {
			t.Fatal(err)
		}
		if !w.engine.Called(command) || len(w.calls) > 0 {
			t.Errorf("%s: %q was not run, or kind was asked to %q", status, command, w.calls)
		}
		if got := w.lastState(cluster.StepRepair); got != cluster.Done {
			t.Errorf("%s: step repair is %q", status, got)
		}
	}
}

func TestCreateMakesAnewWhatCannotBeRepaired(t *testing.T) {
	w := newWorld(t)
	w.engine.SetNode(node("exited"))
	w.engine.Fails = map[string]string{"start": "network 4711 not found"}
	if err := w.Create(t.Context(), cluster.CreateOptions{Listener: w.listen}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"delete", "create " + bundletest.NodeImage}; !slices.Equal(w.calls, want) {
		t.Errorf("calls %q, want %q", w.calls, want)
	}
	if !slices.ContainsFunc(w.events, func(e cluster.Progress) bool {
		return e.Step == cluster.StepRepair && e.State == cluster.Failed && strings.Contains(e.Detail, "network 4711 not found")
	}) {
		t.Error("no event says why the cluster is made anew")
	}
}

// TestClusterStaysWhereTheMachineIsToBlame: what is in it is lost only when its
// learner says so.
func TestClusterStaysWhereTheMachineIsToBlame(t *testing.T) {
	for said, want := range map[string]string{
		"driver failed programming external connectivity: Bind for 127.0.0.1:1 failed: port is already allocated": "start-port-taken",
		"mkdir /var/lib/docker/overlay2/x: no space left on device":                                               "start-disk-full",
	} {
		w := newWorld(t)
		w.engine.SetNode(node("exited"))
		w.engine.Fails = map[string]string{"start": said}
		if err := w.Create(t.Context(), cluster.CreateOptions{Listener: w.listen}); key(err) != want || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: error %v", want, err)
		}
		if len(w.calls) > 0 || len(w.engine.NodeNames()) != 1 {
			t.Errorf("%s: kind was asked to %q, nodes %q", want, w.calls, w.engine.NodeNames())
		}
	}
}

// TestUnrepairableClusterStaysWithoutAnImage: a cluster is not removed before
// it is certain that another one can be made.
func TestUnrepairableClusterStaysWithoutAnImage(t *testing.T) {
	w := newWorld(t)
	w.engine.Images = nil
	w.engine.SetNode(node("exited"))
	w.engine.Fails = map[string]string{"start": "boom", "pull": "no such host"}
	if err := w.Create(t.Context(), cluster.CreateOptions{}); key(err) != "pull" {
		t.Errorf("error %v", err)
	}
	if len(w.engine.NodeNames()) != 1 {
		t.Error("the cluster is gone")
	}
}

func TestDelete(t *testing.T) {
	w := newWorld(t)
	if err := w.Delete(t.Context()); err != nil {
		t.Errorf("deleting what does not exist: %v", err)
	}
	if err := w.Create(t.Context(), cluster.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.engine.NodeNames()) > 0 {
		t.Error("the node is left")
	}
	if _, err := os.Stat(w.dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the kubeconfig is left: %v", err)
	}
}

// TestKindAlwaysGetsPodlabsKubeconfig: without a path, kind would write to
// $KUBECONFIG or ~/.kube/config.
func TestKindAlwaysGetsPodlabsKubeconfig(t *testing.T) {
	w := newWorld(t)
	w.createFails = errors.New("boom")
	_ = w.Create(t.Context(), cluster.CreateOptions{})
	w.createFails = nil
	if err := w.Create(t.Context(), cluster.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.paths) < 4 {
		t.Fatalf("kind was called with %q", w.paths)
	}
	for _, path := range w.paths {
		if path != w.KubeconfigPath() {
			t.Errorf("kind was called with %q", path)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world)
		state  cluster.State
		detail string
	}{
		{"absent", func(*world) {}, cluster.Absent, ""},
		{"stopped", func(w *world) { w.engine.SetNode(node("exited")) }, cluster.Stopped, "exited"},
		{"broken", func(w *world) {
			w.engine.SetNode(node("running"))
			w.apiFails = func() error { return errors.New("connection refused") }
		}, cluster.Broken, "connection refused"},
		{"just restarted", func(w *world) {
			n := node("running")
			n.StartedAt = time.Now().Add(time.Hour) // all that the API knows is older
			w.engine.SetNode(n)
		}, cluster.Broken, "has not reported since"},
		{"ready", func(w *world) { w.engine.SetNode(node("running")) }, cluster.Ready, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			status, err := w.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if status.State != c.state || !strings.Contains(status.Detail, c.detail) || (c.detail == "") != (status.Detail == "") {
				t.Errorf("state %s, detail %q", status.State, status.Detail)
			}
		})
	}
}

func TestLackingNormalisesReferences(t *testing.T) {
	have := []string{"docker.io/library/busybox:1.37", "docker.io/curlimages/curl:8.14.1", "registry.k8s.io/pause:3.10"}
	want := []string{"busybox:1.37", "curlimages/curl:8.14.1", "docker.io/library/busybox:1.37", "registry.k8s.io/pause:3.10", "busybox:1.36", "pause:3.10"}
	if got := lacking(have, want); !slices.Equal(got, []string{"busybox:1.36", "pause:3.10"}) {
		t.Errorf("lacking %q", got)
	}
}

func TestLockKeepsOthersOut(t *testing.T) {
	w := newWorld(t)
	unlock, err := cluster.Lock(t.Context(), w.dir())
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Delete(ctx) }()
	cancel(stop)
	if err := <-done; !errors.Is(err, stop) {
		t.Errorf("waiting for the lock ended with %v", err)
	}
	unlock()
	if err := w.Delete(t.Context()); err != nil {
		t.Errorf("after the lock was given back: %v", err)
	}
}
