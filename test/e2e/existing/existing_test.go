// Package existing tries podlab on a cluster that it did not make: the one of
// PODLAB_E2E_KUBECONFIG, with the podlab of PODLAB_E2E_BIN. Rights, quotas and Pod
// Security are those of the cluster, not of a fake.
package existing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/cluster/existing"
	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs/practice"
)

// The learners of this test: one that may do everything, one that may not look
// into containers, one that may not watch, and one that may do what
// docs/existing.md asks for exams.
const (
	team    = "team"
	small   = "small"
	still   = "still"
	teacher = "teacher"
)

type learner struct {
	t          *testing.T
	kube       kubernetes.Interface
	podlab     string
	state      string
	kubeconfig string
	context    string
}

// newLearner has a kubeconfig with all contexts and a state directory of its own.
func newLearner(t *testing.T, context string) *learner {
	t.Helper()
	podlab, from := os.Getenv("PODLAB_E2E_BIN"), os.Getenv("PODLAB_E2E_KUBECONFIG")
	if podlab == "" || from == "" {
		t.Skip("PODLAB_E2E_BIN and PODLAB_E2E_KUBECONFIG name no podlab and no cluster: run make e2e")
	}
	config, err := clientcmd.LoadFromFile(from)
	if err != nil {
		t.Fatal(err)
	}
	admin := config.Contexts[config.CurrentContext]
	rest, err := clientcmd.BuildConfigFromFlags("", from)
	if err != nil {
		t.Fatal(err)
	}
	kube, err := kubernetes.NewForConfig(rest)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts = map[string]*clientcmdapi.Context{
		team: {Cluster: admin.Cluster, AuthInfo: admin.AuthInfo, Namespace: metav1.NamespaceSystem},
	}
	config.CurrentContext = team
	for _, user := range []string{small, still, teacher} {
		config.Contexts[user] = &clientcmdapi.Context{Cluster: admin.Cluster, AuthInfo: user}
		config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: tokenOf(t, kube, user)}
	}
	l := &learner{t: t, kube: kube, podlab: podlab, context: context,
		state: t.TempDir(), kubeconfig: filepath.Join(t.TempDir(), "config")}
	if err := clientcmd.WriteToFile(*config, l.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return l
}

// rulesOf are what the learners may do. The small one may make namespaces and
// Pods, but neither read logs nor run commands, nor watch Services. The still one
// may watch nothing, and not see what the cluster puts into a namespace.
var rulesOf = map[string][]rbacv1.PolicyRule{
	small: {
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"create", "get", "list", "patch", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"pods", "configmaps", "serviceaccounts"}, Verbs: []string{"*"}},
		{APIGroups: []string{""}, Resources: []string{"events"}, Verbs: []string{"get", "list"}},
		{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"create", "get", "patch"}},
	},
	still: {
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"create", "get", "list", "patch", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"create", "get", "list", "patch", "delete"}},
	},
	teacher: { // beside those of ClusterRole edit; no verb bind
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"create", "get", "list", "watch", "patch", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"serviceaccounts/token"}, Verbs: []string{"create"}},
		{APIGroups: []string{""}, Resources: []string{"pods/ephemeralcontainers"}, Verbs: []string{"get", "patch", "update"}},
		{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles", "rolebindings"}, Verbs: []string{"create", "get", "list", "watch", "delete"}},
	},
}

// tokenOf is a token of a user who may do what rulesOf says.
func tokenOf(t *testing.T, kube kubernetes.Interface, user string) string {
	t.Helper()
	ctx, name := t.Context(), "podlab-e2e-"+user
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rulesOf[user]}
	bound := func(name, role string) *rbacv1.ClusterRoleBinding {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: account.Name, Namespace: metav1.NamespaceDefault}}}
	}
	_, err1 := kube.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Create(ctx, account, metav1.CreateOptions{})
	_, err2 := kube.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{})
	_, err3 := kube.RbacV1().ClusterRoleBindings().Create(ctx, bound(name, name), metav1.CreateOptions{})
	var err4 error
	if user == teacher {
		_, err4 = kube.RbacV1().ClusterRoleBindings().Create(ctx, bound(name+"-edit", "edit"), metav1.CreateOptions{})
	}
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_ = kube.RbacV1().ClusterRoleBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = kube.RbacV1().ClusterRoleBindings().Delete(context.Background(), name+"-edit", metav1.DeleteOptions{})
		_ = kube.RbacV1().ClusterRoles().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = kube.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	token, err := kube.CoreV1().ServiceAccounts(metav1.NamespaceDefault).CreateToken(ctx, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return token.Status.Token
}

