// Package practice_test tries the life cycle of a lab on a real cluster, the
// one that $PODLAB_E2E_KUBECONFIG leads to.
package practice_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"podlab/grader"
	"podlab/grader/probe"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/labs/progress"
)

const prefix = "practice-e2e-"

// image is one that every podlab cluster holds.
const image = "busybox:1.37"

func client(t *testing.T) *grader.Client {
	t.Helper()
	path := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG is not set: it names the kubeconfig of a podlab cluster for this test")
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := probe.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const setup = `
apiVersion: v1
kind: ConfigMap
metadata: {name: program}
data: {version: "1"}
---
# A Pod in setup needs the default ServiceAccount to be there.
apiVersion: v1
kind: Pod
metadata: {name: given}
spec:
  containers: [{name: main, image: busybox:1.37, command: [sleep, "3600"]}]
`

// fixture is one lab of a test with everything around it.
type fixture struct {
	*practice.Practice
	kube    kubernetes.Interface
	id, ns  string
	records *progress.Store
}

func newFixture(t *testing.T, id string, change func(*practice.Options)) *fixture {
	t.Helper()
	c := client(t)
	dir := t.TempDir()
	f := &fixture{kube: c.Typed, id: id, ns: prefix + id, records: progress.Open(filepath.Join(dir, "progress.yaml"))}
	o := practice.Options{
		Client: c, RunsContainers: true, Prefix: prefix, WorkRoot: filepath.Join(dir, "work"), Records: f.records,
		Instantiate: func(_, namespace string) (*labs.Instance, error) {
			return &labs.Instance{
				Namespace: namespace,
				Setup:     []labs.Manifest{{Name: "setup.yaml", Data: []byte(setup)}},
				Files:     []labs.File{{Name: "pod.yaml", Data: []byte("kind: Pod\n")}},
			}, nil
		},
	}
	if change != nil {
		change(&o)
	}
	f.Practice = practice.New(o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if err := c.Typed.CoreV1().Namespaces().Delete(ctx, f.ns, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
	return f
}

// timed runs a step of the life cycle, and logs how long it took.
func timed(t *testing.T, what string, step func() error) {
	t.Helper()
	begin := time.Now()
	err := step()
	t.Logf("%-40s %6d ms", what, time.Since(begin).Milliseconds())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func (f *fixture) start(t *testing.T, what string) {
	t.Helper()
	timed(t, what, func() error { return f.Start(t.Context(), f.id) })
}

func (f *fixture) apply(t *testing.T, manifest string) {
	t.Helper()
	if err := f.Apply(t.Context(), f.id, labs.Manifest{Name: "learner.yaml", Data: []byte(manifest)}); err != nil {
		t.Fatal(err)
	}
}

// inventory lists the namespace's Pods, ConfigMaps, Deployments and so on as
// "Kind name", without what the cluster puts into each.
func (f *fixture) inventory(t *testing.T) []string {
	t.Helper()
	ctx := t.Context()
	var names []string
	add := func(kind string, err error, items ...metav1.ObjectMeta) {
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range items {
			if m.Name != "default" && m.Name != "kube-root-ca.crt" {
				names = append(names, kind+" "+m.Name)
			}
		}
	}
	core, apps := f.kube.CoreV1(), f.kube.AppsV1()
	all := metav1.ListOptions{}
	pods, err := core.Pods(f.ns).List(ctx, all)
	add("Pod", err, metas(pods.Items, func(o corev1.Pod) metav1.ObjectMeta { return o.ObjectMeta })...)
	maps, err := core.ConfigMaps(f.ns).List(ctx, all)
	add("ConfigMap", err, metas(maps.Items, func(o corev1.ConfigMap) metav1.ObjectMeta { return o.ObjectMeta })...)
	claims, err := core.PersistentVolumeClaims(f.ns).List(ctx, all)
	add("PersistentVolumeClaim", err, metas(claims.Items, func(o corev1.PersistentVolumeClaim) metav1.ObjectMeta { return o.ObjectMeta })...)
	services, err := core.Services(f.ns).List(ctx, all)
	add("Service", err, metas(services.Items, func(o corev1.Service) metav1.ObjectMeta { return o.ObjectMeta })...)
	quotas, err := core.ResourceQuotas(f.ns).List(ctx, all)
	add("ResourceQuota", err, metas(quotas.Items, func(o corev1.ResourceQuota) metav1.ObjectMeta { return o.ObjectMeta })...)
	accounts, err := core.ServiceAccounts(f.ns).List(ctx, all)
	add("ServiceAccount", err, metas(accounts.Items, func(o corev1.ServiceAccount) metav1.ObjectMeta { return o.ObjectMeta })...)
	deployments, err := apps.Deployments(f.ns).List(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deployments.Items {
		names = append(names, "Deployment "+d.Name)
	}
	sets, err := apps.ReplicaSets(f.ns).List(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets.Items {
		names = append(names, "ReplicaSet "+s.Name)
	}
	slices.Sort(names)
	return names
}

func metas[T any](items []T, meta func(T) metav1.ObjectMeta) []metav1.ObjectMeta {
	var all []metav1.ObjectMeta
	for _, item := range items {
		all = append(all, meta(item))
	}
	return all
}

var startState = []string{"ConfigMap program", "Pod given"}

func (f *fixture) wantStartState(t *testing.T, when string) {
	t.Helper()
	if got := f.inventory(t); !slices.Equal(got, startState) {
		t.Errorf("%s the namespace holds %q, want %q", when, got, startState)
	}
	cm, err := f.kube.CoreV1().ConfigMaps(f.ns).Get(t.Context(), "program", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(cm.Data) != 1 || cm.Data["version"] != "1" {
		t.Errorf("%s ConfigMap program holds %v", when, cm.Data)
	}
}

func TestStartTwice(t *testing.T) {
	f := newFixture(t, "twice", nil)
	f.start(t, "start")
	f.wantStartState(t, "after start")
	if ok, err := f.Started(t.Context(), f.id); !ok || err != nil {
		t.Fatalf("Started: %v, %v", ok, err)
	}

	cm, err := f.kube.CoreV1().ConfigMaps(f.ns).Get(t.Context(), "program", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cm.Data["version"] = "mine"
	if _, err := f.kube.CoreV1().ConfigMaps(f.ns).Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.WorkDir(f.id), "pod.yaml")
	if err := os.WriteFile(file, []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f.start(t, "start of a lab that runs")
	if cm, err = f.kube.CoreV1().ConfigMaps(f.ns).Get(t.Context(), "program", metav1.GetOptions{}); err != nil || cm.Data["version"] != "mine" {
		t.Errorf("the second start changed the learner's ConfigMap: %v, %v", cm.Data, err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine\n" {
		t.Errorf("the second start changed the learner's file: %q, %v", data, err)
	}
}

func TestForeignNamespace(t *testing.T) {
	f := newFixture(t, "foreign", nil)
	ctx := t.Context()
	if _, err := f.kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.ns}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.kube.CoreV1().ConfigMaps(f.ns).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "precious"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"Start": func() error { return f.Start(ctx, f.id) },
		"Reset": func() error { return f.Reset(ctx, f.id, true) },
		"Stop":  func() error { return f.Stop(ctx, f.id) },
		"Apply": func() error { return f.Apply(ctx, f.id, labs.Manifest{Name: "x", Data: []byte(setup)}) },
	} {
		if err := call(); !errors.Is(err, practice.ErrForeign) || !strings.Contains(err.Error(), f.ns) {
			t.Errorf("%s: error %v, want ErrForeign that names %s", name, err, f.ns)
		}
	}
	if got, want := f.inventory(t), []string{"ConfigMap precious"}; !slices.Equal(got, want) {
		t.Errorf("the foreign namespace holds %q, want %q", got, want)
	}
	ns, err := f.kube.CoreV1().Namespaces().Get(ctx, f.ns, metav1.GetOptions{})
	if err != nil || ns.DeletionTimestamp != nil {
		t.Errorf("the foreign namespace is being deleted, or gone: %v", err)
	}
}

const learnersWork = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: busybox:1.37, command: [sleep, "3600"], volumeMounts: [{name: data, mountPath: /data}]}
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: main, image: busybox:1.37, command: [sleep, "3600"]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox:1.37, command: [sleep, "3600"]}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, finalizers: [example.com/keep]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: program}
data: {version: "2", extra: "yes"}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: tight}
spec: {hard: {pods: "6"}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default}
automountServiceAccountToken: false
`

func TestReset(t *testing.T) {
	f := newFixture(t, "reset", nil)
	ctx := t.Context()
	if err := f.Reset(ctx, f.id, false); !errors.Is(err, practice.ErrNotStarted) {
		t.Fatalf("reset of a lab that is not started: %v, want ErrNotStarted", err)
	}
	f.start(t, "start")
	f.apply(t, learnersWork)
	waitFor(t, "the learner's Pods run", func() bool {
		pods, err := f.kube.CoreV1().Pods(f.ns).List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		running := 0
		for _, p := range pods.Items {
			if p.Status.Phase == corev1.PodRunning {
				running++
			}
		}
		return running == 6
	})
	file := filepath.Join(f.WorkDir(f.id), "pod.yaml")
	if err := os.WriteFile(file, []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	var edited *practice.EditedError
	before := f.inventory(t)
	if err := f.Reset(ctx, f.id, false); !errors.As(err, &edited) || !slices.Equal(edited.Files, []string{"pod.yaml"}) {
		t.Fatalf("reset with an edited file: %v, want an EditedError with pod.yaml", err)
	}
	if after := f.inventory(t); !slices.Equal(before, after) {
		t.Fatalf("the refused reset changed the namespace from %q to %q", before, after)
	}

	timed(t, "reset of 6 Pods, a PVC and a finalizer", func() error { return f.Reset(ctx, f.id, true) })
	f.wantStartState(t, "after reset")
	if data, err := os.ReadFile(file); err != nil || string(data) != "kind: Pod\n" {
		t.Errorf("the file was not restored: %q, %v", data, err)
	}
	if data, err := os.ReadFile(file + ".old"); err != nil || string(data) != "mine\n" {
		t.Errorf("the edited file was not kept: %q, %v", data, err)
	}
	sa, err := f.kube.CoreV1().ServiceAccounts(f.ns).Get(ctx, "default", metav1.GetOptions{})
	if err != nil || sa.AutomountServiceAccountToken != nil {
		t.Errorf("the default ServiceAccount was not restored: %+v, %v", sa, err)
	}
	timed(t, "reset of the start state", func() error { return f.Reset(ctx, f.id, false) })
	f.wantStartState(t, "after the second reset")

	// Controllers that lag behind must not bring anything back.
	time.Sleep(2 * time.Second)
	f.wantStartState(t, "two seconds later")
	all, err := f.records.All()
	if err != nil || all[f.id].StartedAt.IsZero() {
		t.Errorf("no attempt is open: %+v, %v", all, err)
	}
}

// TestResetRacesControllers resets while a Deployment is being rolled out.
func TestResetRacesControllers(t *testing.T) {
	f := newFixture(t, "race", nil)
	f.start(t, "start")
	web, _, _ := strings.Cut(learnersWork, "---")
	web = strings.NewReplacer("replicas: 3", "replicas: 5", ", volumeMounts: [{name: data, mountPath: /data}]", "",
		"volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]", "").Replace(web)
	for i := range 4 {
		f.apply(t, web)
		time.Sleep(time.Duration(i) * 40 * time.Millisecond)
		timed(t, fmt.Sprintf("reset %d ms into a rollout", i*40), func() error { return f.Reset(t.Context(), f.id, false) })
		f.wantStartState(t, "after reset")
		time.Sleep(300 * time.Millisecond)
		f.wantStartState(t, "a moment later")
	}
}

// TestResetWhileApplying resets while something applies an object without end.
func TestResetWhileApplying(t *testing.T) {
	f := newFixture(t, "applying", nil)
	f.start(t, "start")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	applied := make(chan struct{})
	go func() {
		defer close(applied)
		for ctx.Err() == nil {
			_, _ = f.kube.CoreV1().ConfigMaps(f.ns).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "stubborn"}}, metav1.CreateOptions{})
			time.Sleep(30 * time.Millisecond)
		}
	}()
	begin := time.Now()
	err := f.Reset(t.Context(), f.id, false)
	t.Logf("reset ended after %s: %v", time.Since(begin).Round(time.Millisecond), err)
	if err != nil && !strings.Contains(err.Error(), "ConfigMap stubborn") {
		t.Errorf("the error does not name what comes back: %v", err)
	}
	cancel()
	<-applied
	if err != nil {
		// An interrupted reset is finished by the next start.
		if ok, err := f.Started(t.Context(), f.id); ok || err != nil {
			t.Errorf("after a failed reset Started is %v, %v", ok, err)
		}
		f.start(t, "start after a reset that failed")
		f.wantStartState(t, "after that start")
	}
}

func TestApply(t *testing.T) {
	f := newFixture(t, "apply", nil)
	f.start(t, "start")
	pod := func(command string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: given}\nspec:\n  containers: [{name: main, image: %s, command: [%s]}]\n", image, command)
	}
	get := func() *corev1.Pod {
		p, err := f.kube.CoreV1().Pods(f.ns).Get(t.Context(), "given", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := get()
	timed(t, "apply that replaces a Pod", func() error {
		return f.Apply(t.Context(), f.id, labs.Manifest{Name: "pod.yaml", Data: []byte(pod("sleep, '7200'"))})
	})
	second := get()
	if second.UID == first.UID || second.Spec.Containers[0].Command[1] != "7200" {
		t.Errorf("the Pod was not replaced: %v", second.Spec.Containers[0].Command)
	}
	f.apply(t, pod("sleep, '7200'"))
	if third := get(); third.UID != second.UID {
		t.Error("applying the same again replaced the Pod")
	}

	// What is wrong in itself is refused, costs no object that is there, and
	// does not keep the rest from being applied.
	bad := pod("sleep, '1'") + "  volumes: [{name: Not_A_Name, emptyDir: {}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: rest}\n"
	err := f.Apply(t.Context(), f.id, labs.Manifest{Name: "bad.yaml", Data: []byte(bad)})
	if !practice.Refused(err) || !strings.Contains(err.Error(), "bad.yaml: apply Pod given") || !strings.Contains(err.Error(), "Not_A_Name") {
		t.Errorf("an invalid Pod: %v, want a refusal that names file, object and field", err)
	}
	if p := get(); p.UID != second.UID || p.DeletionTimestamp != nil {
		t.Error("an invalid manifest cost the Pod that was there")
	}
	if got, want := f.inventory(t), []string{"ConfigMap program", "ConfigMap rest", "Pod given"}; !slices.Equal(got, want) {
		t.Errorf("the namespace holds %q, want %q", got, want)
	}

	for name, tt := range map[string]struct{ manifest, says string }{
		"cluster-scoped":   {"apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", "belongs to no namespace"},
		"other namespace":  {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\n", "leave metadata.namespace out"},
		"unknown kind":     {"apiVersion: v1\nkind: Pot\nmetadata: {name: x}\n", "no kind Pot"},
		"without a name":   {"apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x}\n", "without metadata.name"},
		"no object":        {"- 1\n", "not a Kubernetes object"},
		"key twice":        {"apiVersion: v1\nkind: ConfigMap\nkind: Pod\nmetadata: {name: x}\n", "already set"},
		"unknown field":    {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndate: {}\n", ".date"},
		"good, then wrong": {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: early}\n---\napiVersion: v1\nkind: Pot\nmetadata: {name: x}\n", "no kind Pot"},
	} {
		t.Run(name, func(t *testing.T) {
			err := f.Apply(t.Context(), f.id, labs.Manifest{Name: "m.yaml", Data: []byte(tt.manifest)})
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "m.yaml") {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
	if slices.Contains(f.inventory(t), "ConfigMap early") {
		t.Error("a manifest that was refused as a whole was applied in part")
	}
}

func TestStopAndStart(t *testing.T) {
	waited := 0
	f := newFixture(t, "stop", func(o *practice.Options) {
		o.OnEvent = func(e practice.Event) {
			if e == practice.NamespaceTerminating {
				waited++
			}
		}
	})
	ctx := t.Context()
	if err := f.Stop(ctx, f.id); err != nil {
		t.Errorf("stop of a lab that was never started: %v", err)
	}
	f.start(t, "start")
	f.apply(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, finalizers: [example.com/keep]}\n")
	timed(t, "stop", func() error { return f.Stop(ctx, f.id) })
	if ok, err := f.Started(ctx, f.id); ok || err != nil {
		t.Errorf("Started after stop: %v, %v", ok, err)
	}
	if err := f.Reset(ctx, f.id, true); !errors.Is(err, practice.ErrNotStarted) {
		t.Errorf("reset after stop: %v, want ErrNotStarted", err)
	}

	short, cancel := context.WithTimeout(ctx, 700*time.Millisecond)
	defer cancel()
	if err := f.Start(short, f.id); err == nil || !strings.Contains(err.Error(), "still being deleted") {
		t.Errorf("start that gives up: %v, want one that says why", err)
	}
	f.start(t, "start while the namespace terminates")
	f.wantStartState(t, "after stop and start")
	if waited != 2 {
		t.Errorf("told %d times that Start waits, want 2", waited)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("gave up waiting until %s", what)
}
