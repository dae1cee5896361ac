package bundle_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"podlab/cluster/bundle"
	"podlab/cluster/bundle/bundletest"
	"podlab/cluster/bundle/pack"
	"podlab/cluster/bundle/registrytest"
)

// packed writes a bundle of real images for two platforms.
func packed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var platforms []pack.Platform
	for _, arch := range []string{"amd64", "arm64"} {
		image := func(ref, content string) pack.Image {
			return pack.Image{Reference: ref, Image: registrytest.Image(t, arch, map[string]string{"f": content + arch})}
		}
		platforms = append(platforms, pack.Platform{
			Arch: arch, Node: image("kindest/node:v1", "node"), Labs: []pack.Image{image("nginx:1", "web"), image("busybox:1.37", "box")},
		})
	}
	if _, err := pack.Bundle(t.Context(), dir, "v1.37.0", platforms, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

func examine(t *testing.T, dir string, labs ...string) []bundle.Finding {
	t.Helper()
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var last, total int64
	findings, err := b.Examine(t.Context(), labs, func(done, all int64) { last, total = done, all })
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	return findings
}

func TestExamineWhatPackWrote(t *testing.T) {
	dir := packed(t)
	// The labs write references in their own way.
	if findings := examine(t, dir, "docker.io/library/busybox:1.37", "nginx:1"); len(findings) > 0 {
		t.Errorf("findings %+v", findings)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if got := b.Platforms[1].Labs.References(); !slices.Equal(got, []string{"busybox:1.37", "nginx:1"}) {
		t.Errorf("images %v", got)
	}
}

func TestExamineFinds(t *testing.T) {
	lines := func(old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			rewrite(t, dir, bundle.FileName, func(s string) string {
				if !strings.Contains(s, old) {
					t.Fatalf("no %q in\n%s", old, s)
				}
				return strings.Replace(s, old, new, 1)
			})
		}
	}
	labs := []string{"busybox:1.37", "nginx:1"}
	for _, c := range []struct {
		name   string
		change func(*testing.T, string)
		labs   []string
		want   []string // platform, whether it blocks, key
		says   string
	}{
		{"a lab's image is missing", nil, append(labs, "redis:8"),
			[]string{"linux/amd64 true bundle-labs-missing", "linux/arm64 true bundle-labs-missing"}, "redis:8"},
		{"an image that no lab needs", nil, labs[:1],
			[]string{"linux/amd64 false bundle-labs-extra", "linux/arm64 false bundle-labs-extra"}, "nginx:1"},
		{"an image that the archive lacks", lines("image: nginx:1\n", "image: nginx:2\n"), append(labs, "nginx:2"),
			[]string{"linux/amd64 true bundle-lacks", "linux/amd64 false bundle-unlisted", "linux/amd64 true bundle-labs-missing", "linux/arm64 true bundle-labs-missing"}, "nginx:2"},
		{"another image under the same name", lines("id: sha256:", "id: sha256:"+strings.Repeat("0", 64)+" #"), labs,
			[]string{"linux/amd64 true bundle-image-id"}, strings.Repeat("0", 64)},
		{"archives of another platform", lines("linux/amd64", "linux/riscv64"), labs,
			[]string{"linux/riscv64 true bundle-image-platform", "linux/riscv64 true bundle-image-platform", "linux/riscv64 true bundle-image-platform"}, "linux/amd64"},
		{"a damaged file", func(t *testing.T, dir string) {
			rewrite(t, dir, "labs-arm64.tar.zst", func(s string) string { return s[:len(s)-5] })
		}, labs, []string{"linux/arm64 true bundle-sha256"}, "labs-arm64.tar.zst"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := packed(t)
			if c.change != nil {
				c.change(t, dir)
			}
			var got []string
			all := ""
			for _, f := range examine(t, dir, c.labs...) {
				got = append(got, fmt.Sprintf("%s %v %s", f.Platform, f.Blocks, f.Problem.Problem.Key))
				all += f.Problem.Error() + "\n"
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			if !strings.Contains(all, c.says) {
				t.Errorf("nothing says %q:\n%s", c.says, all)
			}
		})
	}
}

// archive writes files as a compressed tar into a bundle and describes it.
func archive(t *testing.T, dir, file string, headers []tar.Header, contents map[string]string) {
	t.Helper()
	var data bytes.Buffer
	enc, err := zstd.NewWriter(&data)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(enc)
	for _, h := range headers {
		h.Size, h.Mode = int64(len(contents[h.Name])), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(contents[h.Name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), data.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	bundletest.Describe(t, dir)
}

// TestContentsOfOldEngines reads what older engines save: a directory for each
// layer, links between layers that are equal, a configuration at the top.
func TestContentsOfOldEngines(t *testing.T) {
	hash := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	config := fmt.Sprintf(`{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["sha256:%s","sha256:%s"]}}`, hash("layer"), hash("layer"))
	manifest, err := json.Marshal([]map[string]any{{
		"Config": hash(config) + ".json", "RepoTags": []string{bundletest.LabImage}, "Layers": []string{"a/layer.tar", "b/layer.tar"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	headers := []tar.Header{
		{Name: "a/", Typeflag: tar.TypeDir},
		{Name: "a/layer.tar", Typeflag: tar.TypeReg},
		{Name: "b/layer.tar", Typeflag: tar.TypeSymlink, Linkname: "../a/layer.tar"},
		{Name: hash(config) + ".json", Typeflag: tar.TypeReg},
		{Name: "manifest.json", Typeflag: tar.TypeReg},
	}
	files := map[string]string{"a/layer.tar": "layer", hash(config) + ".json": config, "manifest.json": string(manifest)}
	contents := func() ([]bundle.Found, error) {
		dir := bundletest.Make(t, "node", "labs")
		archive(t, dir, "labs.tar.zst", headers, files)
		b, err := bundle.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return b.Platforms[0].Labs.Contents(t.Context(), nil)
	}
	found, err := contents()
	if err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	f := found[0]
	if f.Damaged != nil || f.ID != "sha256:"+hash(config) || !slices.Equal(f.References, []string{"docker.io/library/busybox:1.37"}) {
		t.Errorf("found %+v", f)
	}

	files["a/layer.tar"] = "another"
	if found, err = contents(); err != nil || found[0].Damaged == nil {
		t.Errorf("a layer that is another one: %+v, %v", found, err)
	}
	headers = headers[:4]
	if _, err = contents(); key(err) != "bundle-damaged" || !strings.Contains(err.Error(), "manifest.json") {
		t.Errorf("without manifest.json: %v", err)
	}
}

func TestVersion2IsChecked(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"no platform", "platforms:\n", "platforms: []\nx:\n", "x"},
		{"another OS", "linux/amd64", "windows/amd64", "windows/amd64"},
		{"a platform twice", "linux/arm64", "linux/amd64", "twice"},
		{"a short digest", "id: sha256:", "id: sha256:0 #", "sha256:0"},
		{"a path out of the bundle", "file: node-amd64.tar.zst", "file: /etc/passwd", "linux/amd64: node.file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := packed(t)
			rewrite(t, dir, bundle.FileName, replace(c.old, c.new))
			_, err := bundle.Open(dir)
			if key(err) != "bundle-invalid" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
		})
	}
}
