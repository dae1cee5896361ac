package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"podlab/labs/exam"
)

func (a *App) examSubmitCmd() *cobra.Command {
	var yes bool
	var output *choice
	cmd := a.newCmd("submit [--yes] [-o json]", a.none, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.examSubmit(cmd, yes, output.value) }
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "")
	output = a.output(cmd, "table", "json")
	return cmd
}

// examSubmit ends the exam and shows the result. The exit code says whether it
// is passed.
func (a *App) examSubmit(cmd *cobra.Command, yes bool, output string) error {
	ctx := cmd.Context()
	s, err := a.sit(ctx)
	if err != nil {
		return err
	}
	if s.result == nil && s.state.Phase == exam.Graded { // time was up, or it was submitted before
		if s.result, err = s.Result(s.state.ID); err != nil {
			return err
		}
	}
	if s.result != nil {
		return a.examVerdict(s.result, output)
	}
	if s.state.Phase == exam.Running && !yes {
		a.reminder(s)
		if err := a.agree(ctx, cmd, a.say.Exam.SubmitAsk.with("left", clock(s.state.Left(s.at)))); err != nil {
			return err
		}
	} else if s.state.Phase != exam.Ended && s.state.Phase != exam.Running {
		return a.running(s)
	}
	a.remark(a.say.Exam.Grading.with())
	result, err := s.Submit(ctx)
	switch {
	case ctx.Err() != nil:
		return a.interrupted(ctx)
	case err != nil:
		if s.look() == nil && s.state.Phase == exam.Ended {
			a.remark(a.say.Exam.Errors.Ungraded.with("submit", a.command("exam submit"), "abort", a.command("exam abort")))
		}
		return err
	}
	return a.examVerdict(result, output)
}

// reminder says what is untouched, flagged, and not marked as done.
func (a *App) reminder(s *sitting) {
	var untouched, flagged, undone []string
	for i, t := range s.state.Tasks {
		n := strconv.Itoa(i + 1)
		switch {
		case !t.Visited && !t.Done:
			untouched = append(untouched, n)
		case !t.Done:
			undone = append(undone, n)
		}
		if t.Flagged {
			flagged = append(flagged, n)
		}
	}
	say := a.say.Exam
	for _, row := range []struct {
		text  phrase
		tasks []string
	}{{say.Untouched, untouched}, {say.NotDone, undone}, {say.Reminder, flagged}} {
		if len(row.tasks) > 0 {
			a.remark(row.text.with("tasks", strings.Join(row.tasks, ", ")))
		}
	}
}

// agree asks for what cannot be undone. Without a terminal it takes --yes.
func (a *App) agree(ctx context.Context, cmd *cobra.Command, question string) error {
	if !isTerminal(a.Stdin) {
		return a.usage(cmd, a.say.Exam.Errors.NeedsYes.with("command", cmd.CommandPath()))
	}
	if a.confirm(ctx, question, false) {
		return nil
	}
	if ctx.Err() != nil {
		return a.interrupted(ctx)
	}
	a.remark(a.say.Exam.Kept.with())
	return exitError(exitTrouble)
}

func (a *App) examAbortCmd() *cobra.Command {
	var yes bool
	var output *choice
	cmd := a.newCmd("abort [--yes] [-o json]", a.none, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.examAbort(cmd, yes, output.value) }
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "")
	output = a.output(cmd, "table", "json")
	return cmd
}

// examAbort gives the exam up. It does not grade one whose time is up, and
// works without a cluster as well.
func (a *App) examAbort(cmd *cobra.Command, yes bool, output string) error {
	ctx := cmd.Context()
	e, err := a.openExam()
	if err != nil {
		return err
	}
	s := &sitting{Exam: e}
	if err := s.look(); err != nil {
		return err
	}
	if !s.state.Phase.Open() {
		return a.running(s)
	}
	if !yes {
		if err := a.agree(ctx, cmd, a.say.Exam.AbortAsk.with("exam", s.state.ID)); err != nil {
			return err
		}
	}
	err = e.Abort(ctx)
	if errors.Is(err, exam.ErrRightsLeft) {
		a.remark(a.say.Exam.Errors.RightsLeft.with("error", err.Error()))
		err = nil
	}
	if err != nil {
		return err
	}
	if output == "json" {
		if err := s.look(); err != nil {
			return err
		}
		return a.examJSON(s)
	}
	return a.println(a.say.Exam.Aborted.with("exam", s.state.ID, "clean", a.command("exam clean")))
}

func (a *App) examCleanCmd() *cobra.Command {
	return a.newCmd("clean", a.none, func(cmd *cobra.Command, _ []string) error {
		e, err := a.openExam()
		if err != nil {
			return err
		}
		n, err := e.CleanUp(cmd.Context())
		if errors.Is(err, exam.ErrOpen) {
			s, _, err := e.State()
			if err != nil {
				return err
			}
			return a.examOpen(s)
		}
		if err != nil {
			return err
		}
		return a.println(a.say.Exam.Cleaned.with("count", strconv.Itoa(n)))
	})
}
