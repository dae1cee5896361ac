package cli

import (
	"github.com/spf13/cobra"
)

func (a *App) completionCmd() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	cmd := a.newCmd("completion bash|zsh|fish|powershell", nil, nil)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return a.usage(cmd, a.say.Errors.NeedsShell.with())
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root := cmd.Root()
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(a.Stdout, true)
		case "zsh":
			return root.GenZshCompletion(a.Stdout)
		case "fish":
			return root.GenFishCompletion(a.Stdout, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(a.Stdout)
		default:
			return a.usage(cmd, a.say.Errors.NeedsShell.with())
		}
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp)
	return cmd
}
