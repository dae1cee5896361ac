package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"podlab/cluster"
)

// How long to wait before giving up. A start takes three seconds, on a busy
// machine several times that.
const (
	startTimeout = 90 * time.Second
	reuseTimeout = 20 * time.Second // for one that may just be starting
)

// phase is how far the process is, as cmd/podlab-kube/internal/plane says it.
type phase string

const (
	phaseControllers phase = "controllers"
	phaseReady       phase = "ready"
	phaseStopped     phase = "stopped" // it ended by itself, or was asked to
)

// state is the process's file of that name.
type state struct {
	Phase   phase  `json:"phase"`
	PID     int    `json:"pid"`
	Port    int    `json:"port"`
	Version string `json:"version"`
}

func (p *Provider) state() (state, error) {
	var s state
	file := filepath.Join(p.data(), "state.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return s, fmt.Errorf("read the state of %s: %w", Program, err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// Create implements cluster.Provider. It starts podlab-kube, or tells one that
// runs the images of the labs. Data that is there is used again: nothing that was
// acknowledged gets lost when the process dies.
func (p *Provider) Create(ctx context.Context, o cluster.CreateOptions) (err error) {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	steps := cluster.NewSteps(o.Listener)
	defer func() {
		if err != nil {
			steps.FailRunning(problem(err))
		}
	}()
	lives, err := p.lives()
	if err != nil {
		return err
	}
	if lives {
		if err := p.listImages(); err != nil {
			return err
		}
		if err := p.adopt(ctx, steps); err == nil || ctx.Err() != nil {
			return err
		}
		steps.Skip(cluster.StepReady, "")
	}
	existed := p.Exists()
	step := cluster.StepControl
	if existed {
		step = cluster.StepRepair
	}
	steps.Start(step)
	program, err := p.find()
	if err != nil {
		return err
	}
	if lives {
		if err := p.stop(ctx); err != nil {
			return err
		}
	}
	if err := p.start(ctx, program, steps, step); err != nil {
		if existed {
			return err
		}
		// What it was making goes away with it.
		steps.FailRunning(problem(err))
		steps.Start(cluster.StepCleanUp)
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout+killTimeout)
		defer cancel()
		if failed := p.remove(clean); failed != nil {
			return errors.Join(err, failed)
		}
		steps.Done(cluster.StepCleanUp)
		return err
	}
	return nil
}

// adopt takes over a process that runs.
func (p *Provider) adopt(ctx context.Context, steps *cluster.Steps) error {
	steps.Skip(cluster.StepControl, "")
	steps.Start(cluster.StepReady)
	ctx, cancel := context.WithTimeout(ctx, reuseTimeout)
	defer cancel()
	for {
		s, err := p.state()
		if err == nil && s.Phase == phaseReady {
			if err = p.healthy(ctx); err == nil {
				steps.Done(cluster.StepReady)
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return cluster.Fail("not-ready", err, "", "missing", Program+" does not become ready")
		case <-time.After(100 * time.Millisecond):
		}
		if lives, err := p.lives(); err == nil && !lives {
			return cluster.Fail("not-running", nil, "", "name", p.name)
		}
	}
}

// output is the file with what the process says before its log is open, and when
// it dies.
func (p *Provider) output() string { return filepath.Join(p.data(), "output") }

// start starts the program as a process of its own and waits until it is ready.
func (p *Provider) start(ctx context.Context, program string, steps *cluster.Steps, step cluster.StepID) error {
	if err := os.MkdirAll(p.data(), 0o700); err != nil {
		return fmt.Errorf("make the directory of the cluster: %w", err)
	}
	args := []string{"--data", p.data(), "--kubeconfig", p.KubeconfigPath(), "--name", "embedded-" + p.name}
	if p.images != nil {
		if err := p.listImages(); err != nil {
			return err
		}
		args = append(args, "--images", p.list())
	}
	said := p.output()
	output, err := os.OpenFile(said, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open the output of %s: %w", Program, err)
	}
	defer output.Close() //nolint:errcheck // the child has its own
	cmd := exec.Command(program, args...)
	cmd.Dir = p.data()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // the terminal's end is not its own
	if err := cmd.Start(); err != nil {
		return cluster.Fail("embedded-start", err, "", "name", p.name, "reason", err.Error())
	}
	var end error
	ended := make(chan struct{})
	go func() {
		end = cmd.Wait()
		close(ended)
	}()

	for deadline := time.Now().Add(p.startTimeout); ; {
		// The state of the last run is no news of this one.
		if s, err := p.state(); err == nil && s.PID == cmd.Process.Pid {
			if s.Phase == phaseControllers || s.Phase == phaseReady {
				steps.Done(step)
				steps.Start(cluster.StepReady)
			}
			if s.Phase == phaseReady {
				steps.Done(cluster.StepReady)
				return nil
			}
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(said)
			return cluster.Fail("embedded-start", end, string(text), "name", p.name, "reason", lastWords(string(text), end))
		case <-ctx.Done():
			p.abandon(cmd, ended)
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.abandon(cmd, ended)
			text, _ := os.ReadFile(said)
			missing := Program + " does not become ready"
			if last := cluster.LastLine(string(text)); last != "" {
				missing += ": " + last
			}
			return cluster.Fail("not-ready", end, string(text), "missing", missing)
		}
	}
}

// abandon ends a process that is not wanted any more.
func (p *Provider) abandon(cmd *exec.Cmd, ended <-chan struct{}) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(endTimeout):
		_ = cmd.Process.Kill()
		<-ended
	}
}

// lastWords is why a process ended before it was ready.
func lastWords(text string, err error) string {
	if last := cluster.LastLine(text); last != "" {
		return last
	}
	if err != nil {
		return err.Error()
	}
	return Program + " ended"
}

// problem is an error in English, without what to do about it.
func problem(err error) string {
	var failed *cluster.Error
	if errors.As(err, &failed) && failed.Err != nil {
		return failed.Err.Error()
	}
	return err.Error()
}
