package existing

import (
	"context"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/labs/practice"
)

// TestAClusterThatChangesPods: with a proxy in each Pod, or images from another
// registry, checks would take the cluster's doing for the learner's.
func TestAClusterThatChangesPods(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	for name, tt := range map[string]struct{ lab, mutation, want string }{
		"mesh": {"mc1", `[JSONPatch{op: "add", path: "/spec/containers/-",
			value: Object.spec.containers{name: "proxy", image: "example.invalid/proxy:1"}}]`, "spec.containers: + proxy (example.invalid/proxy:1)"},
		"registry": {"log-sidecar", `[JSONPatch{op: "replace", path: "/spec/containers/0/image",
			value: "mirror.invalid/" + object.spec.containers[0].image}]`, "→ mirror.invalid/"},
	} {
		t.Run(name, func(t *testing.T) {
			ns := "podlab-" + tt.lab
			mutate(t, l.kube, "podlab-e2e-"+name, ns, tt.mutation)
			var said string
			for range 50 { // until the policy is in force
				if _, said, _ = l.run("start", tt.lab); strings.Contains(said, "cannot start here") {
					break
				}
				l.must(0, "stop", tt.lab)
				time.Sleep(200 * time.Millisecond)
			}
			if !strings.Contains(said, "because the cluster changes the lab's Pods") || !strings.Contains(said, tt.want) {
				t.Errorf("it says:\n%s", said)
			}
			left, err := l.kube.CoreV1().Namespaces().Get(t.Context(), ns, metav1.GetOptions{})
			if err == nil && left.DeletionTimestamp == nil {
				t.Errorf("namespace %s stays, labels %v", ns, left.Labels[practice.LabelLab])
			}
		})
	}
}

// TestWorkStaysWhereAResetWouldNotStart: a cluster that changes Pods since the lab
// was started costs nothing of what is there.
func TestWorkStaysWhereAResetWouldNotStart(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	l.must(0, "start", "mc1")
	mutate(t, l.kube, "podlab-e2e-late", "podlab-mc1", `[JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "mirror.invalid/x"}]`)
	mine := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}
	maps := l.kube.CoreV1().ConfigMaps("podlab-mc1")
	if _, err := maps.Create(t.Context(), mine, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitMutation(t, l.kube, "podlab-mc1")
	if _, said := l.must(3, "reset", "mc1", "--yes"); !strings.Contains(said, "cannot start here") {
		t.Errorf("reset says:\n%s", said)
	}
	if _, err := maps.Get(t.Context(), "mine", metav1.GetOptions{}); err != nil {
		t.Errorf("what the learner made: %v", err)
	}
	l.graded(1, "mc1")
	l.must(0, "stop", "mc1")
}

// awaitMutation waits until the policy is in force in a namespace.
func awaitMutation(t *testing.T, kube kubernetes.Interface, namespace string) {
	t.Helper()
	trial := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "trial-"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "asked"}}}}
	for range 300 {
		made, err := kube.CoreV1().Pods(namespace).Create(t.Context(), trial, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil && made.Spec.Containers[0].Image != "asked" {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("the policy does not come into force")
}

// mutate makes the cluster change the Pods of a namespace, until the test ends.
func mutate(t *testing.T, kube kubernetes.Interface, name, namespace, patch string) {
	t.Helper()
	fails, never := admissionv1.Fail, admissionv1.NeverReinvocationPolicy
	policy := &admissionv1.MutatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.MutatingAdmissionPolicySpec{
			FailurePolicy: &fails, ReinvocationPolicy: never,
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
				ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
					Operations: []admissionv1.OperationType{admissionv1.Create},
					Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
				}}},
			},
			Mutations: []admissionv1.Mutation{{PatchType: admissionv1.PatchTypeJSONPatch, JSONPatch: &admissionv1.JSONPatch{Expression: patch}}},
		},
	}
	binding := &admissionv1.MutatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       admissionv1.MutatingAdmissionPolicyBindingSpec{PolicyName: name},
	}
	t.Cleanup(func() {
		_ = kube.AdmissionregistrationV1().MutatingAdmissionPolicyBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = kube.AdmissionregistrationV1().MutatingAdmissionPolicies().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	if _, err := kube.AdmissionregistrationV1().MutatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := kube.AdmissionregistrationV1().MutatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}