// run runs podlab and returns what it printed and its exit code.
func (l *learner) run(args ...string) (stdout, stderr string, code int) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.podlab, args...)
	cmd.Env = append(os.Environ(), "PODLAB_STATE="+l.state, "KUBECONFIG="+l.kubeconfig, "PODLAB_LANG=en", "PODLAB_NAME=", "PODLAB_PROVIDER=")
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		l.t.Fatalf("podlab %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), problems.String(), code
}

// must runs podlab, which must end with code, and returns what it printed.
func (l *learner) must(code int, args ...string) (stdout, stderr string) {
	l.t.Helper()
	began := time.Now()
	out, problems, got := l.run(args...)
	l.t.Logf("podlab %s: %v", strings.Join(args, " "), time.Since(began).Round(time.Millisecond))
	if got != code {
		l.t.Fatalf("podlab %s ended with %d, want %d:\n%s%s", strings.Join(args, " "), got, code, out, problems)
	}
	return out, problems
}

func (l *learner) up() {
	l.t.Helper()
	l.must(0, "up", "--provider", "existing", "--context", l.context, "--yes")
	l.t.Cleanup(func() { l.run("down", "--yes") })
}

func (l *learner) owner() string {
	l.t.Helper()
	data, err := os.ReadFile(filepath.Join(l.state, "clusters", "podlab", "existing.yaml"))
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if owner, ok := strings.CutPrefix(strings.TrimSpace(line), "owner: "); ok {
			return strings.Trim(owner, `"'`)
		}
	}
	l.t.Fatalf("no owner in %s", data)
	return ""
}

// graded is the report on a lab, which must end with code.
func (l *learner) graded(code int, lab string, args ...string) report.Report {
	l.t.Helper()
	out, _ := l.must(code, append([]string{"grade", lab, "-o", "json"}, args...)...)
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.t.Fatalf("%v:\n%s", err, out)
	}
	return r
}

func (l *learner) namespace(name string, labels map[string]string) *corev1.Namespace {
	l.t.Helper()
	ns, err := l.kube.CoreV1().Namespaces().Create(l.t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		_ = l.kube.CoreV1().Namespaces().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	return ns
}

// vacate deletes the namespace that another test left, and waits until it is gone.
func (l *learner) vacate(name string) {
	l.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		err := l.kube.CoreV1().Namespaces().Delete(l.t.Context(), name, metav1.DeleteOptions{})
		if apierrors.IsNotFound(err) {
			return
		}
		if err != nil && !apierrors.IsConflict(err) {
			l.t.Fatal(err)
		}
	}
	l.t.Fatalf("namespace %s does not go", name)
}

func TestLabelsAgree(t *testing.T) {
	if existing.LabelOwner != practice.LabelOwner {
		t.Errorf("down deletes by %s, labs are labelled with %s", existing.LabelOwner, practice.LabelOwner)
	}
}

