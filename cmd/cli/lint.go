package cli

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/lint"
)

func (a *App) lintCmd() *cobra.Command {
	var (
		onCluster bool
		o         proofOptions
	)
	cmd := a.newCmd("lint [DIR] [--cluster [LAB…]] [--only NAME] [--quick] [--parallel N] [--seed N]", nil, nil)
	cmd.Args = nil
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.lint(cmd, args, onCluster, o)
	}
	cmd.Flags().BoolVar(&onCluster, "cluster", false, "")
	cmd.Flags().StringArrayVar(&o.only, "only", nil, "")
	cmd.Flags().BoolVar(&o.quick, "quick", false, "")
	cmd.Flags().IntVar(&o.parallel, "parallel", 2, "")
	cmd.Flags().Uint64Var(&o.seed, "seed", 0, "")
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		ids, _ := a.completeLab(cmd, nil, typed)
		return ids, cobra.ShellCompDirectiveDefault // directories as well
	}
	return cmd
}

// proofOptions say what of the labs is tried on the cluster.
type proofOptions struct {
	only     []string // names of solutions and mutants; none for all
	quick    bool     // start state and first solution only
	parallel int      // labs at once
	seed     uint64   // of the params; 0 for the defaults
}

// lint checks labs: those in a directory, or those built in and below --labs.
func (a *App) lint(cmd *cobra.Command, args []string, onCluster bool, o proofOptions) error {
	var sources []labs.Source
	if len(args) > 0 && isDir(args[0]) {
		sources = []labs.Source{{Dir: args[0], FS: os.DirFS(args[0])}}
		args = args[1:]
	} else {
		sources = []labs.Source{{Dir: "content/labs", FS: content.Labs()}}
		if a.flags.labs != "" {
			source, err := a.labsDir(a.flags.labs)
			if err != nil {
				return err
			}
			sources = append(sources, source)
		}
	}
	if len(args) > 0 && !onCluster {
		return a.usage(cmd, a.say.Errors.ClusterFlag.with("arg", args[0]))
	}
	if problems := lint.Static(lint.StaticOptions{}, sources...); len(problems) > 0 {
		out := printer{w: a.Stdout}
		for _, p := range problems {
			out.line("%s", p)
		}
		if out.err != nil {
			return out.err
		}
		return exitError(exitNotFull)
	}
	catalog, err := labs.Load(sources...)
	if err != nil {
		return err
	}
	if err := a.println(a.say.Lint.Good.with("count", strconv.Itoa(len(catalog.Labs())))); err != nil {
		return err
	}
	if !onCluster {
		return nil
	}
	return a.lintOnCluster(cmd.Context(), catalog, args, o)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// lintOnCluster proves labs on the cluster; without ids, all of the catalog.
func (a *App) lintOnCluster(ctx context.Context, catalog *labs.Catalog, ids []string, o proofOptions) error {
	for _, id := range ids {
		if _, err := catalog.Lab(id); err != nil {
			return usageError{err: err}
		}
	}
	p, err := a.provider()
	if err != nil {
		return err
	}
	client, err := a.connect(p, catalog)
	if err != nil {
		return err
	}
	out := printer{w: a.Stdout}
	summary, err := lint.Cluster(ctx, lint.ClusterOptions{
		Catalog: catalog, Labs: ids, Variants: o.only, Parallel: max(o.parallel, 1), FirstOnly: func(string) bool { return o.quick }, Seed: o.seed,
		Client: client, RunsContainers: p.Capabilities().RunsContainers, Foreign: p.Capabilities().Foreign, Owner: p.Capabilities().Owner,
		OnVariant: func(r lint.VariantResult) { printVariant(&out, r) },
	})
	switch {
	case ctx.Err() != nil:
		return a.interrupted(ctx)
	case err != nil:
		return err
	case out.err != nil:
		return out.err
	}
	if failures := summary.Failures(); len(failures) > 0 {
		out.line("")
		out.line("%s", a.say.Lint.Unproven.with("count", strconv.Itoa(len(failures)), "variants", strconv.Itoa(len(summary.Variants))))
		return exitError(exitNotFull)
	}
	return a.println(a.say.Lint.Proven.with("count", strconv.Itoa(summary.Labs()),
		"solutions", strconv.Itoa(summary.Solutions()), "mutants", strconv.Itoa(summary.Mutants()),
		"exact", strconv.Itoa(summary.Exact())))
}

// printVariant prints what became of a variant, in English as all that authors
// of labs read.
func printVariant(out *printer, r lint.VariantResult) {
	mark := "✓"
	if r.Problem != "" {
		mark = "✗"
	}
	out.line("%s %s %s %s (%s)", mark, r.Lab, r.Kind, r.Name, seconds(r.Duration))
	if len(r.AlsoFailed) > 0 {
		out.line("    failing as well: %s", strings.Join(r.AlsoFailed, ", "))
	}
	if len(r.Undecided) > 0 {
		out.line("    still pending: %s", strings.Join(r.Undecided, ", "))
	}
	if r.Problem != "" {
		out.line("    %s", strings.ReplaceAll(strings.TrimSpace(r.Problem), "\n", "\n    "))
	}
}
