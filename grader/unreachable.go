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

// unreached reports whether a request through the proxy was lost on its way, or
// may have been: an application that hangs looks the same.
func unreached(s probe.HTTPSample) bool {
	if s.OK || s.Refused {
		return false
	}
	for _, sign := range []string{"no answer within", "i/o timeout", "no route to host", "network is unreachable", "context deadline exceeded"} {
		if strings.Contains(s.Error, sign) {
			return true
		}
	}
	return false
}

// insideAnswers sends the request of a probe that was unreached once more, by a
// port-forward, which ends inside the Pod. It answers whether the Pod does.
func (c *compiledProbe) insideAnswers(ctx context.Context, w *world, t Target) bool {
	pod, port := c.forwardTo(w)
	if pod == nil || port == 0 {
		return false
	}
	h := c.HTTP
	again := t.prober().HTTP(ctx, probe.HTTPRequest{
		Namespace: t.Namespace, Pod: pod.Name, Port: strconv.Itoa(int(port)), Forward: true,
		Scheme: h.Scheme, Method: h.Method, Path: h.Path, Headers: h.Headers, Samples: 1, Timeout: h.Timeout.Or(defaultTimeout),
	})
	return again.Fault == nil && again.OK
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
