// Package exam sits whole mock exams on the cluster that
// $PODLAB_E2E_KUBECONFIG leads to.
package exam

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/evidence"
	"podlab/labs/exam"
	"podlab/test/candidate"
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

// newRoom is a room with all labs, or with those of these ids.
func newRoom(t *testing.T, only ...string) *room {
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
	source := labs.Embedded()
	if len(only) > 0 {
		source.FS = some(t, source.FS, only)
	}
	catalog, err := labs.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, client: client, catalog: catalog, root: t.TempDir()}
	r.Exam = exam.New(exam.Options{
		Catalog: catalog, Client: client, RunsContainers: true, Root: r.root, Podlab: "e2e",
		Now: func() time.Time { return time.Now().Add(r.ahead) },
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
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

// some is fsys with nothing but those of its folders.
func some(t *testing.T, fsys fs.FS, folders []string) fs.FS {
	t.Helper()
	part := fstest.MapFS{}
	for _, folder := range folders {
		err := fs.WalkDir(fsys, folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(fsys, path)
			part[path] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return part
}

func (r *room) start(b exam.Blueprint, seed uint64) *exam.State {
	r.t.Helper()
	s, err := r.Start(r.t.Context(), b, seed, content.English, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// perform gives an answer of the lab of task n, as a candidate would.
func (r *room) perform(s *exam.State, n int, answer func(*labs.Instance) labs.Answer) {
	r.t.Helper()
	if err := r.solver().Answer(r.t.Context(), s, n, answer); err != nil {
		r.t.Error(err)
	}
}

func (r *room) solver() candidate.Candidate {
	return candidate.Candidate{Exam: r.Exam, Catalog: r.catalog, Client: r.client}
}

func mutant(name string) func(*labs.Instance) labs.Answer {
	return func(i *labs.Instance) labs.Answer {
		return i.Mutants[slices.IndexFunc(i.Mutants, func(a labs.Answer) bool { return a.Name == name })]
	}
}

var three = exam.Blueprint{ID: "three", Tasks: 3, Minutes: 30, Levels: []int{1}}

// A whole exam, solved in full, passes with 100 %.
func TestSolved(t *testing.T) {
	r := newRoom(t)
	s := r.start(exam.Blueprint{ID: "full", Tasks: 15, Minutes: 120}, 5)
	if err := r.solver().SolveAll(t.Context(), s); err != nil {
		t.Error(err)
	}
	result, err := r.Submit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Score() != 100 || !result.Passed() || result.Late || result.TimedOut {
		t.Errorf("score %v, late %v, timed out %v", result.Score(), result.Late, result.TimedOut)
		for _, task := range result.Tasks {
			if share, _ := task.Share(); share != 1 {
				t.Errorf("%s: %+v", task.Lab, task)
			}
		}
	}
}

// Of an exam with four tasks one is solved, one in part, one is solved and one
// is untouched. By hand: 6, 8, 10 and 6 of 30 minutes weigh 20, 27, 33 and 20 %.
// Mutant canned-log of mc2 earns 8 of 10 points: 20 + 0.8·27 + 0 + 20 = 61.6 %.
func TestHalfSolved(t *testing.T) {
	r := newRoom(t, "mc1", "mc2", "mc3", "pod-isolation")
	s := r.start(exam.Blueprint{ID: "four", Tasks: 4, Minutes: 30}, 11)
	theirs := r.candidateClient()
	ns := s.Tasks[0].Namespace
	if _, err := theirs.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("the candidate in a task's namespace: %v", err)
	}
	if _, err := theirs.CoreV1().Pods("kube-system").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("the candidate in kube-system: %v", err)
	}
	for _, step := range []struct {
		lab    string
		answer func(*labs.Instance) labs.Answer
	}{{"mc1", candidate.FirstSolution}, {"mc2", mutant("canned-log")}, {"pod-isolation", candidate.FirstSolution}} {
		n := s.TaskOf(step.lab)
		if _, err := r.Goto(n); err != nil {
			t.Fatal(err)
		}
		r.perform(s, n, step.answer)
		r.ahead += 3 * time.Minute
	}

	result, err := r.Submit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]int{}
	for _, task := range result.Tasks {
		weights[task.Lab] = task.Weight
		if visited := task.Lab != "mc3"; task.Visited != visited || visited && task.Spent < 3*time.Minute {
			t.Errorf("%s: visited %v, spent %v", task.Lab, task.Visited, task.Spent)
		}
	}
	if diff := cmp.Diff(map[string]int{"mc1": 20, "mc2": 27, "mc3": 33, "pod-isolation": 20}, weights); diff != "" {
		t.Error(diff)
	}
	if math.Abs(result.Score()-61.6) > 1e-9 || result.Passed() {
		t.Errorf("score %v, passed %v: %+v", result.Score(), result.Passed(), result.Tasks)
	}

	// What is done after the end is forbidden, and has no effect.
	late := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "late"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "late", Image: "busybox:1.37"}}},
	}
	if _, err := theirs.CoreV1().Pods(ns).Create(t.Context(), late, metav1.CreateOptions{}); !apierrors.IsForbidden(err) && !apierrors.IsUnauthorized(err) {
		t.Errorf("the candidate after the end: %v", err)
	}
	for _, task := range s.Tasks { // not even by someone who may
		if err := r.client.Typed.CoreV1().Pods(task.Namespace).DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Submit(t.Context()); !errors.Is(err, exam.ErrNotRunning) {
		t.Errorf("submit again: %v", err)
	}
	all, err := r.Results()
	if err != nil || len(all) != 1 || math.Abs(all[0].Score()-61.6) > 1e-9 {
		t.Errorf("history %v, %v", all, err)
	}
	// The evidence yields the same verdicts, without the cluster.
	f, err := os.Open(r.Evidence(result.ID))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	kept, err := evidence.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range kept.Gradings {
		_, report, err := g.Judge(t.Context(), r.catalog)
		if err != nil {
			t.Fatal(err)
		}
		for j, c := range report.Results {
			if was := result.Tasks[i].Checks[j]; was.ID != c.ID || was.Status != c.Status || was.Earned != c.Earned {
				t.Errorf("%s: %+v, by the evidence %+v", g.Lab, was, c)
			}
		}
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
	if again, err := r.Finish(t.Context()); !errors.Is(err, exam.ErrNotRunning) {
		t.Errorf("again: %v, %v", again, err)
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
		if diff := cmp.Diff(a.Tasks[i], b.Tasks[i]); diff != "" {
			t.Errorf("task %d: %s", i+1, diff)
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

// candidateClient is a client with the candidate's kubeconfig.
func (r *room) candidateClient() kubernetes.Interface {
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
