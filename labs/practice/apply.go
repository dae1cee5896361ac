package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"podlab/labs"
)

// object is an object of a manifest and where it goes.
type object struct {
	*unstructured.Unstructured
	objects dynamic.ResourceInterface
}

func (o object) String() string { return o.GetKind() + " " + o.GetName() }

// apply applies a manifest to the first of the namespaces; its objects may
// name another of them. It returns the objects.
func (p *Practice) apply(ctx context.Context, m labs.Manifest, namespaces ...string) ([]object, error) {
	decoded, err := m.Objects()
	if err != nil {
		return nil, err
	}
	// All or nothing as far as podlab itself can tell.
	objects := make([]object, len(decoded))
	for i, u := range decoded {
		if objects[i], err = p.place(u, namespaces); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	var errs []error
	for _, o := range objects {
		err := applyObject(ctx, o)
		if err == nil {
			continue
		}
		errs = append(errs, fmt.Errorf("%s: apply %s in namespace %s: %w", m.Name, o, o.GetNamespace(), err))
		if !Refused(err) {
			break // the cluster, not the object: the next would fare no better
		}
	}
	return objects, errors.Join(errs...)
}

// place finds out where an object goes, and refuses what is not the lab's.
func (p *Practice) place(u *unstructured.Unstructured, namespaces []string) (object, error) {
	namespace := namespaces[0]
	gvk := u.GroupVersionKind()
	mapping, err := p.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	switch {
	case meta.IsNoMatchError(err):
		return object{}, fmt.Errorf("%s %s: the cluster has no kind %s in %s: correct apiVersion and kind", gvk.Kind, u.GetName(), gvk.Kind, u.GetAPIVersion())
	case err != nil:
		return object{}, fmt.Errorf("%s %s: ask the cluster for the kind: %w", gvk.Kind, u.GetName(), err)
	case mapping.Scope.Name() != meta.RESTScopeNameNamespace:
		return object{}, fmt.Errorf("%s %s belongs to no namespace: a lab may only hold what goes away with its namespace", gvk.Kind, u.GetName())
	case u.GetName() == "":
		return object{}, fmt.Errorf("a %s without metadata.name: give it one", gvk.Kind)
	case u.GetNamespace() != "" && !slices.Contains(namespaces, u.GetNamespace()):
		return object{}, fmt.Errorf("%s %s says namespace %s: leave metadata.namespace out, the lab's is %s", gvk.Kind, u.GetName(), u.GetNamespace(), namespace)
	}
	if u.GetNamespace() == "" {
		u.SetNamespace(namespace)
	}
	return object{
		Unstructured: u,
		objects:      p.o.Client.Dynamic.Resource(mapping.Resource).Namespace(u.GetNamespace()),
	}, nil
}

// applyObject applies one object, and replaces what it cannot change.
func applyObject(ctx context.Context, o object) error {
	refusal := serverSideApply(ctx, o)
	if refusal != nil && !apierrors.IsInvalid(refusal) && !errors.Is(refusal, errTerminating) {
		return refusal
	}
	if refusal == nil {
		return nil
	}
	live, err := o.objects.Get(ctx, o.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err) && errors.Is(refusal, errTerminating):
		return serverSideApply(ctx, o)
	case apierrors.IsNotFound(err):
		return refusal
	case err != nil:
		return fmt.Errorf("read what is there: %w", err)
	}
	// What is wrong in itself must not cost the learner the object that is
	// there. A copy under another name is refused for that, and not for being
	// a change that is not allowed.
	if errors.Is(refusal, errTerminating) || o.wouldBeCreated(ctx) {
		if err := deleteNow(ctx, o.objects, live.GetName(), live.GetUID()); err != nil {
			return fmt.Errorf("delete it to create it anew: %w", err)
		}
		if err := awaitGone(ctx, o.objects, only(o.GetName()), []types.UID{live.GetUID()}); err != nil {
			return fmt.Errorf("wait until the former one is gone: %w", err)
		}
		return serverSideApply(ctx, o)
	}
	return refusal
}

// errTerminating says that an object was changed that is being deleted.
var errTerminating = errors.New("it is being deleted")

func serverSideApply(ctx context.Context, o object) error {
	now, err := o.objects.Apply(ctx, o.GetName(), o.Unstructured, metav1.ApplyOptions{FieldManager: managedBy, Force: true})
	if err == nil && now.GetDeletionTimestamp() != nil {
		return errTerminating
	}
	return err
}

// wouldBeCreated asks the API server whether it would take the object as new.
func (o object) wouldBeCreated(ctx context.Context) bool {
	_, err := o.dryRun(ctx, o.DeepCopy())
	// A quota may forbid a second one and yet allow the first anew.
	return err == nil || apierrors.IsForbidden(err)
}
