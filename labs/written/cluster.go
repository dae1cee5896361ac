package written

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// strip copies an object without what no person writes: status, most of the
// metadata, and the token that the cluster mounts into every Pod.
func strip(o *unstructured.Unstructured) map[string]any {
	own := o.DeepCopy().Object
	delete(own, "status")
	metadata := map[string]any{"name": o.GetName()}
	if labels := o.GetLabels(); len(labels) > 0 {
		metadata["labels"] = values(labels)
	}
	annotations := o.GetAnnotations()
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	delete(annotations, "deployment.kubernetes.io/revision")
	if len(annotations) > 0 {
		metadata["annotations"] = values(annotations)
	}
	own["metadata"] = metadata
	stripNulls(own)
	stripToken(own)
	return own
}

func values(of map[string]string) map[string]any {
	out := make(map[string]any, len(of))
	for key, value := range of {
		out[key] = value
	}
	return out
}

// stripNulls takes out what says nothing, such as creationTimestamp: null.
func stripNulls(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if v == nil {
				delete(value, key)
			} else {
				stripNulls(v)
			}
		}
	case []any:
		for _, v := range value {
			stripNulls(v)
		}
	}
}

// stripToken takes out the volume with the token of the ServiceAccount.
func stripToken(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range []string{"volumes", "volumeMounts"} {
			list, ok := value[key].([]any)
			if !ok {
				continue
			}
			list = slices.DeleteFunc(list, func(e any) bool {
				m, _ := e.(map[string]any)
				name, _ := m["name"].(string)
				return strings.HasPrefix(name, "kube-api-access-")
			})
			if value[key] = list; len(list) == 0 {
				delete(value, key)
			}
		}
		for _, v := range value {
			stripToken(v)
		}
	case []any:
		for _, v := range value {
			stripToken(v)
		}
	}
}

// removeMirrored takes out what the API server copies from another field: the
// old name of the ServiceAccount, and limits as requests.
func removeMirrored(value, like any) {
	switch value := value.(type) {
	case map[string]any:
		of, _ := like.(map[string]any)
		if old, ok := value["serviceAccount"]; ok && of["serviceAccount"] == nil && old == value["serviceAccountName"] {
			delete(value, "serviceAccount")
		}
		limits, _ := value["limits"].(map[string]any)
		requests, ok := value["requests"].(map[string]any)
		said, _ := of["requests"].(map[string]any)
		for resource, amount := range requests {
			if said[resource] == nil && limits[resource] == amount {
				delete(requests, resource)
			}
		}
		if ok && len(requests) == 0 {
			delete(value, "requests")
		}
		for key, v := range value {
			removeMirrored(v, of[key])
		}
	case []any:
		of, _ := like.([]any)
		for i, v := range value {
			removeMirrored(v, partner("", v, i, of))
		}
	}
}

// owned lists the fields that the cluster decides when it stores an object of
// a kind, so that two objects never share them. A "*" is every element.
func owned(kind any) [][]string {
	switch kind {
	case "Pod":
		return [][]string{{"spec", "nodeName"}, {"spec", "ephemeralContainers"}}
	case "Service":
		return [][]string{
			{"spec", "clusterIP"}, {"spec", "clusterIPs"}, {"spec", "healthCheckNodePort"},
			{"spec", "ports", "*", "nodePort"},
		}
	case "Job":
		paths := [][]string{{"spec", "selector"}}
		for _, label := range []string{
			"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name",
		} {
			paths = append(paths, []string{"metadata", "labels", label}, []string{"spec", "template", "metadata", "labels", label})
		}
		return paths
	case "PersistentVolumeClaim":
		return [][]string{{"spec", "volumeName"}}
	default:
		return nil
	}
}

// removeOwned takes out what the cluster decides, unless like says it too.
func removeOwned(o, like map[string]any) {
	for _, path := range owned(o["kind"]) {
		remove(o, like, path)
	}
}

func remove(value, like any, path []string) {
	if path[0] == "*" {
		list, _ := value.([]any)
		of, _ := like.([]any)
		for i, element := range list {
			remove(element, partner("ports", element, i, of), path[1:])
		}
		return
	}
	m, ok := value.(map[string]any)
	if !ok {
		return
	}
	of, _ := like.(map[string]any)
	if len(path) > 1 {
		remove(m[path[0]], of[path[0]], path[1:])
		// A map that is empty now was the cluster's as a whole.
		if inner, ok := m[path[0]].(map[string]any); ok && len(inner) == 0 && of[path[0]] == nil {
			delete(m, path[0])
		}
		return
	}
	// Without an address of its own, a Service is another kind of Service.
	if _, ok := of[path[0]]; !ok && m[path[0]] != "None" {
		delete(m, path[0])
	}
}

// probe makes the object that the API server is asked about: without, where
// given, says what to leave out.
func probe(own map[string]any, without func(any) any) *unstructured.Unstructured {
	o := (&unstructured.Unstructured{Object: own}).DeepCopy()
	if without != nil {
		o.Object, _ = without(o.Object).(map[string]any)
	}
	removeOwned(o.Object, nil)
	return o
}

// identities names the fields of which one tells the elements of a list apart.
func identities(list string) []string {
	switch list {
	case "volumeMounts":
		return []string{"mountPath"}
	case "ports":
		return []string{"containerPort", "port"}
	default:
		return []string{"name"}
	}
}

// identity returns the value that tells an element apart, nil where none does.
func identity(list string, element any) any {
	m, _ := element.(map[string]any)
	for _, key := range identities(list) {
		if value, ok := m[key]; ok {
			return value
		}
	}
	return nil
}

// partner returns the element of like that is the same thing as element, the
// i-th of a list; nil where there is none.
func partner(list string, element any, i int, like []any) any {
	if id := identity(list, element); id != nil {
		for _, other := range like {
			if identity(list, other) == id {
				return other
			}
		}
		return nil
	}
	if i < len(like) && identity(list, like[i]) == nil {
		return like[i]
	}
	return nil
}

// sortLike puts lists whose order means nothing into like's order; what like
// does not have comes last. The order of init containers means something.
func sortLike(value, like any) {
	fields, ok := value.(map[string]any)
	if !ok {
		return
	}
	of, _ := like.(map[string]any)
	for key, v := range fields {
		list, ok := v.([]any)
		if !ok {
			sortLike(v, of[key])
			continue
		}
		if slices.Contains([]string{"containers", "volumes", "volumeMounts", "env", "ports"}, key) {
			sortList(key, list, of[key])
		}
		others, _ := of[key].([]any)
		for i, element := range list {
			sortLike(element, partner(key, element, i, others))
		}
	}
}

func sortList(key string, list []any, like any) {
	of, _ := like.([]any)
	place := func(element any) int {
		id := identity(key, element)
		i := slices.IndexFunc(of, func(other any) bool { return id != nil && identity(key, other) == id })
		if i < 0 {
			return len(of)
		}
		return i
	}
	slices.SortStableFunc(list, func(a, b any) int { return place(a) - place(b) })
}
