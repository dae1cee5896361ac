package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"podlab/cluster/existing"
)

// The groups of commands in the help.
const (
	groupCluster = "cluster"
	groupLabs    = "labs"
	groupOthers  = "others"
)

// rootCmd is podlab with all its commands.
func (a *App) rootCmd() *cobra.Command {
	o := &tuiFlags{}
	root := &cobra.Command{
		Use:           "podlab",
		SilenceErrors: true,
		SilenceUsage:  true,
		// "podlab --name x kubectl --anything": the flags before kubectl are
		// podlab's, those behind it are not.
		TraverseChildren:  true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              a.unknownCommand,
		PersistentPreRunE: a.heedExam,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runTUI(cmd.Context(), o)
		},
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(a.flagError)
	root.AddGroup(
		&cobra.Group{ID: groupCluster, Title: a.say.Help.Cluster.with()},
		&cobra.Group{ID: groupLabs, Title: a.say.Help.Labs.with()},
		&cobra.Group{ID: groupOthers, Title: a.say.Help.Others.with()},
	)

	p := root.PersistentFlags()
	p.StringVar(&a.flags.lang, "lang", "", "")
	p.StringVar(&a.flags.name, "name", a.defaultName(), "")
	p.StringVar(&a.flags.provider, "provider", a.Getenv("PODLAB_PROVIDER"), "")
	p.StringVar(&a.flags.context, "context", "", "")
	p.StringVar(&a.flags.labs, "labs", a.Getenv("PODLAB_LABS"), "")
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return existing.Contexts(a.Getenv), cobra.ShellCompDirectiveNoFileComp
	}
	if err := root.RegisterFlagCompletionFunc("context", complete); err != nil {
		panic(err) // the flag was added above
	}
	o.register(root.Flags())

	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupCluster, a.upCmd(), a.downCmd(), a.statusCmd(), a.doctorCmd(), a.bundleCmd(), a.kubeconfigCmd(), a.kubectlCmd())
	add(groupLabs, a.listCmd(), a.conceptCmd(), a.showCmd(), a.startCmd(), a.shellCmd(), a.gradeCmd(), a.watchCmd(),
		a.hintCmd(), a.solutionCmd(), a.resetCmd(), a.stopCmd(), a.examCmd())
	add(groupOthers, a.historyCmd(), a.lintCmd(), a.completionCmd(), a.versionCmd())
	root.SetHelpCommand(a.helpCmd())
	root.SetHelpCommandGroupID(groupOthers)
	root.InitDefaultHelpCmd() // adds it now, so that it gets its texts

	a.describe(root)
	return root
}

// describe fills in the texts of c and the commands below it.
func (a *App) describe(c *cobra.Command) {
	text := a.say.Commands[strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")]
	c.Short, c.Long = text.Short.with(), text.Long.with()
	c.InitDefaultHelpFlag()
	fill := func(f *pflag.Flag) {
		usage, own := text.Flags[f.Name]
		if !own {
			usage = a.say.Flags[f.Name]
		}
		f.Usage = usage.with()
	}
	c.LocalFlags().VisitAll(fill)
	for _, child := range c.Commands() {
		a.describe(child)
	}
}

// newCmd makes a command; its texts are filled in by describe.
func (a *App) newCmd(use string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Args: args, RunE: run, DisableFlagsInUseLine: true}
}

// unknownCommand accepts no arguments: the first argument of podlab, and of a
// command that has others below it, is a command, and one that is known would
// not come here.
func (a *App) unknownCommand(parent *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := func(command string) string {
		return strings.TrimPrefix(parent.CommandPath()+" "+command, parent.Root().Name()+" ")
	}
	message := a.say.Errors.UnknownCommand.with("command", name(args[0]))
	parent.SuggestionsMinimumDistance = 2
	if similar := parent.SuggestionsFor(args[0]); len(similar) > 0 {
		for i, command := range similar {
			similar[i] = name(command)
		}
		message = a.say.Errors.SimilarCommand.with("command", name(args[0]), "commands", strings.Join(similar, ", "))
	}
	return usageError{err: errors.New(message), usage: parent.CommandPath() + " --help"}
}

