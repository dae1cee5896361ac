package doctor_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podlab/cluster/bundle/bundletest"
	"podlab/cluster/doctor"
	"podlab/cluster/engine"
	"podlab/cluster/engine/enginetest"
	"podlab/content"
)

// machine is what a case may change before the doctor looks.
type machine struct {
	engine *enginetest.Fake
	opts   *doctor.Options
}

func (m machine) inotify(t *testing.T, instances, watches string) {
	t.Helper()
	dir := filepath.Join(m.opts.Root, "proc/sys/fs/inotify")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"max_user_instances": instances, "max_user_watches": watches} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRun(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // a test's listener
	for _, c := range []struct {
		name   string
		change func(t *testing.T, m machine)
		want   []string // "id level key", among others
		absent []string // ids that must not be there
	}{
		{
			name: "all well",
			want: []string{
				"engine ok doctor.engine.ok", "memory ok doctor.memory.ok", "cgroup ok doctor.cgroup.ok",
				"inotify ok doctor.inotify.ok", "image warn doctor.image.pull", "port ok doctor.port.ok", "cluster ok doctor.cluster.absent",
			},
			absent: []string{"bundle"},
		},
		{
			name:   "no engine",
			change: func(_ *testing.T, m machine) { m.engine.Binaries = map[string]string{} },
			want:   []string{"engine fail error.no-engine", "port ok doctor.port.ok"},
			absent: []string{"memory", "image", "cluster"},
		},
		{
			name: "engine down",
			change: func(_ *testing.T, m machine) {
				m.engine.Fails = map[string]string{"info": "Cannot connect to the Docker daemon"}
			},
			want: []string{"engine fail error.engine-down"},
		},
		{
			name: "not permitted",
			change: func(_ *testing.T, m machine) {
				m.engine.Fails = map[string]string{"info": "permission denied while trying to connect"}
			},
			want: []string{"engine fail error.engine-forbidden"},
		},
		{
			name: "small machine on cgroup v1",
			change: func(t *testing.T, m machine) {
				m.engine.Info = `{"ServerVersion":"1","Architecture":"x86_64","MemTotal":1073741824,"CgroupVersion":"1"}`
				m.inotify(t, "64", "8192")
			},
			want: []string{"memory fail doctor.memory.short", "cgroup warn doctor.cgroup.v1", "inotify warn doctor.inotify.low"},
		},
		{
			name: "rootless on cgroup v1",
			change: func(_ *testing.T, m machine) {
				m.engine.Info = `{"ServerVersion":"1","CgroupVersion":"1","SecurityOptions":["name=rootless"]}`
			},
			want:   []string{"cgroup fail doctor.cgroup.rootless"},
			absent: []string{"memory"},
		},
		{
			name:   "bundle",
			change: func(t *testing.T, m machine) { m.opts.BundleDir = bundletest.Make(t, "node", "labs") },
			want:   []string{"bundle ok doctor.bundle.ok", "image ok doctor.image.bundled"},
		},
		{
			name: "damaged bundle",
			change: func(t *testing.T, m machine) {
				m.opts.BundleDir = bundletest.Make(t, "node", "labs")
				if err := os.WriteFile(filepath.Join(m.opts.BundleDir, "labs.tar.zst"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: []string{"bundle fail error.bundle-sha256"},
		},
		{
			name: "bundle for another machine",
			change: func(t *testing.T, m machine) {
				m.opts.BundleDir = bundletest.Make(t, "node", "labs")
				m.engine.Info = `{"ServerVersion":"1","Architecture":"aarch64","CgroupVersion":"2"}`
			},
			want: []string{"bundle fail error.bundle-arch"},
		},
		{
			name: "image at hand",
			change: func(_ *testing.T, m machine) {
				m.opts.Image = "example.org/n:1"
				m.engine.Images = []string{"example.org/n:1"}
			},
			want: []string{"image ok doctor.image.ok"},
		},
		{
			name: "stopped cluster whose port is taken",
			change: func(_ *testing.T, m machine) {
				m.engine.SetNode(engine.Container{Name: "podlab-control-plane", Status: "exited", Role: "control-plane", APIAddress: taken.Addr().String()})
			},
			want: []string{"cluster warn doctor.cluster.stopped", "port warn doctor.port.taken"},
		},
		{
			name: "cluster without kubeconfig",
			change: func(_ *testing.T, m machine) {
				m.engine.SetNode(engine.Container{Name: "podlab-control-plane", Status: "running", Role: "control-plane"})
			},
			want: []string{"cluster warn doctor.cluster.broken"},
		},
		{
			name: "kubeconfig without cluster",
			change: func(t *testing.T, m machine) {
				dir := filepath.Join(m.opts.StateDir, "clusters", "podlab")
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: []string{"cluster warn doctor.cluster.orphan"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine{engine: &enginetest.Fake{}}
			m.opts = &doctor.Options{StateDir: t.TempDir(), Root: t.TempDir(), Getenv: func(string) string { return "" }, Runner: m.engine}
			m.inotify(t, "512", "524288")
			if c.change != nil {
				c.change(t, m)
			}
			findings := doctor.Run(t.Context(), *m.opts)
			var got []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%s %s %s", f.ID, f.Level, f.Message.Key))
				checkTexts(t, f)
				if slices.Contains(c.absent, f.ID) {
					t.Errorf("a finding about %s", f.ID)
				}
			}
			for _, want := range c.want {
				if !slices.Contains(got, want) {
					t.Errorf("findings %q lack %q", got, want)
				}
			}
			for _, command := range []string{"docker start", "docker rm", "docker pull", "docker load", "docker restart"} {
				if m.engine.Called(command) {
					t.Errorf("the doctor changed something: %s", command)
				}
			}
		})
	}
}

// checkTexts sees that a finding reads well: all placeholders filled, and a
// remedy exactly where something is wrong.
func checkTexts(t *testing.T, f doctor.Finding) {
	t.Helper()
	for _, lang := range content.Langs() {
		c, err := content.LoadCatalog("cluster", lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []content.Message{f.Message, f.Remedy} {
			if m.Key == "" {
				continue
			}
			if text := c.Render(m); strings.Contains(text, m.Key) || len(content.Placeholders(text)) > 0 {
				t.Errorf("%s: %s reads %q", lang, m.Key, text)
			}
		}
	}
	if (f.Level == doctor.OK) != (f.Remedy.Key == "") {
		t.Errorf("%s is %s with remedy %q", f.ID, f.Level, f.Remedy.Key)
	}
}

// Without an engine the embedded cluster is a way, if its program is there; one
// that exists is looked at as what it is.
func TestEmbedded(t *testing.T) {
	state := t.TempDir()
	program := filepath.Join(state, "podlab-kube")
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(state, "clusters", "podlab", "embedded"), 0o700); err != nil {
		t.Fatal(err)
	}
	found := map[string]doctor.Finding{}
	for _, f := range doctor.Run(t.Context(), doctor.Options{
		StateDir: state, Runner: nobody{},
		Getenv: func(name string) string { return map[string]string{"PODLAB_KUBE": program}[name] },
	}) {
		found[f.ID] = f
	}
	if f := found["engine"]; f.Level != doctor.Warn {
		t.Errorf("engine: %+v", f)
	}
	if f := found["embedded"]; f.Message.Key != "doctor.embedded.ok" {
		t.Errorf("embedded: %+v", f)
	}
	if f := found["cluster"]; f.Message.Key != "doctor.cluster.stopped" || f.Level != doctor.Warn {
		t.Errorf("cluster: %+v", f)
	}
}

// nobody runs no command.
type nobody struct{}

func (nobody) Run(context.Context, engine.Command) error { return os.ErrNotExist }
