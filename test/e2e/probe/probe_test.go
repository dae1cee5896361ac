// Package probe_test runs the probes against the cluster that
// $PODLAB_E2E_KUBECONFIG names. Its node must hold nginx:1.29-alpine and
// busybox:1.37.
package probe_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/clientcmd"

	"podlab/grader/probe"
)

//go:embed nginx.conf
var nginxConf string

// A node that shares its machine may stand still for minutes.
const (
	// ready is how long the Pods may take to start.
	ready = 5 * time.Minute
	// patience is what a probe gets that should not run into its timeout.
	patience = 2 * time.Minute
)

func TestProbes(t *testing.T) {
	c := connect(t)
	ns := namespace(t, c)
	setup(t, c, ns)

	t.Run("HTTP", func(t *testing.T) { testHTTP(t, c, ns) })
	t.Run("Forward", func(t *testing.T) { testForward(t, c, ns) })
	t.Run("TCP", func(t *testing.T) { testTCP(t, c, ns) })
	t.Run("Exec", func(t *testing.T) { testExec(t, c, ns) })
	t.Run("Logs", func(t *testing.T) { testLogs(t, c, ns) })
}

func testHTTP(t *testing.T, c *probe.Client, ns string) {
	tests := map[string]struct {
		r       probe.HTTPRequest
		want    probe.HTTPSample // Headers are not compared
		errPart string
	}{
		"answered": {
			r:    probe.HTTPRequest{Pod: "web", Port: "80", Path: "/own"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "mine\n"},
		},
		"Service by port name": {
			r:    probe.HTTPRequest{Service: "web", Port: "http", Path: "/own"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "mine\n"},
		},
		"HTTPS": {
			r:    probe.HTTPRequest{Pod: "web", Port: "443", Scheme: "https", Path: "/own"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "secret\n"},
		},
		"the application's own 503": {
			r:    probe.HTTPRequest{Pod: "web", Port: "80", Path: "/own503"},
			want: probe.HTTPSample{OK: true, Status: 503, Body: "my own\n"},
		},
		"an application that imitates the API server": {
			r: probe.HTTPRequest{Pod: "web", Port: "80", Path: "/forged"},
			want: probe.HTTPSample{OK: true, Status: 503,
				Body: `{ "kind":"Status","apiVersion":"v1","status":"Failure","message":"error trying to reach service: connection refused","code":503}`},
		},
		"redirect": {
			r:    probe.HTTPRequest{Pod: "web", Port: "80", Path: "/redirect"},
			want: probe.HTTPSample{OK: true, Status: 302},
		},
		"links are not rewritten": {
			r:    probe.HTTPRequest{Pod: "web", Port: "80", Path: "/html"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: `<html><a href="/own">x</a></html>`},
		},
		"refused": {
			r:       probe.HTTPRequest{Pod: "web", Port: "81"},
			want:    probe.HTTPSample{Refused: true},
			errPart: "connection refused",
		},
		"refused through a Service": {
			r:       probe.HTTPRequest{Service: "web", Port: "closed"},
			want:    probe.HTTPSample{Refused: true},
			errPart: "connection refused",
		},
		"only on 127.0.0.1": {
			r:       probe.HTTPRequest{Pod: "web", Port: "8081"},
			want:    probe.HTTPSample{Refused: true},
			errPart: "connection refused",
		},
		"no endpoints":    {r: probe.HTTPRequest{Service: "empty", Port: "80"}, errPart: "no endpoints available"},
		"no such port":    {r: probe.HTTPRequest{Service: "web", Port: "82"}, errPart: "no service port 82"},
		"no such Pod":     {r: probe.HTTPRequest{Pod: "nopod", Port: "80"}, errPart: `pods "nopod" not found`},
		"no such Service": {r: probe.HTTPRequest{Service: "nosvc", Port: "80"}, errPart: `services "nosvc" not found`},
		"unscheduled":     {r: probe.HTTPRequest{Pod: "unscheduled", Port: "80"}, errPart: "no address yet"},
		"hangs up":        {r: probe.HTTPRequest{Pod: "web", Port: "80", Path: "/hangup"}, errPart: "closed the connection"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.r.Namespace, test.r.Timeout = ns, patience
			compare(t, c.HTTP(t.Context(), test.r), test.want, test.errPart)
		})
	}
}

