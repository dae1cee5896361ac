package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"podlab/cluster/bundle/pack"
	"podlab/hack/bundle/layer"
)

// files are the configurations and scripts of the images.
//
//go:embed files
var files embed.FS

// place adds one of files to a layer.
func place(l *layer.Builder, name string, mode int64, from string) error {
	content, err := files.ReadFile("files/" + from)
	if err != nil {
		return err
	}
	l.Text(name, mode, string(content))
	return nil
}

// placeAll adds files, given as name and source alternately.
func placeAll(l *layer.Builder, mode int64, namesAndSources ...string) error {
	for i := 0; i < len(namesAndSources); i += 2 {
		if err := place(l, namesAndSources[i], mode, namesAndSources[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// save writes a layer into the work directory.
func (b *build) save(name string, l *layer.Builder) (*layer.Layer, error) {
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.work, "layers")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	saved, err := l.Save(filepath.Join(dir, name+".tar"), b.epoch)
	if err != nil {
		return nil, fmt.Errorf("layer %s: %w", name, err)
	}
	return saved, nil
}

// image puts an image together. A PATH is set where the configuration has none.
func (b *build) image(reference string, config v1.Config, layers ...v1.Layer) (pack.Image, error) {
	if config.Env == nil {
		config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	}
	made, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		return pack.Image{}, fmt.Errorf("%s: %w", reference, err)
	}
	file, err := made.ConfigFile()
	if err != nil {
		return pack.Image{}, fmt.Errorf("%s: %w", reference, err)
	}
	file = file.DeepCopy()
	file.Architecture, file.OS = runtime.GOARCH, "linux"
	file.Created = v1.Time{Time: b.epoch}
	file.Config = config
	file.History = nil
	if made, err = mutate.ConfigFile(made, file); err != nil {
		return pack.Image{}, fmt.Errorf("%s: %w", reference, err)
	}
	return pack.Image{Reference: reference, Image: made}, nil
}
