package practice

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"podlab/labs"
)

// annotationFurniture says what a cluster that is not podlab's had put into a
// namespace before setup: a JSON list of identities.
const annotationFurniture = "podlab.dev/furniture"

const (
	// maxFurniture bounds that list, in bytes; all annotations of an object may
	// take 256 KiB. What is not on it shows when it comes back.
	maxFurniture = 16 << 10
	// maxReturns is how often an object comes back while its namespace is
	// emptied before it counts as the cluster's. A controller that has not seen
	// yet that its own object is gone makes its children once more, not thrice.
	maxReturns = 3
)

// identity tells an object from the others of its namespace, also from those of
// a former life: "NetworkPolicy.networking.k8s.io/deny".
func identity(gk schema.GroupKind, name string) string { return gk.String() + "/" + name }

func (k kind) identity(o *unstructured.Unstructured) string {
	return identity(k.groupKind(), o.GetName())
}

func (k kind) groupKind() schema.GroupKind {
	return schema.GroupKind{Group: k.resource.Group, Kind: k.name}
}

// furniture reports whether o is what each cluster puts into every namespace.
// A default ServiceAccount that was changed is not: deleted, it comes back as
// it was.
func furniture(k kind, o *unstructured.Unstructured) bool {
	switch {
	case k.resource.GroupResource() == configMaps.GroupResource():
		return o.GetName() == rootCA
	case k.resource.GroupResource() == serviceAccounts.GroupResource():
		if o.GetName() != defaultAccount || len(o.GetLabels()) > 0 || len(o.GetAnnotations()) > 0 || len(o.GetFinalizers()) > 0 {
			return false
		}
		for _, field := range []string{"secrets", "imagePullSecrets", "automountServiceAccountToken"} {
			if _, ok := o.Object[field]; ok {
				return false
			}
		}
		return true
	}
	return false
}

// noteFurniture notes on the namespaces of a lab, before setup is applied for
// the first time, what a cluster that is not podlab's put there. Where that
// cannot be listed nothing is noted; emptying finds out.
func (p *Practice) noteFurniture(ctx context.Context, inst *labs.Instance) error {
	if !p.o.Foreign {
		return nil
	}
	for _, name := range inst.AllNamespaces() {
		ns, err := p.o.Client.Typed.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read namespace %s: %w", name, err)
		}
		if _, noted := ns.Annotations[annotationFurniture]; noted {
			continue
		}
		kinds, err := p.kinds()
		var all []found
		if err == nil {
			all, err = p.find(ctx, kinds, name)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			all = nil
		}
		list, err := json.Marshal(identities(all))
		if err != nil {
			return err
		}
		if err := p.annotate(ctx, name, annotationFurniture, string(list)); err != nil {
			return fmt.Errorf("note what the cluster put into namespace %s: %w", name, err)
		}
	}
	return nil
}

// identities are those of what is not furniture in each namespace, sorted, in
// up to maxFurniture bytes. The default ServiceAccount is not among them: deleted,
// it comes back as the cluster wants it.
func identities(all []found) []string {
	ids, size := []string{}, 0
	for _, f := range all {
		for i := range f.objects {
			account := f.kind.resource.GroupResource() == serviceAccounts.GroupResource() && f.objects[i].GetName() == defaultAccount
			if !account && !furniture(f.kind, &f.objects[i]) {
				ids = append(ids, f.kind.identity(&f.objects[i]))
			}
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		if size += len(id) + len(`"",`); size > maxFurniture {
			return ids[:i]
		}
	}
	return ids
}

// given is what setup puts into a namespace of the lab, by identity.
func given(inst *labs.Instance, namespace string) (map[string]bool, error) {
	ids := make(map[string]bool)
	for _, m := range inst.Setup {
		objects, err := m.Objects()
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			if o.GetNamespace() == namespace || o.GetNamespace() == "" && namespace == inst.Namespace {
				ids[identity(o.GroupVersionKind().GroupKind(), o.GetName())] = true
			}
		}
	}
	return ids, nil
}

// furnishing finds out what stays in a namespace that is emptied. On podlab's
// own clusters that is what each cluster puts there. On others it is also what
// was there before setup, what must not be deleted, what comes back by itself,
// and what is owned by any of that; but nothing that setup brings.
type furnishing struct {
	foreign bool
	given   map[string]bool // by identity

	mu       sync.Mutex
	stays    map[string]bool      // by identity
	deleted  map[string]types.UID // of the last one that was not spared, by identity
	returned map[string]int       // by identity
}

// furnishing begins with what was noted on the namespace. given is what setup
// brings.
func (p *Practice) furnishing(ctx context.Context, namespace string, given map[string]bool) (*furnishing, error) {
	f := &furnishing{foreign: p.o.Foreign, given: given,
		stays: make(map[string]bool), deleted: make(map[string]types.UID), returned: make(map[string]int)}
	if !p.o.Foreign {
		return f, nil
	}
	ns, err := p.o.Client.Typed.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("read namespace %s: %w", namespace, err)
	}
	var ids []string
	// What somebody else wrote there says nothing.
	if json.Unmarshal([]byte(ns.Annotations[annotationFurniture]), &ids) == nil {
		for _, id := range ids {
			f.stays[id] = !given[id]
		}
	}
	return f, nil
}

// spare returns what is to be deleted of all that is in the namespace.
func (f *furnishing) spare(all []found) []found {
	spared := make(map[types.UID]bool)
	for _, a := range all {
		for i := range a.objects {
			o := &a.objects[i]
			id, uid := a.kind.identity(o), o.GetUID()
			if last := f.deleted[id]; last != "" && last != uid {
				f.returned[id]++
			}
			if furniture(a.kind, o) || f.foreign && f.belongs(all, id, o) {
				spared[uid] = true
			}
		}
	}
	for more := f.foreign; more; {
		more = false
		for _, a := range all {
			for i := range a.objects {
				o := &a.objects[i]
				owned := slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return spared[r.UID] })
				if owned && !spared[o.GetUID()] {
					spared[o.GetUID()], more = true, true
				}
			}
		}
	}
	var rest []found
	for _, a := range all {
		a.objects = slices.DeleteFunc(a.objects, func(o unstructured.Unstructured) bool { return spared[o.GetUID()] })
		for i := range a.objects {
			f.deleted[a.kind.identity(&a.objects[i])] = a.objects[i].GetUID()
		}
		if len(a.objects) > 0 {
			rest = append(rest, a)
		}
	}
	return rest
}

// belongs reports whether the object of that identity was noted, must not be
// deleted, or has come back as often as only what the cluster makes does: a
// StatefulSet's Pods come back until it is gone, too.
func (f *furnishing) belongs(all []found, id string, o *unstructured.Unstructured) bool {
	if f.stays[id] {
		return true
	}
	return f.returned[id] >= maxReturns && !f.given[id] && !ownedWithin(all, o)
}

// ownedWithin reports whether o has an owner of a kind that is in the namespace
// and may be listed. One that is not is the cluster's, or somebody else's.
func ownedWithin(all []found, o *unstructured.Unstructured) bool {
	return slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool {
		gk := schema.FromAPIVersionAndKind(r.APIVersion, r.Kind).GroupKind()
		return slices.ContainsFunc(all, func(a found) bool { return a.kind.groupKind() == gk })
	})
}

// keep takes note that the object of that identity was not deleted because of
// err, and reports whether it is to stay.
func (f *furnishing) keep(id string, err error) bool {
	if !f.foreign || f.given[id] || !notAdmitted(err) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stays[id] = true
	return true
}
