package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/google/renameio/v2"

	"podlab/cluster"
	"podlab/content"
)

// Version of the format that Write writes. Version 1, which has one platform
// and no digests, is read as well.
const Version = 2

// FileName of the description in a bundle's directory.
const FileName = "bundle.yaml"

// version1 is a description of version 1.
type version1 struct {
	Version    int    `yaml:"version"`
	Arch       string `yaml:"arch"`
	Kubernetes string `yaml:"kubernetes"`
	Node       struct {
		Archive `yaml:",inline"`
		Image   string `yaml:"image"`
	} `yaml:"node"`
	Labs struct {
		Archive `yaml:",inline"`
		Images  []string `yaml:"images"`
	} `yaml:"labs"`
}

// version2 is a description of version 2.
type version2 struct {
	Version    int         `yaml:"version"`
	Kubernetes string      `yaml:"kubernetes"`
	Platforms  []platform2 `yaml:"platforms"`
}

type platform2 struct {
	Platform string `yaml:"platform"` // linux/amd64
	Node     Node   `yaml:"node"`
	Labs     Labs   `yaml:"labs"`
}

// read reads the description in dir.
func read(dir string) (*Bundle, error) {
	name := filepath.Join(dir, FileName)
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, cluster.Fail("bundle-missing", err, "", "file", name)
	case err != nil:
		return nil, cluster.Fail("bundle-unreadable", err, "", "file", name, "reason", err.Error())
	}
	invalid := func(err error) error {
		return cluster.Fail("bundle-invalid", err, "", "file", name, "reason", err.Error())
	}
	// The version is read first: a later format has fields that are unknown
	// here, and "unknown field" would not say what is wrong.
	var document content.Node
	if err := content.Decode(name, data, &document); err != nil {
		return nil, invalid(err)
	}
	b := &Bundle{Dir: dir}
	switch v := scalar(&document, "version"); v {
	case "1":
		err = b.decode1(name, data)
	case "2":
		err = b.decode2(name, data)
	default:
		return nil, cluster.Fail("bundle-version", nil, "", "file", name, "version", v, "known", "1, "+strconv.Itoa(Version))
	}
	if err == nil {
		err = b.check()
	}
	if err != nil {
		return nil, invalid(err)
	}
	return b, nil
}

func (b *Bundle) decode1(name string, data []byte) error {
	var d version1
	if err := content.Decode(name, data, &d); err != nil {
		return err
	}
	p := &Platform{
		Arch: d.Arch,
		Node: Node{Archive: d.Node.Archive, Image: Image{Reference: d.Node.Image}},
		Labs: Labs{Archive: d.Labs.Archive},
	}
	for _, ref := range d.Labs.Images {
		p.Labs.Images = append(p.Labs.Images, Image{Reference: ref})
	}
	b.Version, b.Kubernetes, b.Platforms = d.Version, d.Kubernetes, []*Platform{p}
	if d.Arch == "" {
		return errors.New("arch is not set: write amd64 or arm64")
	}
	return nil
}

func (b *Bundle) decode2(name string, data []byte) error {
	var d version2
	if err := content.Decode(name, data, &d); err != nil {
		return err
	}
	b.Version, b.Kubernetes = d.Version, d.Kubernetes
	for _, p := range d.Platforms {
		arch, err := ParsePlatform(p.Platform)
		if err != nil {
			return err
		}
		b.Platforms = append(b.Platforms, &Platform{Arch: arch, Node: p.Node, Labs: p.Labs})
	}
	return nil
}

// Write checks b and writes its description into b.Dir, in place of the one
// that is there, whole or not at all.
func (b *Bundle) Write() error {
	if err := b.check(); err != nil {
		return err
	}
	d := version2{Version: Version, Kubernetes: b.Kubernetes}
	for _, p := range b.Platforms {
		d.Platforms = append(d.Platforms, platform2{Platform: p.String(), Node: p.Node, Labs: p.Labs})
	}
	data, err := content.Encode(d)
	if err != nil {
		return err
	}
	const title = "# An offline bundle of podlab. podlab bundle verify checks it, podlab up --bundle uses it.\n"
	if err := renameio.WriteFile(filepath.Join(b.Dir, FileName), append([]byte(title), data...), 0o644); err != nil { //nolint:gosec // for everybody
		return fmt.Errorf("write the bundle's description: %w", err)
	}
	return nil
}

// ParsePlatform returns the architecture of a platform in the form linux/amd64.
func ParsePlatform(s string) (arch string, err error) {
	m := platformForm.FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("platform is %q: write linux/ and the architecture, as in linux/amd64", s)
	}
	return m[1], nil
}

// scalar returns the value of a key at the top of a document, or "" where it
// is absent.
func scalar(document *content.Node, key string) string {
	if len(document.Content) == 0 {
		return ""
	}
	fields := document.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i].Value == key {
			return fields[i+1].Value
		}
	}
	return ""
}

var (
	sum          = regexp.MustCompile(`^[0-9a-f]{64}$`)
	digest       = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	platformForm = regexp.MustCompile(`^linux/([a-z0-9]+)$`)
)

func (b *Bundle) check() error {
	if len(b.Platforms) == 0 {
		return errors.New("platforms is empty: list at least one, such as linux/amd64")
	}
	var archs []string
	for _, p := range b.Platforms {
		if slices.Contains(archs, p.Arch) {
			return fmt.Errorf("platform %s is there twice", p)
		}
		archs = append(archs, p.Arch)
		if err := p.check(); err != nil {
			if len(b.Platforms) > 1 {
				err = fmt.Errorf("platform %s: %w", p, err)
			}
			return err
		}
	}
	return nil
}

func (p *Platform) check() error {
	switch {
	case p.Node.Reference == "":
		return errors.New("node.image is not set: write the reference of the node image")
	case len(p.Labs.Images) == 0:
		return errors.New("labs.images is empty: list the references that the archive holds")
	}
	for _, part := range []struct {
		name string
		a    Archive
	}{{"node", p.Node.Archive}, {"labs", p.Labs.Archive}} {
		if part.a.File == "" || !filepath.IsLocal(filepath.FromSlash(part.a.File)) {
			return fmt.Errorf("%s.file is %q: write a path inside the bundle's directory", part.name, part.a.File)
		}
		if !sum.MatchString(part.a.SHA256) {
			return fmt.Errorf("%s.sha256 is %q: write 64 hexadecimal digits in lower case", part.name, part.a.SHA256)
		}
	}
	for _, image := range append([]Image{p.Node.Image}, p.Labs.Images...) {
		if image.Reference == "" {
			return errors.New("labs.images has an image without a reference")
		}
		for _, d := range []string{image.Digest, image.ID} {
			if d != "" && !digest.MatchString(d) {
				return fmt.Errorf("the digest of %s is %q: write sha256: and 64 hexadecimal digits in lower case", image.Reference, d)
			}
		}
	}
	return nil
}
