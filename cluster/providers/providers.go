// Package providers opens cluster providers by name. A new provider is a
// package beside cluster/kind and a case in Open.
package providers

import (
	"slices"
	"strings"

	"podlab/cluster"
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
}

// Names returns what Open accepts.
func Names() []string { return []string{Auto, kind.ProviderName} }

// Open returns the provider of that name; "" means Auto. It starts nothing.
// An unknown name is a *cluster.Error that lists those there are.
func Open(name string, o Options) (cluster.Provider, error) {
	switch {
	case name == "", name == Auto, name == kind.ProviderName:
		return kind.New(kind.Options{Name: o.Name, StateDir: o.StateDir, Getenv: o.Getenv, Runner: o.Runner})
	default:
		names := slices.Clone(Names())
		return nil, cluster.Fail("unknown-provider", nil, "", "provider", name, "known", strings.Join(names, ", "))
	}
}
