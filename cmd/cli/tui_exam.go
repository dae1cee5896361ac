package cli

import (
	"context"
	"os/exec"
	"strconv"

	"podlab/labs/exam"
	"podlab/tui"
)

// exams are the timed exams for the interface.
func (a *App) exams() (tui.Exams, error) {
	o, err := a.examOptions()
	if err != nil {
		return nil, err
	}
	p, err := a.practiceOptions(o.Catalog)
	if err != nil {
		return nil, err
	}
	return tui.LiveExams(o, p.Records, func(ctx context.Context, e *exam.Exam) error {
		if overseen, err := e.Overseen(ctx); overseen && err == nil {
			return nil
		}
		return a.startProctor(e)
	}), nil
}

// examShellProcess is "podlab exam shell N" as a process of its own.
func (a *App) examShellProcess(task int) (*exec.Cmd, error) {
	return a.process("exam", "shell", strconv.Itoa(task))
}
