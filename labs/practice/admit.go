package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"podlab/labs"
)

// Refusal is what of a lab a cluster refuses, so that the lab cannot start.
type Refusal string

// What may be refused.
const (
	RefusedNamespace Refusal = "namespace" // to make its namespace
	RefusedSetup     Refusal = "setup"     // what the learner finds at the start
	RefusedSolution  Refusal = "solution"  // the Pods of a right answer
	RefusedChange    Refusal = "change"    // to leave Pods as they are
	// Not of a lab, but of an exam:
	RefusedCandidate Refusal = "candidate" // to give its candidate rights
	RefusedToken     Refusal = "token"     // the token of its candidate
)

// CannotStartError says that a cluster does not admit what a lab needs: by Pod
// Security, a quota, a policy, or the rights of the user. It is ErrCannotStart.
type CannotStartError struct {
	Lab     string // empty for an exam
	Refused Refusal
	// Reason is what the API server says.
	Reason string
	Err    error
}

// ErrCannotStart is what a CannotStartError is, for errors.Is.
var ErrCannotStart = errors.New("the lab cannot start on this cluster")

func (e *CannotStartError) Error() string {
	switch e.Refused {
	case RefusedCandidate:
		return "exams cannot start here, because the cluster does not let podlab give a candidate rights: " + e.Reason
	case RefusedToken:
		return "exams cannot start here, because the candidate cannot log in with a token of a ServiceAccount: " + e.Reason
	}
	what := map[Refusal]string{
		RefusedNamespace: "does not let podlab make its namespace",
		RefusedSetup:     "refuses what the lab starts with",
		RefusedSolution:  "would refuse the Pods of a right answer",
		RefusedChange:    "changes the lab's Pods, which podlab would take for the learner's doing",
	}[e.Refused]
	return fmt.Sprintf("lab %s cannot start here, because the cluster %s: %s", e.Lab, what, e.Reason)
}

// Unwrap returns the API server's answer, if it refused anything.
func (e *CannotStartError) Unwrap() error { return e.Err }

// Is makes it ErrCannotStart.
func (e *CannotStartError) Is(target error) bool { return target == ErrCannotStart }

// CannotStart makes a refusal of the API server a CannotStartError; other errors,
// and nil, stay what they are. The lab is empty for an exam.
func CannotStart(lab string, what Refusal, err error) error {
	if !Refused(err) {
		return err
	}
	reason := err.Error()
	if status := apierrors.APIStatus(nil); errors.As(err, &status) && status.Status().Message != "" {
		reason = status.Status().Message
	}
	return &CannotStartError{Lab: lab, Refused: what, Reason: reason, Err: err}
}

// admits asks a cluster that is not podlab's whether it would take the Pods of
// the lab's setup and of its first solution: a Deployment is taken where each of
// its Pods is refused, and a learner is not to look for a mistake of his own in
// what nobody can do right here. Nothing is made.
func (p *Practice) admits(ctx context.Context, inst *labs.Instance, id string) error {
	if !p.o.Foreign {
		return nil
	}
	for _, m := range inst.Setup {
		if err := p.tryPods(ctx, id, inst.Namespace, m); err != nil {
			return CannotStart(id, RefusedSetup, err)
		}
	}
	if len(inst.Solutions) == 0 {
		return nil
	}
	return CannotStart(id, RefusedSolution, p.tryPods(ctx, id, inst.Namespace, inst.Solutions[0].Manifest))
}

// tryPods creates the Pods of a manifest of the lab in a dry run.
func (p *Practice) tryPods(ctx context.Context, id, namespace string, m labs.Manifest) error {
	objects, err := m.Objects()
	if err != nil {
		return err
	}
	for _, o := range objects {
		pod := podOf(o)
		if pod == nil {
			continue
		}
		// What a lab brings along is not there yet.
		pod.Spec.ServiceAccountName, pod.Spec.DeprecatedServiceAccount = "", ""
		pod.Spec.PriorityClassName, pod.Spec.RuntimeClassName = "", nil
		made, err := p.tryPod(ctx, namespace, pod)
		if ctx.Err() != nil {
			return err
		}
		if notAdmitted(err) {
			return fmt.Errorf("%s: try a Pod of %s %s in namespace %s: %w", m.Name, o.GetKind(), o.GetName(), namespace, err)
		}
		if err != nil {
			continue
		}
		if changed := changes(pod, made); len(changed) > 0 {
			return &CannotStartError{Lab: id, Refused: RefusedChange, Reason: strings.Join(changed, "; ")}
		}
	}
	return nil
}

// tryPod creates the Pod under another name in a dry run, and returns what the
// cluster would make of it.
func (p *Practice) tryPod(ctx context.Context, namespace string, pod *corev1.Pod) (*corev1.Pod, error) {
	pod.Name, pod.Namespace = "", ""
	pod.GenerateName = "podlab-trial-"
	made, err := p.o.Client.Typed.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: managedBy,
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return made, err
}

// changes names what a cluster changes of the containers of a Pod, by a webhook that
// adds a proxy or replaces a registry. Defaults, tolerations, labels and the
// like are no matter.
func changes(asked, made *corev1.Pod) []string {
	var all []string
	compare := func(field string, asked, made []corev1.Container) {
		for _, m := range made {
			i := slices.IndexFunc(asked, func(a corev1.Container) bool { return a.Name == m.Name })
			if i < 0 {
				all = append(all, fmt.Sprintf("spec.%s: + %s (%s)", field, m.Name, m.Image))
				continue
			}
			a := asked[i]
			if a.Image != m.Image {
				all = append(all, fmt.Sprintf("spec.%s[%s].image: %s → %s", field, m.Name, a.Image, m.Image))
			}
			if !slices.Equal(a.Command, m.Command) || !slices.Equal(a.Args, m.Args) {
				all = append(all, fmt.Sprintf("spec.%s[%s].command: %q → %q", field, m.Name,
					slices.Concat(a.Command, a.Args), slices.Concat(m.Command, m.Args)))
			}
		}
	}
	compare("initContainers", asked.Spec.InitContainers, made.Spec.InitContainers)
	compare("containers", asked.Spec.Containers, made.Spec.Containers)
	return all
}

// notAdmitted reports whether a Pod was refused by what the cluster allows: Pod
// Security and quotas forbid, policies and webhooks deny. Other refusals are about
// what a trial lacks, such as the volumes of a StatefulSet.
func notAdmitted(err error) bool {
	return apierrors.IsForbidden(err) || Refused(err) && strings.Contains(err.Error(), "denied")
}

// podOf is the Pod that o is or would make; nil for none.
func podOf(o *unstructured.Unstructured) *corev1.Pod {
	var path []string
	switch o.GetKind() {
	case "Pod":
		pod := &corev1.Pod{}
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, pod) != nil {
			return nil
		}
		return pod
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
		path = []string{"spec", "template"}
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template"}
	default:
		return nil
	}
	raw, found, err := unstructured.NestedMap(o.Object, path...)
	if !found || err != nil {
		return nil
	}
	template := &corev1.PodTemplateSpec{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(raw, template) != nil {
		return nil
	}
	return &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
}
