// Package exam sits whole mock exams on the cluster that
// $PODLAB_E2E_KUBECONFIG leads to.
package exam

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/practice"
)

// room is an exam of one test, with a clock that the test moves.
type room struct {
	*exam.Exam
	t       *testing.T
	client  *probe.Client
	catalog *labs.Catalog
	root    string
	ahead   time.Duration
}

func newRoom(t *testing.T) *room {
	t.Helper()
	path := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG names no cluster: run make e2e")
	}
	config, err := cluster.RESTConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	client, err := probe.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, client: client, catalog: catalog, root: t.TempDir()}
	r.Exam = exam.New(exam.Options{
		Catalog: catalog, Client: client, RunsContainers: true, Root: r.root, Podlab: "e2e",
		Now: func() time.Time { return time.Now().Add(r.ahead) },
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if s, _, err := r.State(); err == nil && s.Phase.Open() {
			if err := r.Abort(ctx); err != nil {
				t.Error(err)
			}
		}
		if _, err := r.CleanUp(ctx); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *room) start(b exam.Blueprint, seed uint64) *exam.State {
	r.t.Helper()
	began := time.Now()
	s, err := r.Start(r.t.Context(), b, seed, content.English, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Logf("%d tasks prepared in %v", len(s.Tasks), time.Since(began).Round(10*time.Millisecond))
	return s
}

// solve applies the first solution of a task.
func (r *room) solve(s *exam.State, n int) {
	r.t.Helper()
	task := s.Tasks[n-1]
	p := practice.New(practice.Options{
		Catalog: r.catalog, Client: r.client, RunsContainers: true, Prefix: exam.Prefix,
		Instantiate: func(id, namespace string) (*labs.Instance, error) {
			lab, err := r.catalog.Lab(id)
			if err != nil {
				return nil, err
			}
			return lab.Instantiate(namespace, task.Params)
		},
	})
	inst, err := p.Instance(task.Lab)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := p.Perform(r.t.Context(), task.Lab, inst.Solutions[0], practice.StepWait, false); err != nil {
		r.t.Fatalf("solve %s: %v", task.Lab, err)
	}
	if report, err := p.Grade(r.t.Context(), task.Lab, 90*time.Second); err != nil || !report.FullMarks() {
		r.t.Fatalf("solve %s: %v, %+v", task.Lab, err, report)
	}
}

var three = exam.Blueprint{ID: "three", Tasks: 3, Minutes: 30, Levels: []int{1}}

// Two of three tasks solved earn their weights, to the point; the candidate's
// rights end with the exam, and the evidence yields the same verdicts.
func TestHalfSolved(t *testing.T) {
	r := newRoom(t)
	s := r.start(three, 11)
	candidate := r.candidate()
	ns := s.Tasks[0].Namespace
	if _, err := candidate.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("the candidate in a task's namespace: %v", err)
	}
	if _, err := candidate.CoreV1().Pods("kube-system").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("the candidate in kube-system: %v", err)
	}
	if _, err := r.Goto(1); err != nil {
		t.Fatal(err)
	}
	r.solve(s, 1)
	r.ahead += 3 * time.Minute
	if _, err := r.Goto(2); err != nil {
		t.Fatal(err)
	}
	r.solve(s, 2)

	began := time.Now()
	result, err := r.Submit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("graded in %v", time.Since(began).Round(10*time.Millisecond))
	third, _ := result.Tasks[2].Share()
	want := float64(s.Tasks[0].Weight+s.Tasks[1].Weight) + third*float64(s.Tasks[2].Weight)
	if math.Abs(result.Score()-want) > 1e-9 {
		t.Errorf("score %v, want %v", result.Score(), want)
	}
	for i, task := range result.Tasks {
		if share, judged := task.Share(); !judged || i < 2 && share != 1 {
			t.Errorf("task %d (%s): share %v, judged %v, fault %q", i+1, task.Lab, share, judged, task.Fault)
		}
	}
	if result.Tasks[0].Spent < 3*time.Minute {
		t.Errorf("task 1 took %v", result.Tasks[0].Spent)
	}
	if _, err := candidate.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) && !apierrors.IsUnauthorized(err) {
		t.Errorf("the candidate after the end: %v", err)
	}
	if _, err := os.Stat(r.Evidence(result.ID)); err != nil {
		t.Error(err)
	}
	if all, err := r.Results(); err != nil || len(all) != 1 || all[0].ID != result.ID {
		t.Errorf("history %v, %v", all, err)
	}
}

// Time runs out while nobody looks: what was done until then counts, and the
// clock, not the candidate, ended it.
func TestTimeIsUp(t *testing.T) {
	r := newRoom(t)
	s := r.start(three, 12)
	r.ahead = 2 * time.Hour
	if _, err := r.Goto(1); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("goto after the end: %v", err)
	}
	result, err := r.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !result.TimedOut || !result.Late || !result.EndedAt.Equal(s.EndsAt) {
		t.Errorf("result %+v", result)
	}
	if result.Score() != 0 {
		t.Errorf("score %v of an untouched exam: %+v", result.Score(), result.Tasks)
	}
}

// An exam is the same from the same seed, in another state directory.
func TestSameSeed(t *testing.T) {
	first := newRoom(t)
	a := first.start(three, 13)
	if err := first.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := newRoom(t)
	b := second.start(three, 13)
	for i := range a.Tasks {
		if a.Tasks[i].Lab != b.Tasks[i].Lab || a.Tasks[i].Namespace != b.Tasks[i].Namespace {
			t.Errorf("task %d: %+v and %+v", i+1, a.Tasks[i], b.Tasks[i])
		}
	}
	for _, s := range []*exam.State{a, b} {
		if s.Phase != exam.Running {
			t.Errorf("phase %s", s.Phase)
		}
	}
	if _, err := os.Stat(filepath.Join(first.root, "results")); !os.IsNotExist(err) {
		t.Error("an aborted exam is in the history")
	}
}

// candidate is a client with the candidate's kubeconfig.
func (r *room) candidate() kubernetes.Interface {
	r.t.Helper()
	config, err := cluster.RESTConfig(r.Kubeconfig())
	if err != nil {
		r.t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}
