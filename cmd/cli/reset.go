package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"podlab/labs/practice"
)

func (a *App) resetCmd() *cobra.Command {
	var yes bool
	cmd := a.newCmd("reset LAB [--yes]", a.oneLab, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.reset(cmd, args[0], yes)
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "")
	cmd.ValidArgsFunction = a.completeLab
	return cmd
}

// reset brings a lab back to its start. Files that the learner edited are
// only replaced when the learner says so.
func (a *App) reset(cmd *cobra.Command, id string, yes bool) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	err = p.Reset(ctx, id, yes)
	if errors.Is(err, practice.ErrEdited) {
		if err = a.allowReplacing(ctx, cmd, p, id); err != nil {
			return err
		}
		err = p.Reset(ctx, id, true)
	}
	if err != nil {
		return err
	}
	return a.println(a.say.Lab.ResetDone.with("lab", id))
}

// allowReplacing asks whether edited files may be replaced.
func (a *App) allowReplacing(ctx context.Context, cmd *cobra.Command, p *practice.Practice, id string) error {
	edited, err := p.Edited(id)
	if err != nil {
		return err
	}
	names := strings.Join(edited, ", ")
	if !isTerminal(a.Stdin) {
		return a.usage(cmd, a.say.Errors.Edited.with("files", names, "dir", p.WorkDir(id)))
	}
	if a.confirm(ctx, a.say.Lab.ResetAsk.with("files", names), false) {
		return nil
	}
	if ctx.Err() != nil {
		return a.interrupted(ctx)
	}
	if err := a.println(a.say.Lab.ResetKept.with("lab", id)); err != nil {
		return err
	}
	return exitError(exitTrouble)
}
