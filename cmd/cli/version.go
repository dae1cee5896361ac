package cli

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (a *App) versionCmd() *cobra.Command {
	return a.newCmd("version", a.none, func(*cobra.Command, []string) error {
		info, _ := debug.ReadBuildInfo()
		version, kubernetes := a.Version, "unknown"
		if info != nil {
			version = cmp.Or(version, info.Main.Version)
			for _, dep := range info.Deps {
				// client-go v0.37.2 is of Kubernetes v1.37.2.
				if rest, ok := strings.CutPrefix(dep.Version, "v0."); ok && dep.Path == "k8s.io/client-go" {
					kubernetes = "v1." + rest
				}
			}
		}
		return a.printf("podlab %s\nkubernetes client %s\n%s %s/%s\n",
			cmp.Or(version, "(devel)"), kubernetes, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	})
}
