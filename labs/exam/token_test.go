package exam

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/clientcmd"

	"podlab/grader"
	"podlab/grader/probe"
	"podlab/labs/practice"
)

// The candidate goes the way that podlab goes.
func TestTheCandidateReachesTheClusterAsPodlabDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(`apiVersion: v1
kind: Config
current-context: far
clusters:
- name: far
  cluster: {server: "https://far.example:6443", proxy-url: "http://me:secret@proxy.example:3128", tls-server-name: inside.example,
    certificate-authority-data: Q0E=, disable-compression: true}
- {name: near, cluster: {server: "https://near.example", insecure-skip-tls-verify: true}}
contexts:
- {name: far, context: {cluster: far, user: me}}
- {name: near, context: {cluster: near, user: me}}
users: [{name: me, user: {token: mine}}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range file.Clusters {
		config, err := clientcmd.NewDefaultClientConfig(*file, &clientcmd.ConfigOverrides{CurrentContext: name}).ClientConfig()
		if err != nil {
			t.Fatal(err)
		}
		got, err := clusterOf(config)
		if err != nil {
			t.Fatal(err)
		}
		if got.Server != want.Server || got.ProxyURL != want.ProxyURL || got.TLSServerName != want.TLSServerName ||
			string(got.CertificateAuthorityData) != string(want.CertificateAuthorityData) ||
			got.InsecureSkipTLSVerify != want.InsecureSkipTLSVerify || got.DisableCompression != want.DisableCompression {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// frontEnd is what stands before an API server: it answers podlab, and what a
// test wants to those who come with a token.
func frontEnd(t *testing.T, answer func(w http.ResponseWriter)) access {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "" {
			answer(w)
		}
	}))
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	client, err := probe.NewClient(&rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{CAData: ca}})
	if err != nil {
		t.Fatal(err)
	}
	return access{client: client, state: someState()}
}

func logInAs(user string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1", "status": {"userInfo": {"username": %q}}}`, user)
	}
}

func deny(code int, reason, message string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": %q, "message": %q, "code": %d}`, reason, message, code)
	}
}

