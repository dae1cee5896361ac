package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/grader"
	"podlab/grader/probe"
	"podlab/grader/report"
	"podlab/labs"
)

// lab is what is measured: it has objects, logs and HTTP to look at.
const lab = "mc3"

// labs measures the life of a lab on the cluster that up left.
func (b *bench) labs(ctx context.Context) error {
	var start, reset, solved []time.Duration
	for range 5 {
		e, err := b.succeed(ctx, "start", lab)
		if err != nil {
			return err
		}
		start = append(start, e.took)
		if e, err = b.process(ctx, "solution", lab, "--apply"); err != nil {
			return err
		}
		if e, err = b.succeed(ctx, "grade", lab, "--wait", "60s"); err != nil {
			return err
		}
		for range 5 {
			if e, err = b.succeed(ctx, "grade", lab, "-o", "json"); err != nil {
				return err
			}
			solved = append(solved, e.took)
		}
		if e, err = b.succeed(ctx, "reset", lab, "--yes"); err != nil {
			return err
		}
		reset = append(reset, e.took)
		if _, err = b.succeed(ctx, "stop", lab); err != nil {
			return err
		}
		// a start would wait for the namespace to go
		if _, err = b.succeed(ctx, "kubectl", "wait", "--for=delete", "namespace/podlab-"+lab, "--timeout=60s"); err != nil {
			return err
		}
	}
	b.times("start, whole process", "≤ 1 s", start)
	b.times("reset of a solved lab, whole process", "≤ 3 s", reset)
	b.times("grade of a solved "+lab+", whole process", "≤ 150 ms", solved)

	client, target, program, err := b.connect()
	if err != nil {
		return err
	}
	if _, err := b.succeed(ctx, "start", lab); err != nil {
		return err
	}
	if err := b.stuck(ctx, client); err != nil {
		return err
	}
	if _, err := b.succeed(ctx, "reset", lab, "--yes"); err != nil {
		return err
	}
	if _, err := b.process(ctx, "solution", lab, "--apply"); err != nil {
		return err
	}
	if _, err := b.succeed(ctx, "grade", lab, "--wait", "60s"); err != nil {
		return err
	}
	if err := b.eventToVerdict(ctx, client, target, program); err != nil {
		return err
	}
	return b.idle(ctx)
}

// client reaches the cluster without podlab.
func (b *bench) client() (*probe.Client, error) {
	config, err := cluster.RESTConfig(filepath.Join(b.state, "clusters", b.name, "kubeconfig"))
	if err != nil {
		return nil, err
	}
	return probe.NewClient(config)
}

// connect is what a process does once that then measures inside itself.
func (b *bench) connect() (kubernetes.Interface, grader.Target, *grader.Program, error) {
	fail := func(err error) (kubernetes.Interface, grader.Target, *grader.Program, error) {
		return nil, grader.Target{}, nil, err
	}
	client, err := b.client()
	if err != nil {
		return fail(err)
	}
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		return fail(err)
	}
	l, err := catalog.Lab(lab)
	if err != nil {
		return fail(err)
	}
	instance, err := l.Instantiate("podlab-"+lab, l.Defaults())
	if err != nil {
		return fail(err)
	}
	target := grader.Target{Client: client, Namespace: instance.Namespace, RunsContainers: true}
	return client.Typed, target, instance.Program, nil
}

// stuck measures from the moment at which Kubernetes reports that an image
// cannot be pulled to the line in which "podlab watch" says so.
func (b *bench) stuck(ctx context.Context, client kubernetes.Interface) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var series []time.Duration
	for range 3 {
		cmd := b.command(ctx, "watch", lab, "-o", "json")
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		verdicts := make(chan time.Time, 1)
		go func() {
			lines := bufio.NewScanner(out)
			lines.Buffer(nil, 4<<20)
			for lines.Scan() {
				var r report.Report
				if json.Unmarshal(lines.Bytes(), &r) == nil && saysStuck(r) {
					verdicts <- time.Now()
					return
				}
			}
		}()
		time.Sleep(time.Second) // let it fill its caches
		told, err := pullFails(ctx, client)
		if err != nil {
			return err
		}
		select {
		case verdict := <-verdicts:
			series = append(series, max(verdict.Sub(told), 0))
		case <-ctx.Done():
			return fmt.Errorf("podlab watch never said that the image cannot be pulled")
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if _, err := b.succeed(ctx, "reset", lab, "--yes"); err != nil {
			return err
		}
	}
	b.times("stuck state to verdict, in podlab watch", "≤ 1 s", series)
	return nil
}

