package cli

import (
	"context"

	"github.com/spf13/cobra"

	"podlab/cluster"
)

func (a *App) downCmd() *cobra.Command {
	var yes bool
	cmd := a.newCmd("down [--yes]", a.none, func(cmd *cobra.Command, _ []string) error {
		return a.down(cmd.Context(), yes)
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "")
	return cmd
}

// down deletes the cluster. Scores and work directories stay.
func (a *App) down(ctx context.Context, yes bool) error {
	p, err := a.provider()
	if err != nil {
		return err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return err
	}
	absent := status.State == cluster.Absent
	if !absent && !yes && isTerminal(a.Stdin) && !a.confirm(ctx, a.say.Down.Question.with("name", a.flags.name), false) {
		if ctx.Err() != nil {
			return a.interrupted(ctx)
		}
		return a.println(a.say.Down.Kept.with("name", a.flags.name))
	}
	if err := p.Delete(ctx); err != nil {
		return err
	}
	if absent {
		return a.println(a.say.Down.Absent.with("name", a.flags.name))
	}
	return a.println(a.say.Down.Done.with("name", a.flags.name))
}
