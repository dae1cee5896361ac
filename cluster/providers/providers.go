// Package providers opens cluster providers by name. A new provider is a
// package beside cluster/kind and a case in Open.
package providers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/cluster/engine"
	"podlab/cluster/kind"
)

// Auto lets podlab choose the provider.
const Auto = "auto"

// Options for whichever provider is opened.
type Options struct {
	// Name of the cluster; kind.DefaultName if empty.
	Name string
	// StateDir is podlab's state directory, which holds kubeconfigs.
	StateDir string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
	// Runner runs the container engine's client; engine.Local if nil.
	Runner engine.Runner
	// Images returns the references of the labs' images, which an embedded
	// cluster can pull; nil means that it can pull all.
	Images func() ([]string, error)
}

// Names returns what Open accepts.
func Names() []string { return []string{Auto, kind.ProviderName, embedded.ProviderName} }

// Open returns the provider of that name; "" means Auto. It starts nothing.
// An unknown name is a *cluster.Error that lists those there are, and so is
// the name of a provider other than that of the cluster that is there.
func Open(name string, o Options) (cluster.Provider, error) {
	if name == "" {
		name = Auto
	}
	if !slices.Contains(Names(), name) {
		return nil, cluster.Fail("unknown-provider", nil, "", "provider", name, "known", strings.Join(Names(), ", "))
	}
	k, err := kind.New(kind.Options{Name: o.Name, StateDir: o.StateDir, Getenv: o.Getenv, Runner: o.Runner})
	if err != nil {
		return nil, err
	}
	e, err := embedded.New(embedded.Options{Name: o.Name, StateDir: o.StateDir, Getenv: o.Getenv, Images: o.Images})
	if err != nil {
		return nil, err
	}
	there := existing(k, e)
	if there != nil && name != Auto && name != there.Name() {
		return nil, cluster.Fail("other-provider", nil, "", "name", filepath.Base(filepath.Dir(there.KubeconfigPath())), "provider", there.Name(), "asked", name)
	}
	switch {
	case there != nil:
		return there, nil
	case name == kind.ProviderName:
		return k, nil
	case name == embedded.ProviderName:
		return e, nil
	}
	return &auto{kind: k, embedded: e}, nil
}

// existing returns the provider of the cluster that is there, nil for none.
func existing(k *kind.Provider, e *embedded.Provider) cluster.Provider {
	if e.Exists() {
		return e
	}
	if _, err := os.Stat(k.KubeconfigPath()); err == nil {
		return k
	}
	return nil
}
