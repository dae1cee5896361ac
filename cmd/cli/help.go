package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help prints what "podlab help COMMAND" and "--help" say, in the learner's
// language.
func (a *App) help(cmd *cobra.Command, _ []string) {
	w, say := a.Stdout, a.say.Help
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	p := printer{w: w}
	p.line("%s", strings.TrimSpace(about))
	p.line("")
	use := cmd.UseLine()
	if cmd == cmd.Root() {
		use = "podlab [COMMAND]"
	}
	p.line("%s", say.Usage.with("usage", use))

	if cmd.HasAvailableSubCommands() && len(cmd.Groups()) == 0 {
		p.line("")
		for _, c := range cmd.Commands() {
			if !c.Hidden {
				p.line("  %-11s %s", c.Name(), c.Short)
			}
		}
	}
	for _, group := range cmd.Groups() {
		p.line("")
		p.line("%s", group.Title)
		for _, c := range cmd.Commands() {
			if c.GroupID == group.ID && !c.Hidden {
				p.line("  %-11s %s", c.Name(), c.Short) // names are ASCII
			}
		}
	}
	if flags := cmd.LocalNonPersistentFlags(); flags.HasAvailableFlags() {
		p.line("")
		p.line("%s", say.Flags)
		a.helpFlags(&p, flags)
	}
	global := cmd.Root().PersistentFlags()
	p.line("")
	p.line("%s", say.GlobalFlags)
	a.helpFlags(&p, global)
	if cmd == cmd.Root() {
		p.line("")
		p.line("%s", say.More)
	}
}

// helpFlags prints a line for each flag. The columns are as wide as they look:
// pflag counts bytes.
func (a *App) helpFlags(p *printer, flags *pflag.FlagSet) {
	var names, usages []string
	width := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
			usage = a.say.Help.Default.with("usage", usage, "value", f.DefValue)
		}
		names, usages = append(names, name), append(usages, usage)
		width = max(width, ansi.StringWidth(name))
	})
	for i, name := range names {
		p.line("%s   %s", pad(name, width), usages[i])
	}
}

// helpCmd is "podlab help [COMMAND]".
func (a *App) helpCmd() *cobra.Command {
	cmd := a.newCmd("help [COMMAND]", nil, func(cmd *cobra.Command, args []string) error {
		asked := cmd.Root()
		for len(args) > 0 {
			i := slices.IndexFunc(asked.Commands(), func(c *cobra.Command) bool { return c.Name() == args[0] })
			if i < 0 {
				return a.unknownCommand(asked, args)
			}
			asked, args = asked.Commands()[i], args[1:]
		}
		return asked.Help()
	})
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, c := range cmd.Root().Commands() {
			if len(args) == 0 && !c.Hidden {
				names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// printer prints lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
