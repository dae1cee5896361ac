package create

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster"
)

// image is one image for one platform.
type image struct {
	ref    string  // as it was asked for
	digest v1.Hash // that the reference stands for: an index or a manifest
	id     string  // digest of the configuration: sha256:…

	repo  name.Repository // where its blobs are
	parts *stored         // nil where only the ID was needed
}

// lookup asks what a reference stands for.
func (c *creation) lookup(ctx context.Context, ref string) (digest v1.Hash, err error) {
	source, err := c.registries.source(ref)
	if err != nil {
		return digest, cluster.Fail("bundle-reference", err, "", "image", ref, "reason", err.Error())
	}
	err = c.persist(ctx, ref, StepLookup, nil, func() error {
		ctx, cancel := context.WithTimeout(ctx, c.Stall)
		defer cancel()
		var err error
		digest, err = c.registries.digest(ctx, source)
		return err
	})
	return digest, err
}

// document brings a manifest, an index or a configuration, once.
func (c *creation) document(ctx context.Context, ref string, digest v1.Hash, get func(context.Context) ([]byte, error)) (data []byte, err error) {
	err = c.persist(ctx, ref, StepLookup, nil, func() error {
		ctx, cancel := context.WithTimeout(ctx, c.Stall)
		defer cancel()
		var err error
		data, err = c.store.document(digest, func() ([]byte, error) { return get(ctx) })
		return err
	})
	return data, err
}

func (c *creation) manifest(ctx context.Context, i *image, digest v1.Hash) ([]byte, error) {
	return c.document(ctx, i.ref, digest, func(ctx context.Context) ([]byte, error) {
		return c.registries.manifest(ctx, i.repo, digest)
	})
}

// resolve finds the manifest and the configuration of an image for a platform.
func (c *creation) resolve(ctx context.Context, i *image, arch string) error {
	source, err := c.registries.source(i.ref)
	if err != nil {
		return cluster.Fail("bundle-reference", err, "", "image", i.ref, "reason", err.Error())
	}
	i.repo = source.Context()
	data, err := c.manifest(ctx, i, i.digest)
	if err != nil {
		return err
	}
	lacks := func(has ...string) error {
		return cluster.Fail("bundle-no-platform", nil, "", "image", i.ref, "platform", "linux/"+arch, "has", strings.Join(has, ", "))
	}
	want := v1.Platform{OS: "linux", Architecture: arch}
	if index := indexOf(data); index != nil {
		n := slices.IndexFunc(index.Manifests, func(d v1.Descriptor) bool { return d.Platform != nil && d.Platform.Satisfies(want) })
		if n < 0 {
			return lacks(platforms(index)...)
		}
		if data, err = c.manifest(ctx, i, index.Manifests[n].Digest); err != nil {
			return err
		}
	}
	manifest, err := v1.ParseManifest(bytes.NewReader(data))
	if err != nil || manifest.SchemaVersion != 2 || manifest.Config.Digest.Hex == "" {
		return cluster.Fail("bundle-image-format", err, "", "image", i.ref)
	}
	config, err := c.document(ctx, i.ref, manifest.Config.Digest, func(ctx context.Context) ([]byte, error) {
		return c.configuration(ctx, i.repo, manifest.Config)
	})
	if err != nil {
		return err
	}
	parsed, err := v1.ParseConfigFile(bytes.NewReader(config))
	if err != nil {
		return cluster.Fail("bundle-image-format", err, "", "image", i.ref)
	}
	// An index may say what is not so, and without one nobody has said it.
	if parsed.OS != want.OS || parsed.Architecture != want.Architecture {
		return lacks(parsed.OS + "/" + parsed.Architecture)
	}
	i.id = manifest.Config.Digest.String()
	i.parts = &stored{store: c.store, manifest: data, config: config, parsed: manifest}
	return nil
}

// configuration brings a small blob whole.
func (c *creation) configuration(ctx context.Context, repo name.Repository, d v1.Descriptor) ([]byte, error) {
	if d.Size > maxConfig {
		return nil, fmt.Errorf("the configuration has %d bytes", d.Size)
	}
	body, _, err := c.registries.blob(ctx, repo, d.Digest, 0, d.Size)
	if err != nil {
		return nil, err
	}
	defer body.Close() //nolint:errcheck // read only
	var data bytes.Buffer
	if _, err := data.ReadFrom(&bounded{r: body, left: maxConfig}); err != nil {
		return nil, brokenError{err}
	}
	return data.Bytes(), nil
}

// indexOf returns the index in data, or nil if it is a manifest.
func indexOf(data []byte) *v1.IndexManifest {
	var kind struct {
		Manifests []json.RawMessage `json:"manifests"`
	}
	if json.Unmarshal(data, &kind) != nil || kind.Manifests == nil {
		return nil
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return index
}

// platforms lists those of an index, without attestations.
func platforms(index *v1.IndexManifest) []string {
	var all []string
	for _, d := range index.Manifests {
		if d.Platform != nil && d.Platform.OS != "unknown" {
			all = append(all, d.Platform.String())
		}
	}
	return all
}
