package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"podlab/cmd/shell"
	"podlab/labs/exam"
)

func (a *App) examGotoCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("goto N [-o json]", a.oneTask, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.mustRun(cmd.Context())
		if err != nil {
			return err
		}
		n, err := a.taskNumber(cmd, s, args[0])
		if err != nil {
			return err
		}
		if s.state, err = s.Goto(n); err != nil {
			return err
		}
		if err := a.moveShell(s, n); err != nil {
			return err
		}
		return a.examShow(s, n, output.value)
	}
	cmd.ValidArgsFunction = a.completeTask
	output = a.output(cmd, "table", "json")
	return cmd
}

// moveShell moves the exam shell in which podlab runs, if it does, to a task.
func (a *App) moveShell(s *sitting, n int) error {
	id := a.Getenv(shell.ExamVar)
	if id == "" {
		return nil
	}
	if id != s.state.ID {
		a.remark(a.say.Exam.OldShell.with("shell", a.command("exam shell")))
		return nil
	}
	t := s.state.Tasks[n-1]
	err := shell.Goto(a.Getenv(shell.DirVar), n, t.Namespace, s.WorkDir(t.Lab))
	if errors.Is(err, shell.ErrNoShell) {
		return nil // a process that a shell left behind
	}
	return err
}

func (a *App) examFlagCmd() *cobra.Command {
	return a.examMarkCmd("flag N [--off] [-o json]", (*exam.Exam).Flag, func() (on, off phrase) { return a.say.Exam.Flagged, a.say.Exam.Unflagged })
}

func (a *App) examDoneCmd() *cobra.Command {
	return a.examMarkCmd("done N [--off] [-o json]", (*exam.Exam).MarkDone, func() (on, off phrase) { return a.say.Exam.Done, a.say.Exam.Undone })
}

// examMarkCmd is a command that sets a mark of a task, or takes it away.
func (a *App) examMarkCmd(use string, mark func(*exam.Exam, int, bool) (*exam.State, error), says func() (on, off phrase)) *cobra.Command {
	var off bool
	var output *choice
	cmd := a.newCmd(use, a.oneTask, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.mustRun(cmd.Context())
		if err != nil {
			return err
		}
		n, err := a.taskNumber(cmd, s, args[0])
		if err != nil {
			return err
		}
		if s.state, err = mark(s.Exam, n, !off); err != nil {
			return err
		}
		if output.value == "json" {
			return writeJSON(a.Stdout, a.seatOf(s).Tasks[n-1])
		}
		text, taken := says()
		if off {
			text = taken
		}
		return a.println(text.with("number", strconv.Itoa(n), "title", a.taskTitle(s, n)))
	}
	cmd.Flags().BoolVar(&off, "off", false, "")
	cmd.ValidArgsFunction = a.completeTask
	output = a.output(cmd, "table", "json")
	return cmd
}
