package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
)

// apiServer starts a server that stands in for an API server and returns a
// client to it.
func apiServer(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Audit-Id", "0f0e0d0c")
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := NewClient(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apiError answers as the API server does.
func apiError(code int, reason metav1.StatusReason, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"`+message+
			`","reason":"`+string(reason)+`","code":`+strconv.Itoa(code)+"}\n")
	}
}

func TestAPIServersErrorsAreToldFromTheApplications(t *testing.T) {
	const unreached = "error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused"
	forged := apiError(503, "ServiceUnavailable", unreached)
	tests := map[string]struct {
		handler http.HandlerFunc
		ok      bool
		status  int
		refused bool
		errText string
		fault   string
	}{
		"answered":          {handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hi") }, ok: true, status: 200},
		"application's 503": {handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "own", http.StatusServiceUnavailable) }, ok: true, status: 503},
		"refused":           {handler: forged, refused: true, errText: "dial tcp 10.0.0.1:80: connect: connection refused"},
		"hung up":           {handler: apiError(503, "ServiceUnavailable", "error trying to reach service: EOF"), errText: closedUnanswered},
		"no endpoints":      {handler: apiError(503, "ServiceUnavailable", "no endpoints available for service x"), errText: "no endpoints available for service x"},
		"no such port":      {handler: apiError(503, "ServiceUnavailable", "no service port 82 found for service x"), errText: "no service port 82 found for service x"},
		"no such Pod":       {handler: apiError(404, "NotFound", "pods x not found"), errText: "pods x not found"},
		"no address yet":    {handler: apiError(400, "BadRequest", "address not allowed"), errText: "the Pod has no address yet (address not allowed)"},
		"bad Location":      {handler: apiError(500, "InternalError", "error trying to parse Location header"), errText: "error trying to parse Location header"},
		"forbidden":         {handler: apiError(403, "Forbidden", "may not get pods/proxy"), fault: "may not get pods/proxy"},
		"unauthorized":      {handler: apiError(401, "Unauthorized", "Unauthorized"), fault: "Unauthorized"},
		"shutting down":     {handler: apiError(503, "ServiceUnavailable", "apiserver is shutting down"), fault: "apiserver is shutting down"},
		"throttled":         {handler: apiError(429, "TooManyRequests", "too many requests"), fault: "too many requests"},
		"imitation with a Server header": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "nginx")
			forged(w, r)
		}, ok: true, status: 503},
		"relayed answer of another API server": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Audit-Id", "inner")
			forged(w, r)
		}, ok: true, status: 503},
		"Status of another code": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(500)
			_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"x","code":404}`)
		}, ok: true, status: 500},
		"other JSON": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(404)
			_, _ = io.WriteString(w, `{"error":"no such page"}`)
		}, ok: true, status: 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := apiServer(t, test.handler)
			got := c.HTTP(context.Background(), HTTPRequest{Namespace: "n", Pod: "x", Port: "80"})
			if test.fault != "" {
				if got.Fault == nil || !strings.Contains(got.Fault.Error(), test.fault) {
					t.Fatalf("fault %v, want %q", got.Fault, test.fault)
				}
				return
			}
			if got.Fault != nil {
				t.Fatalf("fault: %v", got.Fault)
			}
			if got.OK != test.ok || got.Status != test.status || got.Refused != test.refused || got.Error != test.errText {
				t.Errorf("got %+v, want %+v", got.HTTPSample, test)
			}
		})
	}
}

func TestHTTPRequestThroughTheProxy(t *testing.T) {
	var got *http.Request
	c := apiServer(t, func(_ http.ResponseWriter, r *http.Request) { got = r })
	result := c.HTTP(context.Background(), HTTPRequest{
		Namespace: "n", Service: "web", Port: "http", Scheme: "https", Method: "POST",
		Path: "/a%20b/{nonce}?q={nonce}&r=1 2#x", Headers: map[string]string{"X-Word": "w-{nonce}", "host": "my.host"},
	})
	if result.Fault != nil {
		t.Fatal(result.Fault)
	}
	if !regexp.MustCompile(`^[a-z]{16}$`).MatchString(result.Nonce) {
		t.Errorf("nonce %q is no word of 16 letters", result.Nonce)
	}
	want := "/api/v1/namespaces/n/services/https:web:http/proxy/a%20b/" + result.Nonce + "?q=" + result.Nonce + "&r=1%202%23x"
	if got.RequestURI != want {
		t.Errorf("request for %s, want %s", got.RequestURI, want)
	}
	if got.Method != "POST" || got.Host != "my.host" || got.Header.Get("X-Word") != "w-"+result.Nonce {
		t.Errorf("%s, Host %s, headers %v", got.Method, got.Host, got.Header)
	}
	if enc := got.Header.Get("Accept-Encoding"); enc != "identity" {
		t.Errorf("Accept-Encoding %q", enc)
	}
	if again := c.HTTP(context.Background(), HTTPRequest{Namespace: "n", Pod: "p", Port: "80"}); again.Nonce == result.Nonce {
		t.Error("the same nonce twice")
	}
}

func TestCredentialsHeadersAreNotSentToTheAPIServer(t *testing.T) {
	c := apiServer(t, func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") })
	for _, name := range []string{"authorization", "Impersonate-User"} {
		if r := c.HTTP(context.Background(), HTTPRequest{Pod: "p", Port: "80", Headers: map[string]string{name: "x"}}); r.Fault == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

func TestRedirectsAreNotFollowedAndRewritingIsUndone(t *testing.T) {
	const prefix = "/api/v1/namespaces/n/pods/p:80/proxy"
	c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != prefix+"/" {
			t.Errorf("a redirect was followed to %s", r.URL)
		}
		w.Header().Set("Location", prefix+"/elsewhere")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(302)
		_, _ = io.WriteString(w, `<a href="`+prefix+`/elsewhere">there</a>`)
	})
	r := c.HTTP(context.Background(), HTTPRequest{Namespace: "n", Pod: "p", Port: "80"})
	if r.Status != 302 || r.Headers["Location"] != "/elsewhere" || r.Body != `<a href="/elsewhere">there</a>` {
		t.Errorf("got %+v, fault %v", r.HTTPSample, r.Fault)
	}
}

func TestSamplesAreSpreadOverTheWindow(t *testing.T) {
	n := 0
	c := apiServer(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		_, _ = io.WriteString(w, strings.Repeat("x", n))
	})
	start := time.Now()
	r := c.HTTP(context.Background(), HTTPRequest{Pod: "p", Port: "80", Samples: 3, Window: 60 * time.Millisecond})
	if len(r.Samples) != 3 || r.Samples[0].Body != "x" || r.Body != "xxx" {
		t.Errorf("samples %+v", r.Samples)
	}
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("the window lasted only %s", took)
	}
	for i, want := range []time.Duration{0, 100, 200} {
		if got := offset(i, 3, 200); got != want {
			t.Errorf("sample %d is due after %d, want %d", i, got, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if r := c.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80", Samples: 2, Window: time.Hour}); !errors.Is(r.Fault, context.Canceled) || len(r.Samples) != 1 {
		t.Errorf("cancelled: fault %v, %d samples", r.Fault, len(r.Samples))
	}
}

func TestSlowServerIsTheLearnersAndUnreachableAPIServerIsAFault(t *testing.T) {
	release := make(chan struct{})
	c := apiServer(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" { // the API server is well, the Pod is slow
			<-release
		}
	})
	t.Cleanup(func() { close(release) })
	r := c.HTTP(context.Background(), HTTPRequest{Pod: "p", Port: "80", Timeout: 30 * time.Millisecond})
	if r.Fault != nil || r.OK || r.Error != "no answer within 30ms" {
		t.Errorf("slow: %+v, fault %v", r.HTTPSample, r.Fault)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	gone, err := NewClient(&rest.Config{Host: "http://" + listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, fault := range map[string]error{
		"HTTP":    gone.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80"}).Fault,
		"forward": gone.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80", Forward: true}).Fault,
		"logs":    gone.Logs(ctx, LogsRequest{Namespace: "n", Pod: "p"}).Fault,
		"exec":    gone.Exec(ctx, ExecRequest{Pod: "p", Command: []string{"x"}}).Fault,
		"tcp":     gone.TCP(ctx, TCPRequest{Pod: "p", Port: "80"}).Fault,
	} {
		if fault == nil || !strings.Contains(fault.Error(), "connection refused") {
			t.Errorf("%s: fault %v", name, fault)
		}
	}
}

// An API server that takes connections and says nothing is at fault for a
// command of which nothing is heard, not the container.
func TestSilentServerIsAFault(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts, the kernel does
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c, err := NewClient(&rest.Config{Host: "http://" + listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, fault := range map[string]error{
		"HTTP":    c.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80", Timeout: 50 * time.Millisecond}).Fault,
		"forward": c.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80", Forward: true, Timeout: 50 * time.Millisecond}).Fault,
		"logs":    c.Logs(ctx, LogsRequest{Namespace: "n", Pod: "p", Timeout: 50 * time.Millisecond}).Fault,
		"exec":    c.Exec(ctx, ExecRequest{Pod: "p", Command: []string{"x"}, Timeout: 50 * time.Millisecond}).Fault,
		"tcp":     c.TCP(ctx, TCPRequest{Pod: "p", Port: "80", Timeout: 50 * time.Millisecond}).Fault,
	} {
		if fault == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

func TestBodyIsBoundedAndValid(t *testing.T) {
	c := apiServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "\xff"+strings.Repeat("x", 2*MaxOutput))
	})
	r := c.HTTP(context.Background(), HTTPRequest{Pod: "p", Port: "80"})
	if !r.OK || !r.Truncated || !strings.HasPrefix(r.Body, "\uFFFDx") || len(r.Body) > MaxOutput+2 {
		t.Errorf("ok %v, truncated %v, %d bytes, fault %v", r.OK, r.Truncated, len(r.Body), r.Fault)
	}
}

func TestClientsThatNewClientDidNotMakeAreFaults(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]*Client{"nil": nil, "empty": {}, "fake": {Typed: fake.NewClientset()}} {
		for what, fault := range map[string]error{
			"HTTP":    c.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80"}).Fault,
			"forward": c.HTTP(ctx, HTTPRequest{Pod: "p", Port: "80", Forward: true}).Fault,
			"exec":    c.Exec(ctx, ExecRequest{Pod: "p", Command: []string{"x"}}).Fault,
			"tcp":     c.TCP(ctx, TCPRequest{Pod: "p", Port: "80"}).Fault,
		} {
			if fault == nil {
				t.Errorf("%s client, %s: no fault", name, what)
			}
		}
	}
	var none *Client
	if r := none.Logs(ctx, LogsRequest{}); r.Fault == nil {
		t.Error("logs: no fault")
	}
	typed := &Client{Typed: fake.NewClientset()}
	if r := typed.Logs(ctx, LogsRequest{Namespace: "n", Pod: "p"}); !r.OK || r.Output != "fake logs" {
		t.Errorf("logs of a fake clientset: %+v", r)
	}
}

func TestNewClientLeavesTheConfigAlone(t *testing.T) {
	config := &rest.Config{Host: "https://example.test", QPS: 7, Timeout: time.Minute}
	c, err := NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	if config.QPS != 7 || config.Timeout != time.Minute || config.UserAgent != "" {
		t.Errorf("the caller's config was changed: %+v", config)
	}
	if c.Config.QPS != -1 || c.Transport.Timeout != 0 {
		t.Errorf("QPS %v, timeout %v", c.Config.QPS, c.Transport.Timeout)
	}
	if c.Transport == http.DefaultClient || http.DefaultClient.CheckRedirect != nil {
		t.Error("http.DefaultClient was changed")
	}
	if _, err := NewClient(nil); err == nil {
		t.Error("no error without a config")
	}
}

func TestForwardedPortsAreNumbers(t *testing.T) {
	c := apiServer(t, func(http.ResponseWriter, *http.Request) {})
	for _, port := range []string{"", "0", "http", "65536", "-1"} {
		if r := c.TCP(context.Background(), TCPRequest{Pod: "p", Port: port}); r.Fault == nil {
			t.Errorf("port %q: no fault", port)
		}
	}
}

func TestPlainForwardError(t *testing.T) {
	const kubelet = `error forwarding port 81 to pod abc, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": failed to connect to localhost:81 inside namespace "abc", IPv4: dial tcp4 127.0.0.1:81: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address `
	if got := plainForwardError(kubelet); got != "dial tcp4 127.0.0.1:81: connect: connection refused" {
		t.Errorf("got %q", got)
	}
	if got := plainForwardError("something else"); got != "something else" {
		t.Errorf("got %q", got)
	}
}

