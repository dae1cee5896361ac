package providers_test

import (
	"strings"
	"testing"

	"podlab/cluster/kind"
	"podlab/cluster/providers"
)

func TestOpen(t *testing.T) {
	for _, name := range append(providers.Names(), "") {
		p, err := providers.Open(name, providers.Options{StateDir: t.TempDir()})
		if err != nil || p.Name() != kind.ProviderName {
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
