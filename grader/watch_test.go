package grader

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"podlab/grader/probe"
)

// watching runs Watch and hands out its reports.
type watching struct {
	t       *testing.T
	reports chan *Report
	target  Target
}

func watch(t *testing.T, spec Spec, goal Target) *watching {
	t.Helper()
	w := &watching{t: t, reports: make(chan *Report, 100), target: goal}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := mustCompile(t, spec)
	go func() {
		ended <- p.Watch(ctx, goal, Observer{Report: func(r *Report) { w.reports <- r }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	return w
}

// await returns the first report in which the check has the status.
func (w *watching) await(check string, status Status) *Report {
	w.t.Helper()
	deadline := time.After(10 * time.Second)
	var last *Report
	for {
		select {
		case r := <-w.reports:
			last = r
			for _, c := range r.Results {
				if c.ID == check && c.Status == status {
					return r
				}
			}
		case <-deadline:
			w.t.Fatalf("%s never became %s; the last report was %+v", check, status, last)
		}
	}
}

func (w *watching) apply(p *corev1.Pod, create bool) {
	w.t.Helper()
	raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
	if err != nil {
		w.t.Fatal(err)
	}
	pods := w.target.Client.Dynamic.Resource(podsResource).Namespace(namespace)
	if create {
		_, err = pods.Create(w.t.Context(), &unstructured.Unstructured{Object: raw}, metav1.CreateOptions{})
	} else {
		_, err = pods.Update(w.t.Context(), &unstructured.Unstructured{Object: raw}, metav1.UpdateOptions{})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestWatchFollowsThePod(t *testing.T) {
	prober := &fakeProber{http: answers(200, "hello")}
	w := watch(t, webSpec(), target(prober))

	w.await("page", Failed) // there is no Pod
	w.apply(webPod(waitingFor("ContainerCreating", "")), true)
	w.await("page", Pending)
	w.apply(webPod(waitingFor("ErrImagePull", "not found")), false)
	w.await("page", Failed)
	w.apply(webPod(nil), false)
	if r := w.await("page", Passed); !r.FullMarks() {
		t.Errorf("not full marks: %+v", r.Results)
	}

	// Once all pass, nothing runs until something happens. What did may have been
	// told in two parts, and have a second run under way.
	for range 5 {
		before := prober.ran()
		time.Sleep(2 * minRetry)
		if prober.ran() == before {
			return
		}
	}
	t.Errorf("%d probes have run, and more do while nothing happens", prober.ran())
}

func TestWatchRetriesWhatHasNotPassed(t *testing.T) {
	var calls atomic.Int32
	prober := &fakeProber{http: func(probe.HTTPRequest) probe.HTTPResult {
		if calls.Add(1) < 3 {
			return answers(502, "")(probe.HTTPRequest{})
		}
		return answers(200, "hello")(probe.HTTPRequest{})
	}}
	w := watch(t, webSpec(), target(prober, webPod(nil)))
	w.await("page", Failed)
	w.await("page", Passed)
}

// What was seen of a container that was replaced must not count for the new one.
func TestWatchForgetsReplacedContainers(t *testing.T) {
	answer := make(chan struct{})
	var calls atomic.Int32
	prober := &fakeProber{http: func(probe.HTTPRequest) probe.HTTPResult {
		if calls.Add(1) > 1 {
			<-answer
			return answers(502, "")(probe.HTTPRequest{})
		}
		return answers(200, "hello")(probe.HTTPRequest{})
	}}
	w := watch(t, webSpec(), target(prober, webPod(nil)))
	w.await("page", Passed)
	w.apply(webPod(func(p *corev1.Pod) { p.Status.ContainerStatuses[0].ContainerID = "containerd://2" }), false)
	w.await("page", Pending)
	close(answer)
	w.await("page", Failed)
}

// Grace ends by time alone: no event tells.
func TestWatchFailsWhenGraceIsOver(t *testing.T) {
	spec := webSpec()
	for i := range spec.Checks {
		spec.Checks[i].Grace = Duration(time.Millisecond)
	}
	w := watch(t, spec, target(&fakeProber{http: answers(502, "")}, webPod(justStarted)))
	w.await("page", Pending)
	w.await("page", Failed)
}

func TestGradeSettledWaits(t *testing.T) {
	goal := target(&fakeProber{http: answers(200, "hello")}, webPod(waitingFor("ContainerCreating", "")))
	w := &watching{t: t, target: goal}
	time.AfterFunc(50*time.Millisecond, func() { w.apply(webPod(nil), false) })
	report, err := mustCompile(t, webSpec()).GradeSettled(t.Context(), goal, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !report.FullMarks() {
		t.Errorf("got %+v", report.Results)
	}

	stuck := target(&fakeProber{}, webPod(waitingFor("ImagePullBackOff", "")))
	began := time.Now()
	if report, err = mustCompile(t, webSpec()).GradeSettled(t.Context(), stuck, time.Minute); err != nil {
		t.Fatal(err)
	}
	if report.FullMarks() || time.Since(began) > 30*time.Second {
		t.Errorf("a stuck Pod: %+v after %v", report.Results, time.Since(began))
	}
}

// What is drawn comes from the caches that are graded, and before the verdict.
func TestWatchTellsObjects(t *testing.T) {
	goal := target(&fakeProber{http: answers(200, "hello")}, webPod(nil),
		&corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: namespace}})
	var order []string
	seen := make(chan Objects, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	p := mustCompile(t, webSpec())
	go func() {
		ended <- p.Watch(ctx, goal, Observer{
			Report:  func(*Report) { order = append(order, "report") },
			Objects: func(o Objects) { order = append(order, "objects"); seen <- o },
		})
	}()
	select {
	case o := <-seen:
		if len(o.Pods) != 1 || o.Pods[0].Name != "web" || len(o.Services) != 1 {
			t.Errorf("told %d Pods and %d Services", len(o.Pods), len(o.Services))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("was told nothing")
	}
	w := &watching{t: t, target: goal}
	w.apply(webPod(waitingFor("ErrImagePull", "not found")), false)
	select {
	case o := <-seen:
		if o.Pods[0].Status.ContainerStatuses[0].State.Waiting == nil {
			t.Error("told an old state")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("was not told of the change")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch ended with %v", err)
	}
	if order[0] != "objects" {
		t.Errorf("told %v", order)
	}
}

// An API server that hangs closes no connection: nothing but asking shows it.
func TestWatchNoticesASilentServer(t *testing.T) {
	var silent atomic.Bool
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if silent.Load() {
			<-release
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	asked, err := probe.NewClient(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	goal := target(&fakeProber{http: answers(200, "hello")}, webPod(nil))
	goal.Client.Typed = asked.Typed

	troubles := make(chan error, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := mustCompile(t, webSpec())
	go func() {
		ended <- p.Watch(ctx, goal, Observer{Report: func(*Report) {}, Trouble: func(err error) { troubles <- err }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ended with %v", err)
		}
	})
	for _, down := range []bool{true, false} {
		silent.Store(down)
		select {
		case err := <-troubles:
			if (err != nil) != down {
				t.Errorf("trouble %v while the server is silent: %v", err, down)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("nothing was said of silence: %v", down)
		}
	}
}

// What one probe saw is shown while another of its group is still looking.
func TestWatchTellsFirstResultsAsTheyCome(t *testing.T) {
	release := make(chan struct{})
	prober := &fakeProber{
		http: answers(200, "hello"),
		logs: func(probe.LogsRequest) probe.LogsResult {
			<-release
			return probe.LogsResult{OK: true, Output: "hello"}
		},
	}
	spec := webSpec()
	spec.Probes["log"] = Probe{Logs: &LogsProbe{Pod: "web", Container: "nginx", After: []string{"page"}}}
	spec.Checks = append(spec.Checks, Check{ID: "logged", Points: 1,
		Expr: "log.output.contains(page.body)", Actual: "say('value', {'what': 'log', 'actual': log.output})"})
	w := watch(t, spec, target(prober, webPod(nil)))
	r := w.await("page", Passed)
	for _, c := range r.Results {
		if c.ID == "logged" && c.Status != Pending {
			t.Errorf("the check of the log is %s before it was read", c.Status)
		}
	}
	close(release)
	w.await("logged", Passed)
}
