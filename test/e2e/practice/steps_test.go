package practice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/practice"
)

func manifest(data string) labs.Manifest {
	return labs.Manifest{Name: "manifest.yaml", Data: []byte(data)}
}

// further gives the lab of a fixture a second namespace, with a ConfigMap of
// setup in it.
func further(namespace *string) func(*practice.Options) {
	return func(o *practice.Options) {
		o.Instantiate = func(_, own string) (*labs.Instance, error) {
			*namespace = own + "-outside"
			return &labs.Instance{
				Namespace: own, Namespaces: []string{*namespace},
				Setup: []labs.Manifest{manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: " + *namespace + "}\ndata: {v: one}\n")},
			}, nil
		}
	}
}

// A second namespace is set up, reset and removed with the lab's own, and one
// that podlab did not make is left alone.
func TestFurtherNamespace(t *testing.T) {
	ctx, outside := t.Context(), ""
	f := newFixture(t, "further", further(&outside))
	namespaces := f.kube.CoreV1().Namespaces()
	timed(t, "start", func() error { return f.Start(ctx, f.id) })

	given := func() string {
		cm, err := f.kube.CoreV1().ConfigMaps(outside).Get(ctx, "there", metav1.GetOptions{})
		if err != nil {
			return err.Error()
		}
		return cm.Data["v"]
	}
	if got := given(); got != "one" {
		t.Fatalf("setup put %q into the second namespace", got)
	}
	if err := f.Apply(ctx, f.id, manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: "+outside+"}\n")); err == nil {
		t.Error("an answer was let into the second namespace")
	}

	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "there"}, Data: map[string]string{"v": "changed"}}
	if _, err := f.kube.CoreV1().ConfigMaps(outside).Update(ctx, cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	timed(t, "reset", func() error { return f.Reset(ctx, f.id, true) })
	if got := given(); got != "one" {
		t.Errorf("after a reset the second namespace holds %q", got)
	}

	timed(t, "stop", func() error { return f.Stop(ctx, f.id) })
	waitFor(t, "both namespaces to go", func() bool {
		_, err := namespaces.Get(ctx, f.ns, metav1.GetOptions{})
		_, other := namespaces.Get(ctx, outside, metav1.GetOptions{})
		return apierrors.IsNotFound(err) && apierrors.IsNotFound(other)
	})

	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: outside}}
	if _, err := namespaces.Create(ctx, foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := namespaces.Delete(context.Background(), outside, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	var refused *practice.ForeignError
	if err := f.Start(ctx, f.id); !errors.As(err, &refused) {
		t.Errorf("start with a foreign second namespace: %v", err)
	}
	if ns, err := namespaces.Get(ctx, f.ns, metav1.GetOptions{}); err == nil && ns.DeletionTimestamp == nil || err != nil && !apierrors.IsNotFound(err) {
		t.Errorf("the first namespace of that start: %v, %v", ns.Annotations, err)
	}
	if ns, err := namespaces.Get(ctx, outside, metav1.GetOptions{}); err != nil || ns.DeletionTimestamp != nil {
		t.Errorf("the foreign second namespace is being deleted, or gone: %v", err)
	}
}

// The steps of an answer are taken in order: what waits, waits for its checks,
// and what is deleted is gone before the next step.
func TestPerformSteps(t *testing.T) {
	ctx := t.Context()
	spec := grader.Spec{
		Probes: map[string]grader.Probe{
			"pod": {Object: &grader.ObjectProbe{APIVersion: "v1", Kind: "Pod", Name: "web"}},
			"cm":  {Object: &grader.ObjectProbe{APIVersion: "v1", Kind: "ConfigMap", Name: "later"}},
		},
		Checks: []grader.Check{
			{ID: "runs", Points: 1, Expr: "running(pod, 'main')", Actual: "say('unset', {'what': 'running'})"},
			{ID: "never", Points: 1, Expr: "get(cm, 'data.v', '') == 'never'", Actual: "say('unset', {'what': 'v'})"},
		},
	}
	f := newFixture(t, "steps", func(o *practice.Options) {
		o.Instantiate = func(_, namespace string) (*labs.Instance, error) {
			program, err := grader.Compile(spec, nil, nil)
			return &labs.Instance{Namespace: namespace, Spec: spec, Program: program}, err
		}
	})
	f.start(t, "start")
	pod := manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  terminationGracePeriodSeconds: 1\n" +
		"  containers: [{name: main, image: " + image + ", command: [sleep, \"3600\"]}]\n")
	later := manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: later}\ndata: {v: \"1\"}\n")
	answer := labs.Answer{Manifest: pod, Steps: []labs.AnswerStep{
		{Passed: []string{"runs"}},
		{Delete: &labs.ObjectRef{APIVersion: "v1", Kind: "Pod", Name: "web"}},
		{Apply: &later},
	}}
	timed(t, "perform", func() error { return f.Perform(ctx, f.id, answer, 5*time.Minute, false) })
	if _, err := f.kube.CoreV1().Pods(f.ns).Get(ctx, "web", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the Pod that a step deletes: %v", err)
	}
	if _, err := f.kube.CoreV1().ConfigMaps(f.ns).Get(ctx, "later", metav1.GetOptions{}); err != nil {
		t.Errorf("the ConfigMap that a step applies: %v", err)
	}

	waits := labs.Answer{Manifest: later, Steps: []labs.AnswerStep{{Passed: []string{"never"}}, {Apply: &pod}}}
	var waited *practice.WaitError
	if err := f.Perform(ctx, f.id, waits, time.Second, false); !errors.As(err, &waited) || waited.Checks[0] != "never" {
		t.Errorf("a step that waits in vain: %v", err)
	}
	if err := f.Perform(ctx, f.id, waits, time.Second, true); err != nil {
		t.Errorf("going on after a step that waits in vain: %v", err)
	}
	if _, err := f.kube.CoreV1().Pods(f.ns).Get(ctx, "web", metav1.GetOptions{}); err != nil {
		t.Errorf("the Pod of the step after it: %v", err)
	}

	gone := labs.Answer{Manifest: later, Steps: []labs.AnswerStep{{Delete: &labs.ObjectRef{APIVersion: "v1", Kind: "Pod", Name: "other"}}}}
	if err := f.Perform(ctx, f.id, gone, time.Second, false); err == nil {
		t.Error("deleting what is not there was no error")
	}
}
