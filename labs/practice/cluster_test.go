package practice

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/progress"
)

// newFake makes a Practice on a fake cluster that holds objects.
func newFake(t *testing.T, objects ...runtime.Object) *Practice {
	t.Helper()
	typed := fake.NewClientset(objects...)
	typed.Resources = []*metav1.APIResourceList{
		{GroupVersion: "v1", APIResources: []metav1.APIResource{
			{Name: "pods", Kind: "Pod", Namespaced: true, Verbs: metav1.Verbs{"list", "delete"}},
			{Name: "pods/log", Kind: "Pod", Namespaced: true, Verbs: metav1.Verbs{"get"}},
			{Name: "configmaps", Kind: "ConfigMap", Namespaced: true, Verbs: metav1.Verbs{"list", "delete"}},
			{Name: "limitranges", Kind: "LimitRange", Namespaced: true, Verbs: metav1.Verbs{"list", "delete"}},
			{Name: "serviceaccounts", Kind: "ServiceAccount", Namespaced: true, Verbs: metav1.Verbs{"list", "delete"}},
			{Name: "events", Kind: "Event", Namespaced: true, Verbs: metav1.Verbs{"list", "delete"}},
			{Name: "bindings", Kind: "Binding", Namespaced: true, Verbs: metav1.Verbs{"create"}},
			{Name: "namespaces", Kind: "Namespace", Verbs: metav1.Verbs{"list", "delete"}},
		}},
	}
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return New(Options{
		Client:  &grader.Client{Typed: typed, Dynamic: dynamicfake.NewSimpleDynamicClient(scheme, objects...)},
		Prefix:  "t-",
		Records: progress.Open(filepath.Join(t.TempDir(), "progress.yaml")),
		Instantiate: func(_, namespace string) (*labs.Instance, error) {
			return &labs.Instance{Namespace: namespace}, nil
		},
	})
}

func namespace(lab, state string, change func(*corev1.Namespace)) *corev1.Namespace {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name:        "t-mc1",
		Labels:      map[string]string{LabelManagedBy: managedBy, LabelLab: lab},
		Annotations: map[string]string{annotationState: state},
	}}
	if change != nil {
		change(ns)
	}
	return ns
}

func TestStarted(t *testing.T) {
	now := metav1.Now()
	for _, tt := range []struct {
		name    string
		objects []runtime.Object
		want    bool
		err     error
	}{
		{"no namespace", nil, false, nil},
		{"ready", []runtime.Object{namespace("mc1", stateReady, nil)}, true, nil},
		{"start interrupted", []runtime.Object{namespace("mc1", stateStarting, nil)}, false, nil},
		{"reset interrupted", []runtime.Object{namespace("mc1", stateResetting, nil)}, false, nil},
		{"terminating", []runtime.Object{namespace("mc1", stateReady, func(ns *corev1.Namespace) { ns.DeletionTimestamp = &now })}, false, nil},
		{"another lab's", []runtime.Object{namespace("mc2", stateReady, nil)}, false, ErrForeign},
		{"without labels", []runtime.Object{namespace("mc1", stateReady, func(ns *corev1.Namespace) { ns.Labels = nil })}, false, ErrForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newFake(t, tt.objects...)
			got, err := p.Started(t.Context(), "mc1")
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Started: %v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
			wantGrade := tt.err
			if wantGrade == nil && !tt.want {
				wantGrade = ErrNotStarted
			}
			if wantGrade == nil {
				return // there is no program to grade with
			}
			if _, err := p.Grade(t.Context(), "mc1", 0); !errors.Is(err, wantGrade) {
				t.Errorf("Grade: %v, want %v", err, wantGrade)
			}
			if err := p.Watch(t.Context(), "mc1", grader.Observer{}); !errors.Is(err, wantGrade) {
				t.Errorf("Watch: %v, want %v", err, wantGrade)
			}
		})
	}
}

