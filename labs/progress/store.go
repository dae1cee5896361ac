package progress

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"podlab/content"
	"podlab/labs/statefile"
)

// lockTimeout is how long Update waits for other processes. A change takes
// milliseconds, so that a lock that is held this long is held by something
// that hangs.
const lockTimeout = 20 * time.Second

// Store is the progress file. Several processes may use one file: each
// change locks it, reads it, changes one lab's record and replaces it.
type Store struct{ path string }

// document is the file.
type document struct {
	Version int               `yaml:"version"`
	Labs    map[string]Record `yaml:"labs"`
}

// Open makes a Store for the file at path, which need not exist. It does no
// I/O.
func Open(path string) *Store { return &Store{path: path} }

// Path returns the path of the file.
func (s *Store) Path() string { return s.path }

// All returns the records by lab id. A damaged file is an error that names
// the file and says what to do; it is never overwritten.
func (s *Store) All() (map[string]Record, error) {
	// No lock: the file is only ever replaced as a whole.
	return load(s.path)
}

// Update changes the record of one lab and returns it as written. A lab that
// has none yet starts from the zero Record.
func (s *Store) Update(id string, change func(*Record)) (Record, error) {
	record, err := s.update(id, change)
	if err != nil {
		return Record{}, fmt.Errorf("record progress of lab %s: %w", id, err)
	}
	return record, nil
}

func (s *Store) update(id string, change func(*Record)) (record Record, err error) {
	err = s.change(func(records map[string]Record) (bool, error) {
		record = records[id]
		change(&record)
		records[id] = record
		return true, record.check()
	})
	return record, err
}

// Merge takes in records from elsewhere, as Record.Merge does, all or none. It
// returns the ids of the labs whose records changed, sorted.
func (s *Store) Merge(others map[string]Record) (changed []string, err error) {
	err = s.change(func(records map[string]Record) (bool, error) {
		for _, id := range slices.Sorted(maps.Keys(others)) {
			before := records[id]
			merged := before
			merged.Merge(others[id])
			if err := merged.check(); err != nil {
				return false, fmt.Errorf("lab %s: %w", id, err)
			}
			if merged != before {
				records[id] = merged
				changed = append(changed, id)
			}
		}
		return len(changed) > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("merge progress: %w", err)
	}
	return changed, nil
}

// change reads the records, lets f change them, and writes them if f says so.
func (s *Store) change(f func(map[string]Record) (write bool, err error)) error {
	// The file is replaced by renaming, which would replace the link.
	path := s.path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}

	unlock, err := lock(path)
	if err != nil {
		return err
	}
	defer unlock()

	records, err := load(path)
	if err != nil {
		return err
	}
	if write, err := f(records); err != nil || !write {
		return err
	}
	return save(path, records)
}

// lock takes the lock on a file beside the one at path, since that is replaced.
func lock(path string) (unlock func(), err error) {
	name := path + ".lock"
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	unlock, err = statefile.Lock(ctx, name)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("lock %s: another process has held it for %s: end that podlab, then try again", name, lockTimeout)
	}
	return unlock, err
}

func load(path string) (map[string]Record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]Record{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the content of a progress file; path is used in errors.
func Parse(path string, data []byte) (map[string]Record, error) {
	// The version decides how the rest is read, so it is read first and alone.
	var node content.Node
	var head struct {
		Version string `yaml:"version"`
	}
	if err := content.Decode(path, data, &node); err != nil {
		return nil, damaged(path, err)
	}
	if err := node.Decode(&head); err != nil {
		return nil, damaged(path, fmt.Errorf("%s: %w", path, err))
	}
	switch version, err := strconv.Atoi(head.Version); {
	case err != nil || version < 1:
		return nil, damaged(path, fmt.Errorf("%s: version %q: a progress file begins with version: %d", path, head.Version, FormatVersion))
	case version > FormatVersion:
		return nil, fmt.Errorf("%s has version %d, this podlab knows version %d: use the newer podlab, or move the file away to begin anew: %w",
			path, version, FormatVersion, ErrNewer)
	}

	var doc document
	if err := content.Decode(path, data, &doc); err != nil {
		return nil, damaged(path, err)
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Labs)) {
		record := doc.Labs[id]
		if err := record.check(); err != nil {
			return nil, damaged(path, fmt.Errorf("%s: lab %s: %w", path, id, err))
		}
	}
	if doc.Labs == nil {
		doc.Labs = map[string]Record{}
	}
	return doc.Labs, nil
}

func damaged(path string, err error) error {
	return fmt.Errorf("%w (%w): correct it, or move it away to begin anew: mv %s %s.damaged", ErrDamaged, err, path, path)
}

// Format returns the content of a progress file.
func Format(records map[string]Record) ([]byte, error) {
	return content.Encode(document{Version: FormatVersion, Labs: records})
}

func save(path string, records map[string]Record) error {
	data, err := Format(records)
	if err != nil {
		return err
	}
	return statefile.Replace(path, data)
}
