package grader

import (
	"context"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"podlab/grader/cellib"
	"podlab/grader/probe"
)

// unreachedError is that the API server does not get through to a Pod that
// answers: on clusters whose control plane lies in another network, or where a
// NetworkPolicy keeps it out.
type unreachedError struct{ said string }

func (e *unreachedError) Error() string { return e.said }

// tunnelled reports whether an API server that dials Pods through a tunnel says
// that it could not: of the cause, such as a refusal, the tunnel tells nothing.
func tunnelled(s probe.HTTPSample) bool { return strings.HasPrefix(s.Error, "proxy error from ") }

// fromInside sends a request that got no answer through the proxy once more, by a
// port-forward, which ends inside the Pod: an application that hangs cannot be
// told otherwise from one that the API server does not get through to. It returns
// what is known then.
func (c *compiledProbe) fromInside(ctx context.Context, w *world, t Target, res probe.HTTPResult) probe.HTTPResult {
	pod, port := c.forwardTo(w)
	if pod == nil || port == 0 {
		return res
	}
	h := c.HTTP
	again := t.prober().HTTP(ctx, probe.HTTPRequest{
		Namespace: t.Namespace, Pod: pod.Name, Port: strconv.Itoa(int(port)), Forward: true,
		Scheme: h.Scheme, Method: h.Method, Path: h.Path, Headers: h.Headers, Samples: 1, Timeout: h.Timeout.Or(defaultTimeout),
	})
	switch {
	case again.Fault != nil:
		res.Fault = denied(again.Fault, "create", "pods/portforward")
	case again.OK:
		res.Fault = &unreachedError{res.Error}
	case again.Refused && tunnelled(res.HTTPSample):
		// Nobody listens, not even on 127.0.0.1.
		res.Refused = true
		for i, s := range res.Samples {
			res.Samples[i].Refused = s.Refused || tunnelled(s)
		}
	}
	return res
}

// forwardTo is the Pod, and its port, that a request through the proxy is for; of
// a Service the first one behind it. The port is 0 where there is none.
func (c *compiledProbe) forwardTo(w *world) (*pod, int32) {
	if c.service() == "" {
		target := c.podFor(w)
		if target == nil {
			return nil, 0
		}
		return target, target.port(intstr.Parse(c.HTTP.Port))
	}
	service := &corev1.Service{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(w.services[c.service()], service) != nil {
		return nil, 0
	}
	for _, p := range w.pods {
		if p.DeletionTimestamp != nil || !cellib.Selects(w.services[c.service()], p.object) {
			continue
		}
		for _, sp := range service.Spec.Ports {
			if sp.Name != c.HTTP.Port && strconv.Itoa(int(sp.Port)) != c.HTTP.Port {
				continue
			}
			if sp.TargetPort == (intstr.IntOrString{}) {
				return p, sp.Port
			}
			return p, p.port(sp.TargetPort)
		}
	}
	return nil, 0
}

// port is the number of a port, which may be the name of a container's; 0 where
// no container has that name.
func (p *pod) port(named intstr.IntOrString) int32 {
	if named.Type == intstr.Int {
		return named.IntVal
	}
	for _, containers := range [][]corev1.Container{p.Spec.Containers, p.Spec.InitContainers} {
		for _, c := range containers {
			for _, port := range c.Ports {
				if port.Name == named.StrVal {
					return port.ContainerPort
				}
			}
		}
	}
	return 0
}
