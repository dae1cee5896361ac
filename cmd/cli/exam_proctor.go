package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"podlab/labs/exam"
)

// examProctorCmd is the process in the background that ends an exam. It is not
// for people.
func (a *App) examProctorCmd() *cobra.Command {
	cmd := a.newCmd("proctor", a.none, func(cmd *cobra.Command, _ []string) error {
		e, err := a.openExam()
		if err != nil {
			return err
		}
		log := func(line string) { _, _ = fmt.Fprintln(a.Stderr, time.Now().UTC().Format(time.RFC3339), line) }
		if p, err := a.provider(); err == nil {
			go (&keeper{cluster: p}).stay(cmd.Context(), log)
		}
		began := func() { log(fmt.Sprintf("proctor, process %d", os.Getpid())) }
		last := ""
		return e.Proctor(cmd.Context(), began, func(err error) {
			message := "no trouble any more"
			if err != nil {
				message = "trouble: " + err.Error()
			}
			if message != last && (err != nil || last != "") {
				log(message)
				last = message
			}
		})
	})
	cmd.Hidden = true
	return cmd
}

// oversee makes sure that the exam has a proctor, which outlives this process
// and its terminal. Without one, the next command that finds the time over ends
// the exam.
func (a *App) oversee(ctx context.Context, e *exam.Exam) {
	if err := a.ensureProctor(ctx, e); err != nil {
		a.remark(a.say.Exam.Alone.with("error", err.Error()))
	}
}

// ensureProctor starts the proctor of the exam, unless it has one.
func (a *App) ensureProctor(ctx context.Context, e *exam.Exam) error {
	if overseen, err := e.Overseen(ctx); overseen && err == nil {
		return nil
	}
	return a.startProctor(e)
}

func (a *App) startProctor(e *exam.Exam) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	state, err := a.stateDir()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(e.Dir(), "proctor.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the child has its own
	cmd := exec.Command(self, "--name", a.flags.name, "exam", "proctor")
	cmd.Dir = state
	cmd.Env = append(a.environ(), "PODLAB_STATE="+state)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // the terminal's end is not its own
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