func TestExecErrors(t *testing.T) {
	tests := map[string]struct {
		err   string
		text  string
		fault bool
	}{
		"no such executable": {
			`Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "1": OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH`,
			`exec: "nosuch": executable file not found in $PATH`, false,
		},
		"not running": {`unable to upgrade connection: container not found ("a")`, `container not found ("a")`, false},
		"completed":   {"cannot exec into a container in a completed pod; current phase is Failed", "cannot exec into a container in a completed pod; current phase is Failed", false},
		"kubelet":     {"error dialing backend: dial tcp 172.18.0.2:10250: connect: connection refused", "", true},
	}
	for name, test := range tests {
		text, fault := judgeExec(errors.New(test.err))
		if text != test.text || (fault != nil) != test.fault {
			t.Errorf("%s: %q, %v", name, text, fault)
		}
	}
}

func TestBoundedBufferTakesEverythingAndKeepsTheBeginning(t *testing.T) {
	var b boundedBuffer
	for range 3 {
		if n, err := b.Write([]byte(strings.Repeat("x", MaxOutput/2))); n != MaxOutput/2 || err != nil {
			t.Fatalf("Write: %d, %v: a short write would stop the command", n, err)
		}
	}
	if len(b.text()) != MaxOutput || !b.overflowed() {
		t.Errorf("%d bytes, overflow %v", len(b.text()), b.overflowed())
	}
}
