package plane

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// StateFile is the file below the data directory that says how far a control
// plane is. podlab reads it (cluster/embedded).
const StateFile = "state.json"

// Phase is how far a control plane is.
type Phase string

// The phases, in order.
const (
	PhaseStore       Phase = "store"
	PhaseAPI         Phase = "api-server"
	PhaseControllers Phase = "controllers"
	PhaseReady       Phase = "ready"
	PhaseStopped     Phase = "stopped"
)

// State is what the state file holds.
type State struct {
	Phase Phase `json:"phase"`
	PID   int   `json:"pid,omitempty"`
	// Port of the API server on 127.0.0.1; in PhaseStore that of the last run.
	Port int `json:"port,omitempty"`
	// Version of Kubernetes, once it is ready.
	Version string `json:"version,omitempty"`
}

// ReadState reads the state of the control plane in dir.
func ReadState(dir string) (State, error) {
	var s State
	text, err := os.ReadFile(filepath.Join(dir, StateFile))
	if err != nil {
		return s, fmt.Errorf("read the state file: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("state file: %w", err)
	}
	return s, nil
}

type stateFile struct{ path string }

func (f stateFile) write(s State) error {
	s.PID = os.Getpid()
	return f.save(s)
}

// remove says that nothing runs any more, and keeps the port.
func (f stateFile) remove() {
	s, _ := ReadState(filepath.Dir(f.path))
	_ = f.save(State{Phase: PhaseStopped, Port: s.Port}) // the lock says it, too
}

func (f stateFile) save(s State) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode the state: %w", err)
	}
	if err := renameio.WriteFile(f.path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the state file: %w", err)
	}
	return nil
}
