// Package engine drives a container engine (docker, podman or nerdctl)
// through its command line, for what podlab needs beside the kind library:
// who is there, which images it has, and the state of node containers.
package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"podlab/cluster"
)

// The engines, by kind's names for them.
const (
	Docker  = "docker"
	Podman  = "podman"
	Nerdctl = "nerdctl"
)

// ProviderEnv is kind's variable that chooses an engine instead of detection.
const ProviderEnv = "KIND_EXPERIMENTAL_PROVIDER"

// Engine is a container engine that is installed; it may not be running.
type Engine struct {
	// Name is one of docker, podman, nerdctl.
	Name string
	// Binary that drives it; another than Name for finch and nerdctl.lima.
	Binary string

	run Runner
}

// candidates in kind's order of detection, with what "-v" answers.
func candidates() []struct{ name, binary, answer string } {
	return []struct{ name, binary, answer string }{
		{Docker, "docker", "Docker version"},
		{Nerdctl, "nerdctl", "nerdctl version"},
		{Nerdctl, "finch", "finch version"},
		{Podman, "podman", "podman version"},
	}
}

// Detect finds the engine as kind does: $KIND_EXPERIMENTAL_PROVIDER, else the
// first of docker, nerdctl, finch and podman whose client is installed.
// Whether its daemon answers is for Info to say.
func Detect(ctx context.Context, run Runner, getenv func(string) string) (*Engine, error) {
	switch chosen := getenv(ProviderEnv); chosen {
	case Docker, Podman:
		return installed(ctx, run, chosen, chosen)
	case Nerdctl, "finch", "nerdctl.lima":
		return installed(ctx, run, Nerdctl, chosen)
	}
	for _, c := range candidates() {
		out, err := output(ctx, run, c.binary, "-v")
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		// podman may be installed under docker's name: the answer decides.
		if err == nil && strings.HasPrefix(out, c.answer) {
			return &Engine{Name: c.name, Binary: c.binary, run: run}, nil
		}
	}
	return nil, cluster.Fail("no-engine", nil, "")
}

func installed(ctx context.Context, run Runner, name, binary string) (*Engine, error) {
	if _, err := output(ctx, run, binary, "-v"); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, cluster.Fail("chosen-engine", err, Output(err), "engine", binary, "variable", ProviderEnv)
	}
	return &Engine{Name: name, Binary: binary, run: run}, nil
}

// Info is what an engine says about itself and its machine. Fields that an
// engine does not tell are zero.
type Info struct {
	Version string
	// Arch in Go's names: amd64, arm64.
	Arch string
	// Memory of the engine's machine, in bytes.
	Memory int64
	CPUs   int
	// DataRoot is where images and volumes lie, on the engine's machine.
	DataRoot string
	Rootless bool
	CgroupV1 bool
}

// Info asks the engine. It fails with a *cluster.Error that tells an engine
// that does not run from one that the user may not use.
func (e *Engine) Info(ctx context.Context) (Info, error) {
	var out bytes.Buffer
	format := "{{json .}}"
	if e.Name == Podman {
		format = "json"
	}
	err := e.run.Run(ctx, Command{Name: e.Binary, Args: []string{"info", "--format", format}, Stdout: &out})
	if err != nil {
		return Info{}, e.unavailable(ctx, err)
	}
	if e.Name == Podman {
		return podmanInfo(out.Bytes())
	}
	info, problems, err := dockerInfo(out.Bytes())
	if err == nil && len(problems) > 0 {
		// Older docker clients exit with 0 although the daemon did not answer.
		err = e.unavailable(ctx, &RunError{
			Command: []string{e.Binary, "info"}, Output: strings.Join(problems, "\n"),
			Err: fmt.Errorf("the daemon did not answer"),
		})
	}
	return info, err
}