func saysStuck(r report.Report) bool {
	return slices.ContainsFunc(r.Checks, func(c report.Check) bool {
		return c.Status == grader.Failed && strings.Contains(c.Actual, "ErrImagePull")
	})
}

// pullFails creates a Pod whose image does not exist and returns when the API
// server told that it cannot be pulled.
func pullFails(ctx context.Context, client kubernetes.Interface) (time.Time, error) {
	pods := client.CoreV1().Pods("podlab-" + lab)
	events, err := pods.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return time.Time{}, err
	}
	defer events.Stop()
	container := corev1.Container{Name: "webapp", Image: "localhost/there-is-no-such:image"}
	second := corev1.Container{Name: "nginx", Image: "nginx:1.29-alpine"}
	_, err = pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: lab},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{container, second}},
	}, metav1.CreateOptions{})
	if err != nil {
		return time.Time{}, err
	}
	for e := range events.ResultChan() {
		p, ok := e.Object.(*corev1.Pod)
		if !ok || e.Type == watch.Deleted {
			continue
		}
		for _, c := range p.Status.ContainerStatuses {
			if c.State.Waiting != nil && c.State.Waiting.Reason == "ErrImagePull" {
				return time.Now(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("the watch on Pods ended: %w", ctx.Err())
}

// eventToVerdict changes the Service's type to and fro and measures from the
// arrival of the event on a watch of its own to the verdict that it decides.
func (b *bench) eventToVerdict(ctx context.Context, client kubernetes.Interface, target grader.Target, program *grader.Program) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	services := client.CoreV1().Services(target.Namespace)
	events, err := services.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	defer events.Stop()
	type verdict struct {
		status grader.Status
		at     time.Time
	}
	verdicts := make(chan verdict, 100)
	go func() {
		_ = program.Watch(ctx, target, grader.Observer{Report: func(r *grader.Report) {
			for _, c := range r.Results {
				if c.ID == "service" {
					verdicts <- verdict{c.Status, time.Now()}
				}
			}
		}})
	}()
	await := func(want grader.Status) (time.Time, error) {
		for {
			select {
			case v := <-verdicts:
				if v.status == want {
					return v.at, nil
				}
			case <-ctx.Done():
				return time.Time{}, fmt.Errorf("the check service never became %s", want)
			}
		}
	}
	if _, err := await(grader.Passed); err != nil {
		return err
	}
	var series []time.Duration
	for i := range 20 {
		kind, want := "ClusterIP", grader.Failed
		if i%2 == 1 {
			kind, want = "NodePort", grader.Passed
		}
		patch := fmt.Sprintf(`{"spec":{"type":%q}}`, kind)
		if _, err := services.Patch(ctx, lab, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			return err
		}
		told, err := serviceBecame(events, corev1.ServiceType(kind))
		if err != nil {
			return err
		}
		at, err := await(want)
		if err != nil {
			return err
		}
		series = append(series, max(at.Sub(told), 0))
	}
	b.times("event to verdict in Watch", "≤ 100 ms", series)
	return nil
}

func serviceBecame(events watch.Interface, kind corev1.ServiceType) (time.Time, error) {
	for e := range events.ResultChan() {
		if s, ok := e.Object.(*corev1.Service); ok && s.Spec.Type == kind {
			return time.Now(), nil
		}
	}
	return time.Time{}, fmt.Errorf("the watch on Services ended")
}

// idle measures what podlab watch costs when nothing happens.
func (b *bench) idle(ctx context.Context) error {
	cmd := b.command(ctx, "watch", lab, "-o", "json")
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	share, err := idleShare(cmd.Process.Pid, 3*time.Second, 10*time.Second)
	if err != nil {
		return err
	}
	memory, err := resident(cmd.Process.Pid)
	if err != nil {
		return err
	}
	b.row("resident memory of podlab watch", "≤ 80 MiB", mebibytes(memory.all), "")
	b.row("processor of an idle podlab watch", "≈ 0 %", percent(share), "")
	return nil
}
