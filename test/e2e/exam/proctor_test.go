package exam

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/labs/exam"
)

// Time runs out while podlab is closed: the proctor ends the exam and grades
// it in time.
func TestExpiresByItself(t *testing.T) {
	d := newClusterDesk(t)
	d.run(0, "exam", "start", "--tasks", "2", "--level", "1", "--minutes", "1", "--seed", "11", "--yes")
	s := d.load()
	config, err := cluster.RESTConfig(filepath.Join(d.state, "exams", "current", "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	candidate, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	pods := candidate.CoreV1().Pods(s.Tasks[0].Namespace)
	if _, err := pods.List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(d.state, "exams", "results", s.ID, "result.json")
	await(t, "there is a result", func() bool { _, err := os.Stat(file); return err == nil })
	if _, err := pods.List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) && !apierrors.IsUnauthorized(err) {
		t.Errorf("the candidate after the end: %v", err)
	}
	r, err := exam.New(exam.Options{Root: filepath.Join(d.state, "exams")}).Result(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !r.TimedOut || r.Late || !r.EndedAt.Equal(s.EndsAt) || r.Score() != 0 {
		t.Errorf("result %+v", r)
	}
	out, _ := d.run(1, "exam", "submit")
	if !strings.Contains(out, "Not passed") {
		t.Errorf("submit after the end: %s", out)
	}
	d.run(3, "exam", "flag", "1")
}

// Time runs out while the machine is off: the next command ends the exam, and
// says that it was graded late.
func TestExpiredWhileTheMachineWasOff(t *testing.T) {
	d := newClusterDesk(t)
	d.run(0, "exam", "start", "--tasks", "2", "--level", "1", "--minutes", "1", "--seed", "11", "--yes")
	d.killProctor()
	if _, err := d.store().Update(func(s *exam.State) error { // two hours pass
		s.StartedAt, s.EndsAt, s.SeenAt = s.StartedAt.Add(-2*time.Hour), s.EndsAt.Add(-2*time.Hour), s.SeenAt.Add(-2*time.Hour)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(d.state, "exams", "current", "clock")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	out, said := d.run(0, "exam", "status")
	if !strings.Contains(said, "Time was up at") || !strings.Contains(said, "graded late") || !strings.Contains(out, "graded") {
		t.Errorf("status: %s%s", out, said)
	}
}

// The cluster is down when time runs out: the commands say so, a proctor keeps
// trying, and the exam can be given up.
func TestExpiredWithoutACluster(t *testing.T) {
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, []byte(`apiVersion: v1
kind: Config
clusters: [{name: gone, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: gone, context: {cluster: gone, user: me}}]
users: [{name: me, user: {token: none}}]
current-context: gone
`), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, kubeconfig)
	d.sit(3)
	d.run(0, "exam", "flag", "2")
	if _, err := d.store().Update(func(s *exam.State) error { s.EndsAt = s.StartedAt.Add(time.Second); return nil }); err != nil {
		t.Fatal(err)
	}
	await(t, "the exam has ended", func() bool { return d.load().Phase == exam.Ended })
	out, said := d.run(0, "exam", "status")
	if !strings.Contains(said, "could not be graded yet") || !strings.Contains(said, "connection refused") || !strings.Contains(out, "not graded yet") {
		t.Errorf("status: %s%s", out, said)
	}
	if d.proctor() == 0 {
		t.Error("nobody keeps trying")
	}
	d.run(3, "exam", "done", "1")
	d.run(3, "exam", "submit")
	_, said = d.run(0, "exam", "abort", "--yes")
	if !strings.Contains(said, "The cluster did not answer") {
		t.Errorf("abort: %s", said)
	}
	if s := d.load(); s.Phase != exam.Aborted || !s.Tasks[1].Flagged {
		t.Errorf("%+v", s)
	}
}
