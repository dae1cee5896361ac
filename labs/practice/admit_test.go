package practice

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"podlab/grader"
	"podlab/labs"
)

const stateful = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    metadata: {labels: {app: db}}
    spec:
      serviceAccountName: made-by-setup
      containers: [{name: main, image: busybox:1.37, volumeMounts: [{name: data, mountPath: /data}]}]
`

const cron = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: often}
spec:
  jobTemplate: {spec: {template: {spec: {containers: [{name: main, image: busybox:1.37}]}}}}
`

// TestAdmits: only what a cluster forbids or denies keeps a lab from starting,
// and only a cluster that podlab did not make is asked.
func TestAdmits(t *testing.T) {
	pods := corev1.Resource("pods")
	for _, tt := range []struct {
		name    string
		foreign bool
		answer  error
		refused bool
	}{
		{"admitted", true, nil, false},
		{"Pod Security", true, apierrors.NewForbidden(pods, "x", errors.New(`violates PodSecurity "restricted:latest"`)), true},
		{"a policy", true, &apierrors.StatusError{ErrStatus: metav1.Status{Code: 422, Reason: metav1.StatusReasonInvalid,
			Message: "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"}}, true},
		{"a volume that a trial lacks", true, apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Pod").GroupKind(), "x", nil), false},
		{"a webhook", true, apierrors.NewBadRequest(`admission webhook "x" denied the request: no`), true},
		{"what a trial lacks", true, apierrors.NewBadRequest("volume data not found"), false},
		{"podlab's own cluster", false, apierrors.NewForbidden(pods, "x", errors.New("no")), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kube := fake.NewClientset()
			var tried []*corev1.Pod
			kube.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
				create := a.(clienttesting.CreateActionImpl)
				pod := create.GetObject().(*corev1.Pod)
				if len(create.GetCreateOptions().DryRun) == 0 {
					t.Error("a Pod was made, not tried")
				}
				tried = append(tried, pod)
				return true, pod, tt.answer
			})
			p := &Practice{o: Options{Client: &grader.Client{Typed: kube}, Foreign: tt.foreign}}
			inst := &labs.Instance{Namespace: "podlab-x",
				Setup:     []labs.Manifest{{Name: "setup.yaml", Data: []byte(stateful)}},
				Solutions: []labs.Answer{{Manifest: labs.Manifest{Name: "solution.yaml", Data: []byte(cron)}}}}
			err := p.admits(t.Context(), inst, "x")
			var refused *CannotStartError
			if errors.As(err, &refused) != tt.refused || errors.Is(err, ErrCannotStart) != tt.refused || !tt.refused && err != nil {
				t.Fatalf("error %v", err)
			}
			if tt.refused && (refused.Refused != RefusedSetup || !strings.Contains(tt.answer.Error(), refused.Reason)) {
				t.Errorf("%+v", refused)
			}
			want := map[bool]int{true: 2, false: 0}[tt.foreign]
			if tt.refused {
				want = 1
			}
			if len(tried) != want {
				t.Fatalf("%d Pods were tried, want %d", len(tried), want)
			}
			if len(tried) > 0 && (tried[0].Labels["app"] != "db" || tried[0].Spec.ServiceAccountName != "") {
				t.Errorf("tried was %+v", tried[0])
			}
		})
	}
	for name, tt := range map[string]struct {
		change func(*corev1.Pod)
		reason string // empty where it is no matter
	}{
		"a proxy": {func(p *corev1.Pod) {
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "mesh", Image: "proxy:1"})
		}, "spec.containers: + mesh (proxy:1)"},
		"an init step":     {func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{{Name: "mesh", Image: "proxy:1"}} }, "spec.initContainers: + mesh (proxy:1)"},
		"another registry": {func(p *corev1.Pod) { p.Spec.Containers[0].Image = "mirror/busybox:1.37" }, "spec.containers[main].image: busybox:1.37 → mirror/busybox:1.37"},
		"another command":  {func(p *corev1.Pod) { p.Spec.Containers[0].Args = []string{"-x"} }, `spec.containers[main].command: [] → ["-x"]`},
		"its defaults": {func(p *corev1.Pod) {
			p.Spec.Containers[0].ImagePullPolicy, p.Spec.Tolerations = corev1.PullAlways, []corev1.Toleration{{Key: "x"}}
			p.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}
		}, ""},
	} {
		kube := fake.NewClientset()
		kube.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
			made := a.(clienttesting.CreateActionImpl).GetObject().(*corev1.Pod).DeepCopy()
			tt.change(made)
			return true, made, nil
		})
		p := &Practice{o: Options{Client: &grader.Client{Typed: kube}, Foreign: true}}
		err := p.admits(t.Context(), &labs.Instance{Namespace: "podlab-x", Setup: []labs.Manifest{{Name: "setup.yaml", Data: []byte(stateful)}}}, "x")
		var refused *CannotStartError
		if errors.As(err, &refused) != (tt.reason != "") || refused != nil && (refused.Reason != tt.reason || refused.Refused != RefusedChange) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := CannotStart("x", RefusedSetup, fmt.Errorf("apply: %w", errors.New("connection refused"))); errors.Is(err, ErrCannotStart) {
		t.Error("a cluster that does not answer is said to refuse")
	}
}
