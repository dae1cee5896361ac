// Package cluster_test drives the kind provider against a real container
// engine: its whole life, its repair and what it leaves behind.
package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/doctor"
	"podlab/cluster/engine"
	"podlab/cluster/providers"
)

// site is a machine on which clusters can be made: an engine, a node image
// and a state directory of the test's own.
type site struct {
	engine   *engine.Engine
	options  cluster.CreateOptions
	stateDir string
	name     string
	provider cluster.Provider
	// home is a home directory of the test's own, with a kubeconfig, and
	// another kubeconfig is in $KUBECONFIG. Neither may ever change.
	home string

	mu     sync.Mutex
	events []cluster.Progress
}

const learners = "apiVersion: v1\nkind: Config\ncurrent-context: mine\n"

// newSite skips the test where no cluster can be made.
func newSite(t *testing.T, suffix string) *site {
	t.Helper()
	eng, err := engine.Detect(t.Context(), engine.Local{}, os.Getenv)
	if err == nil {
		_, err = eng.Info(t.Context())
	}
	if err != nil {
		t.Skipf("no container engine to test with: %v", err)
	}
	s := &site{engine: eng, stateDir: filepath.Join(t.TempDir(), "state"), home: t.TempDir(), name: fmt.Sprintf("clu-%s-%d", suffix, os.Getpid())}
	s.options.Listener = func(p cluster.Progress) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, p)
	}
	s.options.BundleDir = os.Getenv("PODLAB_BUNDLE")
	if s.options.BundleDir == "" {
		dir := filepath.Join("..", "..", "..", "..", "shared", "bundle")
		if _, err := os.Stat(filepath.Join(dir, bundle.FileName)); err == nil {
			s.options.BundleDir = dir
		}
	}
	if s.options.BundleDir == "" {
		if has, err := eng.HasImage(t.Context(), defaults.Image); err != nil || !has {
			t.Skipf("no node image to test with: set PODLAB_BUNDLE, or pull %s", defaults.Image)
		}
	}

	// The engine's client finds its context and its logins below HOME.
	if real, err := os.UserHomeDir(); err == nil && os.Getenv("DOCKER_CONFIG") == "" {
		t.Setenv("DOCKER_CONFIG", filepath.Join(real, ".docker"))
	}
	t.Setenv("HOME", s.home)
	t.Setenv("KUBECONFIG", filepath.Join(s.home, "kubeconfig"))
	for _, file := range []string{"kubeconfig", filepath.Join(".kube", "config")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(s.home, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.home, file), []byte(learners), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { s.untouched(t) })

	s.provider, err = providers.Open(providers.Auto, providers.Options{Name: s.name, StateDir: s.stateDir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Minute)
		defer cancel()
		if err := s.provider.Delete(ctx); err != nil {
			t.Errorf("delete the test's cluster: %v", err)
		}
	})
	return s
}

// untouched checks that the learner's own kubeconfigs are as they were, and
// that nothing was added beside them.
func (s *site) untouched(t *testing.T) {
	t.Helper()
	var files []string
	err := filepath.WalkDir(s.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, s.home+"/"))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	slices.Sort(files)
	if want := []string{".kube/config", "kubeconfig"}; !slices.Equal(files, want) {
		t.Errorf("files in the home directory: %q, want %q", files, want)
	}
	for _, file := range files {
		if data, err := os.ReadFile(filepath.Join(s.home, file)); err != nil || string(data) != learners {
			t.Errorf("%s was changed: %q, %v", file, data, err)
		}
	}
}

func (s *site) create(t *testing.T) {
	t.Helper()
	s.events = nil
	began := time.Now()
	if err := s.provider.Create(t.Context(), s.options); err != nil {
		t.Fatalf("create: %v", err)
	}
	t.Logf("took %.1f s", time.Since(began).Seconds())
	status, err := s.provider.Status(t.Context())
	if err != nil || status.State != cluster.Ready {
		t.Fatalf("status after create: %+v, %v", status, err)
	}
	info, err := os.Stat(s.provider.KubeconfigPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v, %v", info, err)
	}
}

// step returns the last event of a step.
func (s *site) step(id cluster.StepID) (last cluster.Progress) {
	for _, e := range s.events {
		if e.Step == id {
			last = e
		}
	}
	return last
}

