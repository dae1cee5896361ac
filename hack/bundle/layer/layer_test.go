package layer_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"podlab/hack/bundle/layer"
)

var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// tree makes a small root file system and returns its directory.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"etc", "var/cache", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"etc/old": "old", "etc/new": "new", "var/cache/x": "cached", "dev/null": "not a device here"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	// A time zone must not show in the layer, nor a fraction of a second.
	old := time.Date(2020, time.May, 4, 3, 2, 1, 500, time.FixedZone("x", 3600))
	if err := errors.Join(
		os.Chtimes(filepath.Join(root, "etc/old"), old, old),
		os.Link(filepath.Join(root, "etc/old"), filepath.Join(root, "etc/same")),
		os.Symlink("/etc/old", filepath.Join(root, "etc/link")),
	); err != nil {
		t.Fatal(err)
	}
	return root
}

// entries reads a layer: headers and contents by name, and the names in order.
func entries(t *testing.T, l *layer.Layer) (map[string]*tar.Header, map[string]string, []string) {
	t.Helper()
	r, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	headers, contents := map[string]*tar.Header{}, map[string]string{}
	var names []string
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return headers, contents, names
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		headers[h.Name], contents[h.Name] = h, string(content)
		names = append(names, h.Name)
	}
}

func save(t *testing.T, b *layer.Builder) *layer.Layer {
	t.Helper()
	l, err := b.Save(filepath.Join(t.TempDir(), "layer.tar"), epoch)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheSameFilesAreTheSameBytes(t *testing.T) {
	build := func(root string) string {
		b := layer.New()
		if err := b.Tree("/", root, nil); err != nil {
			t.Fatal(err)
		}
		b.Text("/etc/motd", 0o644, "hello\n")
		b.Own("etc/motd", 101, 102)
		digest, err := save(t, b).DiffID()
		if err != nil {
			t.Fatal(err)
		}
		return digest.String()
	}
	first, later := tree(t), tree(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	if err := os.Chtimes(filepath.Join(later, "etc/new"), tomorrow, tomorrow); err != nil {
		t.Fatal(err)
	}
	if one, two := build(first), build(later); one != two {
		t.Errorf("two equal trees became %s and %s", one, two)
	}
}

func TestLayer(t *testing.T) {
	b := layer.New()
	if err := b.Tree("/", tree(t), func(name string) bool { return strings.HasPrefix(name, "dev/") || name == "var/cache" }); err != nil {
		t.Fatal(err)
	}
	b.Text("etc/new", 0o600, "replaced")
	b.Own("/etc/new", 101, 102)
	b.Dir("tmp", 0o1777)
	headers, contents, names := entries(t, save(t, b))

	if got, want := strings.Join(names, " "), "dev/ etc/ etc/link etc/new etc/old etc/same tmp/ var/"; got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
	if h := headers["etc/new"]; contents["etc/new"] != "replaced" || h.Uid != 101 || h.Gid != 102 || h.Mode != 0o600 || !h.ModTime.Equal(epoch) {
		t.Errorf("etc/new is %q, %+v", contents["etc/new"], h)
	}
	if h := headers["etc/old"]; contents["etc/old"] != "old" || h.Mode != 0o640 || !h.ModTime.Equal(time.Date(2020, time.May, 4, 2, 2, 1, 0, time.UTC)) {
		t.Errorf("etc/old is %q, %+v", contents["etc/old"], h)
	}
	if h := headers["etc/same"]; h.Typeflag != tar.TypeLink || h.Linkname != "etc/old" {
		t.Errorf("a hard link became %+v", h)
	}
	if h := headers["etc/link"]; h.Typeflag != tar.TypeSymlink || h.Linkname != "/etc/old" {
		t.Errorf("a symbolic link became %+v", h)
	}
	if h := headers["tmp/"]; h.Mode != 0o1777 {
		t.Errorf("tmp has mode %o", h.Mode)
	}
}

func TestStageSaysWhatIsMissing(t *testing.T) {
	root := tree(t)
	for _, c := range []struct{ name, program, says string }{
		{"no such program", "/usr/bin/nginx", "is its package installed"},
		{"a link to nowhere in the root", "/etc/link", ""},
		{"no program", "/etc/old", "etc/old"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := layer.New().Stage(root, c.program, "program")
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

func TestStageTakesTheLibraries(t *testing.T) {
	const program = "/bin/ls"
	if _, err := os.Stat("/usr/lib/os-release"); err != nil {
		t.Skip("this system has no Debian-like layout")
	}
	b := layer.New()
	if err := b.Stage("/", program, "bin/ls"); err != nil {
		t.Skipf("%s cannot be staged from this system: %v", program, err)
	}
	_, _, names := entries(t, save(t, b))
	all := strings.Join(names, " ")
	for _, want := range []string{"bin/ls", "libc.so.6", "ld-linux"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not among %s", want, all)
		}
	}
}
