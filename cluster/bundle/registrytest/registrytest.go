// Package registrytest serves image registries on loopback for tests, with the
// faults that networks and registries have.
package registrytest

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Registry is a real registry that listens on loopback.
type Registry struct {
	// Host is its address: 127.0.0.1:port.
	Host string

	cut atomic.Int64 // bytes after which each connection ends; 0 for never

	mu       sync.Mutex
	fault    func(http.ResponseWriter, *http.Request) bool
	requests []string
}

// Serve starts an empty registry that ends with the test.
func Serve(t testing.TB) *Registry {
	t.Helper()
	r := &Registry{}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		fault := r.fault
		r.requests = append(r.requests, req.Method+" "+req.URL.Path)
		r.mu.Unlock()
		if fault == nil || !fault(w, req) {
			inner.ServeHTTP(w, req)
		}
	}))
	server.Listener = cutter{server.Listener, &r.cut}
	server.Start()
	t.Cleanup(server.Close)
	r.Host = strings.TrimPrefix(server.URL, "http://")
	return r
}

// Fault is asked about each request from now on; it answers those for which it
// returns true, and may change the others. Nil ends all faults.
func (r *Registry) Fault(f func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
}

// CutAfter breaks each connection after n bytes from the registry, from now
// on; 0 ends that.
func (r *Registry) CutAfter(n int64) { r.cut.Store(n) }

// Requests returns those since the last call, as "GET /v2/…".
func (r *Registry) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.requests
	r.requests = nil
	return all
}

// cutter is a listener whose connections break.
type cutter struct {
	net.Listener
	after *atomic.Int64
}

func (c cutter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &cutConn{Conn: conn, after: c.after}, nil
}

type cutConn struct {
	net.Conn
	after   *atomic.Int64
	written int64
}

func (c *cutConn) Write(p []byte) (int, error) {
	if limit := c.after.Load(); limit > 0 && c.written+int64(len(p)) > limit {
		n, _ := c.Conn.Write(p[:max(0, limit-c.written)])
		_ = c.Close()
		return n, net.ErrClosed
	}
	n, err := c.Conn.Write(p)
	c.written += int64(n)
	return n, err
}

// Image makes an image for linux and arch whose only layer has these files.
func Image(t testing.TB, arch string, files map[string]string) v1.Image {
	t.Helper()
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(files[path]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[path]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// Noise returns n bytes that no compression makes smaller, always the same for
// a seed.
func Noise(seed uint64, n int) string {
	data := make([]byte, n)
	source := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // no secret
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	return string(data)
}

// Push puts an image under repository:tag, for each architecture one, as an
// index; an image for "" alone is pushed as it is.
func (r *Registry) Push(t testing.TB, ref string, images map[string]v1.Image) {
	t.Helper()
	target, err := name.ParseReference(r.Host + "/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	if alone, ok := images[""]; ok {
		if err := remote.Write(target, alone, remote.WithContext(t.Context())); err != nil {
			t.Fatal(err)
		}
		return
	}
	index := v1.ImageIndex(empty.Index)
	for _, arch := range slices.Sorted(maps.Keys(images)) {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        images[arch],
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	if err := remote.WriteIndex(target, index, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
}
