package probe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// noncePlaceholder is replaced by a random word in paths and header values.
const noncePlaceholder = "{nonce}"

// closedUnanswered is what a sample says of a server that hung up.
const closedUnanswered = "the server closed the connection without an answer"

// roundTrip sends one request under a context made by withTimeout. Its error is
// a fault of podlab or the cluster.
type roundTrip func(ctx context.Context) (HTTPSample, error)

// HTTP sends a request through the API server's proxy or a port-forward. The
// API server's own errors (it could not reach the Pod) are told from answers
// of the application with the same status: see ownError.
//
// Redirects are not followed. What the proxy does to an answer is undone as
// far as it can be: the prefix that it puts before links in HTML and before
// Location is taken away again. It still decodes %2F in a path and cleans
// ".." and "//"; a port-forward sends a path as it is.
func (c *Client) HTTP(ctx context.Context, r HTTPRequest) HTTPResult {
	var result HTTPResult
	if c == nil || c.Transport == nil || c.Config == nil {
		result.Fault = fmt.Errorf("send an HTTP request to %s: %w", r.target(), errNoTransport)
		return result
	}
	nonce, err := newNonce()
	if err != nil {
		result.Fault = err
		return result
	}
	r = r.fill(nonce)
	result.Nonce = nonce

	var send roundTrip
	if r.Forward {
		forwarder, err := c.newForwardedHTTP(r)
		if err != nil {
			result.Fault = err
			return result
		}
		defer forwarder.close()
		send = forwarder.send
	} else if send, err = c.proxiedHTTP(r); err != nil {
		result.Fault = err
		return result
	}

	start := time.Now()
	for i := range r.Samples {
		if err := sleepUntil(ctx, start.Add(offset(i, r.Samples, r.Window))); err != nil {
			result.Fault = fmt.Errorf("send an HTTP request to %s: %w", r.target(), err)
			return result
		}
		sample, err := sendOne(ctx, r, send)
		if err != nil {
			result.Fault = err
			return result
		}
		result.HTTPSample = sample
		result.Samples = append(result.Samples, sample)
	}
	return result
}

// sendOne bounds one request by its timeout.
func sendOne(ctx context.Context, r HTTPRequest, send roundTrip) (HTTPSample, error) {
	ctx, cancel := withTimeout(ctx, r.Timeout)
	defer cancel()
	return send(ctx)
}

// offset is when sample i of n is due: the first at once, the last at the end
// of the window.
func offset(i, n int, window time.Duration) time.Duration {
	if n < 2 {
		return 0
	}
	return window * time.Duration(i) / time.Duration(n-1)
}

func sleepUntil(ctx context.Context, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// target names the Pod or Service in messages.
func (r HTTPRequest) target() string {
	if r.Service != "" {
		return fmt.Sprintf("Service %s/%s port %s", r.Namespace, r.Service, r.Port)
	}
	return fmt.Sprintf("Pod %s/%s port %s", r.Namespace, r.Pod, r.Port)
}

// fill sets defaults and puts the nonce in.
func (r HTTPRequest) fill(nonce string) HTTPRequest {
	if r.Scheme == "" {
		r.Scheme = "http"
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if !strings.HasPrefix(r.Path, "/") {
		r.Path = "/" + r.Path
	}
	r.Path = strings.ReplaceAll(r.Path, noncePlaceholder, nonce)
	headers := make(map[string]string, len(r.Headers))
	for name, value := range r.Headers {
		headers[name] = strings.ReplaceAll(value, noncePlaceholder, nonce)
	}
	r.Headers = headers
	r.Samples = max(r.Samples, 1)
	r.Timeout = orDefault(r.Timeout)
	return r
}

// newRequest builds a request to base (scheme, host and the escaped path up to
// where r.Path starts) plus r.Path, which may hold a query.
func (r HTTPRequest) newRequest(ctx context.Context, base string) (*http.Request, error) {
	path, query, hasQuery := strings.Cut(r.Path, "?")
	u, err := url.Parse(base + strings.ReplaceAll(path, "#", "%23"))
	if err != nil {
		return nil, fmt.Errorf("HTTP path %q: %w: escape it as in a URL", r.Path, err)
	}
	if hasQuery {
		u.RawQuery = strings.NewReplacer(" ", "%20", "#", "%23").Replace(query)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("HTTP request %s %q: %w", r.Method, r.Path, err)
	}
	// net/http would ask for gzip on its own; the learner's server should see
	// as plain a request as curl sends.
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Accept", "*/*")
	for name, value := range r.Headers {
		if strings.EqualFold(name, "Host") {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// read turns an answer into a sample. An answer that breaks off is an error of
// the server, and what came of it is kept.
func read(resp *http.Response) HTTPSample {
	body, truncated, err := readBounded(resp.Body, MaxOutput)
	s := HTTPSample{
		OK:        err == nil,
		Status:    resp.StatusCode,
		Body:      strings.ToValidUTF8(string(body), "\uFFFD"),
		Headers:   make(map[string]string, len(resp.Header)),
		Truncated: truncated,
	}
	for name, values := range resp.Header {
		s.Headers[name] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
	}
	if err != nil {
		s.Error = "the answer broke off: " + err.Error()
	}
	return s
}

// readBounded reads up to limit bytes and reports whether there were more.
func readBounded(r io.Reader, limit int64) (data []byte, truncated bool, err error) {
	data, err = io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(data)) > limit {
		return data[:limit], true, nil
	}
	return data, false, err
}

// newNonce makes a word of 16 letters, about 75 bits.
func newNonce() (string, error) {
	const letters = 26
	word := make([]byte, 0, 16)
	buf := make([]byte, 32)
	for {
		if _, err := rand.Read(buf); err != nil {
			return "", fmt.Errorf("make a random word: %w", err)
		}
		for _, b := range buf {
			if b >= 256/letters*letters {
				continue // would favour the first letters
			}
			if word = append(word, 'a'+b%letters); len(word) == cap(word) {
				return string(word), nil
			}
		}
	}
}

// bareError takes the method and URL off an error of net/http, which name
// podlab's way to the Pod and not the learner's server.
func bareError(err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		return urlErr.Err
	}
	return err
}
