package create_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/create"
)

func TestErrors(t *testing.T) {
	answer := func(status int, header, value, body string) func(*site) {
		return func(s *site) {
			s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
				if req.URL.Path == "/v2/" {
					return false
				}
				if header != "" {
					w.Header().Set(header, value)
				}
				http.Error(w, body, status)
				return true
			})
		}
	}
	for _, c := range []struct {
		name   string
		change func(*site)
		key    string
		says   []string
	}{
		{"missing platform", func(s *site) { s.options.Archs = []string{"riscv64"} },
			"bundle-no-platform", []string{node, "linux/riscv64", "linux/amd64, linux/arm64"}},
		{"image of one platform, without an index", func(s *site) { s.options.Archs = []string{"arm64"} },
			"bundle-no-platform", []string{tool, "linux/arm64", "linux/amd64"}},
		{"unknown image", func(s *site) { s.options.Labs = []string{"busybox:9.99"} },
			"bundle-unknown-image", []string{"busybox:9.99", "127.0.0.1"}},
		{"no reference", func(s *site) { s.options.Labs = []string{"BusyBox:1"} },
			"bundle-reference", []string{"BusyBox:1"}},
		{"no node image", func(s *site) { s.options.Node = app },
			"bundle-not-node", []string{app}},
		{"unauthorised", answer(http.StatusUnauthorized, "", "", `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`),
			"bundle-unauthorised", []string{"docker login"}},
		{"forbidden", answer(http.StatusForbidden, "", "", "no"), "bundle-unauthorised", nil},
		{"rate limit", answer(http.StatusTooManyRequests, "Retry-After", "7200", "You have reached your pull rate limit"),
			"bundle-rate-limit", []string{"2h0m0s", "docker login"}},
		{"rate limit without an end", answer(http.StatusTooManyRequests, "", "", "toomanyrequests"),
			"bundle-rate-limit-open", []string{"docker login"}},
		{"server errors that last", answer(http.StatusBadGateway, "", "", "oops"), "bundle-broken", []string{"502"}},
		{"nobody listens", func(s *site) { s.options.Mirrors[create.DockerHub] = "127.0.0.1:1" },
			"bundle-broken", []string{"127.0.0.1:1", "refused"}},
		{"a bundle made by hand", func(s *site) {
			if err := os.MkdirAll(s.options.Dir, 0o755); err != nil {
				panic(err)
			}
			for _, file := range []string{"a", "b"} {
				if err := os.WriteFile(filepath.Join(s.options.Dir, file), nil, 0o600); err != nil {
					panic(err)
				}
			}
			zeros := strings.Repeat("0", 64)
			text := "version: 1\narch: amd64\nkubernetes: v1\nnode: {file: a, sha256: " + zeros + ", image: n}\nlabs: {file: b, sha256: " + zeros + ", images: [x]}\n"
			if err := os.WriteFile(filepath.Join(s.options.Dir, bundle.FileName), []byte(text), 0o600); err != nil {
				panic(err)
			}
		}, "bundle-other", nil},
		{"a file where the directory should be", func(s *site) {
			if err := os.WriteFile(s.options.Dir, nil, 0o600); err != nil {
				panic(err)
			}
		}, "bundle-unreadable", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			c.change(s)
			_, err := create.Create(t.Context(), s.options)
			if key(err) != c.key {
				t.Fatalf("error %v, want key %s", err, c.key)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			for _, e := range s.events {
				last := s.events[len(s.events)-1]
				if e.State == cluster.Running && last.State == cluster.Running {
					t.Errorf("step %s still runs", last.Step)
				}
			}
		})
	}
}

// A limit that ends soon is waited for.
func TestShortRateLimit(t *testing.T) {
	s := newSite(t)
	var once sync.Once
	s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
		limited := false
		if strings.Contains(req.URL.Path, "/manifests/") {
			once.Do(func() { limited = true })
		}
		if limited {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "slow down", http.StatusTooManyRequests)
		}
		return limited
	})
	s.create(t)
	s.whole(t)
}

// Credentials come from docker's configuration, which is only read, and go to
// the mirror that is asked.
func TestPrivateRegistry(t *testing.T) {
	s := newSite(t)
	s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
		if user, password, ok := req.BasicAuth(); ok && user == "teacher" && password == "secret" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="school"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
		return true
	})
	if _, err := create.Create(t.Context(), s.options); key(err) != "bundle-unauthorised" || !strings.Contains(err.Error(), "docker login "+s.Host) {
		t.Errorf("without credentials: %v", err)
	}
	config := filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json")
	text := fmt.Sprintf(`{"auths":{"%s":{"auth":"%s"}}}`, s.Host, base64.StdEncoding.EncodeToString([]byte("teacher:secret")))
	if err := os.WriteFile(config, []byte(text), 0o400); err != nil {
		t.Fatal(err)
	}
	s.create(t)
	s.whole(t)
	if after, err := os.ReadFile(config); err != nil || string(after) != text {
		t.Errorf("docker's configuration is now %q, %v", after, err)
	}
}

// Plain HTTP is for loopback: a registry cannot lead away from there either.
func TestPlainHTTP(t *testing.T) {
	s := newSite(t)
	s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.Contains(req.URL.Path, "/blobs/") {
			return false
		}
		http.Redirect(w, req, "http://192.0.2.1/blob", http.StatusTemporaryRedirect)
		return true
	})
	if _, err := create.Create(t.Context(), s.options); key(err) != "bundle-plain-http" || !strings.Contains(err.Error(), "192.0.2.1") {
		t.Errorf("error %v", err)
	}
}

// A registry that answers HEAD without a digest is asked by GET.
func TestRegistryWithoutHead(t *testing.T) {
	s := newSite(t)
	s.Fault(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodHead {
			return false
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
		return true
	})
	s.create(t)
	s.whole(t)
}
