package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"podlab/cmd/shell"
	"podlab/labs/exam"
)

func (a *App) examShellCmd() *cobra.Command {
	cmd := a.newCmd("shell [N]", a.taskOrNone, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.examShell(cmd, args) }
	cmd.ValidArgsFunction = a.completeTask
	return cmd
}

// examShell opens a shell with the candidate's rights, at a task.
func (a *App) examShell(cmd *cobra.Command, args []string) error {
	if name := a.Getenv(shell.Guard); name != "" {
		return a.usage(cmd, a.say.Errors.NestedShell.with("name", name))
	}
	s, err := a.mustRun(cmd.Context())
	if err != nil {
		return err
	}
	n := max(s.state.Current, 1)
	if len(args) > 0 {
		if n, err = a.taskNumber(cmd, s, args[0]); err != nil {
			return err
		}
	}
	if s.state, err = s.Goto(n); err != nil {
		return err
	}
	if err := s.Renew(cmd.Context()); err != nil {
		if _, gone := os.Stat(s.Kubeconfig()); gone != nil {
			return err
		}
		a.remark(a.problem(err)) // the token that is there may do, and the proctor goes on trying
	}
	o, err := a.shellOptions()
	if err != nil {
		return err
	}
	say, t := a.say.Exam, s.state.Tasks[n-1]
	o.Name, o.Namespace, o.Dir, o.Kubeconfig = "exam", t.Namespace, s.WorkDir(t.Lab), s.Kubeconfig()
	if _, err := os.Stat(o.Dir); err != nil {
		o.Dir = ""
	}
	o.Exam = &shell.Exam{
		// The file goes when the exam ends.
		While: s.Kubeconfig(),
		ID:    s.state.ID, Task: n, Ends: s.state.EndsAt.Add(-s.state.Behind), Minutes: s.state.Minutes,
		Prompt: say.Prompt.with(), Over: say.Over.with(), Left: say.Left.with(),
	}
	o.Banner = strings.TrimRight(say.Banner.with("number", strconv.Itoa(n), "tasks", strconv.Itoa(len(s.state.Tasks)), "title", a.taskTitle(s, n),
		"namespace", o.Namespace, "left", clock(s.state.Left(s.at))), "\n")
	o.Goodbye = ""
	if err := shell.Run(o); err != nil {
		return err
	}
	if err := s.look(); err != nil || s.state.Phase != exam.Running || s.state.Over(s.at) {
		return a.println(a.say.Shell.Goodbye.with())
	}
	return a.println(say.Goodbye.with("shell", a.command("exam shell"), "submit", a.command("exam submit")))
}
