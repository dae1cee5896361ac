package picture

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Service is a Service and what it reaches.
type Service struct {
	Name string
	Type corev1.ServiceType
	// Headless: it has no address of its own.
	Headless bool
	// Selector as "app=web,tier=front"; empty where there is none.
	Selector string
	// ExternalName is the host of a Service of that type.
	ExternalName string
	Ports        []ServicePort
	// Selected counts the Pods that the selector matches and that have not
	// ended, Serving those of them that requests are sent to.
	Selected, Serving int
}

// ServicePort is a port of a Service.
type ServicePort struct {
	Name     string // may be empty
	Number   int
	NodePort int // 0 for none
	// Target is the targetPort: a number or the name of a container's port.
	Target   string
	Protocol corev1.Protocol
	Reaches  []Target
}

// Target is where the requests for a port of a Service go in one Pod.
type Target struct {
	Pod *Pod
	// Container declares the port; nil where none does.
	Container *Container
	// Number of the port; 0 where no container has a port of the name.
	Number int
}

func serviceOf(s *corev1.Service, objects []*corev1.Pod, pods []*Pod) *Service {
	service := &Service{
		Name: safe(s.Name), Type: s.Spec.Type, Selector: selectorOf(s.Spec.Selector),
		Headless: s.Spec.ClusterIP == corev1.ClusterIPNone, ExternalName: safe(s.Spec.ExternalName),
	}
	if service.Type == "" {
		service.Type = corev1.ServiceTypeClusterIP
	}
	var selected []*Pod
	if len(s.Spec.Selector) > 0 {
		selector := labels.SelectorFromSet(s.Spec.Selector)
		for i, p := range objects {
			if selector.Matches(labels.Set(p.Labels)) && !pods[i].Deleted && !pods[i].Ended {
				selected = append(selected, pods[i])
				if pods[i].ServesTraffic || s.Spec.PublishNotReadyAddresses {
					service.Serving++
				}
			}
		}
	}
	service.Selected = len(selected)
	for _, p := range s.Spec.Ports {
		port := ServicePort{
			Name: safe(p.Name), Number: int(p.Port), NodePort: int(p.NodePort), Protocol: p.Protocol,
		}
		if port.Protocol == "" {
			port.Protocol = corev1.ProtocolTCP
		}
		target := p.TargetPort
		if target.Type == intstr.Int && target.IntVal == 0 {
			target = intstr.FromInt32(p.Port)
		}
		port.Target = safe(target.String())
		for _, pod := range selected {
			port.Reaches = append(port.Reaches, pod.find(port.Target, target, port.Protocol))
		}
		service.Ports = append(service.Ports, port)
	}
	return service
}

// find looks for the container that declares a target port.
func (p *Pod) find(name string, target intstr.IntOrString, protocol corev1.Protocol) Target {
	for _, c := range p.Containers {
		if c.Role != Regular && c.Role != Sidecar {
			continue
		}
		for _, port := range c.Ports {
			same := target.Type == intstr.Int && port.Number == int(target.IntVal) ||
				target.Type == intstr.String && port.Name == name
			if same && port.Protocol == protocol {
				return Target{p, c, port.Number}
			}
		}
	}
	if target.Type == intstr.String {
		return Target{Pod: p}
	}
	return Target{Pod: p, Number: int(target.IntVal)}
}

// selectorOf writes a selector as kubectl does.
func selectorOf(set map[string]string) string {
	pairs := make([]string, 0, len(set))
	for _, k := range slices.Sorted(maps.Keys(set)) {
		pairs = append(pairs, k+"="+set[k])
	}
	return safe(strings.Join(pairs, ","))
}
