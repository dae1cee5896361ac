// Package existing lets podlab work on a cluster that is there already: one
// context of the learner's kubeconfig, named by the learner and agreed to.
//
// The learner's kubeconfig is read and never written. What is used of it goes,
// reduced to that context, into a kubeconfig of podlab's own. The cluster itself
// is never made, changed or deleted: Delete takes away the namespaces that this
// podlab labelled, and nothing else.
package existing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"podlab/cluster"
	"podlab/content"
)

// ProviderName is what cluster.Provider.Name returns.
const ProviderName = "existing"

// LabelOwner is the label of all namespaces that podlab makes on a cluster which
// it did not make; its value names the installation. With LabelManagedBy it says
// that a namespace may be deleted.
const (
	LabelOwner     = "podlab.dev/owner"
	LabelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "podlab"
)

// answerTimeout bounds how long a cluster may take for one answer; one that is
// far away, or whose credentials a plugin must fetch first, takes seconds.
const answerTimeout = 15 * time.Second

// Options of a provider.
type Options struct {
	// Name under which podlab knows the cluster: a DNS label of at most 50
	// characters; cluster.DefaultName if empty.
	Name string
	// StateDir is podlab's state directory.
	StateDir string
	// Context of the learner's kubeconfig; empty for the one agreed to before.
	Context string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
}

// Provider uses one context. It implements cluster.Provider.
type Provider struct {
	name, stateDir, context string
	getenv                  func(string) string
	// connect makes a client; tests replace it.
	connect func(*rest.Config) (kubernetes.Interface, error)
}

var (
	_ cluster.Provider = (*Provider)(nil)
	_ cluster.Verifier = (*Provider)(nil)
)

