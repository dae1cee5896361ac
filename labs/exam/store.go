package exam

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"podlab/content"
	"podlab/labs/statefile"
)

// Names of the files in the directory of a Store.
const (
	stateFile = "exam.yaml"
	copyFile  = "exam.copy.yaml" // the same, written first
	clockFile = "clock"          // State.SeenAt between changes, as RFC 3339 has it
	lockFile  = "exam.lock"
)

// storeTimeout is how long a change waits for those of other processes.
const storeTimeout = 10 * time.Second

// Errors of a Store; they are wrapped with the file and what to do.
var (
	// ErrNoExam: there is none.
	ErrNoExam = errors.New("there is no exam")
	// ErrDamaged: neither the state nor its copy can be read.
	ErrDamaged = errors.New("the state of the exam is damaged")
	// ErrNewer: a newer podlab wrote the state.
	ErrNewer = errors.New("the state of the exam was written by a newer podlab")
)

// Store keeps the state of one exam in a directory. Several processes may use
// it at once: each change locks it, reads the state, changes it, and replaces
// first the copy and then the file. Whichever of the two is lost or damaged,
// the other has every change that was ever reported as made.
type Store struct {
	dir string
	// recovered is told where a damaged file was put aside.
	recovered func(aside string)
}

// OpenStore makes a Store for a directory, which need not exist. It does no
// I/O. Recovered, if not nil, is told when the state was damaged or missing
// and its copy is used, and where the damaged file was put; empty for none.
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
	state, err := s.read(stateFile)
	if err == nil || errors.Is(err, ErrNewer) {
		return state, err
	}
	if errors.Is(err, ErrNoExam) {
		if _, copyErr := s.read(copyFile); copyErr != nil {
			return nil, err
		}
	}
	// Setting a file aside is a change.
	unlock, lockErr := s.lock()
	if lockErr != nil {
		return nil, errors.Join(err, lockErr)
	}
	defer unlock()
	return s.load()
}

// Peek reads the state as Load does, or its copy, but mends nothing: a process
// that nobody reads leaves that to the next one that can tell.
func (s *Store) Peek() (*State, error) {
	state, err := s.read(stateFile)
	if err == nil || errors.Is(err, ErrNewer) {
		return state, err
	}
	if kept, copyErr := s.read(copyFile); copyErr == nil {
		return kept, nil
	}
	return nil, err
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
	// The clock of the exam before must not count for this one.
	if err := os.Remove(s.path(clockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("begin the state of the exam: %w", err)
	}
	return state, s.save(state)
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
	if err := change(state); err != nil {
		return nil, err
	}
	return state, s.save(state)
}

// Tick notes the latest moment that counts. It is cheap enough for every
// second: nothing waits for the disk, so that it survives the end of any
// process, but not that of the machine.
func (s *Store) Tick(at time.Time) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	next := s.path(clockFile + ".next")
	if err := os.WriteFile(next, []byte(at.UTC().Format(time.RFC3339)+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the time of the exam: %w", err)
	}
	if err := os.Rename(next, s.path(clockFile)); err != nil {
		return fmt.Errorf("note the time of the exam: %w", err)
	}
	return nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

func (s *Store) lock() (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	unlock, err = statefile.Lock(ctx, s.path(lockFile))
	if err != nil {
		return nil, fmt.Errorf("change the state of the exam: %w", err)
	}
	return unlock, nil
}

// load reads the state, or its copy where it is damaged or missing, and mends
// it then. The lock is held.
func (s *Store) load() (*State, error) {
	state, err := s.read(stateFile)
	if err == nil || errors.Is(err, ErrNewer) {
		return state, err
	}
	kept, copyErr := s.read(copyFile)
	if copyErr != nil {
		return nil, err // of the file that matters
	}
	aside := ""
	if !errors.Is(err, ErrNoExam) {
		damaged, err := os.ReadFile(s.path(stateFile))
		if err != nil {
			return nil, fmt.Errorf("read the state of the exam: %w", err)
		}
		// Copied, not renamed: there is a state at any moment.
		aside = s.path(fmt.Sprintf("exam.damaged-%d.yaml", time.Now().UnixNano()))
		if err := statefile.Replace(aside, damaged); err != nil {
			return nil, fmt.Errorf("set a damaged state of the exam aside: %w", err)
		}
	}
	if err := s.save(kept); err != nil {
		return nil, err
	}
	s.recovered(aside)
	return kept, nil
}

// save replaces the copy and then the state: what a caller hears of is in
// both, and what only the copy has, no caller has heard of.
func (s *Store) save(state *State) error {
	if err := state.check(); err != nil {
		return fmt.Errorf("save the state of the exam: %w", err)
	}
	data, err := content.Encode(state)
	if err != nil {
		return err
	}
	for _, name := range []string{copyFile, stateFile} {
		if err := statefile.Replace(s.path(name), data); err != nil {
			return fmt.Errorf("save the state of the exam: %w", err)
		}
	}
	return nil
}

// read reads the state from one of its files, with the clock of the last tick.
func (s *Store) read(name string) (*State, error) {
	path := s.path(name)
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
	if ticked := s.ticked(); ticked.After(state.SeenAt) && state.Phase.Open() {
		state.SeenAt = ticked
	}
	return &state, nil
}

// ticked is the time of the last tick. One that cannot be read, as after a
// power cut, only costs what happened since the last change.
func (s *Store) ticked() time.Time {
	data, err := os.ReadFile(s.path(clockFile))
	if err != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(data)))
	if err != nil {
		return time.Time{}
	}
	return at
}
