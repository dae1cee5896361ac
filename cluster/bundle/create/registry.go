package create

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"podlab/cluster/bundle"
)

// DockerHub is the registry of references that name none.
const DockerHub = "docker.io"

// registries asks registries, and mirrors in their place.
type registries struct {
	mirrors  map[string]string // registry → host[:port][/path] that is asked instead
	keychain authn.Keychain
	base     http.RoundTripper

	mu     sync.Mutex
	opened map[string]http.RoundTripper // by repository; knows its scheme and token
}

func newRegistries(mirrors map[string]string, keychain authn.Keychain) *registries {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.ResponseHeaderTimeout = time.Minute
	base.MaxIdleConnsPerHost = downloads
	return &registries{mirrors: mirrors, keychain: keychain, base: guard{base}, opened: map[string]http.RoundTripper{}}
}

// source returns where an image is asked for: at its registry, or at the
// mirror of that.
func (r *registries) source(ref string) (name.Reference, error) {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return nil, err
	}
	repo := parsed.Context()
	registry := repo.RegistryStr()
	if registry == name.DefaultRegistry {
		registry = DockerHub
	}
	mirror, ok := r.mirrors[registry]
	if !ok {
		return parsed, nil
	}
	separator := ":"
	if _, ok := parsed.(name.Digest); ok {
		separator = "@"
	}
	return name.ParseReference(strings.TrimSuffix(mirror, "/") + "/" + repo.RepositoryStr() + separator + parsed.Identifier())
}

// open returns a transport that has found out how a repository wants to be
// talked to. It is kept when that succeeds.
func (r *registries) open(ctx context.Context, repo name.Repository) (http.RoundTripper, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rt, ok := r.opened[repo.String()]; ok {
		return rt, nil
	}
	auth, err := authn.Resolve(ctx, r.keychain, repo)
	if err != nil {
		return nil, err
	}
	rt, err := transport.NewWithContext(ctx, repo.Registry, auth, r.base, []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, err
	}
	r.opened[repo.String()] = rt
	return rt, nil
}

// digest returns what a reference stands for now. It asks by HEAD, which does
// not count against Docker Hub's limit.
func (r *registries) digest(ctx context.Context, ref name.Reference) (v1.Hash, error) {
	if fixed, ok := ref.(name.Digest); ok {
		return v1.NewHash(fixed.DigestStr())
	}
	rt, err := r.open(ctx, ref.Context())
	if err != nil {
		return v1.Hash{}, err
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(rt)}
	head, err := remote.Head(ref, options...)
	if err == nil {
		return head.Digest, nil
	}
	if !oddHead(err) {
		return v1.Hash{}, err
	}
	got, getErr := remote.Get(ref, options...)
	if getErr != nil {
		return v1.Hash{}, getErr
	}
	return got.Digest, nil
}

// oddHead reports whether a registry answered HEAD in its own way, without
// what is needed or not at all, so that only GET can tell.
func oddHead(err error) bool {
	var (
		status  *transport.Error
		limited limitError
		plain   plainError
		network net.Error
	)
	if errors.As(err, &status) {
		return status.StatusCode == http.StatusMethodNotAllowed || status.StatusCode == http.StatusNotImplemented
	}
	return !errors.As(err, &limited) && !errors.As(err, &plain) && !errors.As(err, &network)
}

// manifest returns the manifest or index of a digest; the bytes are compared
// with it.
func (r *registries) manifest(ctx context.Context, repo name.Repository, digest v1.Hash) ([]byte, error) {
	rt, err := r.open(ctx, repo)
	if err != nil {
		return nil, err
	}
	got, err := remote.Get(repo.Digest(digest.String()), remote.WithContext(ctx), remote.WithTransport(rt))
	if err != nil {
		return nil, err
	}
	return got.Manifest, nil
}

// blob opens a blob from an offset on. A registry that does not know ranges
// sends all of it: from is where the answer begins.
func (r *registries) blob(ctx context.Context, repo name.Repository, digest v1.Hash, offset, size int64) (body io.ReadCloser, from int64, err error) {
	rt, err := r.open(ctx, repo)
	if err != nil {
		return nil, 0, err
	}
	// The transport corrects the scheme once it knows it.
	u := url.URL{Scheme: repo.Scheme(), Host: repo.RegistryStr(), Path: "/v2/" + repo.RepositoryStr() + "/blobs/" + digest.String()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, 0, err
	}
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, size-1))
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return nil, 0, err
	}
	if resp.StatusCode == http.StatusPartialContent {
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset)) {
			_ = resp.Body.Close()
			return nil, 0, brokenError{fmt.Errorf("asked for bytes from %d, got %q", offset, resp.Header.Get("Content-Range"))}
		}
		return resp.Body, offset, nil
	}
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		_ = resp.Body.Close()
		return nil, 0, err
	}
	return resp.Body, 0, nil
}

// guard is the transport below everything else: it refuses plain HTTP to other
// machines, and turns "too many requests" into an error that says how long.
type guard struct{ http.RoundTripper }

func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !loopback(req.URL.Hostname()) {
		return nil, plainError{host: req.URL.Host}
	}
	resp, err := g.RoundTripper.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return resp, err
	}
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	_ = resp.Body.Close()
	return nil, limitError{host: req.URL.Host, wait: retryAfter(resp.Header, time.Now()), said: strings.TrimSpace(string(said))}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// retryAfter reads how long a registry wants to be left alone; 0 if it does
// not say. Docker Hub writes the time as seconds of the Unix epoch.
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, field := range []string{"Retry-After", "X-Retry-After"} {
		value := h.Get(field)
		at, err := http.ParseTime(value)
		if seconds, numErr := strconv.ParseInt(value, 10, 64); numErr == nil {
			at, err = now.Add(time.Duration(min(seconds, 1<<31))*time.Second), nil
			if seconds > 1e9 {
				at = time.Unix(seconds, 0)
			}
		}
		if wait := at.Sub(now); err == nil && wait > 0 {
			return wait.Round(time.Second)
		}
	}
	return 0
}

// limitError is a registry's "too many requests".
type limitError struct {
	host string
	wait time.Duration // 0 if it did not say
	said string
}

func (e limitError) Error() string {
	return fmt.Sprintf("%s answers \"too many requests\": %s", e.host, e.said)
}

// plainError is a refusal to talk plain HTTP.
type plainError struct{ host string }

func (e plainError) Error() string { return "plain HTTP to " + e.host + " is refused" }

// brokenError is a transfer that ended early or brought something else.
type brokenError struct{ error }

func (e brokenError) Unwrap() error { return e.error }

// passing reports whether err may be gone when the same is tried again.
func passing(err error) bool {
	var (
		limited limitError
		plain   plainError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		status  *transport.Error
		broken  brokenError
		local   localError
		network net.Error
	)
	switch {
	case errors.As(err, &local): // a full disk would pass for a net.Error
		return false
	case errors.As(err, &limited):
		return limited.wait > 0 && limited.wait <= longestWait
	case errors.As(err, &plain), errors.As(err, &cert), errors.As(err, &record):
		return false
	case errors.As(err, &status):
		return status.StatusCode >= 500 || status.StatusCode == http.StatusRequestTimeout ||
			status.StatusCode == http.StatusRequestedRangeNotSatisfiable
	case errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return true
	}
	return errors.As(err, &network)
}

// registryOf names the registry of a reference as people write it.
func registryOf(ref string) string {
	host, _, _ := strings.Cut(bundle.Full(ref), "/")
	return host
}
