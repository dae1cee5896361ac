package node

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"
	"sigs.k8s.io/kwok/pkg/utils/informer"

	"podlab/cmd/podlab-kube/internal/pki"
)

// The Node says where the kubelet answers and that it is simulated, also where
// an earlier process registered it.
func TestRegister(t *testing.T) {
	old := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: Name, Annotations: map[string]string{"kept": "yes"}}}
	old.Status = *nodeStatus(old, 1000)
	for name, client := range map[string]*fake.Clientset{"new": fake.NewClientset(), "there": fake.NewClientset(old)} {
		t.Run(name, func(t *testing.T) {
			if err := register(t.Context(), client, 2000); err != nil {
				t.Fatal(err)
			}
			n, err := client.CoreV1().Nodes().Get(t.Context(), Name, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if port := n.Status.DaemonEndpoints.KubeletEndpoint.Port; port != 2000 || !Ready(n) {
				t.Errorf("the port is %d, ready is %v", port, Ready(n))
			}
			if n.Annotations["kwok.x-k8s.io/node"] != "fake" || name == "there" && n.Annotations["kept"] != "yes" {
				t.Errorf("the annotations are %v", n.Annotations)
			}
		})
	}
}

// A Node that is deleted comes back, ready.
func TestRegisterAgain(t *testing.T) {
	client := fake.NewClientset()
	if err := register(t.Context(), client, 2000); err != nil {
		t.Fatal(err)
	}
	nodes, pods := make(chan informer.Event[*corev1.Node], 8), make(chan informer.Event[*corev1.Pod])
	go func() { _ = watch(t.Context(), Options{Client: client}, 2000, &life{}, nodes, pods) }()
	expect := func(kind informer.EventType) informer.Event[*corev1.Node] {
		t.Helper()
		for timeout := time.After(time.Minute); ; {
			select {
			case e := <-nodes:
				if e.Type == kind {
					return e
				}
			case <-timeout:
				t.Fatalf("no Node is %s", kind)
			}
		}
	}
	expect(informer.Added)
	if err := client.CoreV1().Nodes().Delete(t.Context(), Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	expect(informer.Deleted)
	expect(informer.Added)
	if e := expect(informer.Modified); !Ready(e.Object) {
		t.Errorf("its status is %+v", e.Object.Status)
	}
}

// A status that could not be written is written later, and a volume that could
// not be made is made.
func TestFailedWrites(t *testing.T) {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Name: "claim", Namespace: "default", UID: "claim", Annotations: map[string]string{wantedFrom: provisioner},
	}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: "default", UID: "pod"}, Spec: corev1.PodSpec{
		NodeName: Name, Containers: []corev1.Container{{Name: "app", Image: "busybox:1.37"}},
	}, Status: corev1.PodStatus{Phase: corev1.PodPending}}
	client := fake.NewClientset(pod, claim)
	var failed sync.Map
	client.PrependReactor("*", "*", func(a k8stesting.Action) (bool, runtime.Object, error) {
		what := a.GetVerb() + " " + a.GetResource().Resource
		if _, again := failed.LoadOrStore(what, true); !again && (what == "patch pods" || what == "create persistentvolumes") {
			return true, nil, apierrors.NewInternalError(errors.New("etcdserver: request timed out"))
		}
		return false, nil, nil
	})
	certs, err := pki.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{Client: client, Certs: certs, Log: io.Discard, Resync: 2 * time.Second, Registered: func() {}})
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		p, err := client.CoreV1().Pods("default").Get(ctx, "pod", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		volumes, err := client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Status.Phase == corev1.PodRunning && len(volumes.Items) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the Pod is %s, and there are %d volumes", p.Status.Phase, len(volumes.Items))
		}
	}
}
