package practice_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"podlab/labs/practice"
)

// operator puts ConfigMaps into the namespace, and puts them there again when
// they are deleted, until the test ends.
func (f *fixture) operator(t *testing.T, names ...string) {
	t.Helper()
	maps := f.kube.CoreV1().ConfigMaps(f.ns)
	put := func() {
		for _, name := range names {
			_, _ = maps.Create(context.Background(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		}
	}
	put()
	var done sync.WaitGroup
	stop := make(chan struct{})
	done.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				put()
			}
		}
	})
	t.Cleanup(func() {
		close(stop)
		done.Wait()
	})
}

// TestResetOnAForeignCluster: what others put into the namespace stays or comes
// back, and what the learner left goes.
func TestResetOnAForeignCluster(t *testing.T) {
	f := newFixture(t, "foreign-reset", func(o *practice.Options) { o.Foreign = true })
	ctx := t.Context()
	// The administrator's defaults for a namespace are there before setup.
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.ns, Labels: map[string]string{
		practice.LabelManagedBy: "podlab", practice.LabelLab: f.id,
	}}}
	waitFor(t, "the namespace of a former run is gone", func() bool {
		_, err := f.kube.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "tenant", Finalizers: []string{"example.com/keep"}},
		Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("20")}}}
	quotas := f.kube.CoreV1().ResourceQuotas(f.ns)
	if _, err := quotas.Create(ctx, quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = quotas.Patch(context.Background(), quota.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	})
	f.operator(t, "istio-ca-root-cert")
	uids := func() [2]types.UID {
		t.Helper()
		q, err := quotas.Get(ctx, quota.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cm, err := f.kube.CoreV1().ConfigMaps(f.ns).Get(ctx, "istio-ca-root-cert", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return [2]types.UID{q.UID, cm.UID}
	}
	before := uids()

	f.start(t, "start")
	f.operator(t, "late")
	f.apply(t, learnersWork)
	waitFor(t, "the learner's Pods are there", func() bool {
		pods, err := f.kube.CoreV1().Pods(f.ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return len(pods.Items) == 6
	})
	if err := os.WriteFile(filepath.Join(f.WorkDir(f.id), "pod.yaml"), []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := append([]string{"ConfigMap istio-ca-root-cert", "ConfigMap late", "ResourceQuota tenant"}, startState...)
	slices.Sort(want)
	for range 2 {
		timed(t, "reset", func() error { return f.Reset(ctx, f.id, true) })
		waitFor(t, "the operator has put back what it puts there", func() bool {
			return slices.Contains(f.inventory(t), "ConfigMap late")
		})
		if got := f.inventory(t); !slices.Equal(got, want) {
			t.Errorf("after a reset the namespace holds %q, want %q", got, want)
		}
		if now := uids(); now != before {
			t.Errorf("what was there before setup was deleted: %v, before %v", now, before)
		}
	}
	sa, err := f.kube.CoreV1().ServiceAccounts(f.ns).Get(ctx, "default", metav1.GetOptions{})
	if err != nil || sa.AutomountServiceAccountToken != nil {
		t.Errorf("the default ServiceAccount was not restored: %+v, %v", sa, err)
	}
	timed(t, "stop", func() error { return f.Stop(ctx, f.id) })
}