func dockerInfo(data []byte) (Info, []string, error) {
	var raw struct {
		ServerVersion, Architecture, DockerRootDir, CgroupVersion string
		MemTotal                                                  int64
		NCPU                                                      int
		SecurityOptions, ServerErrors                             []string
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return Info{}, nil, fmt.Errorf("read the engine's info: %w", err)
	}
	info := Info{
		Version: raw.ServerVersion, Arch: goArch(raw.Architecture), Memory: raw.MemTotal,
		CPUs: raw.NCPU, DataRoot: raw.DockerRootDir, CgroupV1: raw.CgroupVersion == "1",
	}
	for _, option := range raw.SecurityOptions {
		info.Rootless = info.Rootless || strings.Contains(option, "name=rootless")
	}
	return info, raw.ServerErrors, nil
}

func podmanInfo(data []byte) (Info, error) {
	var raw struct {
		Host struct {
			Arch          string
			MemTotal      int64
			CPUs          int
			CgroupVersion string
			Security      struct{ Rootless bool }
		}
		Store   struct{ GraphRoot string }
		Version struct{ Version string }
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return Info{}, fmt.Errorf("read the engine's info: %w", err)
	}
	return Info{
		Version: raw.Version.Version, Arch: goArch(raw.Host.Arch), Memory: raw.Host.MemTotal,
		CPUs: raw.Host.CPUs, DataRoot: raw.Store.GraphRoot, Rootless: raw.Host.Security.Rootless,
		CgroupV1: raw.Host.CgroupVersion == "v1",
	}, nil
}

// goArch turns the kernel's machine names into Go's.
func goArch(machine string) string {
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	default:
		return machine
	}
}

// unavailable says why an engine did not answer.
func (e *Engine) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	said := Output(err)
	low := strings.ToLower(said)
	reason := cluster.LastLine(said)
	if reason == "" {
		reason = err.Error()
	}
	switch {
	case strings.Contains(low, "permission denied"):
		return cluster.Fail("engine-forbidden", err, said, "engine", e.Binary, "reason", reason)
	case strings.Contains(low, "cannot connect"), strings.Contains(low, "connection refused"),
		strings.Contains(low, "is the docker daemon running"), strings.Contains(low, "no such file"),
		strings.Contains(low, "cannot access containerd socket"):
		return cluster.Fail("engine-down", err, said, "engine", e.Binary, "reason", reason)
	default:
		return cluster.Fail("engine-failed", err, said, "engine", e.Binary, "command", "info", "reason", reason)
	}
}

// failed wraps an error of one engine command. What it says about the daemon
// is told apart, since the daemon may stop at any time.
func (e *Engine) failed(ctx context.Context, command string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	said := Output(err)
	low := strings.ToLower(said)
	if strings.Contains(low, "permission denied while trying to connect") || strings.Contains(low, "cannot connect to the docker daemon") {
		return e.unavailable(ctx, err)
	}
	reason := cluster.LastLine(said)
	if reason == "" {
		reason = err.Error()
	}
	return cluster.Fail("engine-failed", err, said, "engine", e.Binary, "command", command, "reason", reason)
}

// Local says whether the engine's files are on this machine, as far as that
// can be known: not with a remote host, nor where a virtual machine runs it.
func (e *Engine) Local(getenv func(string) string) bool {
	if runtime.GOOS != "linux" || e.Binary == "finch" || e.Binary == "nerdctl.lima" {
		return false
	}
	for _, name := range []string{"DOCKER_HOST", "CONTAINER_HOST"} {
		if host := getenv(name); host != "" && !strings.HasPrefix(host, "unix://") {
			return false
		}
	}
	return true
}

func (e *Engine) output(ctx context.Context, args ...string) (string, error) {
	return output(ctx, e.run, e.Binary, args...)
}

func output(ctx context.Context, run Runner, name string, args ...string) (string, error) {
	var out bytes.Buffer
	err := run.Run(ctx, Command{Name: name, Args: args, Stdout: &out})
	return strings.TrimSpace(out.String()), err
}
