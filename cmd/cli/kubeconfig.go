package cli

import "github.com/spf13/cobra"

func (a *App) kubeconfigCmd() *cobra.Command {
	return a.newCmd("kubeconfig", a.none, func(*cobra.Command, []string) error {
		p, err := a.provider()
		if err != nil {
			return err
		}
		return a.println(p.KubeconfigPath())
	})
}
