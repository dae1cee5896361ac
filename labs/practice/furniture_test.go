package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"podlab/labs"
)

func TestFurniture(t *testing.T) {
	accounts := kind{serviceAccounts, "ServiceAccount"}
	for _, tt := range []struct {
		name   string
		fields map[string]any
		want   bool
	}{
		{"as the cluster makes it", map[string]any{}, true},
		{"with a pull secret", map[string]any{"imagePullSecrets": []any{map[string]any{"name": "x"}}}, false},
		{"without token", map[string]any{"automountServiceAccountToken": false}, false},
		{"labelled", map[string]any{"metadata": map[string]any{"name": "default", "labels": map[string]any{"a": "b"}}}, false},
		{"another", map[string]any{"metadata": map[string]any{"name": "builder"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "default"}}}
			for k, v := range tt.fields {
				o.Object[k] = v
			}
			if got := furniture(accounts, o); got != tt.want {
				t.Errorf("stays: %v, want %v", got, tt.want)
			}
		})
	}
}

// again makes the fake cluster bring objects of that name back, times times,
// when they are deleted.
func again(t *testing.T, p *Practice, name string, times int) {
	kube := p.o.Client.Dynamic.(*dynamicfake.FakeDynamicClient)
	kube.PrependReactor("delete", "*", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.(clienttesting.DeleteAction).GetName() != name || times == 0 {
			return false, nil, nil
		}
		times--
		o, err := kube.Tracker().Get(a.GetResource(), a.GetNamespace(), name)
		if err != nil {
			return true, nil, err
		}
		o = o.DeepCopyObject()
		m, err := meta.Accessor(o)
		if err != nil {
			t.Error(err)
			return true, nil, err
		}
		m.SetUID(types.UID(fmt.Sprintf("%s-%d", name, times)))
		return true, nil, kube.Tracker().Update(a.GetResource(), o, a.GetNamespace())
	})
}

