package existing

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/clientcmd"

	"podlab/cluster"
)

// two is a kubeconfig of two clusters, one of which logs in by a plugin beside
// the file.
const two = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: prod, cluster: {server: "https://prod.example:6443"}}
- {name: class, cluster: {server: "https://class.example:6443", certificate-authority: pki/ca.crt}}
users:
- {name: admin, user: {token: secret-of-prod}}
- name: learner
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [--now], interactiveMode: Never}
contexts:
- {name: prod, context: {cluster: prod, user: admin}}
- {name: class, context: {cluster: class, user: learner, namespace: production}}
`

// scene is a learner with a kubeconfig, and a fake cluster.
type scene struct {
	t          *testing.T
	home       string
	state      string
	kube       *fake.Clientset
	uid        types.UID
	lacks      []string // rights that the user lacks
	kubeconfig string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, home: t.TempDir(), state: t.TempDir(), uid: "one"}
	s.kubeconfig = filepath.Join(s.home, ".kube", "config")
	for path, text := range map[string]string{s.kubeconfig: two, filepath.Join(s.home, ".kube", "pki", "ca.crt"): "the CA"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.kube = fake.NewClientset()
	s.kube.PrependReactor("get", "namespaces", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.(clienttesting.GetAction).GetName() != metav1.NamespaceSystem {
			return false, nil, nil
		}
		if slices.Contains(s.lacks, "get kube-system") {
			return true, nil, apierrors.NewForbidden(corev1.Resource("namespaces"), metav1.NamespaceSystem, nil)
		}
		return true, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem, UID: s.uid}}, nil
	})
	s.kube.PrependReactor("create", "selfsubjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview)
		r := review.Spec.ResourceAttributes
		review.Status.Allowed = !slices.Contains(s.lacks, Right{Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource}.String())
		return true, review, nil
	})
	return s
}

func (s *scene) provider(name, context string) *Provider {
	s.t.Helper()
	p, err := New(Options{Name: name, StateDir: s.state, Context: context, Getenv: func(name string) string {
		if name == "HOME" {
			return s.home
		}
		return ""
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	p.connect = func(*rest.Config) (kubernetes.Interface, error) { return s.kube, nil }
	return p
}

func (s *scene) namespace(name string, labels map[string]string) {
	s.t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, UID: types.UID(name)}}
	if _, err := s.kube.CoreV1().Namespaces().Create(s.t.Context(), ns, metav1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, key string) {
	t.Helper()
	var failed *cluster.Error
	if !errors.As(err, &failed) || failed.Problem.Key != key {
		t.Errorf("error %v, want %s", err, key)
	}
}

var agreed = cluster.CreateOptions{Confirmed: true}

func TestNothingIsUsedThatNobodyAgreedTo(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	wantError(t, s.provider("", "").Create(ctx, agreed), "existing-no-context")
	wantError(t, s.provider("", "nope").Create(ctx, agreed), "existing-unknown-context")
	p := s.provider("", "class")
	wantError(t, p.Create(ctx, cluster.CreateOptions{}), "existing-unconfirmed")
	status, err := p.Status(ctx)
	if err != nil || status.State != cluster.Absent || len(status.Plan) == 0 ||
		status.Server != "https://class.example:6443" || status.User != "learner" {
		t.Errorf("status %+v, %v", status, err)
	}
	if len(s.kube.Actions()) > 0 {
		t.Errorf("the cluster was asked %v before anybody agreed", s.kube.Actions())
	}
	if entries, _ := os.ReadDir(filepath.Join(s.state, "clusters", "podlab")); len(entries) > 0 {
		t.Errorf("something was written: %v", entries)
	}
	// "" among several files is no file.
	t.Setenv("KUBECONFIG", "")
	if got := rules(func(string) string { return "a" + string(os.PathListSeparator) + string(os.PathListSeparator) + "b" }).Precedence; !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("files %v", got)
	}
}

func TestTheKubeconfigHoldsTheOneContext(t *testing.T) {
	s := newScene(t)
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(p.KubeconfigPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	config, err := clientcmd.LoadFromFile(p.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(p.KubeconfigPath())
	if len(config.Contexts) != 1 || config.CurrentContext != "class" || strings.Contains(string(data), "secret-of-prod") {
		t.Errorf("it holds more than the context that was named:\n%s", data)
	}
	if got := config.Contexts["class"].Namespace; got != "" {
		t.Errorf("the learner's namespace %q was taken over", got)
	}
	if got := string(config.Clusters["class"].CertificateAuthorityData); got != "the CA" {
		t.Errorf("the certificate of a relative path: %q", got)
	}
	login := config.AuthInfos["learner"].Exec
	if login == nil || login.Command != filepath.Join(s.home, ".kube", "bin", "login") || !slices.Equal(login.Args, []string{"--now"}) {
		t.Errorf("the credential plugin: %+v", login)
	}
	if after, err := os.ReadFile(s.kubeconfig); err != nil || string(after) != two {
		t.Errorf("the learner's kubeconfig was changed: %v\n%s", err, after)
	}
	// Done again without naming the context, and with another one.
	if err := s.provider("", "").Create(t.Context(), cluster.CreateOptions{}); err != nil {
		t.Errorf("up once more: %v", err)
	}
	wantError(t, s.provider("", "prod").Create(t.Context(), agreed), "existing-other-context")
	// The context named again brings what has changed in it.
	owner := p.Capabilities().Owner
	moved := strings.Replace(two, "class.example:6443", "class.example:7443", 1)
	if err := os.WriteFile(s.kubeconfig, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.provider("", "class").Create(t.Context(), cluster.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if status, err := p.Status(t.Context()); err != nil || status.Server != "https://class.example:7443" || p.Capabilities().Owner != owner {
		t.Errorf("after it has moved: %+v, %v", status, err)
	}
	s.uid = "two"
	wantError(t, s.provider("", "class").Create(t.Context(), agreed), "existing-changed")
}

func TestANameOfAnotherProvider(t *testing.T) {
	s := newScene(t)
	p := s.provider("taken", "class")
	if err := os.MkdirAll(filepath.Dir(p.KubeconfigPath()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.KubeconfigPath(), []byte("kind's"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Create(t.Context(), agreed), "existing-name-taken")
	if err := p.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(p.KubeconfigPath()); err != nil || string(data) != "kind's" {
		t.Errorf("the kubeconfig of another provider: %q, %v", data, err)
	}
}

func TestDeleteTakesOnlyWhatIsPodlabs(t *testing.T) {
	s := newScene(t)
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	owner := p.Capabilities().Owner
	if owner == "" || !p.Capabilities().Foreign {
		t.Fatalf("capabilities %+v", p.Capabilities())
	}
	mine := map[string]string{LabelManagedBy: managedBy, LabelOwner: owner}
	s.namespace("podlab-mc1", mine)
	s.namespace("podlab-mc2", map[string]string{LabelManagedBy: managedBy, LabelOwner: "somebody"})
	s.namespace("podlab-mc3", map[string]string{LabelManagedBy: managedBy})
	s.namespace("mine", map[string]string{LabelOwner: owner})
	s.namespace("default", nil)
	status, err := p.Status(t.Context())
	if err != nil || !slices.Equal(status.Namespaces, []string{"podlab-mc1"}) {
		t.Errorf("namespaces that would go: %v, %v", status.Namespaces, err)
	}
	if err := p.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := s.kube.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ns := range left.Items {
		names = append(names, ns.Name)
	}
	slices.Sort(names)
	if want := []string{"default", "mine", "podlab-mc2", "podlab-mc3"}; !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
	for _, a := range s.kube.Actions() {
		if a.GetVerb() == "delete" && a.GetResource().Resource != "namespaces" {
			t.Errorf("deleted as well: %v", a)
		}
	}
	if Recorded(s.state, "") {
		t.Error("the cluster is still known")
	}
	if err := p.Delete(t.Context()); err != nil {
		t.Errorf("deleting once more: %v", err)
	}
}

// TestANamespaceThatIsAnotherOneNow: it was deleted and made anew, by somebody
// else, since podlab listed it.
func TestANamespaceThatIsAnotherOneNow(t *testing.T) {
	s := newScene(t)
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	s.namespace("podlab-mc1", map[string]string{LabelManagedBy: managedBy, LabelOwner: p.Capabilities().Owner})
	namespaces := corev1.SchemeGroupVersion.WithResource("namespaces")
	s.kube.PrependReactor("delete", "namespaces", func(clienttesting.Action) (bool, runtime.Object, error) {
		theirs := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "podlab-mc1", UID: "theirs"}}
		if err := s.kube.Tracker().Update(namespaces, theirs, ""); err != nil {
			t.Error(err)
		}
		return true, nil, apierrors.NewConflict(namespaces.GroupResource(), "podlab-mc1", errors.New("the UID in the precondition"))
	})
	if err := p.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range s.kube.Actions() {
		if a.GetVerb() == "delete-collection" {
			t.Errorf("somebody else's %s were deleted", a.GetResource().Resource)
		}
	}
}

func TestAnotherClusterIsRefused(t *testing.T) {
	s := newScene(t)
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	owner := p.Capabilities().Owner
	s.namespace("podlab-mc1", map[string]string{LabelManagedBy: managedBy, LabelOwner: owner})
	s.uid = "two"
	for name, do := range map[string]func(context.Context) error{
		"verify": p.Verify, "delete": p.Delete,
		"create": func(ctx context.Context) error { return p.Create(ctx, agreed) },
		"status": func(ctx context.Context) error { _, err := p.Status(ctx); return err },
	} {
		err := do(t.Context())
		t.Log(name)
		wantError(t, err, "existing-changed")
	}
	s.uid, s.lacks = "one", []string{"get kube-system"}
	wantError(t, p.Verify(t.Context()), "existing-unknown")
	wantError(t, p.Delete(t.Context()), "existing-unknown")
	if _, err := s.kube.CoreV1().Namespaces().Get(t.Context(), "podlab-mc1", metav1.GetOptions{}); err != nil {
		t.Errorf("a namespace was deleted: %v", err)
	}
}

func TestRights(t *testing.T) {
	s := newScene(t)
	s.lacks = []string{"create namespaces", "get kube-system"}
	p := s.provider("", "class")
	wantError(t, p.Create(t.Context(), agreed), "existing-forbidden")
	if Recorded(s.state, "") {
		t.Error("a cluster on which no lab can start is recorded")
	}
	// Who may not read kube-system is known by server and CA.
	s.lacks = []string{"get kube-system", "get pods/log"}
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	missing, err := p.Missing(t.Context(), []Right{{Verb: "get", Resource: "pods", Subresource: "log"}, {Verb: "get", Resource: "pods"}})
	if err != nil || len(missing) != 1 || missing[0].String() != "get pods/log" {
		t.Errorf("missing %v, %v", missing, err)
	}
}

func TestSimulatedNodesRunNothing(t *testing.T) {
	s := newScene(t)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"}}}
	if _, err := s.kube.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	if p.Capabilities().RunsContainers {
		t.Error("a cluster whose nodes kwok plays is said to run containers")
	}
}

// A cluster that does not let podlab clean up, or is gone, can still be left.
func TestForget(t *testing.T) {
	s := newScene(t)
	p := s.provider("", "class")
	if err := p.Create(t.Context(), agreed); err != nil {
		t.Fatal(err)
	}
	s.namespace("podlab-mc1", map[string]string{LabelManagedBy: managedBy, LabelOwner: p.Capabilities().Owner})
	s.kube.PrependReactor("list", "namespaces", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(corev1.Resource("namespaces"), "", errors.New("no"))
	})
	wantError(t, p.Delete(t.Context()), "existing-not-asked")
	if !Recorded(s.state, "") {
		t.Fatal("a cluster that was not left is forgotten")
	}
	asked := len(s.kube.Actions())
	if err := p.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if Recorded(s.state, "") || len(s.kube.Actions()) != asked {
		t.Errorf("recorded %v, asked the cluster %d times", Recorded(s.state, ""), len(s.kube.Actions())-asked)
	}
	if err := p.Forget(t.Context()); err != nil {
		t.Errorf("forgetting what is not known: %v", err)
	}
}
