package cli

import "github.com/spf13/cobra"

func (a *App) stopCmd() *cobra.Command {
	cmd := a.newCmd("stop LAB", a.oneLab, func(cmd *cobra.Command, args []string) error {
		p, err := a.practice(args[0])
		if err != nil {
			return err
		}
		id := args[0]
		if err := p.Stop(cmd.Context(), id); err != nil {
			return err
		}
		return a.println(a.say.Lab.Stopped.with("lab", id, "dir", p.WorkDir(id)))
	})
	cmd.ValidArgsFunction = a.completeLab
	return cmd
}
