package lab

import (
	"context"
	"os/exec"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/tui/backend"
	"podlab/tui/stream"
	"podlab/tui/ui"
)

const (
	// gradeWait is how long grading waits for checks that may still pass.
	gradeWait = 10 * time.Second
	// watchPause lies between the failure of a watch and the next try.
	watchPause = 2 * time.Second
)

// from is the screen that a message is for; messages of a screen that was
// left are dropped.
type from stream.ID

func (f from) screen() stream.ID { return stream.ID(f) }

// result is the message of a command of this screen, or of the answer to a
// question that it asked.
type result interface{ screen() stream.ID }

type (
	readMsg struct {
		from
		exercise backend.Exercise
		err      error
	}
	startedMsg struct {
		from
		attempt attempt
		err     error
	}
	editedMsg struct {
		from
		files []string
		err   error
	}
	resetConfirmedMsg   struct{ from }
	replaceConfirmedMsg struct{ from }
	resetMsg            struct {
		from
		attempt attempt
		err     error
	}
	gradedMsg struct {
		from
		report    *grader.Report
		err       error
		cancelled bool
	}
	solutionChosenMsg struct {
		from
		index int
	}
	applyConfirmedMsg struct{ from }
	appliedMsg        struct {
		from
		err error
	}
	recordedMsg struct {
		from
		err error
	}
	shellReadyMsg struct {
		from
		cmd *exec.Cmd
		err error
	}
	shellEndedMsg struct {
		from
		err error
	}
	splitMsg struct {
		from
		err error
	}
	watchAgainMsg struct{ watch stream.ID }
)

// attempt is what the records say of the current attempt.
type attempt struct {
	startedAt    time.Time
	hints        int
	solutionSeen bool
}

func (s *Screen) tickCmd() tea.Cmd { return ui.TickCmd(s.id, time.Second) }

// readCmd expands the lab.
func (s *Screen) readCmd() tea.Cmd {
	id, lab, practice := from(s.id), s.lab.ID, s.deps.Practice
	return func() tea.Msg {
		e, err := practice.Exercise(lab)
		return readMsg{id, e, err}
	}
}

// attemptNow reads the record of the lab. It does I/O.
func attemptNow(records backend.Records, lab string) (attempt, error) {
	all, err := records.All()
	r := all[lab]
	return attempt{r.StartedAt, r.HintsUsed, r.SolutionSeen}, err
}

// startCmd sets the lab up, or finds that it is.
func (s *Screen) startCmd(ctx context.Context) tea.Cmd {
	id, lab, deps, jobs := from(s.id), s.lab.ID, s.deps, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			if err := deps.Practice.Start(ctx, lab); err != nil {
				msg = startedMsg{from: id, err: err}
				return
			}
			a, err := attemptNow(deps.Records, lab)
			msg = startedMsg{id, a, err}
		})
		return msg
	}
}

// watchCmd grades live until the screen is left; it tells through the watch.
func (s *Screen) watchCmd() tea.Cmd {
	ctx, lab, practice, watch, jobs := s.ctx, s.lab.ID, s.deps.Practice, s.watch, s.env.Jobs
	return func() tea.Msg {
		jobs.Run(func() {
			watch.Close(practice.Watch(ctx, lab, grader.Observer{
				Report:  func(r *grader.Report) { watch.Push(event{report: r}) },
				Objects: func(o grader.Objects) { watch.Push(event{objects: &o}) },
				Trouble: func(err error) { watch.Push(event{trouble: err}) },
			}))
		})
		return nil
	}
}

// watchAgainCmd tries again after a pause when a watch has ended.
func (s *Screen) watchAgainCmd() tea.Cmd {
	if s.ctx.Err() != nil {
		return nil
	}
	again := watchAgainMsg{s.watch.ID()}
	return tea.Tick(watchPause, func(time.Time) tea.Msg { return again })
}

// editedCmd looks for files that the learner changed.
func (s *Screen) editedCmd() tea.Cmd {
	id, lab, practice := from(s.id), s.lab.ID, s.deps.Practice
	return func() tea.Msg {
		files, err := practice.Edited(lab)
		return editedMsg{id, files, err}
	}
}

// resetCmd puts the lab back into its initial state.
func (s *Screen) resetCmd(ctx context.Context, replaceEdited bool) tea.Cmd {
	id, lab, deps, jobs := from(s.id), s.lab.ID, s.deps, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			if err := deps.Practice.Reset(ctx, lab, replaceEdited); err != nil {
				msg = resetMsg{from: id, err: err}
				return
			}
			a, err := attemptNow(deps.Records, lab)
			msg = resetMsg{id, a, err}
		})
		return msg
	}
}

// gradeCmd grades and records.
func (s *Screen) gradeCmd(ctx context.Context) tea.Cmd {
	id, lab, practice, jobs := from(s.id), s.lab.ID, s.deps.Practice, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			r, err := practice.Grade(ctx, lab, gradeWait)
			msg = gradedMsg{id, r, err, ctx.Err() != nil}
		})
		return msg
	}
}

// applyCmd applies the solution that is shown.
func (s *Screen) applyCmd(ctx context.Context, a labs.Answer) tea.Cmd {
	id, lab, p, jobs := from(s.id), s.lab.ID, s.deps.Practice, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() { msg = appliedMsg{id, p.Perform(ctx, lab, a, practice.StepWait, false)} })
		return msg
	}
}

// recordHintCmd notes how many hints were read.
func (s *Screen) recordHintCmd(n int) tea.Cmd {
	id, lab, practice := from(s.id), s.lab.ID, s.deps.Practice
	return func() tea.Msg { return recordedMsg{id, practice.RecordHint(lab, n)} }
}

// recordSolutionCmd notes that a solution was looked at.
func (s *Screen) recordSolutionCmd() tea.Cmd {
	id, lab, practice := from(s.id), s.lab.ID, s.deps.Practice
	return func() tea.Msg { return recordedMsg{id, practice.RecordSolutionSeen(lab)} }
}

// prepareShellCmd prepares the shell, which may write files.
func (s *Screen) prepareShellCmd() tea.Cmd {
	id, lab, shell := from(s.id), s.lab.ID, s.deps.Shell
	return func() tea.Msg {
		cmd, err := shell(lab)
		return shellReadyMsg{id, cmd, err}
	}
}

// splitCmd opens the shell in a pane beside.
func (s *Screen) splitCmd() tea.Cmd {
	id, lab, deps := from(s.id), s.lab.ID, s.deps
	return func() tea.Msg {
		cmd, err := deps.Shell(lab)
		if err == nil {
			err = deps.Split.Split(cmd)
		}
		return splitMsg{id, err}
	}
}

// shellCmd gives the terminal to the shell until it ends. How the learner's
// last command in it ended is no failure of the shell.
func (s *Screen) shellCmd(cmd *exec.Cmd) tea.Cmd {
	id := from(s.id)
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		if _, ended := err.(*exec.ExitError); ended {
			err = nil
		}
		return shellEndedMsg{id, err}
	})
}
