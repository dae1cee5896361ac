package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"podlab/content"
	"podlab/tui"
)

// settingsFile keeps the settings of the TUI in a YAML file. Its zero value
// keeps nothing.
type settingsFile struct{ path string }

// Load implements tui.SettingsStore.
func (f settingsFile) Load() (tui.Settings, error) {
	var s tui.Settings
	if f.path == "" {
		return s, nil
	}
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the settings: %w", err)
	}
	if err := content.Decode(f.path, data, &s); err != nil {
		return tui.Settings{}, fmt.Errorf("%w: mend the file or delete it", err)
	}
	if err := s.Validate(); err != nil {
		return tui.Settings{}, fmt.Errorf("%s: %w", f.path, err)
	}
	return s, nil
}

// Save implements tui.SettingsStore; it replaces the file atomically.
func (f settingsFile) Save(s tui.Settings) error {
	if f.path == "" {
		return fmt.Errorf("save the settings: %w", errNoPlace)
	}
	data, err := content.Encode(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	if err := renameio.WriteFile(f.path, data, 0o600); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return nil
}
