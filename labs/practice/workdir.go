package practice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/google/renameio/v2"

	"podlab/content"
	"podlab/labs"
)

// handedOutName is the file in a work directory that remembers what podlab put
// there.
const handedOutName = ".podlab.yaml"

// handedOut is that file.
type handedOut struct {
	// Files maps the base name of a file to the SHA-256 of what was handed out.
	Files map[string]string `yaml:"files"`
}

// WorkDir returns the directory that holds the lab's files; empty when no
// files are handed out.
func (p *Practice) WorkDir(id string) string {
	if p.o.WorkRoot == "" {
		return ""
	}
	return filepath.Join(p.o.WorkRoot, id)
}

// Edited lists the files of the work directory that the learner changed or
// deleted since they were handed out, by base name. Files that the learner
// added are never touched and not listed.
func (p *Practice) Edited(id string) ([]string, error) {
	inst, err := p.Instance(id)
	if err != nil {
		return nil, err
	}
	return p.edited(id, inst.Files)
}

func (p *Practice) edited(id string, files []labs.File) ([]string, error) {
	dir := p.WorkDir(id)
	if dir == "" {
		return nil, nil
	}
	given, err := readHandedOut(dir)
	if err != nil {
		return nil, err
	}
	var edited []string
	for _, f := range files {
		state, err := compare(dir, f, given)
		if err != nil {
			return nil, err
		}
		_, wasGiven := given.Files[f.Name]
		if state == fileEdited || state == fileMissing && wasGiven {
			edited = append(edited, f.Name)
		}
	}
	slices.Sort(edited)
	return edited, nil
}

// fileState is how a file of the work directory compares to the lab's.
type fileState int

const (
	fileSame    fileState = iota // as the lab has it now
	fileOld                      // as an earlier podlab handed it out
	fileEdited                   // the learner's
	fileMissing                  // not there
)

func compare(dir string, f labs.File, given handedOut) (fileState, error) {
	path := filepath.Join(dir, f.Name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return fileEdited, nil // a link that leads nowhere
		}
		return fileMissing, nil
	case err != nil:
		return 0, fmt.Errorf("look at the lab's file: %w", err)
	case !info.Mode().IsRegular():
		return fileEdited, nil
	}
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("look at the lab's file: %w", err)
	case bytes.Equal(data, f.Data):
		return fileSame, nil
	case given.Files[f.Name] == digest(data):
		return fileOld, nil
	}
	return fileEdited, nil
}

// handOut writes the lab's files into its work directory. Edited files stay,
// unless replaceEdited; then they are renamed first.
func (p *Practice) handOut(id string, files []labs.File, replaceEdited bool) error {
	dir := p.WorkDir(id)
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the work directory of lab %s: %w", id, err)
	}
	given, err := readHandedOut(dir)
	if err != nil {
		return err
	}
	changed := false
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		state, err := compare(dir, f, given)
		if err != nil {
			return err
		}
		if state == fileEdited {
			if !replaceEdited {
				continue
			}
			if err := keepAside(path); err != nil {
				return err
			}
		}
		if state != fileSame {
			if err := renameio.WriteFile(path, f.Data, 0o644, renameio.WithTempDir(dir)); err != nil {
				return fmt.Errorf("hand out the lab's file %s: %w", path, err)
			}
		}
		if sum := digest(f.Data); given.Files[f.Name] != sum {
			given.Files[f.Name] = sum
			changed = true
		}
	}
	if !changed {
		return nil
	}
	data, err := content.Encode(given)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, handedOutName)
	if err := renameio.WriteFile(name, data, 0o600, renameio.WithTempDir(dir)); err != nil {
		return fmt.Errorf("remember the files that were handed out in %s: %w", name, err)
	}
	return nil
}

// keepAside renames path to the first of path.old, path.old.2, … that is free.
func keepAside(path string) error {
	for n := 1; ; n++ {
		aside := path + ".old"
		if n > 1 {
			aside += "." + strconv.Itoa(n)
		}
		if _, err := os.Lstat(aside); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep your edited file %s: %w", path, err)
		}
		if err := os.Rename(path, aside); err != nil {
			return fmt.Errorf("keep your edited file %s: %w", path, err)
		}
		return nil
	}
}

// readHandedOut reads what was handed out. A file that cannot be understood
// counts as missing: then each file that differs from the lab's is taken for
// edited, which loses nothing.
func readHandedOut(dir string) (handedOut, error) {
	var given handedOut
	name := filepath.Join(dir, handedOutName)
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return given, fmt.Errorf("read which files were handed out: %w", err)
	}
	if err != nil || content.Decode(name, data, &given) != nil || given.Files == nil {
		given = handedOut{Files: make(map[string]string)}
	}
	return given, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
