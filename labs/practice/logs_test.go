package practice

import (
	"context"
	"errors"
	"strings"
	"testing"

	"podlab/grader/probe"
)

func TestLogsReachTheLabsNamespacesOnly(t *testing.T) {
	p := newFake(t, namespace("mc1", stateReady, nil))
	read := func(id, namespace string) (string, error) {
		var lines []string
		err := p.Logs(context.Background(), id, probe.FollowRequest{Namespace: namespace, Pod: "web", Container: "app"},
			func(batch []probe.Line) {
				for _, l := range batch {
					lines = append(lines, l.Text)
				}
			})
		return strings.Join(lines, "\n"), err
	}
	for _, own := range []string{"", "t-mc1"} {
		// What client-go's fake has every container say.
		if got, err := read("mc1", own); err != nil || got != "fake logs" {
			t.Errorf("namespace %q: %q, %v", own, got, err)
		}
	}
	if got, err := read("mc1", "kube-system"); err == nil || got != "" || !strings.Contains(err.Error(), "kube-system") {
		t.Errorf("a foreign namespace: %q, %v", got, err)
	}
	if _, err := read("mc2", ""); !errors.Is(err, ErrNotStarted) {
		t.Errorf("a lab that is not started: %v", err)
	}
}
