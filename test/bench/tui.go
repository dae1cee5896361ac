package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// startUp measures what needs no cluster.
func (b *bench) startUp(ctx context.Context) error {
	var help, frame []time.Duration
	for range 20 {
		e, err := b.succeed(ctx, "--help")
		if err != nil {
			return err
		}
		help = append(help, e.took)
		took, err := b.firstFrame(ctx)
		if err != nil {
			return err
		}
		frame = append(frame, took)
	}
	b.times("podlab --help, whole process", "≤ 50 ms", help)
	b.times("first frame of the TUI", "≤ 50 ms", frame)
	return nil
}

// firstFrame is the time from the start of podlab in an 80×24 terminal until
// the terminal has all of the first frame.
func (b *bench) firstFrame(ctx context.Context) (time.Duration, error) {
	t, err := b.open(ctx, 80, 24)
	if err != nil {
		return 0, err
	}
	defer t.close()
	if err := t.await("podlab", 10*time.Second); err != nil {
		return 0, err
	}
	at, ok := t.frame(time.Second)
	if !ok {
		return 0, fmt.Errorf("the first frame is none")
	}
	return at.Sub(t.began), nil
}

// tui measures the TUI on the cluster that is there, which it leaves without
// the lab.
func (b *bench) tui(ctx context.Context) error {
	defer func() { _, _ = b.process(context.WithoutCancel(ctx), "stop", b.lab) }()
	if _, err := b.succeed(ctx, "start", b.lab); err != nil {
		return err
	}
	if _, err := b.process(ctx, "solution", b.lab, "--apply"); err != nil {
		return err
	}
	if _, err := b.succeed(ctx, "grade", b.lab, "--wait", "60s"); err != nil {
		return err
	}
	t, err := b.open(ctx, 120, 40)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.await(" solved", 30*time.Second); err != nil {
		return err
	}
	if err := b.keys(t, "key to frame in the list of labs", down, up); err != nil {
		return err
	}
	if err := b.rest(t, "list of labs"); err != nil {
		return err
	}

	// One after the other: what arrives at once is taken for one key.
	for _, step := range []struct{ press, shows string }{
		{"/", "Search:"}, {b.lab, b.lab}, {enter, "clear the search"}, {enter, "Everything passed"},
	} {
		if err := t.lead(step.press, step.shows, 30*time.Second); err != nil {
			return err
		}
	}
	if err := b.keys(t, "key to frame in a lab", tab); err != nil {
		return err
	}
	if err := b.rest(t, "lab with its live checks"); err != nil {
		return err
	}
	memory, err := resident(t.cmd.Process.Pid)
	if err != nil {
		return err
	}
	b.row("resident memory of the TUI in a lab", "≤ 80 MB", megabytes(memory.all), "without mapped files "+megabytes(memory.all-memory.file))
	return b.scrollLog(ctx, t)
}

// keys measures keys, pressed in turn, each of which changes the screen.
func (b *bench) keys(t *terminal, what string, keys ...string) error {
	var series []time.Duration
	for i := range 300 {
		// at any time between two frames, and after the last one
		time.Sleep(30*time.Millisecond + rand.N(20*time.Millisecond))
		took, err := t.keyToFrame(keys[i%len(keys)])
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		series = append(series, took)
	}
	slices.Sort(series)
	median, p99 := series[len(series)/2], series[len(series)*99/100]
	b.row(what, "≤ 16 ms at p99", shown(median), "p99 "+shown(p99))
	return nil
}

// rest measures what the TUI costs while nobody presses a key.
func (b *bench) rest(t *terminal, where string) error {
	share, err := idleShare(t.cmd.Process.Pid, 2*time.Second, 30*time.Second)
	if err != nil {
		return err
	}
	b.row("processor of the idle TUI, "+where, "≤ 0.5 %", percent(share), "")
	return nil
}

const logLines = 5000

// scrollLog measures the pages of a long log in the lab that is open.
func (b *bench) scrollLog(ctx context.Context, t *terminal) error {
	// With no other Pod in the namespace, the first log is the one.
	if _, err := b.succeed(ctx, "reset", b.lab, "--yes"); err != nil {
		return err
	}
	client, err := b.client()
	if err != nil {
		return err
	}
	if err := printLog(ctx, client.Typed, "podlab-"+b.lab); err != nil {
		return err
	}
	if err := t.lead("o", fmt.Sprint("line ", logLines), 30*time.Second); err != nil {
		return err
	}
	return b.keys(t, fmt.Sprintf("key to frame with a log of %d lines", logLines),
		append(slices.Repeat([]string{pageUp}, 20), slices.Repeat([]string{pageDown}, 20)...)...)
}

// printLog creates a Pod that prints a long log, and returns when it has.
func printLog(ctx context.Context, client kubernetes.Interface, namespace string) error {
	pods := client.CoreV1().Pods(namespace)
	script := fmt.Sprintf("for i in $(seq %d); do echo \"line $i %s\"; done; sleep 3600", logLines, strings.Repeat("podlab ", 12))
	pod, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "bench-log"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Name: "printer", Image: "busybox:1.37", Command: []string{"sh", "-c", script}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	last := int64(1)
	return wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		log, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{TailLines: &last}).DoRaw(ctx)
		return err == nil && strings.Contains(string(log), fmt.Sprint("line ", logLines)), nil
	})
}
