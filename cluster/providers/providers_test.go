package providers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/cluster/engine"
	"podlab/cluster/existing"
	"podlab/cluster/kind"
	"podlab/cluster/providers"
)

func TestOpen(t *testing.T) {
	for name, want := range map[string]string{
		"": kind.ProviderName, providers.Auto: kind.ProviderName, kind.ProviderName: kind.ProviderName,
		embedded.ProviderName: embedded.ProviderName, existing.ProviderName: existing.ProviderName,
	} {
		p, err := providers.Open(name, providers.Options{StateDir: t.TempDir()})
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

// A cluster that is there is opened, whatever an engine says; asking for it as
// another provider's is an error that names its own.
func TestExistingClusterWins(t *testing.T) {
	for own, there := range map[string]string{embedded.ProviderName: "embedded/state.json", kind.ProviderName: "kubeconfig"} {
		state := t.TempDir()
		file := filepath.Join(state, "clusters", "podlab", there)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range providers.Names() {
			p, err := providers.Open(name, providers.Options{StateDir: state})
			var failed *cluster.Error
			switch {
			case name == own || name == providers.Auto:
				if err != nil || p.Name() != own || p.Capabilities().RunsContainers != (own == kind.ProviderName) {
					t.Errorf("%s beside %s: %v, %v", name, there, p, err)
				}
			case !errors.As(err, &failed) || failed.Problem.Key != "other-provider" || failed.Problem.Args["provider"] != own:
				t.Errorf("%s beside %s: %v", name, there, err)
			}
		}
	}
}

// noEngine is a machine without a container engine.
type noEngine struct{}

func (noEngine) Run(context.Context, engine.Command) error { return os.ErrNotExist }

// Without an engine the choice falls on the embedded cluster, if its program is
// there, and the learner is told why; else the engine's error stays.
func TestAutoWithoutEngine(t *testing.T) {
	program := filepath.Join(t.TempDir(), embedded.Program)
	// It ends at once: what counts is that it was chosen.
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho nothing here >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	open := func(program string) cluster.Provider {
		p, err := providers.Open(providers.Auto, providers.Options{
			StateDir: t.TempDir(), Runner: noEngine{},
			Getenv: func(name string) string { return map[string]string{"PODLAB_KUBE": program}[name] },
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var said []cluster.Progress
	var failed *cluster.Error
	p := open(program)
	err := p.Create(t.Context(), cluster.CreateOptions{Listener: func(e cluster.Progress) { said = append(said, e) }})
	if !errors.As(err, &failed) || failed.Problem.Key != "embedded-start" || !strings.Contains(failed.Output, "nothing here") {
		t.Errorf("Create: %v", err)
	}
	if len(said) == 0 || said[0].Step != cluster.StepProvider || said[0].Message.Key != "auto.no-engine" {
		t.Errorf("it said %+v", said)
	}
	if status, err := p.Status(t.Context()); err != nil || status.Provider != embedded.ProviderName || status.State != cluster.Absent {
		t.Errorf("what failed was not cleaned up: %+v, %v", status, err)
	}
	if _, err := open("/nonexistent").Status(t.Context()); !errors.As(err, &failed) || failed.Problem.Key != "no-engine" {
		t.Errorf("without its program: %v", err)
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
