// Package providers opens cluster providers by name. A new provider is a
// package beside cluster/kind and a case in Open.
package providers

import (
	"cmp"
	"slices"
	"strings"

	"podlab/cluster"
	"podlab/cluster/engine"
	"podlab/cluster/existing"
	"podlab/cluster/kind"
)

// Auto lets podlab choose the provider.
const Auto = "auto"

// Options for whichever provider is opened.
type Options struct {
	// Name of the cluster; kind.DefaultName if empty.
	Name string
	// Context of the learner's kubeconfig; only for a cluster that is there.
	Context string
	// StateDir is podlab's state directory, which holds kubeconfigs.
	StateDir string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
	// Runner runs the container engine's client; engine.Local if nil.
	Runner engine.Runner
}

// Names returns what Open accepts.
func Names() []string { return []string{Auto, kind.ProviderName, existing.ProviderName} }

// Open returns the provider of that name; "" means Auto. It starts nothing; where none is named it looks what the name of the cluster belongs to.
// An unknown name is a *cluster.Error that lists those there are.
func Open(name string, o Options) (cluster.Provider, error) {
	// A name that was given to a cluster that is there means that one.
	recorded := existing.Recorded(o.StateDir, o.Name)
	switch {
	case name == existing.ProviderName, recorded && (name == "" || name == Auto):
		return existing.New(existing.Options{Name: o.Name, StateDir: o.StateDir, Context: o.Context, Getenv: o.Getenv})
	case recorded:
		return nil, cluster.Fail("existing-name-used", nil, "", "name", cmp.Or(o.Name, existing.DefaultName), "provider", name)
	case o.Context != "":
		return nil, cluster.Fail("context-without-existing", nil, "", "context", o.Context)
	case name == "", name == Auto, name == kind.ProviderName:
		return kind.New(kind.Options{Name: o.Name, StateDir: o.StateDir, Getenv: o.Getenv, Runner: o.Runner})
	default:
		names := slices.Clone(Names())
		return nil, cluster.Fail("unknown-provider", nil, "", "provider", name, "known", strings.Join(names, ", "))
	}
}
