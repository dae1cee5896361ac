package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"podlab/cluster"
)

var _ cluster.ImageAdder = (*Provider)(nil)

// list is the file with the images that can be pulled, one a line. The process
// reads it again when it is replaced.
func (p *Provider) list() string { return filepath.Join(p.data(), "images") }

// listed returns the images of the list; the error is fs.ErrNotExist where there
// is none.
func (p *Provider) listed() ([]string, error) {
	text, err := os.ReadFile(p.list())
	if err != nil {
		return nil, fmt.Errorf("read the list of images: %w", err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n"), nil
}

// listImages adds the images of the labs to the list, unless all can be pulled.
func (p *Provider) listImages() error {
	if p.images == nil {
		return nil
	}
	images, err := p.images()
	if err != nil {
		return err
	}
	return p.extend(images)
}

// AddImages implements cluster.ImageAdder.
func (p *Provider) AddImages(ctx context.Context, images []string) error {
	known, err := p.listed()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // no cluster, or one that can pull all
	case err != nil:
		return err
	case len(lacking(known, images)) == 0:
		return nil // nobody need be waited for
	}
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	if !p.Exists() {
		return nil
	}
	return p.extend(images)
}

// lacking are the images that known lacks.
func lacking(known, images []string) []string {
	var rest []string
	for _, image := range images {
		if !slices.Contains(known, image) {
			rest = append(rest, image)
		}
	}
	return rest
}

// extend adds images to the list, which grows as long as the cluster lives: what
// another podlab added is that of labs that may be under way.
func (p *Provider) extend(images []string) error {
	known, err := p.listed()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	added := lacking(known, images)
	if err == nil && len(added) == 0 {
		return nil
	}
	text := strings.Join(append(known, added...), "\n") + "\n"
	if err := renameio.WriteFile(p.list(), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the list of images: %w", err)
	}
	return nil
}