// TestALifeOnSomebodyElsesCluster goes from agreeing to leaving.
func TestALifeOnSomebodyElsesCluster(t *testing.T) {
	l := newLearner(t, team)
	before, err := os.ReadFile(l.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	// Nobody agreed.
	_, said := l.must(3, "up", "--provider", "existing", "--context", team)
	for _, want := range []string{"Context " + team, "https://", "namespaces", "agreed", "--yes"} {
		if !strings.Contains(said, want) {
			t.Errorf("before anybody agreed it does not say %q:\n%s", want, said)
		}
	}
	_, said = l.must(2, "up", "--provider", "existing", "--yes")
	if !strings.Contains(said, "--context") || !strings.Contains(said, small) {
		t.Errorf("without a context it does not name those there are:\n%s", said)
	}
	if _, err := os.Stat(filepath.Join(l.state, "clusters", "podlab", "kubeconfig")); err == nil {
		t.Error("a kubeconfig was written before anybody agreed")
	}

	l.up()
	info, err := os.Stat(filepath.Join(l.state, "clusters", "podlab", "kubeconfig"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("podlab's kubeconfig: %v, %v", info, err)
	}
	own, err := clientcmd.LoadFromFile(filepath.Join(l.state, "clusters", "podlab", "kubeconfig"))
	if err != nil || len(own.Contexts) != 1 || own.Contexts[team] == nil || own.Contexts[team].Namespace != "" || len(own.AuthInfos) != 1 {
		t.Errorf("podlab's kubeconfig holds more than the context that was named: %v, %v", own, err)
	}

	// A namespace of somebody else is left alone.
	l.namespace("podlab-mc2", nil)
	_, said = l.must(3, "start", "mc2")
	if !strings.Contains(said, "podlab-mc2") || !strings.Contains(said, "leaves it alone") {
		t.Errorf("of a namespace that is not podlab's it says:\n%s", said)
	}

	// Another podlab practises there.
	l.must(0, "start", "mc1")
	other := newLearner(t, team)
	other.up()
	_, said = other.must(3, "start", "mc1")
	if !strings.Contains(said, "somebody else's podlab") {
		t.Errorf("of another learner's namespace it says:\n%s", said)
	}
	other.must(0, "down", "--yes")

	// Leaving needs a yes, and takes what is podlab's.
	l.must(2, "down")
	out, _ := l.must(0, "status")
	if !strings.Contains(out, "podlab-mc1") || strings.Contains(out, "podlab-mc2") {
		t.Errorf("status names other namespaces than those that would go:\n%s", out)
	}
	out, _ = l.must(0, "down", "--yes")
	if !strings.Contains(out, "The cluster stays") {
		t.Errorf("down says:\n%s", out)
	}
	if _, err := l.kube.CoreV1().Namespaces().Get(t.Context(), "podlab-mc1", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("podlab's namespace is still there: %v", err)
	}
	if ns, err := l.kube.CoreV1().Namespaces().Get(t.Context(), "podlab-mc2", metav1.GetOptions{}); err != nil || ns.DeletionTimestamp != nil {
		t.Errorf("a namespace that is not podlab's was deleted: %v", err)
	}
	if _, err := os.Stat(filepath.Join(l.state, "clusters", "podlab")); !os.IsNotExist(err) {
		t.Errorf("podlab still knows the cluster: %v", err)
	}
	if after, err := os.ReadFile(l.kubeconfig); err != nil || !bytes.Equal(before, after) {
		t.Error("the learner's kubeconfig was changed")
	}
}

// TestWhatMayNotBeSeenIsNeitherRightNorWrong: without rights to look into
// containers a right answer loses nothing by a verdict, and gains no full marks.
func TestWhatMayNotBeSeenIsNeitherRightNorWrong(t *testing.T) {
	l := newLearner(t, small)
	l.up()
	out, _ := l.must(0, "doctor")
	for _, want := range []string{"pods/exec", "not verifiable", "log-sidecar", "no exam"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out)
		}
	}
	l.must(0, "start", "mc3")
	l.must(0, "solution", "mc3", "--apply")
	for _, how := range [][]string{{"--wait", "300s"}, nil} { // watching, and at a glance
		r := l.graded(1, "mc3", how...)
		if !r.SolvedInPart || r.VerifiablePoints >= r.MaxPoints || r.Points != r.VerifiablePoints || r.Score == 100 {
			t.Errorf("%v: %d of %d points, %d verifiable, solved in part: %v", how, r.Points, r.MaxPoints, r.VerifiablePoints, r.SolvedInPart)
		}
		for _, c := range r.Checks {
			switch c.Status {
			case grader.Passed:
			case grader.Unverifiable:
				if !strings.Contains(c.Actual, "services/proxy") && !strings.Contains(c.Actual, "pods/") {
					t.Errorf("%v: check %s does not say which right is missing: %q", how, c.ID, c.Actual)
				}
			default:
				t.Errorf("%v: check %s is %s: %s", how, c.ID, c.Status, c.Actual)
			}
		}
	}
	out, _ = l.must(0, "list", "-o", "json")
	if !strings.Contains(out, `"verifiedPoints": 5`) {
		t.Errorf("the list does not say how much of mc3 was verified:\n%s", out)
	}
	// An exam would fail half way, and says so before it begins.
	l.vacate("podlab-exam")
	_, said := l.must(3, "exam", "start", "--tasks", "2")
	if !strings.Contains(said, "exams cannot start here, because") || !strings.Contains(said, "serviceaccounts/token") {
		t.Errorf("exam start does not say which right is missing:\n%s", said)
	}
	if out, said := l.must(0, "exam", "status"); !strings.Contains(out+said, "no exam") {
		t.Errorf("an exam that could not start is there:\n%s%s", out, said)
	}
	// What is wrong is still found.
	ctx := t.Context()
	if err := l.kube.CoreV1().Services("podlab-mc3").Delete(ctx, "mc3", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if r := l.graded(1, "mc3"); r.SolvedInPart || r.Points >= r.VerifiablePoints {
		t.Errorf("without its Service: %d of %d points, solved in part: %v", r.Points, r.VerifiablePoints, r.SolvedInPart)
	}
	// With evidence, and judged anew from it.
	file := filepath.Join(t.TempDir(), "evidence.json")
	fresh := l.graded(1, "mc3", "--evidence", file)
	out, _ = l.must(1, "grade", "--from", file, "-o", "json")
	var again report.Report
	if err := json.Unmarshal([]byte(out), &again); err != nil || again.VerifiablePoints != fresh.VerifiablePoints || again.Points != fresh.Points {
		t.Errorf("from the evidence: %d of %d points, before %d of %d: %v", again.Points, again.VerifiablePoints, fresh.Points, fresh.VerifiablePoints, err)
	}
}

// TestWithoutWatchNothingIsLost: a lab starts, also in place of one that
// is being deleted, is reset and is graded.
func TestWithoutWatchNothingIsLost(t *testing.T) {
	l := newLearner(t, still)
	l.up()
	l.vacate("podlab-mc1")
	l.must(0, "start", "mc1")
	l.must(0, "stop", "mc1")
	l.must(0, "start", "mc1")
	l.must(0, "solution", "mc1", "--apply")
	if r := l.graded(1, "mc1", "--wait", "60s"); r.VerifiablePoints == 0 || r.Points != r.VerifiablePoints {
		t.Errorf("%d of %d points that can be verified", r.Points, r.VerifiablePoints)
	}
	l.must(0, "reset", "mc1", "--yes")
	if pods, err := l.kube.CoreV1().Pods("podlab-mc1").List(t.Context(), metav1.ListOptions{}); err != nil || len(pods.Items) > 0 {
		t.Errorf("a reset leaves %v, %v", pods.Items, err)
	}
}

// TestResetLeavesWhatItMayNotDelete: a quota of the administrator stays, and
// keeps no lab from being reset.
func TestResetLeavesWhatItMayNotDelete(t *testing.T) {
	l := newLearner(t, teacher)
	l.up()
	l.vacate("podlab-mc1")
	l.must(0, "start", "mc1")
	quotas := l.kube.CoreV1().ResourceQuotas("podlab-mc1")
	quota, err := quotas.Create(t.Context(), &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "tenant"},
		Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("20")}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.must(0, "solution", "mc1", "--apply")
	l.must(0, "reset", "mc1", "--yes")
	if pods, err := l.kube.CoreV1().Pods("podlab-mc1").List(t.Context(), metav1.ListOptions{}); err != nil || len(pods.Items) > 0 {
		t.Errorf("a reset leaves %v, %v", pods.Items, err)
	}
	if now, err := quotas.Get(t.Context(), quota.Name, metav1.GetOptions{}); err != nil || now.UID != quota.UID {
		t.Errorf("the administrator's quota: %+v, %v", now, err)
	}
}