// TestStartLeavesNothing: what a start made that cannot go on is deleted; what
// was there before stays, unless it is a lab that never was set up.
func TestStartLeavesNothing(t *testing.T) {
	const outside = "t-mc1-outside"
	further := func(labels map[string]string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: outside, Labels: labels}}
	}
	refused := apierrors.NewForbidden(corev1.Resource("namespaces"), outside, errors.New("quota"))
	trouble := apierrors.NewInternalError(errors.New("broken"))
	for _, tt := range []struct {
		name    string
		objects []runtime.Object
		create  error // the answer to making the second namespace
		watch   error // the answer to waiting until the namespaces are usable
		want    error
		left    string
	}{
		{"the second is refused", nil, refused, nil, ErrCannotStart, "[]"},
		{"the second is somebody else's", []runtime.Object{further(nil)}, nil, nil, ErrForeign, "[t-mc1-outside]"},
		{"they do not get usable", nil, nil, trouble, trouble, "[]"},
		{"another start is under way", []runtime.Object{namespace("mc1", stateStarting, nil)}, nil, trouble, trouble, "[t-mc1]"},
		{"an earlier start was interrupted", []runtime.Object{namespace("mc1", stateStarting, nil)}, refused, nil, ErrCannotStart, "[]"},
		{"the lab is set up", []runtime.Object{namespace("mc1", stateReady, nil)}, refused, nil, ErrCannotStart, "[t-mc1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newFake(t, tt.objects...)
			p.o.Instantiate = func(_, namespace string) (*labs.Instance, error) {
				return &labs.Instance{Namespace: namespace, Namespaces: []string{outside}}, nil
			}
			p.o.Client.Typed.(*fake.Clientset).PrependReactor("create", "namespaces", func(a clienttesting.Action) (bool, runtime.Object, error) {
				ns := a.(clienttesting.CreateAction).GetObject().(*corev1.Namespace)
				return ns.Name == outside && tt.create != nil, nil, tt.create
			})
			if tt.watch != nil {
				refuse(p, "serviceaccounts", tt.watch, "watch")
			}
			if err := p.Start(t.Context(), "mc1"); !errors.Is(err, tt.want) {
				t.Errorf("Start: %v, want %v", err, tt.want)
			}
			all, err := p.o.Client.Typed.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			left := []string{}
			for _, ns := range all.Items {
				left = append(left, ns.Name)
			}
			if got := fmt.Sprint(left); got != tt.left {
				t.Errorf("left: %s, want %s", got, tt.left)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	kinds, err := newFake(t).kinds()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	slices.Sort(names) // discovery gives them in no order
	if got, want := fmt.Sprint(names), "[ConfigMap LimitRange Pod ServiceAccount]"; got != want {
		t.Errorf("kinds %s, want %s: namespaced and deletable, no subresources, no events", got, want)
	}
}

func TestEmptyKeepsFurniture(t *testing.T) {
	in := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: "t-mc1", UID: types.UID("u-" + name)}
	}
	elsewhere := in("safe")
	elsewhere.Namespace = "other"
	p := newFake(t,
		&corev1.ConfigMap{ObjectMeta: in(rootCA)}, &corev1.ConfigMap{ObjectMeta: in("mine")},
		&corev1.ServiceAccount{ObjectMeta: in(defaultAccount)}, &corev1.ServiceAccount{ObjectMeta: in("mine")},
		&corev1.Pod{ObjectMeta: in("mine")}, &corev1.ConfigMap{ObjectMeta: elsewhere})
	if err := p.empty(t.Context(), "t-mc1", nil); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, r := range []schema.GroupVersionResource{configMaps, serviceAccounts, {Version: "v1", Resource: "pods"}} {
		list, err := p.o.Client.Dynamic.Resource(r).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Items {
			left = append(left, o.GetNamespace()+"/"+o.GetKind()+"/"+o.GetName())
		}
	}
	if got, want := fmt.Sprint(left), "[other/ConfigMap/safe t-mc1/ConfigMap/kube-root-ca.crt t-mc1/ServiceAccount/default]"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
}

