package grader

import "k8s.io/client-go/rest"

// Client holds the connections to one API server that grading shares:
// typed, dynamic, and a raw HTTP client for proxied requests.
type Client struct{}

// NewClient makes a Client. Client-side rate limiting is switched off:
// the API server's own fairness protects it.
func NewClient(config *rest.Config) (*Client, error) { panic("todo") }
