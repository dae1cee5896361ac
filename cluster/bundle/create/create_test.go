package create_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/create"
	"podlab/cluster/bundle/registrytest"
)

// The images of the tests.
const (
	node = "kindest/node:v1.37.0"
	app  = "busybox:1.37"
	tool = "example/tool:1"
)

// noiseSize is that of a layer that connections are cut in.
const noiseSize = 400_000

// site is a registry with images, and a directory for the bundle.
type site struct {
	*registrytest.Registry
	options create.Options
	events  []cluster.Progress
}

func newSite(t *testing.T) *site {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	s := &site{Registry: registrytest.Serve(t)}
	both := func(files func(arch string) map[string]string) map[string]v1.Image {
		images := map[string]v1.Image{}
		for _, arch := range []string{"amd64", "arm64"} {
			images[arch] = registrytest.Image(t, arch, files(arch))
		}
		return images
	}
	s.Push(t, node, both(func(arch string) map[string]string {
		return map[string]string{"kind/version": "v1.37.0\n", "usr/bin/kubelet": arch + strings.Repeat(" kubelet", 10_000)}
	}))
	s.Push(t, "library/"+app, both(func(arch string) map[string]string {
		return map[string]string{"bin/sh": arch + registrytest.Noise(uint64(len(arch)), noiseSize)}
	}))
	s.Push(t, tool, map[string]v1.Image{"": registrytest.Image(t, "amd64", map[string]string{"tool": "x"})})
	s.options = create.Options{
		Dir: filepath.Join(t.TempDir(), "bundle"), Node: node, Labs: []string{app, tool}, Archs: []string{"amd64"},
		Mirrors: map[string]string{create.DockerHub: s.Host}, Backoff: time.Millisecond, Stall: 10 * time.Second,
		Listener: func(p cluster.Progress) { s.events = append(s.events, p) },
	}
	s.Requests()
	return s
}

