package node

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
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
