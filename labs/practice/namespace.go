package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"podlab/labs"
)

// What marks a namespace as podlab's.
const (
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelLab is the label of a lab's namespaces; its value is the lab's id.
	LabelLab = "podlab.dev/lab"
	// LabelOwner is the label of all namespaces on a cluster that others use as
	// well; its value is Options.Owner.
	LabelOwner = "podlab.dev/owner"
	managedBy  = "podlab"
)

// annotationState says how far the setup of a lab's namespace came.
const (
	annotationState = "podlab.dev/state"
	stateStarting   = "starting"  // made, setup not applied yet
	stateResetting  = "resetting" // being emptied, or setup not applied again yet
	stateReady      = "ready"
)

var (
	namespaces      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	serviceAccounts = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	configMaps      = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// What the cluster puts into every namespace. A Pod is refused without the
// ServiceAccount, and its start is delayed without the ConfigMap.
const (
	defaultAccount = "default"
	rootCA         = "kube-root-ca.crt"
)

// namespace returns a namespace of the lab, nil if there is none.
func (p *Practice) namespace(ctx context.Context, id, name string) (*corev1.Namespace, error) {
	ns, err := p.o.Client.Typed.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read namespace %s: %w", name, err)
	case ns.Labels[LabelManagedBy] != managedBy || ns.Labels[LabelLab] != id:
		return nil, &ForeignError{Lab: id, Namespace: name}
	case p.o.Owner != "" && ns.Labels[LabelOwner] != p.o.Owner:
		return nil, &ForeignError{Lab: id, Namespace: name, Podlab: true}
	}
	return ns, nil
}

// obtainNamespace returns a namespace of the lab, and whether it had to be made.
func (p *Practice) obtainNamespace(ctx context.Context, id, name string) (ns *corev1.Namespace, made bool, err error) {
	for {
		ns, err := p.namespace(ctx, id, name)
		if err != nil {
			return nil, false, err
		}
		if ns != nil && ns.DeletionTimestamp == nil {
			return ns, false, nil
		}
		if ns != nil {
			if err := p.awaitDeleted(ctx, ns); err != nil {
				return nil, false, err
			}
		}
		ns, err = p.o.Client.Typed.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Labels:      p.labels(id),
			Annotations: map[string]string{annotationState: stateStarting},
		}}, metav1.CreateOptions{FieldManager: managedBy})
		switch {
		case err == nil:
			return ns, true, nil
		case !apierrors.IsAlreadyExists(err):
			return nil, false, fmt.Errorf("create namespace %s: %w", name, err)
		}
		// Another process was faster; look at what it made.
	}
}

// labels mark a namespace of the lab as podlab's.
func (p *Practice) labels(id string) map[string]string {
	l := map[string]string{LabelManagedBy: managedBy, LabelLab: id}
	if p.o.Owner != "" {
		l[LabelOwner] = p.o.Owner
	}
	return l
}

// obtainFurther makes the further namespaces of the lab that are not there, and
// returns the names of those, also with an error.
func (p *Practice) obtainFurther(ctx context.Context, inst *labs.Instance, id string) (made []string, err error) {
	for _, name := range inst.Namespaces {
		_, fresh, err := p.obtainNamespace(ctx, id, name)
		if err != nil {
			return made, err
		}
		if fresh {
			made = append(made, name)
		}
	}
	return made, nil
}

// awaitDeleted waits until a namespace that is being deleted is gone.
func (p *Practice) awaitDeleted(ctx context.Context, ns *corev1.Namespace) error {
	if p.o.OnEvent != nil {
		p.o.OnEvent(NamespaceTerminating)
	}
	// Someone's finalizer would keep it for ever.
	err := p.empty(ctx, ns.Name, nil)
	if err == nil {
		err = awaitObjects(ctx, p.o.Client.Dynamic.Resource(namespaces), only(ns.Name), func(objects map[types.UID]*unstructured.Unstructured) bool {
			return objects[ns.UID] == nil
		})
	}
	if err != nil {
		return fmt.Errorf("namespace %s is still being deleted, try again later: %w", ns.Name, err)
	}
	return nil
}

// deleteNamespace begins to delete a namespace of the lab. It empties it first:
// the cluster would wait for each Pod's grace period, and for finalizers
// without end.
func (p *Practice) deleteNamespace(ctx context.Context, id, name string) error {
	ns, err := p.namespace(ctx, id, name)
	if err != nil || ns == nil {
		return err
	}
	if ns.DeletionTimestamp == nil {
		// Not ready any more: a Start that comes in between sets it up anew.
		if err := p.setState(ctx, ns.Name, stateResetting); err != nil {
			return err
		}
	}
	emptyErr := p.empty(ctx, ns.Name, nil)
	err = p.o.Client.Typed.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &ns.UID},
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return errors.Join(fmt.Errorf("delete namespace %s: %w", ns.Name, err), emptyErr)
	}
	// It goes; what could not be emptied is the cluster's to finish.
	return nil
}

// setState writes the state annotation.
func (p *Practice) setState(ctx context.Context, namespace, state string) error {
	if err := p.annotate(ctx, namespace, annotationState, state); err != nil {
		return fmt.Errorf("mark namespace %s as %s: %w", namespace, state, err)
	}
	return nil
}

// annotate writes an annotation of a namespace.
func (p *Practice) annotate(ctx context.Context, namespace, key, value string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{key: value}}})
	if err != nil {
		return err
	}
	_, err = p.o.Client.Typed.CoreV1().Namespaces().Patch(ctx, namespace, types.MergePatchType, patch,
		metav1.PatchOptions{FieldManager: managedBy})
	return err
}

// awaitAllUsable waits until each namespace of the lab is usable.
func (p *Practice) awaitAllUsable(ctx context.Context, inst *labs.Instance) error {
	for _, namespace := range inst.AllNamespaces() {
		if err := p.awaitUsable(ctx, namespace); err != nil {
			return err
		}
	}
	return nil
}

// awaitUsable waits until the cluster has furnished the namespace, so that a
// learner's first Pod is accepted. It does not wait for what it may not see,
// but for Pods to be accepted.
func (p *Practice) awaitUsable(ctx context.Context, namespace string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, furniture := range []struct {
		resource   schema.GroupVersionResource
		kind, name string
	}{
		{serviceAccounts, "ServiceAccount", defaultAccount},
		{configMaps, "ConfigMap", rootCA},
	} {
		g.Go(func() error {
			objects := p.o.Client.Dynamic.Resource(furniture.resource).Namespace(namespace)
			err := awaitObjects(ctx, objects, only(furniture.name), func(objects map[types.UID]*unstructured.Unstructured) bool {
				for _, o := range objects {
					if o.GetName() == furniture.name && o.GetDeletionTimestamp() == nil {
						return true
					}
				}
				return false
			})
			if apierrors.IsForbidden(err) {
				err = nil
				if furniture.name == defaultAccount {
					err = p.awaitAccepted(ctx, namespace)
				}
			}
			if err != nil {
				return fmt.Errorf("wait for the cluster to make %s %s in namespace %s: %w", furniture.kind, furniture.name, namespace, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// awaitAccepted waits until a Pod is no longer refused for want of the default
// ServiceAccount. A Pod that is refused for something else is for setup to meet.
func (p *Practice) awaitAccepted(ctx context.Context, namespace string) error {
	trial := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox"}}}}
	for {
		_, err := p.tryPod(ctx, namespace, trial)
		if ctx.Err() != nil {
			return err
		}
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "error looking up service account") {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}
