// Package probe looks at running containers through the API server: logs,
// exec, HTTP through the proxy, and port-forwards. It decides nothing; the
// grader judges what it saw.
//
// Results tell two kinds of failure apart. What the learner's containers did
// (refused a connection, answered late, exited) is part of the result. What
// podlab or the cluster did wrong (the API server does not answer, it forbids
// the request) is Fault.
package probe

import (
	"net/http"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Client holds the connections to one API server that all probes share.
type Client struct {
	Config  *rest.Config
	Typed   kubernetes.Interface
	Dynamic dynamic.Interface
	// Transport is authenticated to the API server and follows no redirects.
	Transport *http.Client
}

// NewClient connects to the API server of config; it does no I/O. Client-side
// rate limiting is switched off: the API server's own fairness protects it.
func NewClient(config *rest.Config) (*Client, error) { panic("todo") }
