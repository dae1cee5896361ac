package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// forwardError is what the kubelet says on the error stream of a port-forward:
// it could not connect inside the Pod.
type forwardError struct{ message string }

func (e *forwardError) Error() string { return e.message }

// tunnel is a port-forward to one Pod that hands out its connections in
// memory: nothing listens on this machine.
type tunnel struct {
	conn httpstream.Connection

	mu     sync.Mutex
	nextID int
}

// openTunnel asks for a port-forward. The error is either the learner's (an
// API error for which learnersFault holds) or a fault.
func (c *Client) openTunnel(ctx context.Context, namespace, pod string) (*tunnel, error) {
	if c == nil || c.Config == nil {
		return nil, errNoTransport
	}
	var refused refusals
	dialer, err := forwardDialer(c.Config, namespace, pod, &refused)
	if err != nil {
		return nil, err
	}
	// client-go's dialers take no context: a tunnel that opens too late is
	// closed as soon as it does.
	type opened struct {
		conn httpstream.Connection
		err  error
	}
	result := make(chan opened)
	go func() {
		conn, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		err = refused.of(err)
		select {
		case result <- opened{conn, err}:
		case <-ctx.Done():
			if err == nil {
				_ = conn.Close()
			}
		}
	}()
	select {
	case r := <-result:
		if r.err != nil {
			return nil, upgradeCause(r.err)
		}
		return &tunnel{conn: r.conn}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// forwardDialer prefers WebSocket and falls back to SPDY, as kubectl does.
func forwardDialer(config *rest.Config, namespace, pod string, refused *refusals) (httpstream.Dialer, error) {
	u, err := podURL(config, namespace, pod, "portforward")
	if err != nil {
		return nil, err
	}
	overWebSocket, err := portforward.NewSPDYOverWebsocketDialerForStreamingWithLogger(silent(), u, config)
	if err != nil {
		return nil, fmt.Errorf("WebSocket transport: %w", err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, fmt.Errorf("SPDY transport: %w", err)
	}
	overSPDY := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u)
	return portforward.NewFallbackDialerForStreaming(overWebSocket, overSPDY, refused.fallBack), nil
}

// podURL is the address of a subresource of a Pod.
func podURL(config *rest.Config, namespace, pod, subresource string) (*url.URL, error) {
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("address of the API server: %w", err)
	}
	return server.JoinPath("api", "v1", "namespaces", namespace, "pods", pod, subresource), nil
}

// shouldFallBack reports whether SPDY may succeed where WebSocket failed:
// something on the way does not know the upgrade, or the right to "create" but
// not to "get" was given. What the API server says about the Pod it would say
// again.
func shouldFallBack(err error) bool {
	if status, ok := statusOf(upgradeCause(err)); ok && learnersFault(status) {
		return false
	}
	return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
}

// upgradeCause takes client-go's wrapping off a refused upgrade, so that the
// API server's own error can be seen.
func upgradeCause(err error) error {
	var failure *httpstream.UpgradeFailureError
	if errors.As(err, &failure) && failure.Cause != nil {
		return failure.Cause
	}
	return err
}

// dial connects to a port of the Pod. That nobody listens there shows when
// the connection is read.
func (t *tunnel) dial(port int) (net.Conn, error) {
	t.mu.Lock()
	id := t.nextID
	t.nextID++
	t.mu.Unlock()

	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(id))
	errorStream, err := t.conn.CreateStream(headers)
	if err != nil {
		return nil, fmt.Errorf("open the error stream of a port-forward: %w", err)
	}
	_ = errorStream.Close() // nothing is written to it

	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := t.conn.CreateStream(headers)
	if err != nil {
		_ = errorStream.Reset()
		return nil, fmt.Errorf("open the data stream of a port-forward: %w", err)
	}
	conn := &forwardedConn{tunnel: t, data: data, errors: errorStream, port: port, failed: make(chan struct{})}
	go conn.listen()
	return conn, nil
}

func (t *tunnel) close() { _ = t.conn.Close() }

// broken reports whether no more connections can be opened.
func (t *tunnel) broken() bool {
	select {
	case <-t.conn.CloseChan():
		return true
	default:
		return false
	}
}

// forwardedConn is one connection through a tunnel. It has no deadlines:
// whoever is out of time closes it.
type forwardedConn struct {
	tunnel *tunnel
	data   httpstream.Stream
	errors httpstream.Stream
	port   int

	failed    chan struct{} // closed when the error stream has ended
	failure   error         // set before failed is closed
	closeOnce sync.Once
}

// listen waits for the word of the kubelet; an empty one means that all went
// well to the end.
func (c *forwardedConn) listen() {
	message, _, _ := readBounded(c.errors, 4096)
	if text := strings.TrimSpace(string(message)); text != "" {
		c.failure = &forwardError{message: plainForwardError(text)}
	}
	close(c.failed)
}

// errorStreamWait is how long an end of data waits for the error that may
// explain it: the two streams are not ordered.
const errorStreamWait = time.Second

func (c *forwardedConn) Read(p []byte) (int, error) {
	n, err := c.data.Read(p)
	if err == nil || n > 0 {
		return n, err
	}
	// The kubelet ends the error stream when both directions are done.
	_ = c.data.Close()
	timer := time.NewTimer(errorStreamWait)
	defer timer.Stop()
	select {
	case <-c.failed:
		if c.failure != nil {
			return 0, c.failure
		}
	case <-c.tunnel.conn.CloseChan():
	case <-timer.C:
	}
	return 0, err
}

