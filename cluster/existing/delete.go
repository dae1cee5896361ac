package existing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
)

// deleteTimeout is how long namespaces get to go: those of labs take 5 to 10 s,
// and one that a finalizer holds never goes.
const deleteTimeout = time.Minute

// Delete implements cluster.Provider: it deletes the namespaces that this podlab
// labelled, and then its kubeconfig. The cluster stays. Where the cluster is not
// the one that was agreed to, nothing is deleted.
func (p *Provider) Delete(ctx context.Context) error {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	r, err := p.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // whatever is in the directory is another provider's
	}
	if err != nil {
		return err
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	if err := p.verify(ctx, client, r); err != nil {
		return err
	}
	if err := p.deleteNamespaces(ctx, client, r); err != nil {
		return err
	}
	return p.removeFiles()
}

// Forget implements cluster.Forgetter. Namespaces that podlab made there stay.
func (p *Provider) Forget(ctx context.Context) error {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := p.load(); errors.Is(err, fs.ErrNotExist) {
		return nil // whatever is in the directory is another provider's
	}
	return p.removeFiles() // also a record that cannot be read
}

func (p *Provider) removeFiles() error {
	if err := os.RemoveAll(p.dir()); err != nil {
		return fmt.Errorf("remove the kubeconfig of cluster %s: %w", p.name, err)
	}
	return nil
}

// ownedNamespaces lists the namespaces that bear podlab's labels and this
// installation's.
func ownedNamespaces(ctx context.Context, client kubernetes.Interface, owner string) ([]corev1.Namespace, error) {
	selector := labels.Set{LabelManagedBy: managedBy, LabelOwner: owner}.String()
	all, err := client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, fmt.Errorf("list podlab's namespaces: %w", err)
	}
	return all.Items, nil
}

func owned(ctx context.Context, client kubernetes.Interface, owner string) ([]string, error) {
	all, err := ownedNamespaces(ctx, client, owner)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	slices.Sort(names)
	return names, nil
}

func (p *Provider) deleteNamespaces(ctx context.Context, client kubernetes.Interface, r record) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deleteTimeout, errors.New("they are still being deleted"))
	defer cancel()
	for {
		all, err := ownedNamespaces(ctx, client, r.Owner)
		if err != nil {
			return cluster.Fail("existing-not-asked", err, "", "name", p.name, "context", r.Context, "server", r.Server, "reason", err.Error())
		}
		if len(all) == 0 {
			return nil
		}
		var names []string
		for i := range all {
			ns := &all[i]
			names = append(names, ns.Name)
			if ns.DeletionTimestamp != nil {
				continue
			}
			err := client.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{
				Preconditions: &metav1.Preconditions{UID: &ns.UID},
			})
			switch {
			case err == nil:
				hurry(ctx, client, ns.Name)
			case !apierrors.IsNotFound(err) && !apierrors.IsConflict(err):
				return unfinished(r, names, err)
			}
		}
		select {
		case <-ctx.Done():
			return unfinished(r, names, context.Cause(ctx))
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// hurry shortens the wait for the Pods of a namespace that is being deleted: most
// labs have a container that ignores its signal for all of the 30 s. Where that
// is not allowed, it takes as long.
func hurry(ctx context.Context, client kubernetes.Interface, namespace string) {
	grace := int64(1)
	_ = client.CoreV1().Pods(namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &grace}, metav1.ListOptions{})
}

func unfinished(r record, names []string, err error) error {
	return cluster.Fail("existing-delete", err, "", "context", r.Context, "namespaces", strings.Join(names, ", "), "reason", err.Error())
}
