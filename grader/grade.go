package grader

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"podlab/grader/probe"
)

// Target is where a Program looks.
type Target struct {
	// Client reaches the API server.
	Client *Client
	// Namespace of the lab.
	Namespace string
	// RunsContainers is false on a cluster that only simulates nodes: runtime
	// probes are then unverifiable.
	RunsContainers bool
	// Foreign is true of a cluster that podlab did not make: its API server may
	// not reach Pods over the network.
	Foreign bool
	// Prober runs the runtime probes; nil for Client itself.
	Prober Prober
}

// Prober observes running containers; *Client does it on a cluster.
type Prober interface {
	Logs(ctx context.Context, r probe.LogsRequest) probe.LogsResult
	Exec(ctx context.Context, r probe.ExecRequest) probe.ExecResult
	HTTP(ctx context.Context, r probe.HTTPRequest) probe.HTTPResult
	TCP(ctx context.Context, r probe.TCPRequest) probe.TCPResult
}

// now is the moment by the cluster's clock, which wrote the times that are judged.
func (t Target) now() time.Time { return time.Now().Add(t.Client.ClockAhead()) }

func (t Target) prober() Prober {
	if t.Prober != nil {
		return t.Prober
	}
	return t.Client
}

// Grade runs one round. The error is non-nil only when nothing could be
// graded (the API server does not answer, ctx ended).
func (p *Program) Grade(ctx context.Context, t Target) (*Report, error) {
	began := time.Now()
	w, err := p.observe(ctx, live{t.Client, t.Namespace})
	if err != nil {
		return nil, err
	}
	seen := p.runAll(ctx, w, t)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	report, _ := p.judge(ctx, t, w, seen, t.now())
	report.Duration = time.Since(began)
	return report, nil
}

// runAll runs all groups at once.
func (p *Program) runAll(ctx context.Context, w *world, t Target) outcomes {
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		seen = outcomes{}
	)
	if !t.RunsContainers {
		return seen
	}
	for _, g := range p.groups {
		wg.Go(func() {
			out := p.runGroup(ctx, g, w, t, false, nil)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(seen, out)
		})
	}
	wg.Wait()
	return seen
}

// GradeSettled grades until no check is pending and none met trouble of the
// cluster, or wait has passed, and returns the last report.
func (p *Program) GradeSettled(ctx context.Context, t Target, wait time.Duration) (*Report, error) {
	began := time.Now()
	last, err := p.Grade(ctx, t)
	if err != nil || wait <= 0 || last.Final() {
		return last, err
	}
	watched, err := p.AwaitFinal(ctx, t, wait)
	if err != nil {
		return nil, err
	}
	if watched != nil {
		last = watched
	}
	last.Duration = time.Since(began)
	return last, nil
}

// AwaitFinal watches t until a report is Final, for as long as wait, and
// returns the last one; nil where there was none in that time.
func (p *Program) AwaitFinal(ctx context.Context, t Target, wait time.Duration) (*Report, error) {
	var last *Report
	watching, stop := context.WithTimeout(ctx, wait)
	defer stop()
	err := p.Watch(watching, t, Observer{Report: func(r *Report) {
		last = r
		if r.Final() {
			stop()
		}
	}})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return last, nil
}