// TestWhatIsNotAdmittedCannotStart: Pod Security and quotas are not the
// learner's mistake.
func TestWhatIsNotAdmittedCannotStart(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	mark := func(lab string, more ...string) map[string]string {
		labels := map[string]string{"app.kubernetes.io/managed-by": "podlab", practice.LabelLab: lab, practice.LabelOwner: l.owner()}
		for i := 0; i < len(more); i += 2 {
			labels[more[i]] = more[i+1]
		}
		return labels
	}
	// What the cluster's defaults would do to a new namespace is done here by hand.
	l.namespace("podlab-mc1", mark("mc1", "pod-security.kubernetes.io/enforce", "restricted"))
	_, said := l.must(3, "start", "mc1")
	if !strings.Contains(said, "lab mc1 cannot start here, because") || !strings.Contains(said, `violates PodSecurity "restricted`) {
		t.Errorf("under Pod Security restricted it says:\n%s", said)
	}
	l.namespace("podlab-native-sidecar", mark("native-sidecar"))
	none := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ResourceQuotaSpec{Hard: none}}
	if _, err := l.kube.CoreV1().ResourceQuotas("podlab-native-sidecar").Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var lastSaid string
	for range 20 { // until the quota is in force
		if quota, err := l.kube.CoreV1().ResourceQuotas("podlab-native-sidecar").Get(t.Context(), "none", metav1.GetOptions{}); err == nil && len(quota.Status.Hard) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	_, lastSaid = l.must(3, "start", "native-sidecar")
	if !strings.Contains(lastSaid, "cannot start here, because") || !strings.Contains(lastSaid, "exceeded quota") {
		t.Errorf("under a quota of no Pods it says:\n%s", lastSaid)
	}
}

