package kind

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func answering(context.Context) error { return nil }

func TestWaitReadySaysWhatIsMissing(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name   string
		change func(*fake.Clientset)
		readyz func(context.Context) error
		says   []string
	}{
		{
			name:   "API server",
			readyz: func(context.Context) error { return errors.New("connection refused") },
			says:   []string{"connection refused"},
		},
		{
			name: "nothing there yet",
			change: func(c *fake.Clientset) {
				_ = c.CoreV1().ServiceAccounts("default").Delete(t.Context(), "default", metav1.DeleteOptions{})
				_ = c.CoreV1().Pods("kube-system").Delete(t.Context(), "coredns-1", metav1.DeleteOptions{})
			},
			says: []string{"ServiceAccount default/default", "CoreDNS"},
		},
		{
			name: "node not ready, DNS crashing",
			change: func(c *fake.Clientset) {
				n, _ := c.CoreV1().Nodes().Get(t.Context(), "t-control-plane", metav1.GetOptions{})
				n.Status.Conditions[0].Status = corev1.ConditionFalse
				n.Status.Conditions[0].Reason = "KubeletNotReady"
				n.Status.Conditions[0].Message = "cni plugin not initialized"
				_, _ = c.CoreV1().Nodes().UpdateStatus(t.Context(), n, metav1.UpdateOptions{})
				p, _ := c.CoreV1().Pods("kube-system").Get(t.Context(), "coredns-1", metav1.GetOptions{})
				p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
				_, _ = c.CoreV1().Pods("kube-system").UpdateStatus(t.Context(), p, metav1.UpdateOptions{})
			},
			says: []string{"KubeletNotReady: cni plugin not initialized", "CrashLoopBackOff"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := fake.NewClientset(readyObjects(now)...)
			if c.change != nil {
				c.change(client)
			}
			a := &api{client: client, readyz: answering}
			if c.readyz != nil {
				a.readyz = c.readyz
			}
			err := a.waitReady(t.Context(), 300*time.Millisecond, nil)
			if key(err) != "not-ready" {
				t.Fatalf("error %v", err)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
}

// TestWaitReadyDistrustsOldStatus: after a restart the API server shows the
// state from before, in which all was well.
func TestWaitReadyDistrustsOldStatus(t *testing.T) {
	restart := time.Now().Truncate(time.Second)
	client := fake.NewClientset(readyObjects(restart.Add(-time.Minute))...)
	a := &api{client: client, readyz: answering, since: restart}
	err := a.waitReady(t.Context(), 300*time.Millisecond, nil)
	if key(err) != "not-ready" || !strings.Contains(err.Error(), "has not reported since its container started") {
		t.Fatalf("error %v", err)
	}

	done := make(chan error, 1)
	go func() { done <- a.waitReady(t.Context(), time.Minute, nil) }()
	for _, o := range readyObjects(restart) {
		switch o := o.(type) {
		case *corev1.Node:
			_, err = client.CoreV1().Nodes().UpdateStatus(t.Context(), o, metav1.UpdateOptions{})
		case *corev1.Pod:
			_, err = client.CoreV1().Pods(o.Namespace).UpdateStatus(t.Context(), o, metav1.UpdateOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Errorf("after the node reported: %v", err)
	}
}

func TestWaitReadyEndsWithItsContext(t *testing.T) {
	stop := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	a := &api{client: fake.NewClientset(), readyz: answering}
	err := a.waitReady(ctx, time.Minute, func(string) { cancel(stop) })
	if !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

// TestHurryDNSTouchesOnlyWhatWaits: the annotation makes kubelet probe at once.
func TestHurryDNSTouchesOnlyWhatWaits(t *testing.T) {
	objects := readyObjects(time.Now())
	waiting := objects[2].(*corev1.Pod).DeepCopy()
	waiting.Name = "coredns-2"
	waiting.Status.ContainerStatuses[0].Ready = false
	client := fake.NewClientset(append(objects, waiting)...)
	a := &api{client: client, readyz: answering}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	go a.hurryDNS(ctx)
	annotated := func(name string) bool {
		p, err := client.CoreV1().Pods("kube-system").Get(ctx, name, metav1.GetOptions{})
		return err == nil && p.Annotations["podlab/probe"] != ""
	}
	for !annotated("coredns-2") {
		if ctx.Err() != nil {
			t.Fatal("the Pod that waits for its probe was not touched")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if annotated("coredns-1") {
		t.Error("a Pod that is ready was touched")
	}
}
