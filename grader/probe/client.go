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
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Client holds the connections to one API server that all probes share. It is
// safe for concurrent use.
type Client struct {
	Config  *rest.Config
	Typed   kubernetes.Interface
	Dynamic dynamic.Interface
	// Transport is authenticated to the API server and follows no redirects.
	Transport *http.Client

	clock *clock
}

// NewClient connects to the API server of config; it does no I/O. Client-side
// rate limiting is switched off: the API server's own fairness protects it.
//
// Typed, Dynamic and Transport share one connection pool, so that a process
// that grades pays for a single TLS handshake, plus one for each exec and
// port-forward, which cannot be multiplexed.
func NewClient(config *rest.Config) (*Client, error) {
	if config == nil {
		return nil, errors.New("connect to the cluster: no REST config given")
	}
	config = rest.CopyConfig(config)
	config.QPS, config.Burst, config.RateLimiter = -1, 0, nil
	// Logs are followed for as long as a probe wants; each request has a
	// deadline of its own.
	config.Timeout = 0
	// client-go would print the API server's warnings into the terminal.
	config.WarningHandler, config.WarningHandlerWithContext = rest.NoWarnings{}, nil
	if config.UserAgent == "" {
		config.UserAgent = "podlab" // learners meet it in their servers' logs
	}

	shared, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: %w", config.Host, err)
	}
	transport := *shared // never change http.DefaultClient, which it may be
	transport.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	inner := transport.Transport
	if inner == nil {
		inner = http.DefaultTransport
	}
	clock := &clock{}
	transport.Transport = timed{inner, clock}

	typedConfig := rest.CopyConfig(config)
	typedConfig.ContentType = runtime.ContentTypeProtobuf
	typedConfig.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	typed, err := kubernetes.NewForConfigAndClient(typedConfig, &transport)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: typed client: %w", config.Host, err)
	}
	dyn, err := dynamic.NewForConfigAndClient(config, &transport)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster at %s: dynamic client: %w", config.Host, err)
	}
	return &Client{Config: config, Typed: typed, Dynamic: dyn, Transport: &transport, clock: clock}, nil
}

// Answers asks the API server whether it is there, and gives it that long; a
// client without a real connection, as in tests, counts as one that is.
func (c *Client) Answers(ctx context.Context, patience time.Duration) bool {
	if c.Typed == nil {
		return true
	}
	// a fake client in tests has a nil REST client
	client, ok := c.Typed.Discovery().RESTClient().(*rest.RESTClient)
	if !ok || client == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := client.Get().AbsPath("/readyz").Do(ctx).Error()
	return err == nil || apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) // a refusal is an answer
}

// answersStill asks for a probe whose own time is up: who was silent?
func (c *Client) answersStill(ctx context.Context) bool {
	return c.Answers(context.WithoutCancel(ctx), time.Second)
}
