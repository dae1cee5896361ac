package exam

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"podlab/grader"
	"podlab/labs/practice"
)

// TestTheRoomIsPodlabs: a namespace podlab-exam that somebody else made gets no
// candidate.
func TestTheRoomIsPodlabs(t *testing.T) {
	mine := map[string]string{"app.kubernetes.io/managed-by": "podlab", labelExam: "before"}
	owned := map[string]string{"app.kubernetes.io/managed-by": "podlab", labelExam: "before", practice.LabelOwner: "me"}
	for _, tt := range []struct {
		name    string
		there   map[string]string // nil for no namespace
		owner   string
		foreign bool
	}{
		{"none yet", nil, "", false},
		{"of an exam before", mine, "", false},
		{"somebody's", map[string]string{"team": "a"}, "", true},
		{"mine on a shared cluster", owned, "me", false},
		{"another learner's", owned, "you", true},
		{"without an owner on a shared cluster", mine, "me", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kube := fake.NewClientset()
			if tt.there != nil {
				ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: roomNamespace, Labels: tt.there}}
				if _, err := kube.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			a := access{client: &grader.Client{Typed: kube}, state: &State{ID: "now"}, owner: tt.owner}
			err := a.appoint(t.Context())
			var foreign *practice.ForeignError
			if errors.As(err, &foreign) != tt.foreign || !tt.foreign && err != nil {
				t.Fatalf("error %v", err)
			}
			accounts, err := kube.CoreV1().ServiceAccounts(roomNamespace).List(t.Context(), metav1.ListOptions{})
			if err != nil || (len(accounts.Items) == 0) != tt.foreign {
				t.Errorf("accounts %v, %v", accounts.Items, err)
			}
			if tt.there == nil || tt.foreign {
				return
			}
			ns, err := kube.CoreV1().Namespaces().Get(t.Context(), roomNamespace, metav1.GetOptions{})
			if err != nil || ns.Labels[labelExam] != "before" {
				t.Errorf("the namespace was changed: %v, %v", ns, err)
			}
		})
	}
}

func TestVerifiedIsOfTheWholeExam(t *testing.T) {
	task := func(weight int, statuses ...grader.Status) TaskResult {
		r := TaskResult{Task: Task{Weight: weight}}
		for _, s := range statuses {
			r.Checks = append(r.Checks, grader.Result{Status: s, Points: 1})
		}
		return r
	}
	for _, tt := range []struct {
		tasks []TaskResult
		want  int
	}{
		{[]TaskResult{task(60, grader.Passed), task(40, grader.Failed)}, 100},
		{[]TaskResult{task(60, grader.Passed, grader.Unverifiable), task(40, grader.Failed)}, 70},
		{[]TaskResult{task(60, grader.Unverifiable), task(40, grader.Errored)}, 0},
		{[]TaskResult{task(99, grader.Passed, grader.Passed, grader.Passed), task(1, grader.Passed, grader.Unverifiable)}, 99},
		{nil, 0},
	} {
		if got := Verified(tt.tasks); got != tt.want {
			t.Errorf("%+v: %d %%, want %d", tt.tasks, got, tt.want)
		}
	}
}