// New returns a provider. It reads and starts nothing. The error is a
// *cluster.Error for a bad name.
func New(o Options) (*Provider, error) {
	name, err := cluster.CheckName(o.Name)
	if err != nil {
		return nil, err
	}
	if o.StateDir == "" {
		return nil, errors.New("existing: no state directory given")
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	return &Provider{
		name: name, stateDir: o.StateDir, context: o.Context, getenv: o.Getenv,
		connect: func(c *rest.Config) (kubernetes.Interface, error) { return kubernetes.NewForConfig(c) },
	}, nil
}

// Recorded reports whether the cluster of that name is one that was agreed to.
func Recorded(stateDir, name string) bool {
	if name == "" {
		name = cluster.DefaultName
	}
	_, err := os.Stat(filepath.Join(stateDir, "clusters", name, recordFile))
	return err == nil
}

// Name implements cluster.Provider.
func (p *Provider) Name() string { return ProviderName }

// Capabilities implements cluster.Provider. What is known of the cluster was
// found when it was agreed to.
func (p *Provider) Capabilities() cluster.Capabilities {
	c := cluster.Capabilities{RunsContainers: true, Foreign: true}
	if r, err := p.load(); err == nil {
		c.RunsContainers, c.Owner = !r.Simulated, r.Owner
	}
	return c
}

// KubeconfigPath implements cluster.Provider.
func (p *Provider) KubeconfigPath() string { return filepath.Join(p.dir(), "kubeconfig") }

func (p *Provider) dir() string { return filepath.Join(p.stateDir, "clusters", p.name) }

// LoadImages implements cluster.Provider. The nodes are not podlab's: they pull
// what the Pods name.
func (p *Provider) LoadImages(context.Context, cluster.CreateOptions) error { return nil }

// Status implements cluster.Provider. Before a person has agreed, the cluster is
// not asked anything.
func (p *Provider) Status(ctx context.Context) (cluster.Status, error) {
	status := cluster.Status{
		Provider: ProviderName, Name: p.name, State: cluster.Absent, RunsContainers: true, Kubeconfig: p.KubeconfigPath(),
	}
	r, err := p.load()
	if errors.Is(err, fs.ErrNotExist) {
		if p.context == "" {
			status.Detail = "no context was chosen yet"
			return status, nil
		}
		chosen, err := p.choose()
		if err != nil {
			return status, err
		}
		status.Context, status.Server, status.User = chosen.context, chosen.server, chosen.user
		status.Plan = plan(chosen)
		return status, nil
	}
	if err != nil {
		return status, err
	}
	status.Context, status.Server, status.User, status.RunsContainers = r.Context, r.Server, r.User, !r.Simulated
	if p.context != "" && p.context != r.Context {
		return status, cluster.Fail("existing-other-context", nil, "", "name", p.name, "context", r.Context, "wanted", p.context)
	}
	status.State = cluster.Broken
	client, err := p.client()
	if err != nil {
		status.Detail = err.Error()
		return status, nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		status.Detail = err.Error()
		return status, nil
	}
	status.KubernetesVersion = version.GitVersion
	if err := p.verify(ctx, client, r); err != nil {
		return status, err
	}
	status.State = cluster.Ready
	// Who may not list namespaces may still work in those that it makes.
	status.Namespaces, _ = owned(ctx, client, r.Owner)
	return status, nil
}

// plan says what Create would do.
func plan(c *chosen) []content.Message {
	args := []string{"context", c.context, "server", c.server, "user", c.user}
	return []content.Message{
		content.Say("existing.target", args...),
		content.Say("existing.does", args...),
		content.Say("existing.exam", args...),
		content.Say("existing.never", args...),
	}
}

// Create implements cluster.Provider: it writes podlab's kubeconfig for the
// context once a person has agreed, and makes sure that the cluster lets podlab
// work. Done again, it looks whether the cluster is still the same, and takes new
// credentials where the context is named once more.
func (p *Provider) Create(ctx context.Context, o cluster.CreateOptions) error {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	steps := cluster.NewSteps(o.Listener)
	if err := p.create(ctx, o, steps); err != nil {
		steps.FailRunning(err.Error())
		return err
	}
	return nil
}

func (p *Provider) create(ctx context.Context, o cluster.CreateOptions, steps *cluster.Steps) error {
	r, err := p.load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.adopt(ctx, o, steps)
	case err != nil:
		return err
	case p.context != "" && p.context != r.Context:
		return cluster.Fail("existing-other-context", nil, "", "name", p.name, "context", r.Context, "wanted", p.context)
	}
	if p.context != "" {
		return p.renew(ctx, r, steps)
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	return p.check(ctx, client, r, r.Server, steps)
}

// renew takes the context as it is in the learner's kubeconfig today: credentials
// and addresses change, the cluster must not.
func (p *Provider) renew(ctx context.Context, r record, steps *cluster.Steps) error {
	chosen, err := p.choose()
	if err != nil {
		return err
	}
	if r.UID == "" && chosen.server != r.Server {
		return cluster.Fail("existing-changed", nil, "", "name", p.name, "context", r.Context, "server", chosen.server)
	}
	client, err := p.clientOf(chosen.kubeconfig)
	if err != nil {
		return err
	}
	if err := p.check(ctx, client, r, chosen.server, steps); err != nil {
		return err
	}
	r.Server, r.User = chosen.server, chosen.user
	return p.save(r, chosen.kubeconfig)
}

// check sees that the cluster answers, is the one that was agreed to, and lets
// podlab work.
func (p *Provider) check(ctx context.Context, client kubernetes.Interface, r record, server string, steps *cluster.Steps) error {
	steps.Start(cluster.StepConnect)
	if err := p.reach(ctx, client, server); err != nil {
		return err
	}
	if err := p.verify(ctx, client, r); err != nil {
		return err
	}
	steps.Done(cluster.StepConnect)
	return p.rights(ctx, client, steps)
}

// adopt takes the context over for the first time.
func (p *Provider) adopt(ctx context.Context, o cluster.CreateOptions, steps *cluster.Steps) error {
	chosen, err := p.choose()
	if err != nil {
		return err
	}
	if !o.Confirmed {
		return cluster.Fail("existing-unconfirmed", nil, "", "context", chosen.context, "server", chosen.server, "user", chosen.user)
	}
	if _, err := os.Stat(p.KubeconfigPath()); err == nil {
		return cluster.Fail("existing-name-taken", nil, "", "name", p.name, "path", p.KubeconfigPath())
	}
	client, err := p.clientOf(chosen.kubeconfig)
	if err != nil {
		return err
	}
	steps.Start(cluster.StepConnect)
	if err := p.reach(ctx, client, chosen.server); err != nil {
		return err
	}
	r := record{
		Version: recordVersion, Context: chosen.context, Server: chosen.server, User: chosen.user,
		Owner: newOwner(), ConfirmedAt: time.Now().UTC().Truncate(time.Second),
	}
	if r.UID, err = clusterUID(ctx, client); err != nil && !apierrors.IsForbidden(err) {
		return unreachable(chosen.server, err)
	}
	r.Simulated = simulated(ctx, client)
	steps.Done(cluster.StepConnect)
	if err := p.rights(ctx, client, steps); err != nil {
		return err
	}
	return p.save(r, chosen.kubeconfig)
}

// reach asks the API server for its version: whoever may log in may ask that.
func (p *Provider) reach(ctx context.Context, client kubernetes.Interface, server string) error {
	answered := make(chan error, 1)
	go func() { // a credential plugin may wait for a browser
		_, err := client.Discovery().ServerVersion()
		answered <- err
	}()
	select {
	case err := <-answered:
		if err != nil {
			return unreachable(server, err)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(answerTimeout):
		return unreachable(server, fmt.Errorf("no answer within %v", answerTimeout))
	}
}

func unreachable(server string, err error) error {
	return cluster.Fail("existing-unreachable", err, "", "server", server, "reason", err.Error())
}

// Verify implements cluster.Verifier.
func (p *Provider) Verify(ctx context.Context) error {
	r, err := p.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was agreed to, and there is no kubeconfig
	}
	if err != nil {
		return err
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return p.verify(ctx, client, r)
}

// verify compares the cluster that answers with the one that was agreed to.
func (p *Provider) verify(ctx context.Context, client kubernetes.Interface, r record) error {
	if r.UID == "" {
		return nil // it could not be told then; podlab's kubeconfig has its server and its CA
	}
	uid, err := clusterUID(ctx, client)
	var status apierrors.APIStatus
	switch {
	case err == nil && uid == r.UID:
		return nil
	case err == nil:
		return cluster.Fail("existing-changed", nil, "", "name", p.name, "context", r.Context, "server", r.Server)
	case errors.As(err, &status) && (apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err)):
		return cluster.Fail("existing-unknown", err, "", "name", p.name, "context", r.Context, "server", r.Server, "reason", err.Error())
	}
	return nil // it does not answer: whatever is tried says so
}

// clusterUID identifies a cluster for as long as it lives.
func clusterUID(ctx context.Context, client kubernetes.Interface) (string, error) {
	ns, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("read namespace %s: %w", metav1.NamespaceSystem, err)
	}
	return string(ns.UID), nil
}

// simulated reports whether all nodes say that kwok plays them: no container
// runs there. Where nodes may not be listed, they are taken for real.
func simulated(ctx context.Context, client kubernetes.Interface) bool {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil || len(nodes.Items) == 0 {
		return false
	}
	for i := range nodes.Items {
		if nodes.Items[i].Annotations["kwok.x-k8s.io/node"] != "fake" {
			return false
		}
	}
	return true
}

// client connects by podlab's own kubeconfig.
func (p *Provider) client() (kubernetes.Interface, error) {
	config, err := cluster.RESTConfig(p.KubeconfigPath())
	if err != nil {
		return nil, err
	}
	config.Timeout = answerTimeout
	return p.connect(config)
}