func (s *site) create(t *testing.T) create.Result {
	t.Helper()
	result, err := create.Create(t.Context(), s.options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// whole checks that the bundle passes every examination and that nothing else
// is left in the directory.
func (s *site) whole(t *testing.T) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Open(s.options.Dir)
	if err != nil {
		t.Fatal(err)
	}
	findings, err := b.Examine(t.Context(), s.options.Labs, nil)
	if err != nil || len(findings) > 0 {
		t.Errorf("examined: %v, %v", findings, err)
	}
	entries, err := os.ReadDir(s.options.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2*len(b.Platforms); len(entries) != want {
		t.Errorf("the directory holds %v, want %d files", entries, want)
	}
	return b
}

func (s *site) files(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := filepath.Glob(filepath.Join(s.options.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}

func key(err error) string {
	var failed *cluster.Error
	if errors.As(err, &failed) {
		return failed.Problem.Key
	}
	return fmt.Sprint(err)
}

func TestCreate(t *testing.T) {
	s := newSite(t)
	if result := s.create(t); result.Unchanged || len(result.Bundle.Platforms) != 1 {
		t.Errorf("result %+v", result)
	}
	b := s.whole(t)
	p := b.Platforms[0]
	if b.Version != bundle.Version || b.Kubernetes != "v1.37.0" || p.Arch != "amd64" {
		t.Errorf("bundle %+v %+v", b, p)
	}
	if got := p.Labs.References(); !slices.Equal(got, []string{app, tool}) || p.Node.Reference != node {
		t.Errorf("images %v, node %s", got, p.Node.Reference)
	}
	if !strings.HasPrefix(p.Node.Digest, "sha256:") || p.Node.Digest == p.Node.ID {
		t.Errorf("node image %+v", p.Node.Image)
	}
	for _, step := range []cluster.StepID{create.StepLookup, create.StepDownload, create.StepPack} {
		if !slices.ContainsFunc(s.events, func(p cluster.Progress) bool { return p.Step == step && p.State == cluster.Done }) {
			t.Errorf("step %s was not done", step)
		}
	}

	// The same images again, elsewhere: the same bytes.
	first := s.files(t)
	s.options.Dir = filepath.Join(t.TempDir(), "second")
	s.create(t)
	for name, data := range s.files(t) {
		if data != first[name] {
			t.Errorf("%s differs between two creations", name)
		}
	}

	// And again in the same place: nothing is fetched or written.
	info := func() os.FileInfo {
		info, err := os.Stat(filepath.Join(s.options.Dir, bundle.FileName))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	before := info()
	s.Requests()
	if result := s.create(t); !result.Unchanged {
		t.Error("a complete bundle was made anew")
	}
	if !os.SameFile(before, info()) {
		t.Error("the description was written anew")
	}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "GET") && r != "GET /v2/" {
			t.Errorf("a complete bundle asked for %s", r)
		}
	}
	s.whole(t)
}

func TestSeveralPlatforms(t *testing.T) {
	s := newSite(t)
	s.options.Labs = []string{app}
	s.create(t)
	alone := s.files(t)
	// The second platform is added; the archives of the first stay.
	s.options.Archs = []string{"amd64", "arm64"}
	s.create(t)
	b := s.whole(t)
	if b.Archs() != "amd64, arm64" {
		t.Errorf("architectures %s", b.Archs())
	}
	if now := s.files(t); now["labs-amd64.tar.zst"] != alone["labs-amd64.tar.zst"] {
		t.Error("the archive of the first platform changed")
	}
	for _, arch := range []string{"amd64", "arm64"} {
		p, err := b.For("docker", arch)
		if err != nil || p.Arch != arch {
			t.Errorf("for %s: %+v, %v", arch, p, err)
		}
	}
	if _, err := b.For("docker", "riscv64"); key(err) != "bundle-arch" || !strings.Contains(err.Error(), "amd64, arm64") {
		t.Errorf("for riscv64: %v", err)
	}
	// One platform must not vanish because the other was asked for.
	s.options.Archs = []string{"arm64"}
	if _, err := create.Create(t.Context(), s.options); key(err) != "bundle-other" {
		t.Errorf("error %v", err)
	}
	s.options.Archs = []string{"amd64", "arm64"}
	s.whole(t)
}

func TestChangedImageIsReplaced(t *testing.T) {
	s := newSite(t)
	s.create(t)
	before := s.files(t)
	s.Push(t, tool, map[string]v1.Image{"": registrytest.Image(t, "amd64", map[string]string{"tool": "y"})})
	if s.create(t).Unchanged {
		t.Error("the change was not seen")
	}
	after := s.files(t)
	if before["labs-amd64.tar.zst"] == after["labs-amd64.tar.zst"] || before["node-amd64.tar.zst"] != after["node-amd64.tar.zst"] {
		t.Error("want a new archive of the lab images, and the old one of the node image")
	}
	s.whole(t)
}

func TestDamagedArchiveIsMadeAnew(t *testing.T) {
	s := newSite(t)
	s.create(t)
	name := filepath.Join(s.options.Dir, "node-amd64.tar.zst")
	if err := os.WriteFile(name, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.create(t)
	s.whole(t)
}

// A broken connection costs what was in flight: with ranges nothing is fetched
// twice, in one run or in the next.
func TestBrokenConnection(t *testing.T) {
	s := newSite(t)
	s.CutAfter(100_000)
	s.create(t) // each attempt brings something: it gets there
	s.whole(t)

	// Where the registry knows no ranges, the attempts run out.
	s.options.Dir = filepath.Join(t.TempDir(), "other")
	s.Fault(func(_ http.ResponseWriter, req *http.Request) bool {
		req.Header.Del("Range")
		return false
	})
	_, err := create.Create(t.Context(), s.options)
	if key(err) != "bundle-broken" {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{s.Host, app, "0 MB", "again"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if _, err := os.Stat(filepath.Join(s.options.Dir, bundle.FileName)); err == nil {
		t.Error("an unfinished bundle has a description")
	}
	// What was complete is not asked for again.
	s.Fault(nil)
	s.CutAfter(0)
	s.Requests()
	s.create(t)
	s.whole(t)
	blobs := 0
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "GET") && strings.Contains(r, "/blobs/") {
			blobs++
		}
	}
	if blobs != 1 {
		t.Errorf("%d blobs were fetched by the second run, want the one that was cut", blobs)
	}
}

func TestStalledTransfer(t *testing.T) {
	s := newSite(t)
	s.options.Stall = 50 * time.Millisecond
	var once sync.Once
	s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
		stalled := false
		if strings.Contains(req.URL.Path, "/blobs/") {
			once.Do(func() { stalled = true })
		}
		if stalled {
			<-req.Context().Done()
		}
		return stalled
	})
	s.create(t)
	s.whole(t)
}

func TestCancelledCreationGoesOn(t *testing.T) {
	s := newSite(t)
	stop := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.options.Listener = func(p cluster.Progress) {
		if p.Step == create.StepPack && p.Detail == "labs-amd64.tar.zst" {
			cancel(stop)
		}
	}
	_, err := create.Create(ctx, s.options)
	if key(err) != "bundle-cancelled" || !errors.Is(err, stop) || !strings.Contains(err.Error(), s.options.Dir) {
		t.Fatalf("error %v", err)
	}
	s.Requests()
	var packed []string
	s.options.Listener = func(p cluster.Progress) {
		if p.Step == create.StepPack && p.Detail != "" {
			packed = append(packed, p.Detail)
		}
	}
	s.create(t)
	s.whole(t)
	if !slices.Equal(packed, []string{"labs-amd64.tar.zst"}) {
		t.Errorf("the second run wrote %v", packed)
	}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "GET") && strings.Contains(r, "/blobs/") {
			t.Errorf("the second run fetched %s", r)
		}
	}
}

