// Package providers opens cluster providers by name. A new provider is a
// package beside cluster/kind and a case in Open.
package providers

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/cluster/engine"
	"podlab/cluster/existing"
	"podlab/cluster/kind"
)

// Auto lets podlab choose the provider.
const Auto = "auto"

// Options for whichever provider is opened.
type Options struct {
	// Name of the cluster; cluster.DefaultName if empty.
	Name string
	// Context of the learner's kubeconfig; only for a cluster that is there.
	Context string
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
func Names() []string {
	return []string{Auto, kind.ProviderName, embedded.ProviderName, existing.ProviderName}
}

// Open returns the provider of that name; "" means Auto. It starts nothing. The
// name of a cluster that podlab knows means that one. An unknown provider is a
// *cluster.Error that lists those there are, and so is one other than that of
// the cluster that is known.
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
	x, err := existing.New(existing.Options{Name: o.Name, StateDir: o.StateDir, Context: o.Context, Getenv: o.Getenv})
	if err != nil {
		return nil, err
	}
	// A name that was given to somebody else's cluster means that one.
	if existing.Recorded(o.StateDir, o.Name) {
		if name != Auto && name != existing.ProviderName {
			return nil, cluster.Fail("existing-name-used", nil, "", "name", cmp.Or(o.Name, cluster.DefaultName), "provider", name)
		}
		return x, nil
	}
	there := own(k, e)
	if there != nil && name != Auto && name != there.Name() {
		return nil, cluster.Fail("other-provider", nil, "", "name", filepath.Base(filepath.Dir(there.KubeconfigPath())), "provider", there.Name(), "asked", name)
	}
	chosen := cluster.Provider(&auto{kind: k, embedded: e})
	switch {
	case there != nil:
		chosen = there
	case name == kind.ProviderName:
		chosen = k
	case name == embedded.ProviderName:
		chosen = e
	case name == existing.ProviderName:
		chosen = x
	}
	if o.Context != "" && chosen != cluster.Provider(x) {
		return nil, cluster.Fail("context-without-existing", nil, "", "context", o.Context)
	}
	return chosen, nil
}

// own returns the provider of podlab's own cluster of that name, nil for none.
func own(k *kind.Provider, e *embedded.Provider) cluster.Provider {
	if e.Exists() {
		return e
	}
	if _, err := os.Stat(k.KubeconfigPath()); err == nil {
		return k
	}
	return nil
}