func TestATokenThatIsNotAcceptedIsARefusal(t *testing.T) {
	for _, tt := range []struct {
		name          string
		answer        func(http.ResponseWriter)
		in, forbidden bool // neither: a cluster that may let it in later
	}{
		{"accepted", logInAs("system:serviceaccount:podlab-exam:candidate"), true, false},
		{"accepted, and may not ask", deny(403, "Forbidden", `User "system:serviceaccount:podlab-exam:candidate" cannot create resource "selfsubjectreviews"`), true, false},
		{"accepted, and there is nothing to ask", deny(404, "NotFound", "the server could not find the requested resource"), true, false},
		{"unknown", deny(401, "Unauthorized", "Unauthorized"), false, true},
		{"taken for nobody", deny(403, "Forbidden", `User "system:anonymous" cannot create resource "selfsubjectreviews"`), false, true},
		{"taken for the learner", logInAs("kim"), false, true},
		{"a page to log in", func(w http.ResponseWriter) { _, _ = fmt.Fprint(w, "<html>") }, false, true},
		{"busy", deny(503, "ServiceUnavailable", "later"), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := frontEnd(t, tt.answer)
			config := rest.CopyConfig(a.client.Config)
			config.BearerToken = "issued"
			theirs, err := probe.NewClient(config)
			if err != nil {
				t.Fatal(err)
			}
			err = whoIs(t.Context(), theirs.Typed)
			if tt.in != (err == nil) {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				return
			}
			err = a.noLogin(t.Context(), err)
			var refused *practice.CannotStartError
			if errors.As(err, &refused) != tt.forbidden || tt.forbidden && (refused.Refused != practice.RefusedToken || refused.Reason == "") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// An API server may not have heard yet of a ServiceAccount that was made anew.
func TestATokenThatIsAcceptedSoon(t *testing.T) {
	var asked atomic.Int32
	a := frontEnd(t, func(w http.ResponseWriter) {
		if asked.Add(1) < 3 {
			deny(401, "Unauthorized", "Unauthorized")(w)
			return
		}
		logInAs(candidateUser)(w)
	})
	a.client = &grader.Client{Typed: issuer(new(atomic.Int32), time.Hour), Config: a.client.Config}
	dir := t.TempDir()
	if _, err := a.writeKubeconfig(t.Context(), dir, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := a.logIn(t.Context(), dir); err != nil || asked.Load() != 3 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}

// issuer is a cluster that issues tokens t1, t2 and so on, which live as long as
// one asks, and longest at most.
func issuer(issued *atomic.Int32, longest time.Duration) *fake.Clientset {
	kube := fake.NewClientset()
	kube.PrependReactor("create", "serviceaccounts", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "token" {
			return false, nil, nil
		}
		request := a.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenRequest).DeepCopy()
		seconds := min(*request.Spec.ExpirationSeconds, int64(longest/time.Second))
		request.Spec.ExpirationSeconds = &seconds
		request.Status.Token = fmt.Sprintf("t%d", issued.Add(1))
		request.Status.ExpirationTimestamp = metav1.NewTime(time.Now().Add(time.Duration(seconds) * time.Second))
		return true, request, nil
	})
	return kube
}

// tokenOf is the token with which one logs in by a kubeconfig.
func tokenOf(t *testing.T, path string) string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	var seen string
	config.Host = "http://cluster.example"
	config.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		seen = r.Header.Get("Authorization")
		return nil, errors.New("no cluster")
	})
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = client.Do(&http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: "cluster.example"}, Header: http.Header{}})
	return seen
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Where tokens live shorter than the exam, an open shell gets on with the next.
func TestShortTokensAreRenewed(t *testing.T) {
	k := newTicker(t)
	var issued atomic.Int32
	k.o.Client = &grader.Client{Typed: issuer(&issued, 20*time.Minute), Config: &rest.Config{Host: "https://cluster.example"}}
	renewed := func(want int32, at time.Time) {
		t.Helper()
		s, _, err := k.State()
		if err != nil || issued.Load() != want || s.RenewAt.Sub(at).Abs() > 5*time.Second {
			t.Errorf("%d tokens, the next at %v, want %d and %v: %v", issued.Load(), s.RenewAt, want, at, err)
		}
		if token := tokenOf(t, k.Kubeconfig()); token != fmt.Sprintf("Bearer t%d", want) {
			t.Errorf("the candidate logs in with %q", token)
		}
	}
	// There is no kubeconfig yet.
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	renewed(1, noon.Add(10*time.Minute))
	data, err := os.ReadFile(k.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	shell := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(shell, data, 0o600); err != nil {
		t.Fatal(err)
	}
	k.wall = noon.Add(9 * time.Minute)
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	renewed(1, noon.Add(10*time.Minute))
	// It is due, and the proctor does it.
	k.wall = noon.Add(11 * time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := k.Proctor(ctx, func() {}, func(err error) {
		if err != nil {
			t.Error(err)
		}
		cancel()
	}); err != nil {
		t.Fatal(err)
	}
	renewed(2, noon.Add(21*time.Minute))
	if token := tokenOf(t, shell); token != "Bearer t2" {
		t.Errorf("an open shell logs in with %q", token)
	}
	// The last one is good until the end.
	k.wall = noon.Add(45 * time.Minute)
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	renewed(3, time.Time{})
	if err := k.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(k.Dir(), tokenPrefix+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := k.Renew(t.Context()); err != nil || issued.Load() != 3 {
		t.Errorf("after the end: %d tokens, %v", issued.Load(), err)
	}
}

// A token that the cluster grants in full is the only one.
func TestTokensThatLastAreNotRenewed(t *testing.T) {
	k := newTicker(t)
	var issued atomic.Int32
	k.o.Client = &grader.Client{Typed: issuer(&issued, 24*time.Hour), Config: &rest.Config{Host: "https://cluster.example"}}
	for _, at := range []time.Duration{0, 30 * time.Minute, 59 * time.Minute} {
		k.wall = noon.Add(at)
		if err := k.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s, _, err := k.State(); err != nil || issued.Load() != 1 || !s.RenewAt.IsZero() {
		t.Errorf("%d tokens, %+v, %v", issued.Load(), s, err)
	}
}
