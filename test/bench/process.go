package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"time"
)

type summary struct{ median, min, max time.Duration }

func summarise(series []time.Duration) summary {
	s := slices.Sorted(slices.Values(series))
	return summary{s[len(s)/2], s[0], s[len(s)-1]}
}

// ended is a process that has run to its end.
type ended struct {
	took   time.Duration
	peak   int64 // most resident memory, in bytes
	output []byte
	code   int
}

func (b *bench) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.podlab, append([]string{"--name", b.name}, args...)...)
	cmd.Env = append(os.Environ(), "PODLAB_STATE="+b.state, "PODLAB_LANG=en", "TERM=xterm-256color")
	if b.bundle != "" {
		cmd.Env = append(cmd.Env, "PODLAB_BUNDLE="+b.bundle)
	}
	return cmd
}

// process runs podlab and fails only when it could not be run at all.
func (b *bench) process(ctx context.Context, args ...string) (ended, error) {
	return measure(b.command(ctx, args...))
}

// succeed is process for commands that must exit with 0.
func (b *bench) succeed(ctx context.Context, args ...string) (ended, error) {
	e, err := b.process(ctx, args...)
	if err == nil && e.code != 0 {
		err = fmt.Errorf("podlab %v: exit code %d:\n%s", args, e.code, e.output)
	}
	return e, err
}

func measure(cmd *exec.Cmd) (ended, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	e := ended{took: time.Since(began), output: out.Bytes()}
	if cmd.ProcessState == nil {
		return e, fmt.Errorf("%s: %w", cmd.Path, err)
	}
	e.code = cmd.ProcessState.ExitCode()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		e.peak = usage.Maxrss << 10 // Linux counts in KiB
	}
	return e, nil
}

// up measures the creation of a cluster, beside plain kind where it is given.
func (b *bench) up(ctx context.Context) error {
	var mine, plain, waited, deleted []time.Duration
	var peak int64
	for i := range b.rounds {
		if b.kind != "" {
			took, err := b.plainKind(ctx)
			if err != nil {
				return err
			}
			plain = append(plain, took)
			if took, err = b.plainKind(ctx, "--wait", "2m"); err != nil {
				return err
			}
			waited = append(waited, took)
		}
		e, err := b.succeed(ctx, "up", "--yes")
		if err != nil {
			return err
		}
		mine, peak = append(mine, e.took), max(peak, e.peak)
		if i == b.rounds-1 {
			break // the labs need it
		}
		if e, err = b.succeed(ctx, "down", "--yes"); err != nil {
			return err
		}
		deleted = append(deleted, e.took)
	}
	b.times("up, with bundle, until Pods can run", "see ratio", mine)
	if len(plain) > 0 {
		b.times("plain kind create cluster", "", plain)
		b.times("plain kind create cluster --wait", "", waited)
		ratio := func(other []time.Duration) string {
			return fmt.Sprintf("%.2f", float64(summarise(mine).median)/float64(summarise(other).median))
		}
		b.row("up / plain kind", "≤ 1.15 + image load", ratio(plain), "")
		b.row("up / plain kind --wait", "", ratio(waited), "")
	}
	b.row("peak memory of up", "", mebibytes(peak), "")
	if len(deleted) > 0 {
		b.times("down", "", deleted)
	}
	again, err := b.succeed(ctx, "up", "--yes")
	if err != nil {
		return err
	}
	b.times("up again, nothing to do", "", []time.Duration{again.took})
	return nil
}

// plainKind creates and deletes a cluster with kind itself.
func (b *bench) plainKind(ctx context.Context, more ...string) (time.Duration, error) {
	name := b.name + "-plain"
	kubeconfig := b.state + "/plain.kubeconfig"
	args := []string{"create", "cluster", "--name", name, "--kubeconfig", kubeconfig, "--quiet"}
	args = append(args, more...)
	if b.image != "" {
		args = append(args, "--image", b.image)
	}
	e, err := measure(exec.CommandContext(ctx, b.kind, args...))
	if err == nil && e.code != 0 {
		err = fmt.Errorf("kind create cluster: %s", e.output)
	}
	remove := exec.Command(b.kind, "delete", "cluster", "--name", name, "--kubeconfig", kubeconfig)
	if out, rmErr := remove.CombinedOutput(); err == nil && rmErr != nil {
		err = fmt.Errorf("kind delete cluster: %w: %s", rmErr, out)
	}
	return e.took, err
}

// memory is the resident memory of a process, in bytes.
type memory struct {
	all int64
	// file is the part that shows files, the program above all: how much of it
	// counts as resident depends on how far the kernel reads ahead.
	file int64
}

var rssRE = regexp.MustCompile(`(VmRSS|RssFile):\s+(\d+) kB`)

func resident(pid int) (memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, err
	}
	found := rssRE.FindAllSubmatch(status, -1)
	if len(found) != 2 {
		return memory{}, fmt.Errorf("the status of process %d does not say what is resident", pid)
	}
	var m memory
	for _, field := range found {
		kib, err := strconv.ParseInt(string(field[2]), 10, 64)
		if err != nil {
			return memory{}, err
		}
		if string(field[1]) == "VmRSS" {
			m.all = kib << 10
		} else {
			m.file = kib << 10
		}
	}
	return m, nil
}

// cpuTime is the processor time that a process has used.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// the fields behind the name in parentheses; utime and stime are the 14th and 15th of all
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const hertz = 100
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / hertz, nil
}

// idleShare is the part of one processor that a process uses while it is left
// alone for the time of look, once it has settled.
func idleShare(pid int, settle, look time.Duration) (float64, error) {
	time.Sleep(settle)
	before, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	time.Sleep(look)
	after, err := cpuTime(pid)
	return float64(after-before) / float64(look), err
}
