package exam

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"podlab/labs/practice"
	"podlab/labs/statefile"
)

const (
	// minToken is the shortest life that the API server gives a token.
	minToken = 10 * time.Minute
	// renewTimeout bounds one attempt to replace a token, and renewAgain is the
	// pause before the proctor's next.
	renewTimeout = 30 * time.Second
	renewAgain   = 5 * time.Second
	// loginPatience is how long a cluster may refuse a new token, and loginAgain
	// the pause between attempts: of several API servers, one hears of a
	// ServiceAccount after the other. loginTimeout bounds one attempt.
	loginPatience = 5 * time.Second
	loginAgain    = 250 * time.Millisecond
	loginTimeout  = 10 * time.Second
)

// tokenPrefix begins the name of the file with the candidate's token, which ends
// with the id of the exam: a shell left open from another one finds none.
const tokenPrefix = "token-"

// candidateUser is the candidate's name for the API server.
const candidateUser = "system:serviceaccount:" + roomNamespace + ":" + candidate

// writeKubeconfig writes what the exam's shell works with: a token of the
// candidate that is to live as long as the exam does, or minToken. It returns
// for how long it does, since the API server may shorten that.
func (a access) writeKubeconfig(ctx context.Context, dir string, left time.Duration) (life time.Duration, err error) {
	token, life, err := mintToken(ctx, a.client.Typed, left)
	if err != nil {
		return 0, err
	}
	config := clientcmdapi.NewConfig()
	if config.Clusters["exam"], err = clusterOf(a.client.Config); err != nil {
		return 0, err
	}
	// Shells have copies of the kubeconfig: they read the token that is in force
	// from its file. Where that is gone they go on with the one that they have, and
	// hear from the API server that it is void.
	tokenFile := filepath.Join(dir, tokenPrefix+a.state.ID)
	config.AuthInfos[candidate] = &clientcmdapi.AuthInfo{Token: token, TokenFile: tokenFile}
	namespace := a.state.Tasks[max(a.state.Current-1, 0)].Namespace
	config.Contexts["exam"] = &clientcmdapi.Context{Cluster: "exam", AuthInfo: candidate, Namespace: namespace}
	config.CurrentContext = "exam"
	data, err := clientcmd.Write(*config)
	if err != nil {
		return 0, fmt.Errorf("write the kubeconfig of the exam: %w", err)
	}
	if err := statefile.Replace(tokenFile, []byte(token)); err != nil {
		return 0, err
	}
	return life, statefile.Replace(filepath.Join(dir, kubeconfigFile), data)
}

// clusterOf is the entry of a kubeconfig for the cluster of config.
func clusterOf(config *rest.Config) (*clientcmdapi.Cluster, error) {
	from := rest.CopyConfig(config)
	if err := rest.LoadTLSFiles(from); err != nil {
		return nil, fmt.Errorf("read the certificates of the cluster: %w", err)
	}
	c := &clientcmdapi.Cluster{
		Server: from.Host, CertificateAuthorityData: from.CAData, TLSServerName: from.ServerName,
		InsecureSkipTLSVerify: from.Insecure, DisableCompression: from.DisableCompression,
	}
	if from.Proxy == nil {
		return c, nil
	}
	server, _, err := rest.DefaultServerUrlFor(from)
	if err != nil {
		return nil, fmt.Errorf("read the address of the cluster: %w", err)
	}
	proxy, err := from.Proxy(&http.Request{URL: server})
	if err != nil {
		return nil, fmt.Errorf("find the proxy of the cluster: %w", err)
	}
	if proxy != nil {
		c.ProxyURL = proxy.String()
	}
	return c, nil
}

func mintToken(ctx context.Context, kube kubernetes.Interface, left time.Duration) (token string, life time.Duration, err error) {
	seconds := int64(max(left+time.Minute, minToken) / time.Second)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	issued, err := kube.CoreV1().ServiceAccounts(roomNamespace).CreateToken(ctx, candidate, request, metav1.CreateOptions{})
	if err != nil {
		return "", 0, fmt.Errorf("get a token for the candidate: %w", err)
	}
	life = time.Until(issued.Status.ExpirationTimestamp.Time)
	if granted := issued.Spec.ExpirationSeconds; granted != nil {
		life = min(life, time.Duration(*granted)*time.Second) // whatever the cluster's clock shows
	}
	return issued.Status.Token, life, nil
}

// logIn fails where the cluster does not let the candidate in by the kubeconfig in
// dir: what stands before an API server may know no ServiceAccounts. The error is
// practice.ErrCannotStart unless the cluster does not answer podlab either.
func (a access) logIn(ctx context.Context, dir string) error {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(dir, kubeconfigFile))
	if err != nil {
		return fmt.Errorf("read the kubeconfig of the exam: %w", err)
	}
	config.Timeout, config.UserAgent = loginTimeout, a.client.Config.UserAgent
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect to the cluster as the candidate: %w", err)
	}
	for deadline := time.Now().Add(loginPatience); ; {
		err := whoIs(ctx, kube)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case time.Now().After(deadline):
			return a.noLogin(ctx, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(loginAgain):
		}
	}
}

// whoIs asks the API server who is logged in, and fails where that is not the
// candidate.
func whoIs(ctx context.Context, kube kubernetes.Interface) error {
	review, err := kube.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	switch {
	case err == nil && review.Status.UserInfo.Username != candidateUser:
		return fmt.Errorf("the token is that of %s, and the cluster takes it for that of %q", candidateUser, review.Status.UserInfo.Username)
	case apierrors.IsNotFound(err): // before Kubernetes 1.28
		return nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), candidateUser): // so it is known
		return nil
	}
	return err
}

// noLogin is the error of a candidate who was not let in.
func (a access) noLogin(ctx context.Context, err error) error {
	var status apierrors.APIStatus
	busy := errors.As(err, &status) && (status.Status().Code >= http.StatusInternalServerError || status.Status().Code == http.StatusTooManyRequests)
	if busy || !a.client.Answers(ctx, answerPatience) {
		return fmt.Errorf("log in as the candidate: %w", err)
	}
	return &practice.CannotStartError{Refused: practice.RefusedToken, Reason: err.Error(), Err: err}
}

// takeKubeconfig removes the candidate's kubeconfig, by which the exam's shells
// see that it is over, and the tokens of all exams. They are void soon, whether or
// not the files are there.
func (e *Exam) takeKubeconfig() {
	_ = os.Remove(e.Kubeconfig())
	there, _ := os.ReadDir(e.store.Dir())
	for _, file := range there {
		if strings.HasPrefix(file.Name(), tokenPrefix) {
			_ = os.Remove(e.store.path(file.Name()))
		}
	}
}

// Renew gives the candidate of an exam that runs another token where it must have
// one: there is no kubeconfig, or the token would not last until the end. Shells
// that are open go on with it.
func (e *Exam) Renew(ctx context.Context) error {
	s, at, err := e.State()
	if err != nil {
		return err
	}
	_, err = os.Stat(e.Kubeconfig())
	if s.Phase != Running || s.Over(at) || err == nil && !s.renewalDue(at) {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, renewTimeout, errors.New("the cluster does not answer"))
	defer cancel()
	_, err = e.Resume(ctx, nil)
	return err
}
