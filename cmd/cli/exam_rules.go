package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"podlab/cmd/shell"
	"podlab/labs/exam"
)

// heedExam refuses, before a command runs, what an exam that is under way does
// not allow: everything that has to do with the labs it asks, and the end of
// its cluster. In the shell of the exam, no hints and solutions at all.
func (a *App) heedExam(cmd *cobra.Command, args []string) error {
	if cmd.Parent() != cmd.Root() {
		return nil
	}
	lab := ""
	if len(args) > 0 {
		lab = args[0]
	}
	name := cmd.Name()
	switch name {
	case "hint", "solution", "grade", "watch", "start", "reset", "shell", "show", "down":
	default:
		return nil
	}
	root, err := a.examRoot()
	if err != nil {
		return nil // the command will say it
	}
	s, err := exam.StoreBelow(root, a.examRecovered).Load()
	if err != nil || !s.Phase.Open() {
		return nil // what is wrong with an exam, its own commands say
	}
	say, inside := a.say.Exam.Errors, a.Getenv(shell.ExamVar) == s.ID
	help := name == "hint" || name == "solution"
	evidence := name == "grade" && cmd.Flags().Changed("from") && lab == ""
	switch {
	case name == "down":
		if s.Cluster != a.flags.name {
			return nil
		}
		return forbidden(say.Down.with("submit", a.command("exam submit"), "abort", a.command("exam abort")))
	case help && inside:
		return forbidden(say.InShell.with("command", cmd.CommandPath()))
	case s.TaskOf(lab) > 0, evidence:
		return forbidden(say.Forbidden.with("command", cmd.CommandPath(), "show", a.command("exam show"), "submit", a.command("exam submit")))
	}
	return nil
}

func forbidden(message string) error { return usageError{err: errors.New(message)} }