func testForward(t *testing.T, c *probe.Client, ns string) {
	tests := map[string]struct {
		r       probe.HTTPRequest
		want    probe.HTTPSample
		errPart string
	}{
		"a port on 127.0.0.1": {
			r:    probe.HTTPRequest{Pod: "web", Port: "8081", Samples: 3},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "local\n"},
		},
		"HTTPS": {
			r:    probe.HTTPRequest{Pod: "web", Port: "443", Scheme: "https", Path: "/own"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "secret\n"},
		},
		"a path is sent as it is": {
			r:    probe.HTTPRequest{Pod: "web", Port: "80", Path: "/echo//a/../b"},
			want: probe.HTTPSample{OK: true, Status: 200, Body: "/echo//a/../b\n"},
		},
		"refused": {
			r:       probe.HTTPRequest{Pod: "web", Port: "81", Samples: 2},
			want:    probe.HTTPSample{Refused: true},
			errPart: "connection refused",
		},
		"no such Pod": {r: probe.HTTPRequest{Pod: "nopod", Port: "80"}, errPart: `pods "nopod" not found`},
		"unscheduled": {r: probe.HTTPRequest{Pod: "unscheduled", Port: "80"}, errPart: "does not have a host assigned"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.r.Namespace, test.r.Timeout, test.r.Forward = ns, patience, true
			got := c.HTTP(t.Context(), test.r)
			compare(t, got, test.want, test.errPart)
			if want := max(test.r.Samples, 1); len(got.Samples) != want {
				t.Errorf("%d samples, want %d", len(got.Samples), want)
			}
		})
	}
}

func compare(t *testing.T, got probe.HTTPResult, want probe.HTTPSample, errPart string) {
	t.Helper()
	if got.Fault != nil {
		t.Fatalf("fault: %v", got.Fault)
	}
	if got.OK != want.OK || got.Status != want.Status || got.Refused != want.Refused ||
		(want.Body != "" && got.Body != want.Body) || (got.Error == "") != (errPart == "") || !strings.Contains(got.Error, errPart) {
		t.Errorf("got %+v, want %+v with an error of %q", got.HTTPSample, want, errPart)
	}
}

func testTCP(t *testing.T, c *probe.Client, ns string) {
	request := func(port, send string, tls bool) probe.TCPResult {
		r := c.TCP(t.Context(), probe.TCPRequest{Namespace: ns, Pod: "web", Port: port, Send: send, TLS: tls, Timeout: patience})
		if r.Fault != nil {
			t.Fatalf("port %s: %v", port, r.Fault)
		}
		return r
	}
	if r := request("80", "", false); !r.OK {
		t.Errorf("open port: %+v", r)
	}
	if r := request("80", "GET /own HTTP/1.0\r\n\r\n", false); !r.OK || !strings.HasSuffix(r.Output, "\r\n\r\nmine\n") {
		t.Errorf("question and answer: %+v", r)
	}
	if r := request("81", "", false); r.OK || !r.Refused {
		t.Errorf("closed port: %+v", r)
	}
	if r := request("443", "", true); !r.OK || !r.TLS.OK || !strings.Contains(r.TLS.Subject, "CN=web.test") ||
		!slices.Equal(r.TLS.DNSNames, []string{"web.test"}) || r.TLS.NotAfter.IsZero() || r.TLS.Version != "TLS 1.3" {
		t.Errorf("TLS: %+v", r)
	}
	if r := request("443", "GET /own HTTP/1.0\r\n\r\n", true); !strings.HasSuffix(r.Output, "secret\n") {
		t.Errorf("question and answer over TLS: %+v", r)
	}
	if r := request("80", "", true); r.OK || r.TLS.OK || r.Refused || r.TLS.Error == "" {
		t.Errorf("TLS to a plain port: %+v", r)
	}
	if r := request("81", "", true); !r.Refused {
		t.Errorf("TLS to a closed port: %+v", r)
	}
}

