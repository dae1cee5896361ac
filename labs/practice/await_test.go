package practice

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// refuse makes the fake cluster answer the verbs on a resource with err.
func refuse(p *Practice, resource string, err error, verbs ...string) {
	kube := p.o.Client.Dynamic.(*dynamicfake.FakeDynamicClient)
	for _, verb := range verbs {
		if verb == "watch" {
			kube.PrependWatchReactor(resource, func(clienttesting.Action) (bool, watch.Interface, error) { return true, nil, err })
			continue
		}
		kube.PrependReactor(verb, resource, func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, err })
	}
}

func forbidden(resource string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "", errors.New("no such right"))
}

// TestAwaitUsable: what may not be watched or listed is asked for all the same,
// and what may not be seen at all keeps no lab from starting.
func TestAwaitUsable(t *testing.T) {
	unsupported := apierrors.NewMethodNotSupported(schema.GroupResource{Resource: "serviceaccounts"}, "watch")
	for _, tt := range []struct {
		name  string
		err   error
		verbs []string
		// pods is how often a Pod is refused for want of a ServiceAccount.
		pods int
		want time.Duration
	}{
		{"may watch", nil, nil, 0, 3 * time.Second},
		{"may not watch", forbidden("serviceaccounts"), []string{"watch"}, 0, 4 * time.Second},
		{"cannot watch", unsupported, []string{"watch"}, 0, 4 * time.Second},
		{"may only get", forbidden("serviceaccounts"), []string{"list", "watch"}, 0, 4 * time.Second},
		{"may see nothing", forbidden("serviceaccounts"), []string{"get", "list", "watch"}, 0, 0},
		{"may see nothing of a slow cluster", forbidden("serviceaccounts"), []string{"get", "list", "watch"}, 3, 6 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(t)
				refuse(p, "serviceaccounts", tt.err, tt.verbs...)
				refuse(p, "configmaps", tt.err, tt.verbs...)
				tried := 0
				p.o.Client.Typed.(*fake.Clientset).PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
					if len(a.(clienttesting.CreateActionImpl).GetCreateOptions().DryRun) == 0 {
						t.Error("a Pod was made, not tried")
					}
					if tried++; tried <= tt.pods {
						return true, nil, apierrors.NewForbidden(corev1.Resource("pods"), "x",
							errors.New(`error looking up service account t-mc1/default: serviceaccount "default" not found`))
					}
					return true, nil, apierrors.NewForbidden(corev1.Resource("pods"), "x", errors.New("exceeded quota"))
				})
				began := time.Now()
				time.AfterFunc(3*time.Second, func() {
					for r, name := range map[schema.GroupVersionResource]string{serviceAccounts: defaultAccount, configMaps: rootCA} {
						o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "X"}}
						o.SetName(name)
						o.SetUID(types.UID("u-" + name))
						if _, err := p.o.Client.Dynamic.Resource(r).Namespace("t-mc1").Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
							t.Error(err)
						}
					}
				})
				if err := p.awaitUsable(t.Context(), "t-mc1"); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != tt.want {
					t.Errorf("usable after %s, want %s", took, tt.want)
				}
				if slices.Contains(tt.verbs, "get") != (tried == tt.pods+1) {
					t.Errorf("%d Pods were tried", tried)
				}
				time.Sleep(3 * time.Second) // for what is made then
			})
		})
	}
}

// TestAwaitDeletedWithoutWatch: a namespace that goes is waited for.
func TestAwaitDeletedWithoutWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ns := namespace("mc1", stateReady, func(ns *corev1.Namespace) { ns.UID = "u" })
		p := newFake(t, ns)
		refuse(p, "namespaces", forbidden("namespaces"), "list", "watch")
		time.AfterFunc(3*time.Second, func() {
			if err := p.o.Client.Dynamic.Resource(namespaces).Delete(t.Context(), ns.Name, metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		if err := p.awaitDeleted(t.Context(), ns); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("it was gone after %s, want 4s", took)
		}
	})
}

// TestAwaitTrouble: only a missing right is got around.
func TestAwaitTrouble(t *testing.T) {
	for _, verb := range []string{"list", "watch"} {
		p := newFake(t)
		refuse(p, "serviceaccounts", apierrors.NewInternalError(errors.New("broken")), verb)
		if err := p.awaitUsable(t.Context(), "t-mc1"); !apierrors.IsInternalError(err) {
			t.Errorf("trouble with %s: %v", verb, err)
		}
	}
}