// oneLab accepts exactly one argument, the id of a lab.
func (a *App) oneLab(cmd *cobra.Command, args []string) error {
	return a.between(cmd, args, 1, 1)
}

// none accepts no arguments.
func (a *App) none(cmd *cobra.Command, args []string) error {
	return a.between(cmd, args, 0, 0)
}

// between accepts min to max arguments, the first of which is a lab.
func (a *App) between(cmd *cobra.Command, args []string, min, max int) error {
	switch {
	case len(args) < min:
		return a.usage(cmd, a.say.Errors.NeedsLab.with("command", cmd.CommandPath()))
	case len(args) > max:
		return a.usage(cmd, a.say.Errors.TooManyArgs.with("arg", args[max]))
	}
	return nil
}

// usage is a usageError that shows how cmd is used.
func (a *App) usage(cmd *cobra.Command, message string) error {
	return usageError{err: errors.New(message), usage: cmd.UseLine()}
}

// flagError says in the learner's language what is wrong with a flag.
func (a *App) flagError(cmd *cobra.Command, err error) error {
	var (
		missing *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
		message = err.Error()
	)
	switch {
	case errors.As(err, &missing):
		message = a.say.Errors.UnknownFlag.with("flag", dashed(missing.GetSpecifiedName()))
	case errors.As(err, &empty):
		message = a.say.Errors.FlagNeedsValue.with("flag", dashed(empty.GetSpecifiedName()))
	case errors.As(err, &invalid):
		message = a.say.Errors.FlagValue.with("flag", dashed(invalid.GetFlag().Name), "value", invalid.GetValue(),
			"error", a.flagValue(invalid))
	case errors.As(err, &syntax):
		message = a.say.Errors.UnknownFlag.with("flag", syntax.GetSpecifiedFlag())
	}
	return a.usage(cmd, message)
}

// flagValue says what to write instead of a value that a flag cannot have.
func (a *App) flagValue(e *pflag.InvalidValueError) string {
	say := a.say.Errors
	if errors.Is(e, strconv.ErrRange) {
		return say.OutOfRange.with()
	}
	switch e.GetFlag().Value.Type() {
	case "int", "intSlice":
		return say.WholeNumber.with()
	case "uint64":
		return say.Natural.with()
	case "duration":
		return say.Duration.with()
	case "stringSlice":
		return say.Names.with()
	case "bool":
		return say.OneOf.with("values", "true, false")
	}
	return e.Unwrap().Error() // a choice says it itself
}

func dashed(flag string) string {
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// choice is a flag that takes one of a few values; the first is the default.
type choice struct {
	value string
	of    []string
	error phrase
}

func (a *App) choice(of ...string) *choice {
	return &choice{value: of[0], of: of, error: a.say.Errors.OneOf}
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.of, "|") }
func (c *choice) Set(s string) error {
	for _, allowed := range c.of {
		if s == allowed {
			c.value = s
			return nil
		}
	}
	return errors.New(c.error.with("values", strings.Join(c.of, ", ")))
}

// output adds the flag -o to cmd.
func (a *App) output(cmd *cobra.Command, of ...string) *choice {
	c := a.choice(of...)
	cmd.Flags().VarP(c, "output", "o", "")
	complete := cobra.FixedCompletions(of, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("output", complete); err != nil {
		panic(err) // the flag was added above
	}
	return c
}

// completeLab completes the id of a lab as the first argument.
func (a *App) completeLab(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	catalog, err := a.catalog()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, l := range catalog.Labs() {
		title, _ := l.Headline(a.lang)
		ids = append(ids, cobra.CompletionWithDesc(l.ID, title))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// printf prints to stdout.
func (a *App) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(a.Stdout, format, args...)
	return err
}

// println prints a line to stdout.
func (a *App) println(line string) error { return a.printf("%s\n", line) }
