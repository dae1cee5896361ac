package bundle

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"

	"github.com/distribution/reference"

	"podlab/cluster"
)

// maxDocument bounds the JSON files of an archive that are kept in memory.
const maxDocument = 4 << 20

// Found is an image as an archive really holds it.
type Found struct {
	// References under which it is there, in full: docker.io/library/busybox:1.37.
	References []string
	// ID is the digest of its configuration: sha256:….
	ID string
	// OS and Arch of its configuration.
	OS, Arch string
	// Damaged says what is wrong with its layers; nil if nothing is.
	Damaged error
}

// Contents unpacks the archive, compares its SHA-256 with the description, and
// returns the images in it, in order. progress, if not nil, is told of
// compressed bytes read of all. It takes as much memory as the archive's
// window. Errors are of type *cluster.Error, or the cause that ended ctx.
func (a *Archive) Contents(ctx context.Context, progress func(done, total int64)) ([]Found, error) {
	source, err := a.Open(ctx, progress)
	if err != nil {
		return nil, err
	}
	defer source.Close() //nolint:errcheck // read only
	whole := sha256.New()
	raw := io.TeeReader(source, whole)
	images, problem := contents(raw)
	if _, err := io.Copy(io.Discard, raw); err != nil { // what lies behind the tar, or behind the damage
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, cluster.Fail("bundle-unreadable", err, "", "file", a.path, "reason", err.Error())
	}
	// A sum that differs explains everything else.
	if got := hex.EncodeToString(whole.Sum(nil)); got != a.SHA256 {
		return nil, cluster.Fail("bundle-sha256", nil, "", "file", a.path, "want", a.SHA256, "got", got)
	}
	if problem != nil {
		return nil, cluster.Fail("bundle-damaged", problem, "", "file", a.path, "reason", problem.Error())
	}
	return images, nil
}

// entry is a file of an archive.
type entry struct {
	sum  string // of its bytes, hexadecimal
	diff string // of its bytes unpacked; the same where they are not gzip
	data []byte // of small files that may be JSON
	link string // the entry that has the bytes, of a link
}

// contents reads a compressed docker-archive from beginning to end. It reads
// the forms of "docker save" of all ages: with a directory for each layer and
// links between them, and with the OCI layout beside manifest.json.
func contents(compressed io.Reader) ([]Found, error) {
	dec, err := newDecoder(compressed)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	entries := map[string]entry{}
	for files := tar.NewReader(dec); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		name := path.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeReg:
			if entries[name], err = readEntry(files, header.Size); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		case tar.TypeSymlink:
			entries[name] = entry{link: path.Join(path.Dir(name), header.Linkname)}
		case tar.TypeLink:
			entries[name] = entry{link: path.Clean(header.Linkname)}
		}
	}
	return imagesOf(entries)
}

func readEntry(r io.Reader, size int64) (entry, error) {
	var e entry
	whole := sha256.New()
	buffered := bufio.NewReaderSize(io.TeeReader(r, whole), 64<<10)
	magic, _ := buffered.Peek(2) // shorter files are neither gzip nor JSON
	unpacked := hash.Hash(nil)
	switch {
	case string(magic) == "\x1f\x8b":
		unpacked = sha256.New()
		plain, err := gzip.NewReader(buffered)
		if err != nil {
			return e, err
		}
		if _, err := io.Copy(unpacked, plain); err != nil {
			return e, err
		}
	case size <= maxDocument && len(magic) > 0 && (magic[0] == '{' || magic[0] == '['):
		data, err := io.ReadAll(buffered)
		if err != nil {
			return e, err
		}
		e.data = data
	}
	if _, err := io.Copy(io.Discard, buffered); err != nil {
		return e, err
	}
	e.sum = hex.EncodeToString(whole.Sum(nil))
	e.diff = e.sum
	if unpacked != nil {
		e.diff = hex.EncodeToString(unpacked.Sum(nil))
	}
	return e, nil
}

// resolve follows links to the entry that has the bytes.
func resolve(entries map[string]entry, name string) (entry, bool) {
	for range 10 {
		e, ok := entries[path.Clean(name)]
		if !ok || e.link == "" {
			return e, ok
		}
		name = e.link
	}
	return entry{}, false
}

// imagesOf reads manifest.json and the configurations that it names.
func imagesOf(entries map[string]entry) ([]Found, error) {
	var manifest []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	e, ok := resolve(entries, "manifest.json")
	if !ok {
		return nil, errors.New("it has no manifest.json: only what \"docker save\" writes can be read")
	}
	if err := json.Unmarshal(e.data, &manifest); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	var images []Found
	for _, m := range manifest {
		config, ok := resolve(entries, m.Config)
		if !ok {
			return nil, fmt.Errorf("manifest.json names %s, which is not there", m.Config)
		}
		var c struct {
			OS           string `json:"os"`
			Architecture string `json:"architecture"`
			RootFS       struct {
				DiffIDs []string `json:"diff_ids"`
			} `json:"rootfs"`
		}
		if err := json.Unmarshal(config.data, &c); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Config, err)
		}
		image := Found{ID: "sha256:" + config.sum, OS: c.OS, Arch: c.Architecture}
		for _, tag := range m.RepoTags {
			image.References = append(image.References, Full(tag))
		}
		image.Damaged = compareLayers(entries, m.Layers, c.RootFS.DiffIDs)
		images = append(images, image)
	}
	return images, nil
}

func compareLayers(entries map[string]entry, layers, diffIDs []string) error {
	if len(layers) != len(diffIDs) {
		return fmt.Errorf("%d layers, the configuration lists %d", len(layers), len(diffIDs))
	}
	for i, name := range layers {
		layer, ok := resolve(entries, name)
		if !ok {
			return fmt.Errorf("layer %s is not there", name)
		}
		if got := "sha256:" + layer.diff; got != diffIDs[i] {
			return fmt.Errorf("layer %s has the digest %s, the configuration says %s", name, got, diffIDs[i])
		}
	}
	return nil
}

// Full returns a reference in full, so that busybox:1.37 and
// docker.io/library/busybox:1.37 are equal. What is no reference stays as it is.
func Full(ref string) string {
	if named, err := reference.ParseDockerRef(ref); err == nil {
		return named.String()
	}
	return ref
}
