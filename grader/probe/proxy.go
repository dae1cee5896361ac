package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// proxiedHTTP sends r through the proxy subresource of the Pod or Service. It
// goes past client-go's REST client, whose errors drop an answer's body and
// status.
func (c *Client) proxiedHTTP(r HTTPRequest) (roundTrip, error) {
	for name := range r.Headers {
		if strings.EqualFold(name, "Authorization") || strings.HasPrefix(strings.ToLower(name), "impersonate-") {
			return nil, fmt.Errorf("send an HTTP request to %s: the API server would take the header %s for its own: use a port-forward", r.target(), name)
		}
	}
	server, _, err := rest.DefaultServerUrlFor(c.Config)
	if err != nil {
		return nil, fmt.Errorf("send an HTTP request to %s: address of the API server: %w", r.target(), err)
	}
	prefix := proxyPath(r)
	base := strings.TrimSuffix(server.String(), "/") + prefix
	return func(ctx context.Context) (HTTPSample, error) {
		return c.sendProxied(ctx, r, base, prefix)
	}, nil
}

// proxyPath is the escaped path of the proxy subresource, without a slash at
// its end.
func proxyPath(r HTTPRequest) string {
	resource, name := "pods", r.Pod
	if r.Service != "" {
		resource, name = "services", r.Service
	}
	name += ":" + r.Port
	if r.Scheme == "https" {
		name = "https:" + name
	}
	return "/api/v1/namespaces/" + url.PathEscape(r.Namespace) + "/" + resource + "/" + url.PathEscape(name) + "/proxy"
}

func (c *Client) sendProxied(ctx context.Context, r HTTPRequest, base, prefix string) (HTTPSample, error) {
	var reached sent
	req, err := r.newRequest(reached.watch(ctx), base)
	if err != nil {
		return HTTPSample{}, err
	}
	resp, err := c.Transport.Do(req)
	if err != nil {
		if reached.done.Load() && timedOut(ctx) && c.answersStill(ctx) {
			return HTTPSample{Unreached: true, Error: noAnswer("no answer", r.Timeout)}, nil
		}
		return HTTPSample{}, fmt.Errorf("send %s %s to %s through the API server at %s: %w",
			r.Method, r.Path, r.target(), c.Config.Host, bareError(err))
	}
	defer func() { _ = resp.Body.Close() }()

	// An own error is read whole before it is told from an answer: it is short.
	sample := read(resp)
	if status, own := ownError(resp, sample); own {
		return judgeOwnError(r, status)
	}
	if !sample.OK && timedOut(ctx) {
		sample.Error = noAnswer("no complete answer", r.Timeout)
	}
	undoRewriting(&sample, prefix, req.Host)
	return sample, nil
}

// ownError tells the API server's own errors from answers of the application
// that the proxy relays with the same status code.
//
// The API server's own error is a v1 Status as application/json whose code is
// the status code of the answer, it is the work of no other server (no Server
// header), and carries exactly one Audit-Id: the API server sets it on every
// answer, and the proxy adds those of a relayed answer to it, so that an
// application that itself relays a Kubernetes API (kubectl proxy as an
// ambassador) shows two. An application that imitates all of this byte by
// byte cannot be told apart; all it gains is to be taken for unreachable.
func ownError(resp *http.Response, sample HTTPSample) (metav1.Status, bool) {
	var status metav1.Status
	if resp.StatusCode < http.StatusBadRequest || !sample.OK || sample.Truncated {
		return status, false
	}
	if resp.Header.Get("Content-Type") != "application/json" || len(resp.Header.Values("Server")) > 0 ||
		len(resp.Header.Values("Audit-Id")) != 1 {
		return status, false
	}
	decoder := json.NewDecoder(strings.NewReader(sample.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&status); err != nil {
		return status, false
	}
	if _, err := decoder.Token(); err != io.EOF {
		return status, false
	}
	own := status.Kind == "Status" && status.APIVersion == "v1" && status.Status == metav1.StatusFailure &&
		int(status.Code) == resp.StatusCode
	return status, own
}

// How the API server's proxy words its errors (apimachinery/pkg/util/proxy
// and registry/core/{pod,service}).
const (
	proxyUnreached   = "error trying to reach service: "
	proxyNoAddress   = "address not allowed"
	proxyTrying      = "error trying to "
	proxyNoEndpoints = "no endpoints available for service"
	proxyNoPort      = "no service port "
)

// judgeOwnError says whose doing an error of the API server is.
func judgeOwnError(r HTTPRequest, status metav1.Status) (HTTPSample, error) {
	message := status.Message
	switch {
	case strings.HasPrefix(message, proxyUnreached):
		message = strings.TrimPrefix(message, proxyUnreached)
		if message == io.EOF.Error() {
			message = closedUnanswered
		}
		return HTTPSample{Refused: refused(message), Unreached: !refused(message), Error: message}, nil
	case message == proxyNoAddress:
		return HTTPSample{Error: "the Pod has no address yet (" + message + ")"}, nil
	case strings.HasPrefix(message, proxyTrying), // to parse its Location header, to unpack its gzip
		strings.HasPrefix(message, proxyNoEndpoints),
		strings.HasPrefix(message, proxyNoPort),
		learnersFault(status):
		return HTTPSample{Error: message}, nil
	}
	return HTTPSample{}, fmt.Errorf("send %s %s to %s: the API server answered %d %s: %w",
		r.Method, r.Path, r.target(), status.Code, status.Reason, &apierrors.StatusError{ErrStatus: status})
}

// undoRewriting takes the proxy's prefix off Location and the links of an HTML
// page, which the API server puts there for browsers.
func undoRewriting(s *HTTPSample, prefix, host string) {
	if location, ok := s.Headers["Location"]; ok {
		location = strings.Replace(location, "://"+host+prefix+"/", "://"+host+"/", 1)
		if rest, found := strings.CutPrefix(location, prefix+"/"); found {
			location = "/" + rest
		}
		s.Headers["Location"] = location
	}
	mediaType, _, _ := strings.Cut(s.Headers["Content-Type"], ";")
	if strings.TrimSpace(mediaType) == "text/html" {
		s.Body = strings.ReplaceAll(s.Body, prefix+"/", "/")
	}
}
