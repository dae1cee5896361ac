// Package bundletest makes small bundles for tests.
package bundletest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"podlab/cluster/bundle"
)

// NodeImage and LabImage are the references in a bundle that Make makes.
const (
	NodeImage = "example.org/node:v1"
	LabImage  = "busybox:1.37"
)

// Make writes a valid bundle for amd64 whose archives unpack to node and labs,
// and returns its directory.
func Make(t *testing.T, node, labs string) string {
	t.Helper()
	dir := t.TempDir()
	for file, data := range map[string]string{"node.tar.zst": node, "labs.tar.zst": labs} {
		enc, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), enc.EncodeAll([]byte(data), nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Describe(t, dir)
	return dir
}

// MakePlatforms writes a valid bundle for several architectures, whose archives
// unpack to the architecture and " node" or " labs".
func MakePlatforms(t *testing.T, archs ...string) string {
	t.Helper()
	b := &bundle.Bundle{Dir: t.TempDir(), Kubernetes: "v1.37.0"}
	for _, arch := range archs {
		p := &bundle.Platform{Arch: arch}
		for part, a := range map[string]*bundle.Archive{"node": &p.Node.Archive, "labs": &p.Labs.Archive} {
			enc, err := zstd.NewWriter(nil)
			if err != nil {
				t.Fatal(err)
			}
			data := enc.EncodeAll([]byte(arch+" "+part), nil)
			a.File, a.SHA256 = part+"-"+arch+".tar.zst", fmt.Sprintf("%x", sha256.Sum256(data))
			if err := os.WriteFile(filepath.Join(b.Dir, a.File), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p.Node.Reference = NodeImage
		p.Labs.Images = []bundle.Image{{Reference: LabImage}}
		b.Platforms = append(b.Platforms, p)
	}
	if err := b.Write(); err != nil {
		t.Fatal(err)
	}
	return b.Dir
}

// Describe writes the bundle.yaml that fits the archives in dir.
func Describe(t *testing.T, dir string) {
	t.Helper()
	sum := func(file string) string {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(data))
	}
	text := fmt.Sprintf(`version: 1
arch: amd64
kubernetes: v1.37.0
node:
  file: node.tar.zst
  sha256: %s
  image: %s
labs:
  file: labs.tar.zst
  sha256: %s
  images: ["%s"]
`, sum("node.tar.zst"), NodeImage, sum("labs.tar.zst"), LabImage)
	if err := os.WriteFile(filepath.Join(dir, "bundle.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
