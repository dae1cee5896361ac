package exam

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"podlab/content"
)

// Names of the files in the directory of a Store.
const (
	stateFile = "exam.yaml"
	lastFile  = "exam.last.yaml" // what stateFile was before its last change
)

// storeTimeout is how long a change waits for those of other processes.
const storeTimeout = 10 * time.Second

// Errors of a Store; they are wrapped with the file and what to do.
var (
	// ErrNoExam: there is none.
	ErrNoExam = errors.New("there is no exam")
	// ErrDamaged: neither the state nor the one before it can be read.
	ErrDamaged = errors.New("the state of the exam is damaged")
	// ErrNewer: a newer podlab wrote the state.
	ErrNewer = errors.New("the state of the exam was written by a newer podlab")
)

// Store keeps the state of one exam in a directory. Several processes may use
// it at once: each change locks it, reads the state, changes it and replaces
// the file, after a copy of the state before has been put beside it.
type Store struct {
	dir string
	// recovered is told where a damaged file was put aside.
	recovered func(aside string)
}

// OpenStore makes a Store for a directory, which need not exist. It does no
// I/O. Recovered, if not nil, is told when a damaged state was set aside, and
// where, and the one before it is used.
func OpenStore(dir string, recovered func(aside string)) *Store {
	if recovered == nil {
		recovered = func(string) {}
	}
	return &Store{dir: dir, recovered: recovered}
}

// Dir returns the directory.
func (s *Store) Dir() string { return s.dir }

// Load reads the state. The error is ErrNoExam where there is none.
func (s *Store) Load() (*State, error) {
	state, err := read(s.path(stateFile))
	if err == nil || errors.Is(err, ErrNoExam) || errors.Is(err, ErrNewer) {
		return state, err
	}
	// Setting a file aside is a change.
	unlock, lockErr := s.lock()
	if lockErr != nil {
		return nil, errors.Join(err, lockErr)
	}
	defer unlock()
	return s.load()
}

// Create begins a new state in the place of one that is closed. The error is
// ErrOpen, and the state that is there is returned, where that is open.
func (s *Store) Create(state *State) (*State, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	switch there, err := s.load(); {
	case err == nil && there.Phase.Open():
		return there, ErrOpen
	case err != nil && !errors.Is(err, ErrNoExam):
		return nil, err
	}
	return state, s.save(state, nil)
}

// Update changes the state and returns it as it was written. What change
// returns as an error leaves everything as it was.
func (s *Store) Update(change func(*State) error) (*State, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	state, err := s.load()
	if err != nil {
		return nil, err
	}
	before, err := content.Encode(state)
	if err != nil {
		return nil, err
	}
	if err := change(state); err != nil {
		return nil, err
	}
	return state, s.save(state, before)
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

func (s *Store) lock() (unlock func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the exam: %w", err)
	}
	l := flock.New(s.path("exam.lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if _, err := l.TryLockContext(ctx, 2*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock the exam in %s: %w", s.dir, err)
	}
	return func() { _ = l.Unlock() }, nil // closing releases the lock too
}

// load reads the state, or the one before where it is damaged.
func (s *Store) load() (*State, error) {
	state, err := read(s.path(stateFile))
	if err == nil || errors.Is(err, ErrNoExam) || errors.Is(err, ErrNewer) {
		return state, err
	}
	last, lastErr := read(s.path(lastFile))
	if lastErr != nil {
		return nil, err // of the file that matters
	}
	aside := s.path(fmt.Sprintf("exam.damaged-%d.yaml", time.Now().UnixNano()))
	if err := os.Rename(s.path(stateFile), aside); err != nil {
		return nil, fmt.Errorf("set a damaged state of the exam aside: %w", err)
	}
	if err := s.save(last, nil); err != nil {
		return nil, err
	}
	s.recovered(aside)
	return last, nil
}

// save replaces the state; before, if not nil, is what it was.
func (s *Store) save(state *State, before []byte) error {
	if err := state.check(); err != nil {
		return fmt.Errorf("save the state of the exam: %w", err)
	}
	data, err := content.Encode(state)
	if err != nil {
		return err
	}
	if before != nil {
		if err := renameio.WriteFile(s.path(lastFile), before, 0o600); err != nil {
			return fmt.Errorf("save the state of the exam: %w", err)
		}
	}
	if err := renameio.WriteFile(s.path(stateFile), data, 0o600); err != nil {
		return fmt.Errorf("save the state of the exam: %w", err)
	}
	return nil
}

func read(path string) (*State, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoExam
	case err != nil:
		return nil, fmt.Errorf("read the state of the exam: %w", err)
	}
	var node content.Node
	var head struct {
		Version int `yaml:"version"`
	}
	if err := content.Decode(path, data, &node); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := node.Decode(&head); err == nil && head.Version > StateVersion {
		return nil, fmt.Errorf("%s has version %d, this podlab knows version %d: %w", path, head.Version, StateVersion, ErrNewer)
	}
	var state State
	if err := content.Decode(path, data, &state); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := state.check(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	return &state, nil
}
