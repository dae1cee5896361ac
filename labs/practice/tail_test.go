package practice

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/fake"
	core "k8s.io/client-go/testing"
)

// Tail asks for the end of one log, in the namespace of the lab.
func TestTail(t *testing.T) {
	p := newFake(t)
	got, err := p.Tail(context.Background(), "mc1", "web", "app", true, 30)
	if err != nil || got != "fake logs" { // what client-go's fake has every container say
		t.Errorf("Tail = %q, %v", got, err)
	}
	actions := p.o.Client.Typed.(*fake.Clientset).Actions()
	last := actions[len(actions)-1]
	options, ok := last.(core.GenericAction).GetValue().(*corev1.PodLogOptions)
	if !ok || last.GetNamespace() != "t-mc1" || last.GetSubresource() != "log" {
		t.Fatalf("asked %v", last)
	}
	if options.Container != "app" || !options.Previous || *options.TailLines != 30 || *options.LimitBytes != maxTail {
		t.Errorf("asked for %v", options)
	}
}
