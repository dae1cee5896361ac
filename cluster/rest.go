package cluster

import (
	"errors"
	"io/fs"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// RESTConfig reads the kubeconfig at path for use with client-go. It looks
// nowhere else: neither $KUBECONFIG nor ~/.kube/config is consulted. Requests
// are not throttled on the client's side; the API server's own priority and
// fairness is enough for a cluster of one learner.
func RESTConfig(path string) (*rest.Config, error) {
	raw, err := clientcmd.LoadFromFile(path)
	switch {
	case path == "" || errors.Is(err, fs.ErrNotExist):
		return nil, Fail("no-kubeconfig", err, "", "path", path)
	case err != nil:
		return nil, Fail("bad-kubeconfig", err, "", "path", path, "reason", err.Error())
	}
	config, err := clientcmd.NewDefaultClientConfig(*raw, &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return nil, Fail("bad-kubeconfig", err, "", "path", path, "reason", err.Error())
	}
	config.QPS = -1
	config.UserAgent = "podlab"
	return config, nil
}
