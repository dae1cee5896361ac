package grader

import (
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"podlab/content"
)

// deniedError is that the cluster does not let podlab look at something. What
// cannot be seen is neither right nor wrong: its checks are Unverifiable.
type deniedError struct {
	// verb and resource as RBAC names them: "list", "pods"; "get", "pods/log".
	verb, resource string
	// err is the API server's answer, with status 403.
	err error
}

func (e *deniedError) Error() string { return e.err.Error() }
func (e *deniedError) Unwrap() error { return e.err }

// denied makes a refusal of the API server a deniedError that says what was
// refused; other errors, and nil, stay what they are.
func denied(err error, verb, resource string) error {
	var already *deniedError
	if err == nil || errors.As(err, &already) || !apierrors.IsForbidden(err) {
		return err
	}
	return &deniedError{verb, resource, err}
}

// isDenied reports whether err is, or wraps, a deniedError.
func isDenied(err error) bool {
	var d *deniedError
	return errors.As(err, &d)
}

// deniedMessage says that podlab is not allowed to look, or that the cluster does
// not get through to a Pod that answers; ok is false for any other error.
func deniedMessage(err error) (said content.Message, ok bool) {
	var lost *unreachedError
	if errors.As(err, &lost) {
		return content.Say("unreached", "reason", short(lost.said)), true
	}
	var d *deniedError
	if !errors.As(err, &d) {
		return content.Message{}, false
	}
	reason := d.err.Error()
	if status := apierrors.APIStatus(nil); errors.As(d.err, &status) && status.Status().Message != "" {
		reason = status.Status().Message
	}
	return content.Say("denied", "verb", d.verb, "resource", d.resource, "reason", short(reason)), true
}

// plural names a resource as RBAC does: "pods", "deployments.apps".
func plural(r schema.GroupVersionResource) string { return r.GroupResource().String() }

// Need is a right that grading takes, in the namespace of the lab.
type Need struct {
	Verb, Group, Resource, Subresource string
	// Checks that are Unverifiable without it, by their ids.
	Checks []string
}

// need is what a runtime probe asks of the API server.
func (p *compiledProbe) need() Need {
	n := Need{Verb: "create", Resource: "pods"}
	switch {
	case p.Logs != nil:
		n.Verb, n.Subresource = "get", "log"
	case p.Exec != nil:
		n.Subresource = "exec"
	case p.HTTP != nil && p.HTTP.Via != "forward":
		n.Verb, n.Subresource = proxyVerb(p.HTTP.Method), "proxy"
		if p.HTTP.Service != "" {
			n.Resource = "services"
		}
	default: // TCP, and HTTP by a port-forward
		n.Subresource = "portforward"
	}
	return n
}

// proxyVerb is the verb that a request through a proxy counts as.
func proxyVerb(method string) string {
	switch method {
	case "POST":
		return "create"
	case "PUT":
		return "update"
	case "PATCH":
		return "patch"
	case "DELETE":
		return "delete"
	}
	return "get"
}

// resource as RBAC names it, with the subresource: "pods/log".
func (n Need) resource() string {
	name := schema.GroupResource{Group: n.Group, Resource: n.Resource}.String()
	if n.Subresource != "" {
		name += "/" + n.Subresource
	}
	return name
}

// Needs returns the rights that the program takes to judge all of its checks,
// with the checks that hang on each.
func (p *Program) Needs() []Need {
	var all []Need
	add := func(n Need, check string) {
		for i, known := range all {
			if known.Verb != n.Verb || known.Group != n.Group || known.Resource != n.Resource || known.Subresource != n.Subresource {
				continue
			}
			for _, c := range known.Checks {
				if c == check {
					return
				}
			}
			all[i].Checks = append(known.Checks, check)
			return
		}
		n.Checks = []string{check}
		all = append(all, n)
	}
	for _, c := range p.checks {
		for _, name := range c.probes {
			probe := p.probes[name]
			for _, n := range probe.reads() {
				add(n, c.ID)
			}
			if probe.runtime() {
				add(probe.need(), c.ID)
			}
		}
	}
	return all
}

// reads are the rights to read the objects that a probe looks at. What may not be
// watched as well is asked for again and again, see cached.
func (p *compiledProbe) reads() []Need {
	var all []Need
	read := func(verb string, r schema.GroupVersionResource) {
		all = append(all, Need{Verb: verb, Group: r.Group, Resource: r.Resource})
	}
	switch {
	case p.Object != nil && p.Object.Kind != "Pod":
		read("get", resourceOf(p.Object.APIVersion, p.Object.Kind))
	case p.List != nil && p.List.Kind != "Pod":
		read("list", resourceOf(p.List.APIVersion, p.List.Kind))
	case p.Events != nil:
		read("list", eventsResource)
	case p.service() != "":
		read("get", servicesResource)
	}
	if owner := p.podOf(); owner != nil {
		read("get", owner.resource())
	}
	if p.needsPods() {
		read("list", podsResource)
	}
	return all
}

// needsPods reports whether nothing can be said of the probe without the Pods
// of the namespace.
func (p *compiledProbe) needsPods() bool {
	return p.runtime() || p.PodOf != nil || p.Object != nil && p.Object.Kind == "Pod" || p.List != nil && p.List.Kind == "Pod"
}