// TestATeacherNeedsNoMoreThanIsSaid: with the rights of docs/existing.md an exam
// starts, is given up, and starts again while its namespace is being deleted.
func TestATeacherNeedsNoMoreThanIsSaid(t *testing.T) {
	l := newLearner(t, teacher)
	l.up()
	l.vacate("podlab-exam")
	for range 2 {
		l.must(0, "exam", "start", "--tasks", "2", "--patterns", "network")
		l.must(0, "exam", "abort", "--yes")
		l.must(0, "exam", "clean")
		if err := l.kube.CoreV1().Namespaces().Delete(t.Context(), "podlab-exam", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnExamOfLabsThatCannotStart leaves nothing to go on with.
func TestAnExamOfLabsThatCannotStart(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	l.vacate("podlab-exam")
	ns := "podlab-exam-mc1"
	l.namespace(ns, map[string]string{"app.kubernetes.io/managed-by": "podlab", practice.LabelLab: "mc1",
		practice.LabelOwner: l.owner(), "pod-security.kubernetes.io/enforce": "restricted"})
	_, said := l.must(3, "exam", "start", "--patterns", "shared-volume", "--tasks", "2")
	if !strings.Contains(said, "lab mc1 cannot start here, because") {
		t.Errorf("it says:\n%s", said)
	}
	if out, said := l.must(0, "exam", "status", "-o", "json"); strings.Contains(out, `"preparing"`) || strings.Contains(out, `"running"`) {
		t.Errorf("it is under way:\n%s%s", out, said)
	}
	l.must(0, "start", "mc2") // which no exam forbids
	all, err := l.kube.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{LabelSelector: practice.LabelOwner + "=" + l.owner()})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all.Items {
		if strings.HasPrefix(n.Name, "podlab-exam-") && n.DeletionTimestamp == nil {
			t.Errorf("namespace %s is left", n.Name)
		}
	}
}

// TestAnImageThatTheClusterCannotPull: what its container would show is neither
// right nor wrong, and a typo stays a mistake.
func TestAnImageThatTheClusterCannotPull(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	l.must(0, "start", "mc1")
	l.must(0, "solution", "mc1", "--apply")
	ctx, pods := t.Context(), l.kube.CoreV1().Pods("podlab-mc1")
	right, err := pods.Get(ctx, "mc1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	now := int64(0)
	again := func(change func(*corev1.Container)) {
		t.Helper()
		if err := pods.Delete(ctx, "mc1", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
			t.Fatal(err)
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "mc1", Labels: right.Labels}, Spec: *right.Spec.DeepCopy()}
		pod.Spec.NodeName = ""
		change(&pod.Spec.Containers[0])
		for { // until the old one is gone
			if _, err = pods.Create(ctx, pod, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	again(func(c *corev1.Container) { c.ImagePullPolicy = corev1.PullAlways })
	r := l.graded(1, "mc1", "--wait", "300s")
	if there, err := pods.Get(ctx, "mc1", metav1.GetOptions{}); err == nil && there.Status.Phase == corev1.PodRunning {
		t.Skip("the registry of mc1's image answers: it can be pulled")
	}
	unverifiable := 0
	for _, c := range r.Checks {
		switch {
		case c.Status == grader.Failed, c.Status == grader.Errored:
			t.Errorf("check %s is %s: %s", c.ID, c.Status, c.Actual)
		case c.Status == grader.Unverifiable:
			unverifiable++
			if !strings.Contains(c.Actual, "cannot pull "+right.Spec.Containers[0].Image) {
				t.Errorf("check %s does not say which image cannot be pulled: %q", c.ID, c.Actual)
			}
		}
	}
	if unverifiable == 0 || !r.SolvedInPart {
		t.Errorf("%d of %d points, %d verifiable, solved in part: %v", r.Points, r.MaxPoints, r.VerifiablePoints, r.SolvedInPart)
	}
	again(func(c *corev1.Container) { c.Image = "podlab.invalid/" + c.Image })
	if r := l.graded(1, "mc1", "--wait", "300s"); r.SolvedInPart || r.VerifiablePoints != r.MaxPoints {
		t.Errorf("with a typo: %d of %d points, %d verifiable, solved in part: %v", r.Points, r.MaxPoints, r.VerifiablePoints, r.SolvedInPart)
	}
}

// TestCredentialsThatChanged: podlab's own copy still logs in, but may no longer
// tell which cluster it is. Those of today are taken when the context is named.
func TestCredentialsThatChanged(t *testing.T) {
	l := newLearner(t, small)
	l.up()
	if err := l.kube.RbacV1().ClusterRoleBindings().Delete(t.Context(), "podlab-e2e-"+small, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // until the API server heeds it
		if _, _, code := l.run("status"); code == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the user may still read namespace kube-system")
		}
	}
	for _, command := range [][]string{{"down", "--yes"}, {"up"}, {"start", "mc1"}} {
		_, said := l.must(3, command...)
		if !strings.Contains(said, "podlab --name podlab up --context "+small) {
			t.Errorf("podlab %s does not say how to go on:\n%s", strings.Join(command, " "), said)
		}
	}
	config, err := clientcmd.LoadFromFile(l.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[small].AuthInfo = config.Contexts[team].AuthInfo
	if err := clientcmd.WriteToFile(*config, l.kubeconfig); err != nil {
		t.Fatal(err)
	}
	owner := l.owner()
	l.must(0, "up", "--context", small)
	l.must(0, "status")
	if l.owner() != owner {
		t.Error("the namespaces from before are podlab's no more")
	}
	l.must(0, "down", "--yes")
}

// TestAnotherClusterBehindTheContext: nothing is done there.
func TestAnotherClusterBehindTheContext(t *testing.T) {
	l := newLearner(t, team)
	l.up()
	l.must(0, "start", "mc1")
	path := filepath.Join(l.state, "clusters", "podlab", "existing.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	system, err := l.kube.CoreV1().Namespaces().Get(t.Context(), metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), string(system.UID), "00000000-0000-0000-0000-000000000000", 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"up", "--yes"}, {"status"}, {"grade", "mc1"}, {"start", "mc2"}, {"reset", "mc1", "--yes"}, {"stop", "mc1"},
		{"kubectl", "get", "pods"}, {"down", "--yes"}, {"doctor"}} {
		out, said, code := l.run(command...)
		if code != 3 || !strings.Contains(out+said, "another cluster now") {
			t.Errorf("podlab %s ended with %d:\n%s%s", strings.Join(command, " "), code, out, said)
		}
	}
	if ns, err := l.kube.CoreV1().Namespaces().Get(t.Context(), "podlab-mc1", metav1.GetOptions{}); err != nil || ns.DeletionTimestamp != nil {
		t.Errorf("a namespace of another cluster was deleted: %v", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil { // so that the test can clean up
		t.Fatal(err)
	}
}
