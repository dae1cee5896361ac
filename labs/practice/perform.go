package practice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"podlab/grader"
	"podlab/labs"
)

// StepWait is what the checks that a step waits for get where a learner has a
// solution applied.
const StepWait = 2 * time.Minute

// WaitError is that the checks that a step waits for did not pass in time.
type WaitError struct {
	Checks []string // that did not pass
	Wait   time.Duration
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("not passed within %s, so that the next step was not taken: %s", e.Wait, strings.Join(e.Checks, ", "))
}

// Perform gives an answer as a learner would: it applies the manifest, see
// Apply, and takes the steps. A step that waits for checks gets up to wait;
// then it is a WaitError, or with goOn the next step is taken all the same.
func (p *Practice) Perform(ctx context.Context, id string, a labs.Answer, wait time.Duration, goOn bool) error {
	if err := p.Apply(ctx, id, a.Manifest); err != nil {
		return err
	}
	for _, s := range a.Steps {
		var err error
		switch {
		case s.Apply != nil:
			err = p.Apply(ctx, id, *s.Apply)
		case s.Delete != nil:
			err = p.deleteObject(ctx, id, *s.Delete)
		default:
			var missing []string
			missing, err = p.await(ctx, id, s.Passed, wait)
			if err == nil && len(missing) > 0 && !goOn {
				err = &WaitError{missing, wait}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// await waits until the checks pass, or cannot be verified here, at most for wait,
// and returns those that
// did not. Nothing is recorded.
func (p *Practice) await(ctx context.Context, id string, checks []string, wait time.Duration) ([]string, error) {
	inst, err := p.Instance(id)
	if err != nil {
		return nil, err
	}
	missing := checks
	watchCtx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	err = inst.Program.Watch(watchCtx, p.target(id), grader.Observer{Report: func(r *grader.Report) {
		missing = nil
		for _, c := range r.Results {
			if slices.Contains(checks, c.ID) && c.Status != grader.Passed && c.Status != grader.Unverifiable {
				missing = append(missing, c.ID)
			}
		}
		if len(missing) == 0 {
			stop()
		}
	}})
	if ctx.Err() != nil {
		return nil, fmt.Errorf("wait for checks of lab %s: %w", id, context.Cause(ctx))
	}
	if watchCtx.Err() == nil {
		return nil, err
	}
	return missing, nil
}

// deleteObject deletes an object of the lab's namespace as kubectl delete
// would, though with a grace period of a second, and waits until it is gone.
func (p *Practice) deleteObject(ctx context.Context, id string, ref labs.ObjectRef) error {
	release, err := p.beginStarted(ctx, id)
	if err != nil {
		return err
	}
	defer release()

	u := &unstructured.Unstructured{}
	u.SetAPIVersion(ref.APIVersion)
	u.SetKind(ref.Kind)
	u.SetName(ref.Name)
	o, err := p.place(u, []string{p.Namespace(id)})
	if err != nil {
		return err
	}
	live, err := o.objects.Get(ctx, ref.Name, metav1.GetOptions{})
	if err == nil {
		grace := int64(1)
		background := metav1.DeletePropagationBackground
		err = o.objects.Delete(ctx, ref.Name, metav1.DeleteOptions{GracePeriodSeconds: &grace, PropagationPolicy: &background})
	}
	if err == nil {
		err = awaitGone(ctx, o.objects, only(ref.Name), []types.UID{live.GetUID()})
	}
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s: there is none in namespace %s", o, p.Namespace(id))
	}
	if err != nil {
		return fmt.Errorf("delete %s in namespace %s: %w", o, p.Namespace(id), err)
	}
	return nil
}
