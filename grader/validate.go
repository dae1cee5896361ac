package grader

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	identifierRE = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*$`)
	idRE         = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func isIdentifier(s string) bool { return identifierRE.MatchString(s) }
func isID(s string) bool         { return idRE.MatchString(s) }

// maxTimeout is the longest a probe may take: learners wait for it.
const maxTimeout = 30 * time.Second

// checkProbes refuses probes that could not run.
func (c *compiler) checkProbes() {
	for name, p := range c.spec.Probes {
		path := func(fields ...string) []string { return append([]string{"probes", name}, fields...) }
		required := func(kind, field, value string) {
			if value == "" {
				c.problem(path(kind), "probe %q: %s.%s is missing: add it", name, kind, field)
			}
		}
		bounded := func(kind, field string, d Duration) {
			if time.Duration(d) > maxTimeout {
				c.problem(path(kind, field), "probe %q: %s is more than %v: learners wait for it", name, time.Duration(d), maxTimeout)
			}
		}
		set := 0
		if o := p.Object; o != nil {
			set++
			c.checkKind(name, "object", o.APIVersion, o.Kind)
			required("object", "name", o.Name)
		}
		if l := p.List; l != nil {
			set++
			c.checkKind(name, "list", l.APIVersion, l.Kind)
			if _, err := labels.Parse(l.Selector); err != nil {
				c.problem(path("list", "selector"), "probe %q: label selector %q: %v", name, l.Selector, err)
			}
		}
		if w := p.PodOf; w != nil {
			set++
			c.checkWorkload(name, path("podOf"), w)
		}
		if e := p.Events; e != nil {
			set++
			required("events", "kind", e.Kind)
			required("events", "name", e.Name)
		}
		if l := p.Logs; l != nil {
			set++
			c.checkPod(name, "logs", l.Pod, l.PodOf)
			required("logs", "container", l.Container)
			bounded("logs", "timeout", l.Timeout)
		}
		if e := p.Exec; e != nil {
			set++
			c.checkPod(name, "exec", e.Pod, e.PodOf)
			required("exec", "container", e.Container)
			bounded("exec", "timeout", e.Timeout)
			if len(e.Command) == 0 {
				c.problem(path("exec"), "probe %q: exec.command is missing: list the program and its arguments", name)
			}
		}
		if h := p.HTTP; h != nil {
			set++
			c.checkHTTP(name, h)
		}
		if t := p.TCP; t != nil {
			set++
			c.checkPod(name, "tcp", t.Pod, t.PodOf)
			c.checkPort(name, "tcp", t.Port, false)
			bounded("tcp", "timeout", t.Timeout)
		}
		if set != 1 {
			c.problem(path(), "probe %q has %d kinds: set exactly one of object, podOf, list, events, logs, exec, http, tcp", name, set)
		}
	}
	c.checkAfter()
}

func (c *compiler) checkKind(name, field, apiVersion, kind string) {
	path := []string{"probes", name, field}
	if kind == "" || apiVersion == "" {
		c.problem(path, "probe %q: apiVersion and kind are both needed, as in a manifest", name)
		return
	}
	if _, err := schema.ParseGroupVersion(apiVersion); err != nil {
		c.problem(append(path, "apiVersion"), "probe %q: apiVersion %q: write it as v1 or apps/v1", name, apiVersion)
	}
}

// checkPod wants the Pod of a runtime probe by its name or by its owner.
func (c *compiler) checkPod(name, kind, pod string, owner *Workload) {
	path := []string{"probes", name, kind}
	switch {
	case (pod == "") == (owner == nil):
		c.problem(path, "probe %q: set exactly one of %s.pod and %s.podOf", name, kind, kind)
	case owner != nil:
		c.checkWorkload(name, append(path, "podOf"), owner)
	}
}

func (c *compiler) checkWorkload(name string, path []string, w *Workload) {
	if _, ok := workloadVersions[w.Kind]; !ok {
		c.problem(path, "probe %q: podOf.kind %q: use one of %s", name, w.Kind, strings.Join(slices.Sorted(maps.Keys(workloadVersions)), ", "))
	}
	if w.Name == "" {
		c.problem(path, "probe %q: podOf.name is missing: add it", name)
	}
}

func (c *compiler) checkHTTP(name string, h *HTTPProbe) {
	path := func(field string) []string { return []string{"probes", name, "http", field} }
	if h.Service == "" {
		c.checkPod(name, "http", h.Pod, h.PodOf)
	} else if h.Pod != "" || h.PodOf != nil {
		c.problem(path("service"), "probe %q: set exactly one of pod, podOf and service", name)
	}
	c.checkPort(name, "http", h.Port, h.Service != "")
	switch h.Via {
	case "", "proxy":
	case "forward":
		if h.Service != "" {
			c.problem(path("via"), "probe %q: only a pod can be reached by forward", name)
		}
	default:
		c.problem(path("via"), "probe %q: via %q: use proxy or forward", name, h.Via)
	}
	if h.Scheme != "" && h.Scheme != "http" && h.Scheme != "https" {
		c.problem(path("scheme"), "probe %q: scheme %q: use http or https", name, h.Scheme)
	}
	if h.Path != "" && h.Path[0] != '/' {
		c.problem(path("path"), "probe %q: path %q: begin it with /", name, h.Path)
	}
	if h.Samples < 0 || h.Samples > 20 {
		c.problem(path("samples"), "probe %q: %d samples: use 1 to 20", name, h.Samples)
	}
	if (h.Samples > 1) != (h.Window > 0) {
		c.problem(path("window"), "probe %q: samples above 1 and a window belong together", name)
	}
	for field, d := range map[string]Duration{"window": h.Window, "timeout": h.Timeout} {
		if time.Duration(d) > maxTimeout {
			c.problem(path(field), "probe %q: %s is more than %v: learners wait for it", name, time.Duration(d), maxTimeout)
		}
	}
}

func (c *compiler) checkPort(name, kind, port string, named bool) {
	n, err := strconv.Atoi(port)
	switch {
	case port == "":
		c.problem([]string{"probes", name, kind}, "probe %q: %s.port is missing: add it", name, kind)
	case err != nil && !named:
		c.problem([]string{"probes", name, kind, "port"}, "probe %q: port %q: use a number", name, port)
	case err == nil && (n < 1 || n > 65535):
		c.problem([]string{"probes", name, kind, "port"}, "probe %q: port %d: use 1 to 65535", name, n)
	}
}

// checkAfter refuses unknown names and cycles in After lists.
func (c *compiler) checkAfter() {
	after := func(name string) []string { return (&compiledProbe{Probe: c.spec.Probes[name]}).after() }
	for name := range c.spec.Probes {
		path := []string{"probes", name}
		for _, before := range after(name) {
			p, ok := c.spec.Probes[before]
			if !ok || !(&compiledProbe{Probe: p}).runtime() {
				c.problem(path, "probe %q: after names %q, which is no runtime probe", name, before)
				continue
			}
			if reaches(after, before, name, map[string]bool{}) {
				c.problem(path, "probe %q and %q wait for each other: remove one of them from after", name, before)
			}
		}
	}
}

func reaches(after func(string) []string, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, next := range after(from) {
		if reaches(after, next, to, seen) {
			return true
		}
	}
	return false
}
