package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// manyPods is how many Pods the embedded cluster must bear.
const manyPods = 1000

// embedded measures the cluster without a container engine.
func (b *bench) embedded(ctx context.Context) error {
	e := *b
	e.name += "-embedded"
	defer func() {
		clean, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, _ = e.process(clean, "down", "--yes")
	}()
	var ups, downs []time.Duration
	for i := range b.rounds {
		up, err := e.succeed(ctx, "up", "--provider", "embedded", "--yes")
		if err != nil {
			return err
		}
		ups = append(ups, up.took)
		if i == b.rounds-1 {
			break
		}
		down, err := e.succeed(ctx, "down", "--yes")
		if err != nil {
			return err
		}
		downs = append(downs, down.took)
	}
	b.times("up of an embedded cluster", "≤ 5 s", ups)
	if len(downs) > 0 {
		b.times("down of it", "", downs)
	}
	rest, err := e.clusterMemory(ctx)
	if err != nil {
		return err
	}
	b.row("its memory", "≤ 400 MB", megabytes(rest), "")

	client, err := e.client()
	if err != nil {
		return err
	}
	took, err := settleMany(ctx, client.Typed)
	if err != nil {
		return err
	}
	b.times("1,000 Pods on it, created and ready", "≤ 60 s", []time.Duration{took})
	full, err := e.clusterMemory(ctx)
	if err != nil {
		return err
	}
	b.row("its memory with them", "≤ 400 MB", megabytes(full), "")
	return nil
}

// clusterMemory is the resident memory of the cluster's process, as status says.
func (b *bench) clusterMemory(ctx context.Context) (int64, error) {
	e, err := b.succeed(ctx, "status", "-o", "json")
	if err != nil {
		return 0, err
	}
	var status struct {
		MemoryBytes int64 `json:"memoryBytes"`
	}
	if err := json.Unmarshal(e.output, &status); err != nil {
		return 0, fmt.Errorf("podlab status -o json: %w:\n%s", err, e.output)
	}
	if status.MemoryBytes == 0 {
		return 0, fmt.Errorf("podlab status does not say what memory the cluster takes:\n%s", e.output)
	}
	return status.MemoryBytes, nil
}

// settleMany creates Pods, several at a time, until all are ready.
func settleMany(ctx context.Context, client kubernetes.Interface) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	began := time.Now()
	g, creating := errgroup.WithContext(ctx)
	g.SetLimit(8)
	pods := client.CoreV1().Pods(metav1.NamespaceDefault)
	for i := range manyPods {
		g.Go(func() error {
			_, err := pods.Create(creating, &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("bench-%d", i)},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox:1.37"}}},
			}, metav1.CreateOptions{})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return 0, fmt.Errorf("create %d Pods: %w", manyPods, err)
	}
	for {
		all, err := pods.List(ctx, metav1.ListOptions{})
		if err != nil {
			return 0, fmt.Errorf("list the Pods: %w", err)
		}
		ready := 0
		for i := range all.Items {
			for _, c := range all.Items[i].Status.Conditions {
				if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
					ready++
				}
			}
		}
		if ready == manyPods {
			return time.Since(began), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%d of %d Pods are ready: %w", ready, manyPods, ctx.Err())
		case <-time.After(500 * time.Millisecond):
		}
	}
}