// TestEmptyOnAForeignCluster: what belongs to a cluster that is not podlab's is
// neither deleted nor waited for, and everything else goes.
func TestEmptyOnAForeignCluster(t *testing.T) {
	const always = 1 << 30
	in := func(name string, owners ...metav1.OwnerReference) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: "t-mc1", UID: types.UID("u-" + name), OwnerReferences: owners}
	}
	maps := func(metas ...metav1.ObjectMeta) []runtime.Object {
		var all []runtime.Object
		for _, m := range metas {
			all = append(all, &corev1.ConfigMap{ObjectMeta: m})
		}
		return all
	}
	terminating := in("ca")
	terminating.Finalizers, terminating.DeletionTimestamp = []string{"example.com/keep"}, &metav1.Time{Time: time.Now()}
	for _, tt := range []struct {
		name    string
		own     bool     // the cluster is podlab's
		noted   []string // on the namespace
		given   []string // by setup
		returns map[string]int
		refused string // the resource that must not be deleted
		objects []runtime.Object
		left    string // names of ConfigMaps
		deletes int    // how many deletions it takes; 0 for any number
		err     string // what the error says
	}{
		{name: "noted", noted: []string{"ConfigMap/ca"}, objects: maps(in("ca"), in("mine")), left: "ca", deletes: 1},
		{name: "noted and being deleted", noted: []string{"ConfigMap/ca"}, objects: maps(terminating), left: "ca"},
		{name: "noted, on podlab's own", own: true, noted: []string{"ConfigMap/ca"}, objects: maps(in("ca"))},
		{name: "noted, of another kind", noted: []string{"LimitRange/ca"}, objects: maps(in("ca"))},
		{name: "noted, but setup brings it", noted: []string{"ConfigMap/ca"}, given: []string{"ConfigMap/ca"}, objects: maps(in("ca"))},
		{name: "comes back", returns: map[string]int{"ca": always}, objects: maps(in("ca"), in("mine")), left: "ca", deletes: 4},
		{name: "comes back twice", returns: map[string]int{"ca": 2}, objects: maps(in("ca")), deletes: 3},
		{name: "comes back, on podlab's own", own: true, returns: map[string]int{"ca": always}, objects: maps(in("ca")),
			left: "ca", err: "there still is ConfigMap ca"},
		{name: "comes back, but setup brings it", given: []string{"ConfigMap/ca"}, returns: map[string]int{"ca": always},
			objects: maps(in("ca")), left: "ca", err: "there still is ConfigMap ca"},
		{name: "comes back while its owner is in the namespace", returns: map[string]int{"db-0": 9},
			objects: maps(in("db-0", metav1.OwnerReference{APIVersion: "v1", Kind: "ServiceAccount", UID: "u-gone"})), deletes: 10},
		{name: "comes back since its owner is elsewhere", returns: map[string]int{"policy": always},
			objects: maps(in("policy", metav1.OwnerReference{APIVersion: "capsule.clastix.io/v1beta2", Kind: "Tenant", UID: "u-tenant"})), left: "policy", deletes: 3},
		{name: "owned by what is noted", noted: []string{"ConfigMap/ca"}, objects: maps(
			in("grandchild", metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", UID: "u-child"}),
			in("child", metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", UID: "u-ca"}), in("ca")), left: "ca child grandchild"},
		{name: "must not be deleted", refused: "configmaps", objects: maps(in("ca")), left: "ca", deletes: 1},
		{name: "must not be deleted, on podlab's own", own: true, refused: "configmaps", objects: maps(in("ca")),
			left: "ca", err: "delete ConfigMap ca"},
		{name: "must not be deleted, but setup brings it", given: []string{"ConfigMap/ca"}, refused: "configmaps", objects: maps(in("ca")),
			left: "ca", err: "delete ConfigMap ca"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noted, err := json.Marshal(tt.noted)
			if err != nil {
				t.Fatal(err)
			}
			p := newFake(t, append(tt.objects, namespace("mc1", stateReady, func(ns *corev1.Namespace) {
				ns.Annotations[annotationFurniture] = string(noted)
			}))...)
			p.o.Foreign = !tt.own
			for name, times := range tt.returns {
				again(t, p, name, times)
			}
			if tt.refused != "" {
				refuse(p, tt.refused, forbidden(tt.refused), "delete")
			}
			brought := make(map[string]bool)
			for _, id := range tt.given {
				brought[id] = true
			}
			patience := 5 * time.Second
			if strings.Contains(tt.err, "still") {
				patience = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			err = p.empty(ctx, "t-mc1", brought)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			kube := p.o.Client.Dynamic.(*dynamicfake.FakeDynamicClient)
			deletes := 0
			for _, a := range kube.Actions() {
				switch a.GetVerb() {
				case "delete":
					deletes++
				case "patch":
					t.Errorf("finalizers of %s were removed", a.(clienttesting.PatchAction).GetName())
				}
			}
			if tt.deletes > 0 && deletes != tt.deletes {
				t.Errorf("%d deletions, want %d", deletes, tt.deletes)
			}
			list, err := kube.Resource(configMaps).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, o := range list.Items {
				left = append(left, o.GetName())
			}
			slices.Sort(left)
			if got := strings.Join(left, " "); got != tt.left {
				t.Errorf("left: %q, want %q", got, tt.left)
			}
		})
	}
}

// TestNoteFurniture: what is there before setup is noted, once, and only on a
// cluster that is not podlab's.
func TestNoteFurniture(t *testing.T) {
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Namespace: "t-mc1"} }
	for _, foreign := range []bool{true, false} {
		p := newFake(t, namespace("mc1", stateStarting, nil),
			&corev1.ConfigMap{ObjectMeta: in(rootCA)}, &corev1.ServiceAccount{ObjectMeta: in(defaultAccount), ImagePullSecrets: []corev1.LocalObjectReference{{Name: "registry"}}},
			&corev1.ConfigMap{ObjectMeta: in("ca")}, &corev1.LimitRange{ObjectMeta: in("limits")})
		p.o.Foreign = foreign
		noted := func() string {
			t.Helper()
			if err := p.noteFurniture(t.Context(), &labs.Instance{Namespace: "t-mc1"}); err != nil {
				t.Fatal(err)
			}
			ns, err := p.o.Client.Typed.CoreV1().Namespaces().Get(t.Context(), "t-mc1", metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return ns.Annotations[annotationFurniture]
		}
		want := map[bool]string{true: `["ConfigMap/ca","LimitRange/limits"]`}[foreign]
		if got := noted(); got != want {
			t.Errorf("foreign %v: noted %s, want %s", foreign, got, want)
		}
		mine := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}}
		mine.SetName("mine")
		if _, err := p.o.Client.Dynamic.Resource(configMaps).Namespace("t-mc1").Create(t.Context(), mine, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := noted(); got != want {
			t.Errorf("foreign %v: later it is %s, want %s", foreign, got, want)
		}
	}

	// What cannot be listed is not noted later either, beside what setup left.
	p := newFake(t, namespace("mc1", stateStarting, nil), &corev1.ConfigMap{ObjectMeta: in("ca")})
	p.o.Foreign = true
	fails := true
	p.o.Client.Dynamic.(*dynamicfake.FakeDynamicClient).PrependReactor("list", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
		return fails, nil, apierrors.NewInternalError(errors.New("slow"))
	})
	for range 2 {
		if err := p.noteFurniture(t.Context(), &labs.Instance{Namespace: "t-mc1"}); err != nil {
			t.Fatal(err)
		}
		ns, err := p.o.Client.Typed.CoreV1().Namespaces().Get(t.Context(), "t-mc1", metav1.GetOptions{})
		if err != nil || ns.Annotations[annotationFurniture] != "[]" {
			t.Errorf("noted %q, error %v", ns.Annotations[annotationFurniture], err)
		}
		fails = false
	}

	many := found{kind: kind{configMaps, "ConfigMap"}, objects: make([]unstructured.Unstructured, 1000)}
	for i := range many.objects {
		many.objects[i].SetName(strings.Repeat("x", 100) + fmt.Sprint(i))
	}
	list, err := json.Marshal(identities([]found{many}))
	if err != nil || len(list) > maxFurniture || len(list) < maxFurniture*9/10 {
		t.Errorf("a list of %d bytes, want up to %d: %v", len(list), maxFurniture, err)
	}
}

// TestGiven: what setup brings is told by the namespace it goes to.
func TestGiven(t *testing.T) {
	inst := &labs.Instance{Namespace: "a", Namespaces: []string{"b"}, Setup: []labs.Manifest{{Name: "setup.yaml", Data: []byte(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: there, namespace: b}
`)}}}
	for namespace, want := range map[string]string{"a": "map[NetworkPolicy.networking.k8s.io/deny:true]", "b": "map[ConfigMap/there:true]"} {
		got, err := given(inst, namespace)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v; want %s", namespace, got, err, want)
		}
	}
}
