package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podlab/content"
	"podlab/tui"
)

// What is saved is read again; a file that was damaged, or that holds what no
// podlab writes, says what to do.
func TestSettings(t *testing.T) {
	f := settingsFile{path: filepath.Join(t.TempDir(), "state", "settings.yaml")}
	if s, err := f.Load(); err != nil || s != (tui.Settings{}) {
		t.Errorf("Load before the first Save = %+v, %v", s, err)
	}
	want := tui.Settings{Lang: content.Korean, Theme: "light", Layout: "side-by-side", Mouse: true}
	if err := f.Save(want); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Load(); err != nil || got != want {
		t.Errorf("Load = %+v, %v, want %+v", got, err, want)
	}
	for text, says := range map[string]string{
		"theme: purple\n":         "theme is \"purple\": write dark or light",
		"lang: fr\n":              "lang is \"fr\": write one of",
		"layout: three\n":         "layout is \"three\": write one-pane or side-by-side",
		"mouse: perhaps\n":        "mend the file or delete it",
		"colour: blue\n":          "mend the file or delete it",
		"theme: dark\n  lang: de": "mend the file or delete it",
	} {
		if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := f.Load()
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "settings.yaml") {
			t.Errorf("Load of %q: %v, want the file's name and %q", text, err, says)
		}
		if s != (tui.Settings{}) {
			t.Errorf("Load of %q = %+v", text, s)
		}
	}
}
