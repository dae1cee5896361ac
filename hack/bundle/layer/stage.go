package layer

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Stage adds a program of a root file system on the disk, as name in the
// image, with the loader and all libraries that it needs. The image's /lib and
// /lib64 have to be links to those below /usr, as everywhere in Debian.
func (b *Builder) Stage(root, program, name string) error {
	from, err := inside(root, program)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	b.Copy(name, from, int64(info.Mode().Perm()))
	return b.needs(root, from)
}

// StageAll is Stage for programs that keep their names.
func (b *Builder) StageAll(root string, programs ...string) error {
	for _, program := range programs {
		if err := b.Stage(root, program, program); err != nil {
			return err
		}
	}
	return nil
}

// Libraries adds what a program needs, without the program.
func (b *Builder) Libraries(root, program string) error {
	from, err := inside(root, program)
	if err != nil {
		return err
	}
	return b.needs(root, from)
}

// Library adds a library of root that programs load while they run, and that
// they do not say they need.
func (b *Builder) Library(root, library string) error {
	name, err := find(root, library)
	if err != nil {
		return err
	}
	return b.Stage(root, name, name)
}

// needs adds the libraries that an ELF file needs, and what those need.
func (b *Builder) needs(root, from string) error {
	object, err := elf.Open(from)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	defer object.Close() //nolint:errcheck // read only
	var wanted []string
	if section := object.Section(".interp"); section != nil {
		interp, err := section.Data()
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		wanted = append(wanted, strings.TrimRight(string(interp), "\x00"))
	}
	libraries, err := object.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	for _, library := range libraries {
		found, err := find(root, library)
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		wanted = append(wanted, found)
	}
	for _, name := range wanted {
		if !strings.HasPrefix(name, "/usr/") {
			name = "/usr" + name
		}
		if b.has(name) {
			continue
		}
		if err := b.Stage(root, name, name); err != nil {
			return err
		}
	}
	return nil
}

// find returns where in root the dynamic loader finds a library.
func find(root, library string) (string, error) {
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "usr/lib"} {
		dirs, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return "", err
		}
		for _, dir := range dirs {
			if _, err := os.Lstat(filepath.Join(dir, library)); err == nil {
				below, err := filepath.Rel(root, dir)
				return path.Join("/", filepath.ToSlash(below), library), err
			}
		}
	}
	return "", fmt.Errorf("%s is in none of the library directories of %s", library, root)
}

// inside returns the file that a name of root stands for, after its links,
// none of which may be absolute.
func inside(root, name string) (string, error) {
	real, err := filepath.EvalSymlinks(filepath.Join(root, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is not in %s: is its package installed there?", name, root)
	}
	if err != nil {
		return "", err
	}
	base, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(real, base+string(filepath.Separator)) {
		return "", fmt.Errorf("%s of %s is a link out of it, to %s", name, root, real)
	}
	return real, nil
}
