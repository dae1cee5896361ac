package cli

import (
	"os/exec"
	"strconv"

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
	return tui.LiveExams(o, p.Records, a.ensureProctor), nil
}

// examShellProcess is "podlab exam shell N" as a process of its own.
func (a *App) examShellProcess(task int) (*exec.Cmd, error) {
	return a.process("exam", "shell", strconv.Itoa(task))
}
