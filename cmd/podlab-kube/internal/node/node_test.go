package node

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/kwok/pkg/utils/informer"
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
	go func() { _ = watch(t.Context(), client, 2000, &life{}, nodes, pods) }()
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