func testExec(t *testing.T, c *probe.Client, ns string) {
	tests := map[string]struct {
		pod, container string
		command        []string
		timeout        time.Duration
		want           probe.ExecResult
		errPart        string
	}{
		"output":          {"web", "box", []string{"echo", "a  b", "$HOME"}, 0, probe.ExecResult{OK: true, Output: "a  b $HOME\n"}, ""},
		"exit code":       {"web", "box", []string{"sh", "-c", "echo oh >&2; exit 7"}, 0, probe.ExecResult{OK: true, Stderr: "oh\n", ExitCode: 7}, ""},
		"no executable":   {"web", "box", []string{"nosuch"}, 0, probe.ExecResult{}, "executable file not found"},
		"no container":    {"web", "nope", []string{"ls"}, 0, probe.ExecResult{}, "container nope is not valid"},
		"ended container": {"ended", "box", []string{"ls"}, 0, probe.ExecResult{}, "container not found"},
		"unscheduled":     {"unscheduled", "box", []string{"ls"}, 0, probe.ExecResult{}, "does not have a host assigned"},
		"no Pod":          {"nopod", "box", []string{"ls"}, 0, probe.ExecResult{}, `pods "nopod" not found`},
		"too slow":        {"web", "box", []string{"sleep", "5"}, 500 * time.Millisecond, probe.ExecResult{}, "did not end within 500ms"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.timeout == 0 {
				test.timeout = patience
			}
			got := c.Exec(t.Context(), probe.ExecRequest{Namespace: ns, Pod: test.pod, Container: test.container, Command: test.command, Timeout: test.timeout})
			if got.Fault != nil {
				t.Fatalf("fault: %v", got.Fault)
			}
			if got.OK != test.want.OK || got.Output != test.want.Output || got.Stderr != test.want.Stderr ||
				got.ExitCode != test.want.ExitCode || (got.Error == "") != (test.errPart == "") || !strings.Contains(got.Error, test.errPart) {
				t.Errorf("got %+v, want %+v with an error of %q", got, test.want, test.errPart)
			}
		})
	}
	t.Run("much output", func(t *testing.T) {
		got := c.Exec(t.Context(), probe.ExecRequest{Namespace: ns, Pod: "web", Container: "box", Timeout: patience,
			Command: []string{"sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; exit 4"}})
		if !got.OK || got.ExitCode != 4 || !got.Truncated || len(got.Output) != probe.MaxOutput {
			t.Errorf("ok %v, exit code %d, truncated %v, %d bytes, fault %v", got.OK, got.ExitCode, got.Truncated, len(got.Output), got.Fault)
		}
	})
}

func testLogs(t *testing.T, c *probe.Client, ns string) {
	request := func(pod string, previous bool, timeout time.Duration, until func(string) bool) probe.LogsResult {
		container := "box"
		r := c.Logs(t.Context(), probe.LogsRequest{Namespace: ns, Pod: pod, Container: container, Previous: previous, Until: until, Timeout: timeout})
		if r.Fault != nil {
			t.Fatalf("Pod %s: %v", pod, r.Fault)
		}
		return r
	}
	var next string
	once := request("web", false, patience, nil)
	if !once.OK || !strings.HasPrefix(once.Output, "line 1\n") {
		t.Fatalf("read once: %+v", once)
	}
	next = fmt.Sprintf("line %d\n", strings.Count(once.Output, "\n")+2)
	if r := request("web", false, patience, func(s string) bool { return strings.Contains(s, next) }); !r.Met {
		t.Errorf("followed: %q never came: %+v", next, r)
	}
	if r := request("web", false, 500*time.Millisecond, func(string) bool { return false }); !r.OK || r.Met || r.Output == "" {
		t.Errorf("followed in vain: %+v", r)
	}
	if r := request("ended", false, patience, func(string) bool { return false }); !r.OK || r.Met || r.Output != "bye\n" {
		t.Errorf("ended container: %+v", r)
	}
	for pod, part := range map[string]string{
		"noimage": "waiting to start", "unscheduled": "does not have a host assigned", "nopod": `pods "nopod" not found`,
	} {
		if r := request(pod, false, patience, nil); r.OK || !strings.Contains(r.Error, part) {
			t.Errorf("Pod %s: %+v", pod, r)
		}
	}
	if r := request("web", true, patience, nil); r.OK || !strings.Contains(r.Error, "previous terminated container") {
		t.Errorf("previous run: %+v", r)
	}
}

