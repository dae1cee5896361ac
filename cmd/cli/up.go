package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/content"
)

func (a *App) upCmd() *cobra.Command {
	var (
		o      cluster.CreateOptions
		bundle string
		yes    bool
	)
	cmd := a.newCmd("up [--provider P] [--context C] [--bundle DIR] [--image REF] [--name N] [--yes]", a.none,
		func(cmd *cobra.Command, _ []string) error {
			o.BundleDir = a.bundleDir(bundle)
			return a.up(cmd.Context(), o, yes)
		})
	cmd.Flags().StringVar(&bundle, "bundle", "", "")
	cmd.Flags().StringVar(&o.Image, "image", "", "")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "")
	return cmd
}

// up creates the cluster, or repairs the one that is there.
func (a *App) up(ctx context.Context, o cluster.CreateOptions, yes bool) error {
	p, err := a.provider()
	if err != nil {
		return err
	}
	status := cluster.Status{}
	// A cluster that was agreed to is verified by Create: where its context is
	// named once more, by the credentials of today.
	foreign := p.Capabilities().Foreign
	if foreign && !a.recorded() || !foreign && !yes && isTerminal(a.Stdin) {
		if status, err = p.Status(ctx); err != nil {
			return err
		}
	}
	switch {
	case len(status.Plan) > 0:
		if o.Confirmed, err = a.agreeTo(ctx, status, yes); err != nil {
			return err
		}
	case !yes && isTerminal(a.Stdin) && !foreign:
		with := status.Engine
		if with == "" {
			with = embedded.Program
		}
		question := a.say.Up.Question.with("name", a.flags.name, "provider", p.Name(), "engine", with)
		if status.State == cluster.Absent && !a.confirm(ctx, question, true) {
			return a.interrupted(ctx)
		}
	}
	titles, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return err
	}
	steps := newSteps(a.Stdout, titles, a.say)
	o.Listener = steps.on
	err = p.Create(ctx, o)
	steps.close()
	if err != nil {
		if ctx.Err() != nil {
			// What the provider says is only that it was cancelled.
			var trouble *cluster.Error
			if errors.As(err, &trouble) && !errors.Is(err, context.Canceled) {
				return err // it could not clean up
			}
			return errors.New(a.say.Errors.UpCancelled.with("name", a.flags.name))
		}
		return err
	}
	if err := a.println(a.say.Up.Ready.with("name", a.flags.name, "kubeconfig", p.KubeconfigPath())); err != nil {
		return err
	}
	return a.println(a.say.Up.Next.with("podlab", a.command(""), "list", a.command("list")))
}

// agreeTo shows what podlab would do on a cluster that it did not make, and asks
// whether it may. Without an answer, be it that nobody can give one, it may not.
func (a *App) agreeTo(ctx context.Context, status cluster.Status, yes bool) (bool, error) {
	words, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return false, err
	}
	for _, said := range status.Plan {
		a.remark(words.Render(said))
	}
	switch {
	case yes:
		return true, nil
	case !isTerminal(a.Stdin):
		return false, nil // Create says that nobody agreed
	case a.confirm(ctx, a.say.Up.Agree.with("context", status.Context), false):
		return true, nil
	}
	return false, a.interrupted(ctx)
}
