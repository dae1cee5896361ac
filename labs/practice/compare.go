package practice

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"podlab/labs"
	"podlab/labs/written"
)

// Comparison is an object of the learner's beside the one of a solution, both
// as YAML that a person would have written, see package written.
type Comparison struct {
	Kind, Name string
	// Mine is empty where the learner has no such object.
	Mine     string
	Solution string
}

// Compare reads the learner's objects that have the kind and name of the
// answer's. It changes nothing in the cluster.
func (p *Practice) Compare(ctx context.Context, id string, a labs.Answer) ([]Comparison, error) {
	if err := p.mustBeStarted(ctx, id); err != nil {
		return nil, err
	}
	objects, err := finally(a)
	if err != nil {
		return nil, err
	}
	out := make([]Comparison, 0, len(objects))
	for _, u := range objects {
		o, err := p.place(u, []string{p.Namespace(id)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Manifest.Name, err)
		}
		c, err := o.compare(ctx)
		if err != nil {
			return nil, fmt.Errorf("compare %s in namespace %s: %w", o, o.GetNamespace(), err)
		}
		out = append(out, c)
	}
	return out, nil
}

// finally returns the objects of an answer as they are after its last step.
func finally(a labs.Answer) ([]*unstructured.Unstructured, error) {
	objects, err := a.Manifest.Objects()
	if err != nil {
		return nil, err
	}
	for _, step := range a.Steps {
		if step.Apply == nil {
			continue
		}
		changed, err := step.Apply.Objects()
		if err != nil {
			return nil, err
		}
		for _, c := range changed {
			known := false
			for i, o := range objects {
				if o.GetKind() == c.GetKind() && o.GetName() == c.GetName() {
					objects[i], known = c, true
				}
			}
			if !known {
				objects = append(objects, c)
			}
		}
	}
	return objects, nil
}

func (o object) compare(ctx context.Context) (Comparison, error) {
	c := Comparison{Kind: o.GetKind(), Name: o.GetName()}
	solution := written.Canonical(ctx, o.Unstructured, o.dryRun)
	var err error
	if c.Solution, err = written.YAML(solution); err != nil {
		return c, err
	}
	live, err := o.objects.Get(ctx, o.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Mine, err = written.YAML(written.Reduce(ctx, live, solution, o.dryRun))
	return c, err
}

// dryRun asks the API server what it would make of a new object like u.
func (o object) dryRun(ctx context.Context, u *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	u.SetName("")
	u.SetGenerateName("podlab-dry-run-")
	u.SetNamespace(o.GetNamespace())
	return o.objects.Create(ctx, u, metav1.CreateOptions{FieldManager: managedBy, DryRun: []string{metav1.DryRunAll}})
}
