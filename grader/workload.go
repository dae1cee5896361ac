package grader

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"podlab/content"
)

// workloadVersions are the kinds that podOf knows, with their apiVersion.
var workloadVersions = map[string]string{
	"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "ReplicaSet": "apps/v1",
	"Job": "batch/v1",
}

func (w Workload) resource() schema.GroupVersionResource {
	return resourceOf(workloadVersions[w.Kind], w.Kind)
}

// podOf returns the newest Pod of a workload that is not being deleted, nil
// for none.
func (w *world) podOf(owner Workload) *pod {
	var newest *pod
	for _, p := range w.pods {
		if p.DeletionTimestamp != nil || !owns(owner, p) {
			continue
		}
		if newest == nil || newest.CreationTimestamp.Before(&p.CreationTimestamp) {
			newest = p
		}
	}
	return newest
}

// owns reports whether the workload controls the Pod; a Deployment does so
// through the ReplicaSet that it names after the Pod template's hash.
func owns(owner Workload, p *pod) bool {
	controller := metav1.GetControllerOf(p)
	switch {
	case controller == nil:
		return false
	case owner.Kind == "Deployment":
		return controller.Kind == "ReplicaSet" && controller.Name == owner.Name+"-"+p.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	}
	return controller.Kind == owner.Kind && controller.Name == owner.Name
}

// podFor returns the Pod that a probe looks at by name or by its owner, nil
// for none.
func (p *compiledProbe) podFor(w *world) *pod {
	if owner := p.podOf(); owner != nil {
		return w.podOf(*owner)
	}
	return w.pod(p.pod())
}

// retryWait is what a controller gets to try again after a refusal while an
// update is under way: the former Pods count against a quota until they are
// gone, and the pauses between attempts grow (2, 5, 11 s).
const retryWait = 30 * time.Second

// withoutPod says of a workload that has no Pod why that is so, and whether
// one is still to be expected; if only for a while, until when.
func withoutPod(owner Workload, obj object, now time.Time) (Status, content.Message, time.Time) {
	reason := podlessReason(owner.Kind, obj)
	if reason == "" {
		return Pending, content.Say("no-pod-yet", "kind", owner.Kind, "name", owner.Name), time.Time{}
	}
	said := content.Say("no-pod", "kind", owner.Kind, "name", owner.Name, "reason", short(reason))
	if until := refusedUpdate(owner.Kind, obj).Add(retryWait); until.After(now) {
		return Pending, said, until
	}
	return Failed, said, time.Time{}
}

// refusedUpdate returns since when the Pods of an updated Deployment are
// refused; the zero time if they are not, or were from the beginning.
func refusedUpdate(kind string, obj object) time.Time {
	if kind != "Deployment" {
		return time.Time{}
	}
	d := asDeployment(obj)
	if refusal := refusal(d); refusal != nil && d.Generation >= 2 {
		return refusal.LastTransitionTime.Time
	}
	return time.Time{}
}

// asDeployment reads the fields that Deployment, StatefulSet and ReplicaSet
// share; all empty for what cannot be read.
func asDeployment(obj object) *appsv1.Deployment {
	d := &appsv1.Deployment{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(obj, d) != nil {
		return &appsv1.Deployment{}
	}
	return d
}

// refusal returns the condition that says that Pods were refused, nil if none.
func refusal(d *appsv1.Deployment) *appsv1.DeploymentCondition {
	for i, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			return &d.Status.Conditions[i]
		}
	}
	return nil
}

// podlessReason returns why a workload will not make a Pod, "" if it may.
func podlessReason(kind string, obj object) string {
	switch kind {
	case "Job":
		return jobsReason(obj)
	case "DaemonSet":
		return ""
	}
	return deploymentsReason(asDeployment(obj))
}

func jobsReason(obj object) string {
	if suspended(obj) {
		return "spec.suspend: true"
	}
	job := &batchv1.Job{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(obj, job) != nil {
		return ""
	}
	for _, c := range job.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobFailed || c.Type == batchv1.JobComplete) {
			return string(c.Type) + " " + c.Message
		}
	}
	return ""
}

// suspended reports whether a Job is not to run.
func suspended(job object) bool {
	spec, _ := job["spec"].(map[string]any)
	is, _ := spec["suspend"].(bool)
	return is
}

func deploymentsReason(d *appsv1.Deployment) string {
	if d.Spec.Replicas != nil && *d.Spec.Replicas == 0 {
		return "spec.replicas: 0"
	}
	if refusal := refusal(d); refusal != nil {
		return refusal.Reason + ": " + refusal.Message
	}
	return ""
}

// rollingOut reports whether the controller of a workload has not yet brought
// about what its object asks for: there is an older generation of Pods, or a
// Job that has not ended. It is false for objects of other kinds, and where
// the controller has given up.
func rollingOut(obj object) bool {
	switch kind, _ := obj["kind"].(string); kind {
	case "Job":
		return jobsReason(obj) == ""
	case "Deployment", "StatefulSet":
		d := asDeployment(obj)
		return deploymentsReason(d) == "" && (d.Status.ObservedGeneration < d.Generation ||
			d.Status.UpdatedReplicas < d.Status.Replicas ||
			d.Spec.Replicas != nil && d.Status.Replicas < *d.Spec.Replicas)
	}
	return false
}

// workloadSelector returns spec.selector.matchLabels of a workload, nil for
// objects of other kinds.
func workloadSelector(obj object) labels.Selector {
	spec, _ := obj["spec"].(map[string]any)
	selector, _ := spec["selector"].(map[string]any)
	match, _ := selector["matchLabels"].(map[string]any)
	if len(match) == 0 {
		return nil
	}
	set := labels.Set{}
	for key, value := range match {
		if text, ok := value.(string); ok {
			set[key] = text
		}
	}
	return labels.SelectorFromSet(set)
}