func (s *site) nodes(t *testing.T) []engine.Container {
	t.Helper()
	nodes, err := s.engine.Nodes(t.Context(), s.name)
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

// nothingLeft checks that no container and no file of the cluster is there.
func (s *site) nothingLeft(t *testing.T) {
	t.Helper()
	if nodes := s.nodes(t); len(nodes) > 0 {
		t.Errorf("containers are left: %+v", nodes)
	}
	err := filepath.WalkDir(s.stateDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != filepath.Join(s.stateDir, "clusters", s.name+".lock") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func (s *site) client(t *testing.T) kubernetes.Interface {
	t.Helper()
	config, err := cluster.RESTConfig(s.provider.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestLifeCycle(t *testing.T) {
	s := newSite(t, "life")

	s.create(t)
	for _, id := range []cluster.StepID{cluster.StepNode, cluster.StepControl, cluster.StepNetwork, cluster.StepStorage, cluster.StepReady} {
		if got := s.step(id).State; got != cluster.Done {
			t.Errorf("after create, step %s is %q", id, got)
		}
	}
	if s.options.BundleDir != "" {
		if got := s.step(cluster.StepLabImages); got.State != cluster.Done || got.Bytes == 0 || got.Bytes != got.Total {
			t.Errorf("after create, step lab-images is %+v", got)
		}
		s.runPod(t)
	}
	first := s.nodes(t)

	t.Log("reuse, with the kubeconfig lost")
	if err := os.Remove(s.provider.KubeconfigPath()); err != nil {
		t.Fatal(err)
	}
	s.create(t)
	if again := s.nodes(t); !again[0].StartedAt.Equal(first[0].StartedAt) {
		t.Error("a healthy node was restarted")
	}
	if s.step(cluster.StepRepair).State != "" {
		t.Error("a healthy cluster was repaired")
	}
	if got := s.step(cluster.StepLabImages).State; got != cluster.Skipped {
		t.Errorf("images that are there were loaded again: %q", got)
	}

	t.Log("repair after a stop")
	marker := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "marker"}}
	if _, err := s.client(t).CoreV1().ConfigMaps("default").Create(t.Context(), marker, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.run(t, "stop", "--time", "2", first[0].Name)
	if status, err := s.provider.Status(t.Context()); err != nil || status.State != cluster.Stopped {
		t.Errorf("status of a stopped cluster: %+v, %v", status, err)
	}
	s.diagnosed(t, "doctor.cluster.stopped")
	s.create(t)
	if got := s.step(cluster.StepRepair).State; got != cluster.Done {
		t.Errorf("after the stop, step repair is %q", got)
	}
	if _, err := s.client(t).CoreV1().ConfigMaps("default").Get(t.Context(), "marker", metav1.GetOptions{}); err != nil {
		t.Errorf("what was in the cluster is gone: %v", err)
	}

	t.Log("delete")
	if err := s.provider.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.nothingLeft(t)
	if status, err := s.provider.Status(t.Context()); err != nil || status.State != cluster.Absent {
		t.Errorf("status after delete: %+v, %v", status, err)
	}
	s.untouched(t)
}

// runPod runs a lab image at once: Create must not return before that works.
func (s *site) runPod(t *testing.T) {
	t.Helper()
	b, err := bundle.Open(s.options.BundleDir)
	if err != nil {
		t.Fatal(err)
	}
	client := s.client(t).CoreV1().Pods("default")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "first"},
		Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{
			Name: "c", Image: b.Platforms[0].Labs.Images[0].Reference, ImagePullPolicy: corev1.PullNever, Command: []string{"sleep", "3600"},
		}}},
	}
	if pod, err = client.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatalf("the first Pod is refused: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for pod.Status.Phase != corev1.PodRunning {
		if pod, err = client.Get(ctx, "first", metav1.GetOptions{}); err != nil {
			t.Fatalf("the first Pod does not run: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// diagnosed checks that the doctor finds what key names, without changing it.
func (s *site) diagnosed(t *testing.T, key string) {
	t.Helper()
	before := s.nodes(t)
	findings := doctor.Run(t.Context(), doctor.Options{Name: s.name, StateDir: s.stateDir, BundleDir: s.options.BundleDir})
	if !slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Message.Key == key }) {
		t.Errorf("the doctor does not find %s: %+v", key, findings)
	}
	if after := s.nodes(t); !slices.Equal(before, after) {
		t.Errorf("the doctor changed %+v to %+v", before, after)
	}
}

// run runs a command of the engine.
func (s *site) run(t *testing.T, args ...string) {
	t.Helper()
	var out bytes.Buffer
	if err := (engine.Local{}).Run(t.Context(), engine.Command{Name: s.engine.Binary, Args: args, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	s := newSite(t, "stop")
	hadNetwork, err := s.engine.HasNetwork(t.Context(), "kind")
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.options.Listener = func(p cluster.Progress) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, p)
		// kubeadm runs, and so does the import of images.
		if p.Step == cluster.StepLabImages && (p.Bytes > 0 || p.State == cluster.Skipped) {
			cancel(stop)
		}
	}
	began := time.Now()
	if err := s.provider.Create(ctx, s.options); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
	t.Logf("took %.1f s", time.Since(began).Seconds())
	if got := s.step(cluster.StepControl).State; got != cluster.Failed {
		t.Errorf("step control-plane is %q", got)
	}
	if got := s.step(cluster.StepCleanUp).State; got != cluster.Done {
		t.Errorf("step clean-up is %q", got)
	}
	s.nothingLeft(t)
	if has, err := s.engine.HasNetwork(t.Context(), "kind"); err != nil || has && !hadNetwork {
		t.Errorf("network kind: %v before, %v after, %v", hadNetwork, has, err)
	}
}

func TestDamagedBundleIsRefused(t *testing.T) {
	s := newSite(t, "bad")
	if s.options.BundleDir == "" {
		t.Skip("no bundle to damage: set PODLAB_BUNDLE")
	}
	original, err := filepath.Abs(s.options.BundleDir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(original)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range []string{bundle.FileName, b.Platforms[0].Node.File} {
		if err := os.Symlink(filepath.Join(original, file), filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(original, b.Platforms[0].Labs.File))
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(filepath.Join(dir, b.Platforms[0].Labs.File), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.options.BundleDir = dir
	err = s.provider.Create(t.Context(), s.options)
	var failed *cluster.Error
	if !errors.As(err, &failed) || failed.Problem.Key != "bundle-sha256" || !strings.Contains(err.Error(), b.Platforms[0].Labs.SHA256) {
		t.Errorf("error %v", err)
	}
	if s.step(cluster.StepNode).State != "" {
		t.Error("a node was begun")
	}
	s.nothingLeft(t)
}
