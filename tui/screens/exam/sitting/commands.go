package sitting

import (
	"errors"
	"os/exec"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/backend"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/tmux"
	"podlab/tui/ui"
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
		exam  string
		asked []backend.Asked
		err   error
	}
	changedMsg struct {
		from
		err error
	}
	submitConfirmedMsg struct{ from }
	abortConfirmedMsg  struct{ from }
	endedMsg           struct {
		from
		err   error
		doing func(*texts.Texts) string
	}
	resultMsg struct {
		from
		result *exam.Result
		err    error
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
)

// readCmd reads what the tasks ask.
func (s *Screen) readCmd(state *exam.State) tea.Cmd {
	id, exams := from(s.id), s.deps.Exams
	return func() tea.Msg {
		asked, err := exams.Asked(state)
		return readMsg{id, state.ID, asked, err}
	}
}

// changeCmd changes a task. The change is not cut off by the end of podlab.
func (s *Screen) changeCmd(change func() (*exam.State, error)) tea.Cmd {
	id, jobs := from(s.id), s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			_, err := change()
			msg = changedMsg{id, err}
		})
		return msg
	}
}

func (s *Screen) gotoCmd(n int) tea.Cmd {
	exams := s.deps.Exams
	return s.changeCmd(func() (*exam.State, error) { return exams.Goto(n) })
}

func (s *Screen) flagCmd(n int, on bool) tea.Cmd {
	exams := s.deps.Exams
	return s.changeCmd(func() (*exam.State, error) { return exams.Flag(n, on) })
}

func (s *Screen) markDoneCmd(n int, on bool) tea.Cmd {
	exams := s.deps.Exams
	return s.changeCmd(func() (*exam.State, error) { return exams.MarkDone(n, on) })
}

// submitCmd ends and grades the exam. Leaving the screen does not stop it.
func (s *Screen) submitCmd() tea.Cmd {
	id, exams, ctx, jobs := from(s.id), s.deps.Exams, s.env.Context, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			_, err := exams.Submit(ctx)
			if errors.Is(err, exam.ErrNotRunning) {
				err = nil // another process was faster
			}
			msg = endedMsg{id, err, func(t *texts.Texts) string { return t.Exam.WhileFinish }}
		})
		return msg
	}
}

// abortCmd gives the exam up.
func (s *Screen) abortCmd() tea.Cmd {
	id, exams, ctx, jobs := from(s.id), s.deps.Exams, s.env.Context, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			err := exams.Abort(ctx)
			if errors.Is(err, exam.ErrNotRunning) {
				err = nil
			}
			msg = endedMsg{id, err, func(t *texts.Texts) string { return t.Exam.WhileAbort }}
		})
		return msg
	}
}

// resultCmd reads the result of the exam that was graded.
func (s *Screen) resultCmd(exam string) tea.Cmd {
	id, exams := from(s.id), s.deps.Exams
	return func() tea.Msg {
		r, err := exams.Result(exam)
		return resultMsg{id, r, err}
	}
}

// prepareShellCmd prepares the shell, which may write files.
func (s *Screen) prepareShellCmd(n int) tea.Cmd {
	id, shell := from(s.id), s.deps.Shell
	return func() tea.Msg {
		cmd, err := shell(n)
		return shellReadyMsg{id, cmd, err}
	}
}

// shellCmd gives the terminal to the shell until it ends. How the candidate's
// last command went is not of interest.
func (s *Screen) shellCmd(cmd *exec.Cmd) tea.Cmd {
	id := from(s.id)
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		if _, ended := err.(*exec.ExitError); ended {
			err = nil
		}
		return shellEndedMsg{id, err}
	})
}

// splitCmd opens the shell in a pane beside.
func (s *Screen) splitCmd(n int) tea.Cmd {
	id, deps := from(s.id), s.deps
	return func() tea.Msg {
		cmd, err := deps.Shell(n)
		if err == nil {
			err = deps.Split.Split(cmd)
		}
		return splitMsg{id, err}
	}
}

func (s *Screen) splitted(err error) tea.Cmd {
	switch {
	case errors.Is(err, tmux.ErrNoRoom):
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.SplitNoRoom })
	case err != nil:
		return s.failure(err, func(t *texts.Texts) string { return t.Exam.WhileShell })
	default:
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.Split })
	}
}
