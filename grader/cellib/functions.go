package cellib

import (
	"path"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

// statusFunctions are those whose answer depends on how far a Pod is, not on
// how it was written.
var statusFunctions = map[string]bool{
	"status": true, "running": true, "terminated": true, "ready": true,
	"exitCode": true, "startedAt": true, "finishedAt": true,
}

// simulatedStatus are the fields of a status that say what containers did, in
// Pods and in the workloads that count them. The others, such as a Pod's address
// or how many Pods a Deployment has, are the control plane's own.
var simulatedStatus = map[string]bool{
	"phase": true, "conditions": true, "containerStatuses": true, "initContainerStatuses": true,
	"ephemeralContainerStatuses": true, "startTime": true, "completionTime": true,
	"active": true, "ready": true, "succeeded": true, "failed": true, "terminating": true,
	"readyReplicas": true, "availableReplicas": true, "unavailableReplicas": true,
}

// ReadsContainers reports whether a path, as get takes it, leads to what only
// containers decide.
func ReadsContainers(path string) bool {
	fields := strings.Split(path, ".")
	return fields[0] == "status" && (len(fields) == 1 || simulatedStatus[fields[1]])
}

// ReadsStatus reports whether the function of that name looks at a Pod's status.
func ReadsStatus(name string) bool { return statusFunctions[name] }

func declarations() []function {
	var (
		dyn, str, boolean, integer = cel.DynType, cel.StringType, cel.BoolType, cel.IntType
		strings                    = cel.ListType(cel.StringType)
	)
	return []function{
		{"podSpec", []*cel.Type{dyn}, dyn, func(a []any) any { return orEmpty(PodSpec(a[0])) }},
		{"containerNames", []*cel.Type{dyn}, strings, func(a []any) any { return names(PodSpec(a[0])["containers"]) }},
		{"initContainerNames", []*cel.Type{dyn}, strings, func(a []any) any { return names(PodSpec(a[0])["initContainers"]) }},
		{"container", []*cel.Type{dyn, str}, dyn, func(a []any) any { return orNull(container(a[0], asString(a[1]))) }},
		{"isInit", []*cel.Type{dyn, str}, boolean, func(a []any) any { return isInit(a[0], asString(a[1])) }},
		{"isSidecar", []*cel.Type{dyn, str}, boolean, func(a []any) any {
			return isInit(a[0], asString(a[1])) && container(a[0], asString(a[1]))["restartPolicy"] == "Always"
		}},
		{"image", []*cel.Type{dyn, str}, str, func(a []any) any { return asString(container(a[0], asString(a[1]))["image"]) }},
		{"sameImage", []*cel.Type{str, str}, boolean, func(a []any) any { return SameImage(asString(a[0]), asString(a[1])) }},
		{"mount", []*cel.Type{dyn, str, str}, dyn, func(a []any) any {
			return orNull(mount(a[0], asString(a[1]), asString(a[2])))
		}},
		{"volume", []*cel.Type{dyn, str}, dyn, func(a []any) any { return orNull(volume(a[0], asString(a[1]))) }},
		{"volumeAt", []*cel.Type{dyn, str, str}, dyn, func(a []any) any {
			return orNull(volume(a[0], asString(mount(a[0], asString(a[1]), asString(a[2]))["name"])))
		}},
		{"sharesVolume", []*cel.Type{dyn, str, str, str, str}, boolean, func(a []any) any {
			return sharesVolume(a[0], asString(a[1]), asString(a[2]), asString(a[3]), asString(a[4]))
		}},
		{"commandLine", []*cel.Type{dyn, str}, str, func(a []any) any { return commandLine(a[0], asString(a[1])) }},
		{"env", []*cel.Type{dyn, str, str}, str, func(a []any) any {
			for _, e := range asList(container(a[0], asString(a[1]))["env"]) {
				if asMap(e)["name"] == a[2] {
					return asString(asMap(e)["value"])
				}
			}
			return ""
		}},
		{"status", []*cel.Type{dyn, str}, dyn, func(a []any) any { return orEmpty(containerStatus(a[0], asString(a[1]))) }},
		{"running", []*cel.Type{dyn, str}, boolean, func(a []any) any {
			return field(containerStatus(a[0], asString(a[1])), "state", "running") != nil
		}},
		{"terminated", []*cel.Type{dyn, str}, boolean, func(a []any) any {
			return field(containerStatus(a[0], asString(a[1])), "state", "terminated") != nil
		}},
		{"ready", []*cel.Type{dyn, str}, boolean, func(a []any) any {
			return containerStatus(a[0], asString(a[1]))["ready"] == true
		}},
		{"exitCode", []*cel.Type{dyn, str}, integer, func(a []any) any {
			code, ok := asInt(field(containerStatus(a[0], asString(a[1])), "state", "terminated", "exitCode"))
			if !ok {
				return int64(-1)
			}
			return code
		}},
		{"startedAt", []*cel.Type{dyn, str}, str, func(a []any) any {
			return stateTime(containerStatus(a[0], asString(a[1])), "startedAt")
		}},
		{"finishedAt", []*cel.Type{dyn, str}, str, func(a []any) any {
			return stateTime(containerStatus(a[0], asString(a[1])), "finishedAt")
		}},
		{"notAfter", []*cel.Type{dyn, dyn}, boolean, func(a []any) any { return notAfter(asString(a[0]), asString(a[1])) }},
		{"servicePort", []*cel.Type{dyn, dyn}, dyn, func(a []any) any { return orNull(servicePort(a[0], a[1])) }},
		{"selects", []*cel.Type{dyn, dyn}, boolean, func(a []any) any { return Selects(a[0], a[1]) }},
		{"quantityEqual", []*cel.Type{dyn, dyn}, boolean, func(a []any) any { return quantityEqual(a[0], a[1]) }},
		{"quantity", []*cel.Type{dyn}, cel.DoubleType, func(a []any) any { return quantity(a[0]) }},
		{"includes", []*cel.Type{dyn, dyn}, boolean, func(a []any) any { return includes(a[0], a[1]) }},
		{"get", []*cel.Type{dyn, str, dyn}, dyn, func(a []any) any { return get(a[0], asString(a[1]), a[2]) }},
		{"lines", []*cel.Type{str}, strings, func(a []any) any { return lines(asString(a[0])) }},
	}
}

// orNull turns a nil map into a plain nil, which CEL shows as null.
func orNull(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

func orEmpty(m map[string]any) any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// PodSpec returns the PodSpec of a Pod, or of the Pod template of a workload.
func PodSpec(obj any) map[string]any {
	spec := asMap(field(obj, "spec"))
	if template := field(spec, "jobTemplate", "spec", "template", "spec"); template != nil {
		return asMap(template)
	}
	if template := field(spec, "template", "spec"); template != nil {
		return asMap(template)
	}
	return spec
}

// podLabels returns the labels of a Pod, or of the Pod template of a workload.
func podLabels(obj any) labels.Set {
	var raw any
	if template := field(obj, "spec", "jobTemplate", "spec", "template"); template != nil {
		raw = field(template, "metadata", "labels")
	} else if template := field(obj, "spec", "template"); template != nil {
		raw = field(template, "metadata", "labels")
	} else {
		raw = field(obj, "metadata", "labels")
	}
	return stringMap(raw)
}

func stringMap(v any) map[string]string {
	out := map[string]string{}
	for key, value := range asMap(v) {
		out[key] = asString(value)
	}
	return out
}

func names(list any) []string {
	out := []string{}
	for _, item := range asList(list) {
		out = append(out, asString(asMap(item)["name"]))
	}
	return out
}

func named(list any, name string) map[string]any {
	for _, item := range asList(list) {
		if m := asMap(item); m != nil && m["name"] == name {
			return m
		}
	}
	return nil
}

func container(obj any, name string) map[string]any {
	spec := PodSpec(obj)
	if c := named(spec["containers"], name); c != nil {
		return c
	}
	return named(spec["initContainers"], name)
}

func isInit(obj any, name string) bool {
	return named(PodSpec(obj)["initContainers"], name) != nil
}

func mount(obj any, containerName, mountPath string) map[string]any {
	for _, item := range asList(container(obj, containerName)["volumeMounts"]) {
		m := asMap(item)
		if path.Clean(asString(m["mountPath"])) == path.Clean(mountPath) {
			return m
		}
	}
	return nil
}

func volume(obj any, name string) map[string]any {
	if name == "" {
		return nil
	}
	return named(PodSpec(obj)["volumes"], name)
}

func sharesVolume(obj any, container1, path1, container2, path2 string) bool {
	a, b := mount(obj, container1, path1), mount(obj, container2, path2)
	if a == nil || b == nil {
		return false
	}
	return a["name"] == b["name"] &&
		path.Clean("/"+asString(a["subPath"])) == path.Clean("/"+asString(b["subPath"])) &&
		asString(a["subPathExpr"]) == asString(b["subPathExpr"])
}

func commandLine(obj any, name string) string {
	c := container(obj, name)
	var words []string
	for _, list := range []any{c["command"], c["args"]} {
		for _, word := range asList(list) {
			words = append(words, asString(word))
		}
	}
	return strings.Join(words, " ")
}

func containerStatus(obj any, name string) map[string]any {
	for _, list := range []string{"containerStatuses", "initContainerStatuses"} {
		if s := named(field(obj, "status", list), name); s != nil {
			return s
		}
	}
	return nil
}

// stateTime reads a time of the current run of a container. The kubelet
// reports the start of a container that could not be started as 1970.
func stateTime(status map[string]any, name string) string {
	for _, state := range []string{"running", "terminated"} {
		if t, ok := parseTime(asString(field(status, "state", state, name))); ok {
			return t.Format(time.RFC3339)
		}
	}
	return ""
}

func parseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil && t.Year() > 1970
}

func notAfter(a, b string) bool {
	first, ok1 := parseTime(a)
	second, ok2 := parseTime(b)
	return ok1 && ok2 && !first.Truncate(time.Second).After(second.Truncate(time.Second))
}

// SameImage compares references as a registry client would read them:
// docker.io/library/busybox:1.37 and busybox:1.37 are one.
func SameImage(a, b string) bool {
	first, err1 := reference.ParseDockerRef(a)
	second, err2 := reference.ParseDockerRef(b)
	if err1 != nil || err2 != nil {
		return a == b
	}
	return first.String() == second.String()
}

func servicePort(svc, port any) map[string]any {
	for _, item := range asList(field(svc, "spec", "ports")) {
		p := asMap(item)
		if want, ok := asInt(port); ok {
			if have, ok := asInt(p["port"]); ok && have == want {
				return p
			}
			continue
		}
		have, _ := asInt(p["port"])
		if name := asString(port); name != "" && (name == p["name"] || name == strconv.FormatInt(have, 10)) {
			return p
		}
	}
	return nil
}

// Selects reports whether the Service's selector is not empty and matches the
// labels of a Pod, or those of a workload's Pod template.
func Selects(svc, obj any) bool {
	selector := stringMap(field(svc, "spec", "selector"))
	return len(selector) > 0 && labels.SelectorFromSet(selector).Matches(podLabels(obj))
}

func quantityEqual(a, b any) bool {
	first, err1 := resource.ParseQuantity(Display(a))
	second, err2 := resource.ParseQuantity(Display(b))
	return err1 == nil && err2 == nil && first.Cmp(second) == 0
}

// quantity is a quantity as a plain number, 0 for what is none.
func quantity(v any) float64 {
	q, err := resource.ParseQuantity(Display(v))
	if err != nil {
		return 0
	}
	return q.AsApproximateFloat64()
}

// includes reports whether every field of part is in v with the same value;
// lists must be of the same length and include each other element by element.
func includes(v, part any) bool {
	switch part := part.(type) {
	case map[string]any:
		whole, ok := v.(map[string]any)
		if !ok {
			return len(part) == 0 && v == nil
		}
		for name, value := range part {
			if !includes(whole[name], value) {
				return false
			}
		}
		return true
	case []any:
		whole := asList(v)
		if len(whole) != len(part) {
			return false
		}
		for i := range part {
			if !includes(whole[i], part[i]) {
				return false
			}
		}
		return true
	}
	if a, ok := asInt(v); ok {
		b, ok := asInt(part)
		return ok && a == b
	}
	return v == part
}

// get follows a dotted path; a missing or null field yields def.
func get(v any, dotted string, def any) any {
	for _, name := range strings.Split(dotted, ".") {
		if list, ok := v.([]any); ok {
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(list) {
				return def
			}
			v = list[i]
			continue
		}
		v = asMap(v)[name]
	}
	if v == nil {
		return def
	}
	return v
}

func lines(text string) []string {
	out := []string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