// A blob that was damaged on the disk, or on the way, is not trusted.
func TestDamagedBlob(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.options.Listener = func(p cluster.Progress) {
		if p.Step == create.StepPack {
			cancel()
		}
	}
	if _, err := create.Create(ctx, s.options); key(err) != "bundle-cancelled" {
		t.Fatal(err)
	}
	s.options.Listener = nil
	blobs, err := filepath.Glob(filepath.Join(s.options.Dir, ".partial", "blobs", "sha256-*"))
	if err != nil || len(blobs) == 0 {
		t.Fatal(blobs, err)
	}
	for _, name := range blobs {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.create(t)
	s.whole(t)
}

// The node image of a digest is compared with it.
func TestNodeImageWithDigest(t *testing.T) {
	s := newSite(t)
	digest := s.create(t).Bundle.Platforms[0].Node.Digest
	s.options.Dir = filepath.Join(t.TempDir(), "pinned")
	s.options.Node = node + "@" + digest
	b := s.create(t).Bundle
	if got := b.Platforms[0].Node; got.Reference != node || got.Digest != digest {
		t.Errorf("node %+v", got)
	}
	s.whole(t)
	s.options.Dir = filepath.Join(t.TempDir(), "wrong")
	s.options.Node = node + "@sha256:" + strings.Repeat("0", 64)
	if _, err := create.Create(t.Context(), s.options); key(err) != "bundle-unknown-image" {
		t.Errorf("error %v", err)
	}
}

// Two creations in one directory would write over each other.
func TestTwoAtOnce(t *testing.T) {
	s := newSite(t)
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.Fault(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() {
			close(reached)
			<-release
		})
		return false
	})
	first := make(chan error, 1)
	go func() {
		_, err := create.Create(t.Context(), s.options)
		first <- err
	}()
	<-reached
	second := s.options
	second.Listener = nil
	if _, err := create.Create(t.Context(), second); key(err) != "bundle-busy" {
		t.Errorf("error %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	s.whole(t)
}
