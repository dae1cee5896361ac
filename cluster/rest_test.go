package cluster_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"podlab/cluster"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`

func TestRESTConfig(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	// The learner's own kubeconfig must not stand in for a missing one.
	t.Setenv("KUBECONFIG", other)
	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, []byte("clusters: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, key string }{
		{"missing", filepath.Join(dir, "absent"), "no-kubeconfig"},
		{"no path", "", "no-kubeconfig"},
		{"broken", broken, "bad-kubeconfig"},
	} {
		_, err := cluster.RESTConfig(c.path)
		var failed *cluster.Error
		if !errors.As(err, &failed) || failed.Problem.Key != c.key {
			t.Errorf("%s: error %v, want key %s", c.name, err, c.key)
		}
	}
	config, err := cluster.RESTConfig(other)
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "https://127.0.0.1:6443" || config.BearerToken != "t" {
		t.Errorf("config for %s", config.Host)
	}
	if config.QPS >= 0 {
		t.Errorf("requests are throttled to %v a second", config.QPS)
	}
}