func TestRefused(t *testing.T) {
	pod := schema.GroupKind{Kind: "Pod"}
	invalid := fmt.Errorf("apply: %w", apierrors.NewInvalid(pod, "x", nil))
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"nothing", nil, false},
		{"invalid", invalid, true},
		{"forbidden by a quota", apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "x", errors.New("quota")), true},
		{"several", errors.Join(invalid, invalid), true},
		{"one of them is something else", errors.Join(invalid, context.DeadlineExceeded), false},
		{"the API server is away", apierrors.NewServiceUnavailable("x"), false},
	} {
		if got := Refused(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func report(points ...int) *grader.Report {
	r := &grader.Report{}
	for i, n := range points {
		c := grader.Result{ID: fmt.Sprint(i), Status: grader.Failed, Points: 2, Earned: n}
		if n == 2 {
			c.Status = grader.Passed
		}
		r.Results = append(r.Results, c)
	}
	return r
}

func TestWatchRecordsProgressOnly(t *testing.T) {
	p := newFake(t)
	worth := p.worthRecording("mc1")
	for i, tt := range []struct {
		report *grader.Report
		want   bool
	}{
		{report(0, 0), false}, // nothing done yet
		{report(2, 0), true},
		{report(2, 0), false}, // as good as before
		{report(0, 0), false},
		{report(0, 2), false},
		{report(2, 2), true},
		{report(2, 2), false},
		{report(0, 0), false}, // a reset
		{report(2, 2), true},  // full marks again: the attempt's time
	} {
		if got := worth(tt.report); got != tt.want {
			t.Errorf("report %d: recorded %v, want %v", i, got, tt.want)
		}
	}
}

func TestRecords(t *testing.T) {
	p := newFake(t)
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	p.now = func() time.Time { return now }
	record := func() progress.Record {
		t.Helper()
		all, err := p.o.Records.All()
		if err != nil {
			t.Fatal(err)
		}
		return all["mc1"]
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	must(p.continueAttempt("mc1"))
	must(p.RecordHint("mc1", 2))
	must(p.RecordHint("mc1", 1))
	if r := record(); r.HintsUsed != 2 || r.Attempts != 0 {
		t.Errorf("after hints 2 and 1: %+v", r)
	}
	trouble := report(2, 0)
	trouble.Results[1].Status = grader.Errored
	must(p.recordReport("mc1", trouble))
	if r := record(); r.Attempts != 0 || r.BestPoints != 0 {
		t.Errorf("a grading that podlab failed counts: %+v", r)
	}
	must(p.RecordSolutionSeen("mc1"))
	now = now.Add(time.Minute)
	must(p.continueAttempt("mc1"))
	must(p.recordReport("mc1", report(2, 2)))
	if r := record(); r.Attempts != 1 || r.BestPoints != 4 || r.BestTime != time.Minute || !r.SolutionSeen {
		t.Errorf("after full marks: %+v", r)
	}
	all := record()
	must(p.RecordSolutionSeen("mc2"))
	if record() != all {
		t.Error("another lab's record changed this one's")
	}
}

func TestDecode(t *testing.T) {
	manifest := "# a comment\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n---\n# nothing\n---\n" +
		"kind: List\napiVersion: v1\nitems:\n- {kind: Secret, apiVersion: v1, metadata: {name: b}}\n- {kind: Pod, apiVersion: v1, metadata: {name: c}}\n"
	objects, err := labs.Manifest{Name: "m.yaml", Data: []byte(manifest)}.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range objects {
		got = append(got, o.GetKind()+" "+o.GetName())
	}
	if want := "[ConfigMap a Secret b Pod c]"; fmt.Sprint(got) != want {
		t.Errorf("decoded %v, want %s", got, want)
	}
}
