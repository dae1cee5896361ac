package providers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podlab/cluster/existing"
	"podlab/cluster/kind"
	"podlab/cluster/providers"
)

func TestOpen(t *testing.T) {
	for _, name := range append(providers.Names(), "") {
		p, err := providers.Open(name, providers.Options{StateDir: t.TempDir()})
		want := kind.ProviderName
		if name == existing.ProviderName {
			want = name
		}
		if err != nil || p.Name() != want {
			t.Errorf("Open(%q): %v, %v", name, p, err)
		}
	}
	_, err := providers.Open("minikube", providers.Options{StateDir: t.TempDir()})
	if err == nil {
		t.Fatal("an unknown provider was opened")
	}
	for _, want := range append(providers.Names(), "minikube") {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

// TestANameBelongsToOneProvider: a command that names no provider must not take
// a cluster of somebody else for one of podlab's own, nor the other way round.
func TestANameBelongsToOneProvider(t *testing.T) {
	state := t.TempDir()
	dir := filepath.Join(state, "clusters", "team")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "existing.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", providers.Auto, existing.ProviderName} {
		p, err := providers.Open(name, providers.Options{Name: "team", StateDir: state})
		if err != nil || p.Name() != existing.ProviderName {
			t.Errorf("Open(%q) of a cluster that is there: %v, %v", name, p, err)
		}
	}
	if _, err := providers.Open(kind.ProviderName, providers.Options{Name: "team", StateDir: state}); err == nil {
		t.Error("kind took the name of a cluster that is there")
	}
	if _, err := providers.Open("", providers.Options{Name: "other", StateDir: state, Context: "prod"}); err == nil {
		t.Error("a context was named, and another provider opened without a word")
	}
}
