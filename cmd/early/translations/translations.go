// Package translations keeps kubectl from loading its translations where they
// are not needed. It does so while it is initialised, which takes longer than
// all else that happens when podlab starts. See ../go.mod for why this comes
// first.
package translations

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/kubectl/pkg/util/i18n"
)

func init() {
	if isKubectl(os.Args) {
		return // kubectl loads them when it first needs them
	}
	// The error says that they are loaded already: slower, but not wrong.
	_ = i18n.SetLoadTranslationsFunc(func() error { return nil })
}

// isKubectl reports whether a process with these arguments may become kubectl.
// A lab or a cluster of that name only costs the time.
func isKubectl(args []string) bool {
	return len(args) > 0 && strings.HasPrefix(filepath.Base(args[0]), "kubectl") || slices.Contains(args, "kubectl")
}
