package exam

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/cluster"
	"podlab/grader/probe"
	"podlab/labs/exam"
)

// front is what stands before the API server of the tests: it lets those in as
// administrators who come with its own token.
type front struct {
	kubeconfig string
	api        *rest.Config
	// longest is the longest life of a token, in seconds; zero for a front that
	// takes no tokens of ServiceAccounts.
	longest int64
	issued  atomic.Value // the last token, the only one that it takes
}

const frontToken = "of-the-front"

func newFront(t *testing.T, longest int64) *front {
	t.Helper()
	path := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG names no cluster: run make e2e")
	}
	api, err := cluster.RESTConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), api: api, longest: longest}
	f.issued.Store("")
	admin, theirs := f.proxy(t, api), f.proxy(t, rest.AnonymousClientConfig(api))
	admin.ModifyResponse = f.note
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case token == frontToken:
			r.Header.Del("Authorization")
			f.shorten(t, r)
			admin.ServeHTTP(w, r)
		case f.longest > 0 && token == f.issued.Load():
			theirs.ServeHTTP(w, r)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	config := clientcmdapi.NewConfig()
	config.Clusters["front"] = &clientcmdapi.Cluster{Server: server.URL,
		CertificateAuthorityData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})}
	config.AuthInfos["me"] = &clientcmdapi.AuthInfo{Token: frontToken}
	config.Contexts["front"] = &clientcmdapi.Context{Cluster: "front", AuthInfo: "me"}
	config.CurrentContext = "front"
	if err := clientcmd.WriteToFile(*config, f.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *front) proxy(t *testing.T, config *rest.Config) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	if proxy.Transport, err = rest.TransportFor(config); err != nil {
		t.Fatal(err)
	}
	return proxy
}

// shorten asks for a shorter life where a token is asked for.
func (f *front) shorten(t *testing.T, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/token") || f.longest == 0 {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	asked, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		t.Error(err)
		return
	}
	request := asked.(*authenticationv1.TokenRequest)
	*request.Spec.ExpirationSeconds = min(*request.Spec.ExpirationSeconds, f.longest)
	if body, err = json.Marshal(request); err != nil {
		t.Error(err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Del("Accept-Encoding")
}

// note remembers the token that is issued.
func (f *front) note(r *http.Response) error {
	if !strings.HasSuffix(r.Request.URL.Path, "/token") || f.longest == 0 || r.StatusCode != http.StatusCreated {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var issued authenticationv1.TokenRequest
	if err := json.Unmarshal(body, &issued); err != nil {
		return err
	}
	f.issued.Store(issued.Status.Token)
	return nil
}

// Behind a front end that takes no tokens of ServiceAccounts no clock starts, and
// nothing is left there.
func TestTokensThatAreNotAccepted(t *testing.T) {
	f := newFront(t, 0)
	kube, err := kubernetes.NewForConfig(f.api)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "namespace podlab-exam of another test is gone", func() bool {
		err := kube.CoreV1().Namespaces().Delete(t.Context(), "podlab-exam", metav1.DeleteOptions{})
		return apierrors.IsNotFound(err)
	})
	d := newDesk(t, f.kubeconfig)
	_, said := d.run(3, "exam", "start", "--tasks", "2", "--level", "1", "--seed", "11", "--yes")
	if !strings.Contains(said, "cannot log in to the cluster with a ServiceAccount token") {
		t.Errorf("exam start says: %s", said)
	}
	if s := d.load(); s.Phase != exam.Aborted || !s.EndsAt.IsZero() {
		t.Errorf("%+v", s)
	}
	if _, err := os.Stat(filepath.Join(d.state, "exams", "current", "kubeconfig")); !os.IsNotExist(err) {
		t.Errorf("the candidate's kubeconfig: %v", err)
	}
	if ns, err := kube.CoreV1().Namespaces().Get(t.Context(), "podlab-exam", metav1.GetOptions{}); err == nil && ns.DeletionTimestamp == nil {
		t.Error("namespace podlab-exam is left")
	}
	_, err = kube.CoreV1().ServiceAccounts("podlab-exam").Get(t.Context(), "candidate", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("the candidate: %v", err)
	}
	d.run(0, "exam", "history") // not of it
}

// Where tokens live for ten minutes at most, the proctor renews that of an exam of
// thirty, and a shell that is open goes on.
func TestTokensThatLiveShorterThanTheExam(t *testing.T) {
	f := newFront(t, 600)
	r := newRoom(t, "mc1", "mc2", "mc3")
	config, err := cluster.RESTConfig(f.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := probe.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	r.Exam = exam.New(exam.Options{
		Catalog: r.catalog, Client: client, RunsContainers: true, Root: r.root, Podlab: "e2e",
		Now: func() time.Time { return time.Now().Add(r.ahead) },
	})
	s := r.start(exam.Blueprint{ID: "two", Tasks: 2, Minutes: 30}, 11)
	file, err := os.ReadFile(r.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	shell := filepath.Join(t.TempDir(), "kubeconfig") // a shell's copy
	if err := os.WriteFile(shell, file, 0o600); err != nil {
		t.Fatal(err)
	}
	works := func() {
		t.Helper()
		config, err := cluster.RESTConfig(shell)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := kubernetes.NewForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := theirs.CoreV1().Pods(s.Tasks[0].Namespace).List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Errorf("kubectl in an open shell: %v", err)
		}
	}
	works()
	first := f.issued.Load()
	r.ahead = 6 * time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Proctor(ctx, func() {}, func(error) {}) }()
	await(t, "the token is renewed", func() bool { return f.issued.Load() != first })
	await(t, "the exam knows when to renew the next", func() bool {
		now, _, err := r.State()
		return err == nil && now.RenewAt.After(s.RenewAt)
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	works()
}
