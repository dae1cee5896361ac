package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"podlab/labs/practice"
)

func (a *App) startCmd() *cobra.Command {
	cmd := a.newCmd("start LAB", a.oneLab, func(cmd *cobra.Command, args []string) error {
		p, err := a.practice(args[0])
		if err != nil {
			return err
		}
		return a.start(cmd.Context(), p, args[0])
	})
	cmd.ValidArgsFunction = a.completeLab
	return cmd
}

// start starts a lab and says where everything is.
func (a *App) start(ctx context.Context, p *practice.Practice, id string) error {
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	if err := p.Start(ctx, id); err != nil {
		return err
	}
	say, out := a.say.Lab, printer{w: a.Stdout}
	out.line("%s", say.Started.with("lab", id, "title", instance.Text(a.lang).Title))
	out.line("  %s", say.Namespace.with("namespace", instance.Namespace))
	out.line("  %s", say.WorkDir.with("dir", p.WorkDir(id)))
	if len(instance.Files) > 0 {
		var names []string
		for _, f := range instance.Files {
			names = append(names, f.Name)
		}
		out.line("  %s", say.Files.with("files", strings.Join(names, ", ")))
	}
	out.line("%s", say.Next.with("show", a.command("show "+id), "shell", a.command("shell "+id), "grade", a.command("grade "+id)))
	return out.err
}
