package cli

import (
	"path/filepath"
	"slices"
	"testing"
)

// A program that is named relative to the working directory is the same one for
// the proctor and in a shell, which work elsewhere.
func TestEnviron(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	a := &App{Getenv: func(name string) string { return "there/" + name }}
	for _, name := range []string{"PODLAB_KUBE", "PODLAB_BUNDLE", "PODLAB_STATE"} {
		if environ := a.environ(); !slices.Contains(environ, name+"="+filepath.Join(dir, "there", name)) {
			t.Errorf("the environment is %v", environ)
		}
	}
	a.Getenv = func(string) string { return "" }
	if environ := a.environ(); slices.Contains(environ, "PODLAB_KUBE="+dir) {
		t.Errorf("without it, the environment is %v", environ)
	}
}
