package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podlab/cluster"
	"podlab/cluster/engine"
	"podlab/cluster/engine/enginetest"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// key returns the key of a *cluster.Error, or the error's text.
func key(err error) string {
	var failed *cluster.Error
	if errors.As(err, &failed) {
		return failed.Problem.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestDetect(t *testing.T) {
	all := map[string]string{
		"docker": "Docker version 28.0.0", "nerdctl": "nerdctl version 2.0.0",
		"finch": "finch version v1.0", "podman": "podman version 5.0.0",
	}
	only := func(names ...string) map[string]string {
		m := map[string]string{}
		for _, n := range names {
			m[n] = all[n]
		}
		return m
	}
	for _, c := range []struct {
		name         string
		installed    map[string]string
		chosen       string
		binary, kind string
		key          string
	}{
		{name: "all", installed: all, binary: "docker", kind: "docker"},
		{name: "nerdctl before podman", installed: only("nerdctl", "podman"), binary: "nerdctl", kind: "nerdctl"},
		{name: "finch", installed: only("finch", "podman"), binary: "finch", kind: "nerdctl"},
		{name: "podman", installed: only("podman"), binary: "podman", kind: "podman"},
		{name: "podman as docker", installed: map[string]string{"docker": "podman version 5.0.0", "podman": "podman version 5.0.0"}, binary: "podman", kind: "podman"},
		{name: "none", installed: only(), key: "no-engine"},
		{name: "chosen", installed: all, chosen: "podman", binary: "podman", kind: "podman"},
		{name: "chosen lima", installed: map[string]string{"nerdctl.lima": "nerdctl version 2.0.0"}, chosen: "nerdctl.lima", binary: "nerdctl.lima", kind: "nerdctl"},
		{name: "chosen but absent", installed: only("docker"), chosen: "podman", key: "chosen-engine"},
		{name: "unknown choice is ignored as kind does", installed: all, chosen: "lxc", binary: "docker", kind: "docker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := engine.Detect(t.Context(), &enginetest.Fake{Binaries: c.installed}, env(engine.ProviderEnv, c.chosen))
			if key(err) != c.key {
				t.Fatalf("error %v, want %q", err, c.key)
			}
			if err == nil && (e.Binary != c.binary || e.Name != c.kind) {
				t.Errorf("found %s (%s), want %s (%s)", e.Binary, e.Name, c.binary, c.kind)
			}
		})
	}
}

func detect(t *testing.T, f *enginetest.Fake) *engine.Engine {
	t.Helper()
	e, err := engine.Detect(t.Context(), f, env())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestInfo(t *testing.T) {
	podman := map[string]string{"podman": "podman version 5.0.0"}
	for _, c := range []struct {
		name string
		fake *enginetest.Fake
		want engine.Info
		key  string
	}{
		{name: "docker", fake: &enginetest.Fake{}, want: engine.Info{Version: "28.0.0", Arch: "amd64", Memory: 8 << 30, CPUs: 4, DataRoot: "/var/lib/docker"}},
		{
			name: "rootless on cgroup v1",
			fake: &enginetest.Fake{Info: `{"ServerVersion":"20.10","Architecture":"aarch64","CgroupVersion":"1","SecurityOptions":["name=rootless"]}`},
			want: engine.Info{Version: "20.10", Arch: "arm64", Rootless: true, CgroupV1: true},
		},
		{
			name: "podman",
			fake: &enginetest.Fake{Binaries: podman, Info: `{"host":{"arch":"amd64","memTotal":4294967296,"cpus":2,"cgroupVersion":"v2","security":{"rootless":true}},"store":{"graphRoot":"/home/u/.local/share/containers/storage"},"version":{"Version":"5.0.0"}}`},
			want: engine.Info{Version: "5.0.0", Arch: "amd64", Memory: 4 << 30, CPUs: 2, DataRoot: "/home/u/.local/share/containers/storage", Rootless: true},
		},
		{
			name: "daemon down",
			fake: &enginetest.Fake{Fails: map[string]string{"info": "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"}},
			key:  "engine-down",
		},
		{
			name: "not permitted",
			fake: &enginetest.Fake{Fails: map[string]string{"info": `permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/info": dial unix /var/run/docker.sock: connect: permission denied`}},
			key:  "engine-forbidden",
		},
		{
			name: "an old client that exits with 0",
			fake: &enginetest.Fake{Info: `{"ServerErrors":["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"]}`},
			key:  "engine-down",
		},
		{
			name: "something else",
			fake: &enginetest.Fake{Fails: map[string]string{"info": "context deadline exceeded"}},
			key:  "engine-failed",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := detect(t, c.fake).Info(t.Context())
			if key(err) != c.key {
				t.Fatalf("error %v, want key %q", err, c.key)
			}
			if err == nil && got != c.want {
				t.Errorf("info %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestPullSaysWhatTheRegistryAnswered(t *testing.T) {
	said := "Using default tag: latest\nError response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"
	e := detect(t, &enginetest.Fake{Fails: map[string]string{"pull": said}})
	err := e.Pull(t.Context(), "kindest/node:v1.37.0", io.Discard)
	var failed *cluster.Error
	if !errors.As(err, &failed) || failed.Problem.Key != "pull" {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"kindest/node:v1.37.0", "no such host", "--bundle", "--image", "docker load", "proxy"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if failed.Output != said {
		t.Errorf("output %q", failed.Output)
	}
}

func TestPodmanGetsFullReferences(t *testing.T) {
	f := &enginetest.Fake{Binaries: map[string]string{"podman": "podman version 5.0.0"}}
	e := detect(t, f)
	if err := e.Pull(t.Context(), "kindest/node:v1.37.0", io.Discard); err != nil {
		t.Fatal(err)
	}
	if !f.Called("podman pull docker.io/kindest/node:v1.37.0") {
		t.Error("podman would ask which registry is meant")
	}
}

func TestHasImage(t *testing.T) {
	e := detect(t, &enginetest.Fake{Images: []string{"a:1"}})
	for ref, want := range map[string]bool{"a:1": true, "b:1": false} {
		if got, err := e.HasImage(t.Context(), ref); err != nil || got != want {
			t.Errorf("HasImage(%s) = %v, %v", ref, got, err)
		}
	}
	e = detect(t, &enginetest.Fake{Fails: map[string]string{"image": "Cannot connect to the Docker daemon"}})
	if _, err := e.HasImage(t.Context(), "a:1"); key(err) != "engine-down" {
		t.Errorf("a dead daemon is reported as %v", err)
	}
}

// TestLocalRunner runs real programs: what a fake cannot show.
func TestLocalRunner(t *testing.T) {
	run := engine.Local{}
	var out bytes.Buffer
	err := run.Run(t.Context(), engine.Command{Name: "sh", Args: []string{"-c", "cat; echo said >&2; exit 3"}, Stdin: strings.NewReader("in"), Stdout: &out})
	if out.String() != "in" || engine.Output(err) != "said" || !strings.Contains(err.Error(), "exit status 3: said") {
		t.Errorf("stdout %q, error %v", out.String(), err)
	}
	err = run.Run(t.Context(), engine.Command{Name: filepath.Join(t.TempDir(), "absent")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program is reported as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run.Run(ctx, engine.Command{Name: "sleep", Args: []string{"60"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled command is reported as %v", err)
	}
}