func connect(t *testing.T) *probe.Client {
	t.Helper()
	path := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG is not set: no cluster to test against")
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := probe.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func namespace(t *testing.T, c *probe.Client) string {
	t.Helper()
	ns, err := c.Typed.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "probe-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Typed.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	return ns.Name
}

// setup creates the Pods and Services and waits for them.
func setup(t *testing.T, c *probe.Client, ns string) {
	t.Helper()
	core := c.Typed.CoreV1()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	certificate, key := selfSigned(t)
	_, err := core.Secrets(ns).Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "tls"}, Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{corev1.TLSCertKey: certificate, corev1.TLSPrivateKeyKey: key},
	}, metav1.CreateOptions{})
	must(err)
	_, err = core.ConfigMaps(ns).Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "nginx"}, Data: map[string]string{"nginx.conf": nginxConf},
	}, metav1.CreateOptions{})
	must(err)

	box := func(script string) corev1.Container {
		return corev1.Container{Name: "box", Image: "busybox:1.37", ImagePullPolicy: corev1.PullIfNotPresent, Command: []string{"sh", "-c", script}}
	}
	web := pod("web", box("i=0; while true; do i=$((i+1)); echo line $i; sleep 0.3; done"), corev1.Container{
		Name: "nginx", Image: "nginx:1.29-alpine", ImagePullPolicy: corev1.PullIfNotPresent,
		VolumeMounts: []corev1.VolumeMount{
			{Name: "conf", MountPath: "/etc/nginx/nginx.conf", SubPath: "nginx.conf"},
			{Name: "tls", MountPath: "/tls"},
		},
	})
	web.Spec.Volumes = []corev1.Volume{
		{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "nginx"}}}},
		{Name: "tls", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "tls"}}},
	}
	unscheduled := pod("unscheduled", box("true"))
	unscheduled.Spec.NodeSelector = map[string]string{"no-such": "node"}
	noImage := pod("noimage", box("true"))
	noImage.Spec.Containers[0].Image, noImage.Spec.Containers[0].ImagePullPolicy = "nosuch.invalid/image:1", corev1.PullNever
	ended := pod("ended", box("echo bye; exit 3"))
	ended.Spec.RestartPolicy = corev1.RestartPolicyNever
	for _, p := range []*corev1.Pod{web, unscheduled, noImage, ended} {
		createPod(t, c, ns, p)
	}
	for name, ports := range map[string][]corev1.ServicePort{
		"web": {
			{Name: "http", Port: 80},
			{Name: "closed", Port: 8000, TargetPort: intstr.FromInt32(81)},
		},
		"empty": {{Name: "http", Port: 80}},
	} {
		_, err := core.Services(ns).Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": name}, Ports: ports},
		}, metav1.CreateOptions{})
		must(err)
	}

	waitFor(t, c, ns, "web", func(p *corev1.Pod) bool {
		return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
	})
	waitFor(t, c, ns, "ended", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodFailed })
	waitFor(t, c, ns, "noimage", func(p *corev1.Pod) bool {
		return len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].State.Waiting != nil &&
			p.Status.ContainerStatuses[0].State.Waiting.Reason == "ErrImageNeverPull"
	})
	// The Service's endpoints follow the Pod's readiness.
	deadline := time.Now().Add(ready)
	for {
		r := c.HTTP(ctx, probe.HTTPRequest{Namespace: ns, Service: "web", Port: "http"})
		if r.OK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Service web never answered: %+v", r)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func pod(name string, containers ...corev1.Container) *corev1.Pod {
	grace := int64(0)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: containers, TerminationGracePeriodSeconds: &grace},
	}
}

// createPod waits for the namespace's ServiceAccount, which comes a moment
// after the namespace.
func createPod(t *testing.T, c *probe.Client, ns string, p *corev1.Pod) {
	t.Helper()
	deadline := time.Now().Add(ready)
	for {
		_, err := c.Typed.CoreV1().Pods(ns).Create(t.Context(), p, metav1.CreateOptions{})
		if err == nil {
			return
		}
		if time.Now().After(deadline) || !strings.Contains(err.Error(), "serviceaccount") {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func waitFor(t *testing.T, c *probe.Client, ns, name string, done func(*corev1.Pod) bool) {
	t.Helper()
	deadline := time.Now().Add(ready)
	for {
		p, err := c.Typed.CoreV1().Pods(ns).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if done(p) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Pod %s is not there after %s: %+v", name, ready, p.Status)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func selfSigned(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web.test"}, DNSNames: []string{"web.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}
