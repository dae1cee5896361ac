package plain

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
	"podlab/tui/speech"
	"podlab/tui/texts"
)

// menus returns every list of choices in a language.
func menus(t *testing.T, lang content.Lang) []menu {
	t.Helper()
	said, err := speech.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{Speech: said}
	l := &openLab{session: s, lab: &labs.Lab{ID: "mc1"}}
	c := said.Texts.Plain.Choices
	return []menu{s.labsMenu(nil, new(string)), l.menu(), {choices: []choice{{c.Retry, nil}, {c.Output, nil}}}}
}

// In every language each word stands for one choice, is one word, and leaves
// the answers alone that work everywhere.
func TestWordsOfChoices(t *testing.T) {
	for _, lang := range content.Langs() {
		for _, m := range menus(t, lang) {
			for _, c := range m.choices {
				switch found := m.find(c.Word); {
				case len(found) != 1 || found[0].Does != c.Does:
					t.Errorf("%s, %s: %q means %d choices", lang, m.place, c.Word, len(found))
				case strings.ContainsAny(c.Word, " \t"):
					t.Errorf("%s, %s: %q is more than a word", lang, m.place, c.Word)
				case slices.Contains([]string{"q", "Q", "L", "?"}, c.Word):
					t.Errorf("%s, %s: %q has another meaning", lang, m.place, c.Word)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	m := menus(t, content.English)[1]
	for word, want := range map[string][]string{
		"1": {"check"}, "13": {"next"}, "0": nil, "14": nil, "-1": nil,
		"c": {"check"}, "CHECK": {"check"}, "checks": nil, "": nil,
		"re": {"reset", "report"}, "s": {"solution", "shell"}, "so": {"solution"},
	} {
		var got []string
		for _, c := range m.find(word) {
			got = append(got, c.Word)
		}
		if !slices.Equal(got, want) {
			t.Errorf("find(%q) = %q, want %q", word, got, want)
		}
	}
}

// What podSentences says of things that are seldom there.
func TestPodSentences(t *testing.T) {
	said, err := texts.Load(content.English)
	if err != nil {
		t.Fatal(err)
	}
	code := int32(137)
	tests := []struct {
		name    string
		objects grader.Objects
		want    string
	}{
		{"nothing", grader.Objects{}, "There are no Pods in the lab yet."},
		{"a Service alone", grader.Objects{Services: []*corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, Selector: map[string]string{"app": "web"},
				Ports: []corev1.ServicePort{{Port: 80}}},
		}}}, "Service web, ClusterIP: port 80 to 80; it reaches no Pod."},
		{"a Service without selector", grader.Objects{Services: []*corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Name: "db"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP},
		}}}, "it reaches what its own endpoints say"},
		{"no status yet", grader.Objects{Pods: []*corev1.Pod{{
			ObjectMeta: metav1.ObjectMeta{Name: "p"},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "nginx"}}},
			Status:     corev1.PodStatus{Phase: corev1.PodPending},
		}}}, "Container app, image nginx: not started."},
		{"unschedulable", grader.Objects{Pods: []*corev1.Pod{{
			Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/1 nodes are available"}}},
		}}}, "The reason given: 0/1 nodes are available"},
		{"killed without a reason", grader.Objects{Pods: []*corev1.Pod{{
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "app",
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}}}},
		}}}, "ended with exit code 137, Error"},
		{"running, not ready", grader.Objects{Pods: []*corev1.Pod{{
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "app",
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}},
		}}}, "running, not ready"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(podSentences(said, tt.objects), "\n")
			if !strings.Contains(got, tt.want) {
				t.Errorf("%q is not in:\n%s", tt.want, got)
			}
		})
	}
}
