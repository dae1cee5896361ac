package embedded

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/cluster"
)

func newProvider(t *testing.T, env map[string]string) *Provider {
	t.Helper()
	p, err := New(Options{Name: "test", StateDir: t.TempDir(), Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

// A cluster is healthy if it has a node that is ready.
func TestHealthy(t *testing.T) {
	node := func(status corev1.ConditionStatus) corev1.Node {
		return corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}}}
	}
	for name, c := range map[string]struct {
		nodes   []corev1.Node
		healthy bool
	}{
		"none":      {nil, false},
		"new":       {[]corev1.Node{{}}, false},
		"not ready": {[]corev1.Node{node(corev1.ConditionFalse)}, false},
		"ready":     {[]corev1.Node{node(corev1.ConditionTrue)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/v1/nodes" {
					w.Header().Set("Content-Type", "application/json")
					_ = json.NewEncoder(w).Encode(corev1.NodeList{Items: c.nodes})
				}
			}))
			defer server.Close()
			p := newProvider(t, nil)
			config := clientcmdapi.NewConfig()
			config.Clusters["test"] = &clientcmdapi.Cluster{Server: server.URL}
			config.Contexts["test"] = &clientcmdapi.Context{Cluster: "test"}
			config.CurrentContext = "test"
			if err := clientcmd.WriteToFile(*config, p.KubeconfigPath()); err != nil {
				t.Fatal(err)
			}
			if err := p.healthy(t.Context()); (err == nil) != c.healthy {
				t.Errorf("it is said: %v", err)
			}
		})
	}
}

// A process that does not become ready is ended, and says why.
func TestStartTimeout(t *testing.T) {
	program := filepath.Join(t.TempDir(), Program)
	script := `#!/bin/sh
trap 'echo "x509: the clock is wrong" >&2; exit 1' TERM
echo "{\"phase\":\"api-server\",\"pid\":$$}" > "$2/state.json"
while :; do sleep 0.05; done
`
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	p := newProvider(t, map[string]string{"PODLAB_KUBE": program})
	p.startTimeout = time.Second
	err := p.Create(t.Context(), cluster.CreateOptions{})
	if err == nil || !strings.Contains(err.Error(), "podlab-kube does not become ready: x509: the clock is wrong") {
		t.Errorf("it is said: %v", err)
	}
}

// A relative $PODLAB_KUBE is one below the working directory of podlab.
func TestRelativeProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	script := `#!/bin/sh
echo "{\"phase\":\"ready\",\"pid\":$$}" > "$2/state.json"
sleep 1
`
	if err := os.WriteFile(Program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	p := newProvider(t, map[string]string{"PODLAB_KUBE": "./" + Program})
	if err := p.Create(t.Context(), cluster.CreateOptions{}); err != nil {
		t.Error(err)
	}
}
