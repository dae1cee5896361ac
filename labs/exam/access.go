package exam

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sync/errgroup"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/grader"
)

// The candidate: a ServiceAccount in a namespace of its own, bound to the
// built-in ClusterRole edit in the namespaces of the tasks, and nowhere else.
const (
	roomNamespace = "podlab-exam"
	candidate     = "candidate"
	bindingName   = "podlab-candidate"
	candidateRole = "edit"
)

// minToken is the shortest life that the API server gives a token.
const minToken = 10 * time.Minute

// labels mark what an exam makes as podlab's.
func roomLabels(id string) map[string]string {
	return map[string]string{"app.kubernetes.io/managed-by": "podlab", "podlab.dev/exam": id}
}

// access gives the candidate of an exam rights, and takes them away.
type access struct {
	client *grader.Client
	state  *State
}

// grant makes the candidate and binds it in every task's namespace.
func (a access) grant(ctx context.Context) error {
	kube, marks := a.client.Typed, roomLabels(a.state.ID)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: roomNamespace, Labels: marks}}
	if _, err := kube.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make namespace %s: %w", roomNamespace, err)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: candidate, Labels: marks}}
	if _, err := kube.CoreV1().ServiceAccounts(roomNamespace).Create(ctx, account, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make ServiceAccount %s: %w", candidate, err)
	}
	return a.inTasks(ctx, func(ctx context.Context, namespace string) error {
		binding := &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: bindingName, Labels: marks},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: candidate, Namespace: roomNamespace}},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: candidateRole},
		}
		_, err := kube.RbacV1().RoleBindings(namespace).Create(ctx, binding, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("bind the candidate in namespace %s: %w", namespace, err)
		}
		return nil
	})
}

// revoke ends the candidate's rights. The API server heeds it at once, though
// a token lives on: what is not bound may do nothing.
func (a access) revoke(ctx context.Context) error {
	err := a.inTasks(ctx, func(ctx context.Context, namespace string) error {
		err := a.client.Typed.RbacV1().RoleBindings(namespace).Delete(ctx, bindingName, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("end the candidate's rights in namespace %s: %w", namespace, err)
		}
		return nil
	})
	// Without its account no token of the candidate is valid any more.
	goneErr := a.client.Typed.CoreV1().ServiceAccounts(roomNamespace).Delete(ctx, candidate, metav1.DeleteOptions{})
	if goneErr != nil && !apierrors.IsNotFound(goneErr) {
		err = errors.Join(err, fmt.Errorf("delete ServiceAccount %s: %w", candidate, goneErr))
	}
	return err
}

func (a access) inTasks(ctx context.Context, do func(ctx context.Context, namespace string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range a.state.Tasks {
		g.Go(func() error { return do(ctx, t.Namespace) })
	}
	return g.Wait()
}

// writeKubeconfig writes what the exam's shell works with: a token of the
// candidate that lives as long as the exam does, or minToken.
func (a access) writeKubeconfig(ctx context.Context, dir string, left time.Duration) error {
	token, err := mintToken(ctx, a.client.Typed, left)
	if err != nil {
		return err
	}
	from := a.client.Config
	config := clientcmdapi.NewConfig()
	config.Clusters["exam"] = &clientcmdapi.Cluster{
		Server: from.Host, CertificateAuthorityData: from.CAData, TLSServerName: from.ServerName,
	}
	config.AuthInfos[candidate] = &clientcmdapi.AuthInfo{Token: token}
	namespace := a.state.Tasks[max(a.state.Current-1, 0)].Namespace
	config.Contexts["exam"] = &clientcmdapi.Context{Cluster: "exam", AuthInfo: candidate, Namespace: namespace}
	config.CurrentContext = "exam"
	data, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("write the kubeconfig of the exam: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, kubeconfigFile), data, 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig of the exam: %w", err)
	}
	return nil
}

func mintToken(ctx context.Context, kube kubernetes.Interface, left time.Duration) (string, error) {
	seconds := int64(max(left+time.Minute, minToken) / time.Second)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	issued, err := kube.CoreV1().ServiceAccounts(roomNamespace).CreateToken(ctx, candidate, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("get a token for the candidate: %w", err)
	}
	return issued.Status.Token, nil
}
