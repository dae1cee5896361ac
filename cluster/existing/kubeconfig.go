package existing

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/cluster"
)

// chosen is a context of the learner's kubeconfig.
type chosen struct {
	context, server, user string
	// kubeconfig holds that context alone, with the certificates in it.
	kubeconfig *clientcmdapi.Config
}

// rules are kubectl's own for finding the learner's kubeconfig, without those
// that move an old one to its new place: that would be writing.
func rules(getenv func(string) string) *clientcmd.ClientConfigLoadingRules {
	r := &clientcmd.ClientConfigLoadingRules{}
	if list := getenv(clientcmd.RecommendedConfigPathEnvVar); list != "" {
		for _, path := range filepath.SplitList(list) {
			if path != "" && !slices.Contains(r.Precedence, path) {
				r.Precedence = append(r.Precedence, path)
			}
		}
		return r
	}
	r.Precedence = []string{filepath.Join(getenv("HOME"), clientcmd.RecommendedHomeDir, clientcmd.RecommendedFileName)}
	return r
}

// Contexts returns the names of the contexts in the learner's kubeconfig,
// sorted; none where it cannot be read.
func Contexts(getenv func(string) string) []string {
	config, err := rules(getenv).Load()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(config.Contexts))
}

// choose reads the context that was named.
func (p *Provider) choose() (*chosen, error) {
	r := rules(p.getenv)
	files := strings.Join(r.Precedence, ", ")
	config, err := r.Load() // resolves relative paths
	if err != nil {
		return nil, cluster.Fail("existing-kubeconfig", err, "", "files", files, "reason", err.Error())
	}
	known := cmp.Or(strings.Join(slices.Sorted(maps.Keys(config.Contexts)), ", "), "–")
	if p.context == "" {
		return nil, cluster.Fail("existing-no-context", nil, "", "known", known, "files", files)
	}
	named, ok := config.Contexts[p.context]
	if !ok {
		return nil, cluster.Fail("existing-unknown-context", nil, "", "context", p.context, "known", known, "files", files)
	}
	config.CurrentContext = p.context
	if err := clientcmdapi.MinifyConfig(config); err != nil {
		return nil, cluster.Fail("existing-kubeconfig", err, "", "files", files, "reason", err.Error())
	}
	if err := clientcmdapi.FlattenConfig(config); err != nil {
		return nil, cluster.Fail("existing-kubeconfig", err, "", "files", files, "reason", err.Error())
	}
	// The learner's namespace is not one that podlab touches.
	config.Contexts[p.context].Namespace = ""
	c := &chosen{context: p.context, user: cmp.Or(named.AuthInfo, "–"), kubeconfig: config}
	if known := config.Clusters[named.Cluster]; known != nil {
		c.server = known.Server
	}
	if c.server == "" {
		return nil, cluster.Fail("existing-kubeconfig", nil, "", "files", files,
			"reason", fmt.Sprintf("context %s names no cluster with a server", p.context))
	}
	return c, nil
}

// clientOf connects by a kubeconfig that is not written yet.
func (p *Provider) clientOf(config *clientcmdapi.Config) (kubernetes.Interface, error) {
	rest, err := clientcmd.NewDefaultClientConfig(*config, &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return nil, cluster.Fail("bad-kubeconfig", err, "", "path", config.CurrentContext, "reason", err.Error())
	}
	rest.Timeout, rest.UserAgent = answerTimeout, "podlab"
	return p.connect(rest)
}
