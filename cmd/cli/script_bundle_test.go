package cli_test

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster/bundle/registrytest"
	"podlab/labs"
)

// serveImages starts a registry that has a node image and every image that the
// labs declare, small ones, for two platforms. It returns its address.
func serveImages(t *testing.T) string {
	t.Helper()
	registry := registrytest.Serve(t)
	push := func(ref string, files map[string]string) {
		images := map[string]v1.Image{}
		for _, arch := range []string{"amd64", "arm64"} {
			files["arch"] = arch
			images[arch] = registrytest.Image(t, arch, files)
		}
		registry.Push(t, ref, images)
	}
	push("kindest/node:v1.37.0", map[string]string{"kind/version": "v1.37.0"})
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	pushed := map[string]bool{}
	for _, l := range catalog.Labs() {
		for _, image := range l.Images {
			ref, err := name.ParseReference(image)
			if err != nil {
				t.Fatal(err)
			}
			if path := ref.Context().RepositoryStr() + ":" + ref.Identifier(); !pushed[path] {
				pushed[path] = true
				push(path, map[string]string{"image": image})
			}
		}
	}
	return registry.Host
}