func (c *forwardedConn) Write(p []byte) (int, error) {
	n, err := c.data.Write(p)
	if err != nil {
		select {
		case <-c.failed:
			if c.failure != nil {
				return n, c.failure
			}
		default:
		}
	}
	return n, err
}

// CloseWrite tells the kubelet that nothing more will be sent.
func (c *forwardedConn) CloseWrite() error { return c.data.Close() }

// Close ends both directions and unblocks Read.
func (c *forwardedConn) Close() error {
	c.closeOnce.Do(func() {
		_ = c.data.Reset()
		_ = c.errors.Reset()
		c.tunnel.conn.RemoveStreams(c.data, c.errors)
	})
	return nil
}

func (c *forwardedConn) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (c *forwardedConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: c.port}
}

func (c *forwardedConn) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (c *forwardedConn) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (c *forwardedConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

// plainForwardError keeps of the kubelet's and the container runtime's chain
// of causes the one that says what happened inside the Pod.
func plainForwardError(message string) string {
	if i := strings.Index(message, "dial tcp"); i >= 0 {
		message = message[i:]
		// The runtime tries 127.0.0.1 and [::1] and joins both outcomes.
		if j := strings.Index(message, " IPv6"); j >= 0 {
			message = message[:j]
		}
	}
	return strings.TrimRight(strings.TrimSpace(message), ",;")
}

// forwardPort reads the port of a forward: a port-forward knows no names.
func forwardPort(port string) (int, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("port %q: a port-forward needs a number from 1 to 65535", port)
	}
	return int(n), nil
}

// forwardedHTTP sends HTTP requests to a Pod's 127.0.0.1.
type forwardedHTTP struct {
	client    *Client
	request   HTTPRequest
	port      int
	transport *http.Transport

	mu     sync.Mutex
	tunnel *tunnel
}

func (c *Client) newForwardedHTTP(r HTTPRequest) (*forwardedHTTP, error) {
	if r.Pod == "" {
		return nil, fmt.Errorf("send an HTTP request to %s: only a Pod can be reached by a port-forward", r.target())
	}
	port, err := forwardPort(r.Port)
	if err != nil {
		return nil, fmt.Errorf("send an HTTP request to %s: %w", r.target(), err)
	}
	f := &forwardedHTTP{client: c, request: r, port: port}
	f.transport = &http.Transport{
		DialContext: f.dial,
		// The learner's certificate is looked at by a TLS probe, not here.
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DisableCompression: true,
	}
	return f, nil
}

// dial opens a connection through the tunnel, which it opens first where there
// is none or it broke: a refused connection takes its tunnel with it.
func (f *forwardedHTTP) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	// net/http lets a dial outlive its request; here it would keep the lock.
	if request, ok := ctx.Value(requestContext{}).(context.Context); ok {
		ctx = request
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tunnel == nil || f.tunnel.broken() {
		t, err := f.client.openTunnel(ctx, f.request.Namespace, f.request.Pod)
		if err != nil {
			return nil, &tunnelError{err}
		}
		f.tunnel = t
	}
	return f.tunnel.dial(f.port)
}

// requestContext is the key under which the context of a request finds itself.
type requestContext struct{}

// tunnelError marks a failure before anything inside the Pod was reached.
type tunnelError struct{ err error }

func (e *tunnelError) Error() string { return e.err.Error() }
func (e *tunnelError) Unwrap() error { return e.err }

func (f *forwardedHTTP) send(ctx context.Context) (HTTPSample, error) {
	r := f.request
	host := "localhost"
	if (r.Scheme == "http" && f.port != 80) || (r.Scheme == "https" && f.port != 443) {
		host += ":" + r.Port
	}
	req, err := r.newRequest(context.WithValue(ctx, requestContext{}, ctx), r.Scheme+"://"+host)
	if err != nil {
		return HTTPSample{}, err
	}
	resp, err := f.transport.RoundTrip(req) // follows no redirects
	if err != nil {
		return f.failed(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	sample := read(resp)
	if !sample.OK && timedOut(ctx) {
		sample.Error = noAnswer("no complete answer", r.Timeout)
	}
	return sample, nil
}

// failed says whose doing it is that there was no answer.
func (f *forwardedHTTP) failed(ctx context.Context, err error) (HTTPSample, error) {
	r := f.request
	var failed *forwardError
	if errors.As(err, &failed) {
		return HTTPSample{Refused: refused(failed.message), Error: failed.message}, nil
	}
	f.mu.Lock()
	open := f.tunnel != nil
	f.mu.Unlock()
	var before *tunnelError
	if !open || errors.As(err, &before) {
		text, fault := judgeTunnel(err)
		if fault != nil {
			return HTTPSample{}, fmt.Errorf("open a port-forward to %s: %w", r.target(), fault)
		}
		return HTTPSample{Error: text}, nil
	}
	switch {
	case timedOut(ctx):
		return HTTPSample{Error: noAnswer("no answer", r.Timeout)}, nil
	case ctx.Err() != nil:
		return HTTPSample{}, fmt.Errorf("send %s %s to %s: %w", r.Method, r.Path, r.target(), context.Cause(ctx))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return HTTPSample{Error: closedUnanswered}, nil
	}
	return HTTPSample{Error: bareError(err).Error()}, nil
}

// judgeTunnel says whether a port-forward could not be opened because of the
// Pod (text) or of podlab or the cluster (fault).
func judgeTunnel(err error) (text string, fault error) {
	if status, ok := statusOf(err); ok && learnersFault(status) {
		return status.Message, nil
	}
	return kubeletText(err, "pod is not running", "pod not found")
}

func (f *forwardedHTTP) close() {
	f.transport.CloseIdleConnections()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tunnel != nil {
		f.tunnel.close()
	}
}
