package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"podlab/cluster"
)

func (a *App) downCmd() *cobra.Command {
	var yes, forget bool
	cmd := a.newCmd("down [--yes] [--forget]", a.none, func(cmd *cobra.Command, _ []string) error {
		if forget {
			return a.forget(cmd.Context())
		}
		return a.down(cmd.Context(), yes)
	})
	cmd.Flags().BoolVar(&forget, "forget", false, "")
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
	if p.Capabilities().Foreign && status.State != cluster.Absent {
		return a.leave(ctx, p, status, yes)
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

// forget removes what podlab keeps of a cluster that it did not make, and asks the
// cluster nothing.
func (a *App) forget(ctx context.Context) error {
	p, err := a.provider()
	if err != nil {
		return err
	}
	f, ok := p.(cluster.Forgetter)
	if !ok {
		return usageError{err: errors.New(a.say.Down.ForgetOwn.with("down", a.command("down")))}
	}
	if err := f.Forget(ctx); err != nil {
		return err
	}
	return a.println(a.say.Down.Forgotten.with("name", a.flags.name))
}

// leave takes podlab's namespaces from a cluster that it did not make, and
// forgets the cluster, which stays.
func (a *App) leave(ctx context.Context, p cluster.Provider, status cluster.Status, yes bool) error {
	say := a.say.Down
	names := strings.Join(status.Namespaces, ", ")
	if names == "" {
		names = "–"
	}
	if !yes {
		if !isTerminal(a.Stdin) {
			return usageError{err: errors.New(say.LeaveUnconfirmed.with("context", status.Context, "namespaces", names))}
		}
		if !a.confirm(ctx, say.LeaveQuestion.with("context", status.Context, "namespaces", names), false) {
			if ctx.Err() != nil {
				return a.interrupted(ctx)
			}
			return a.println(say.LeaveKept.with("context", status.Context))
		}
	}
	if err := p.Delete(ctx); err != nil {
		return err
	}
	return a.println(say.Left.with("context", status.Context, "namespaces", names))
}
