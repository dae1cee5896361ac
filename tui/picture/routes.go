package picture

import (
	"slices"
	"strconv"

	"podlab/tui/texts"
	"podlab/tui/wrap"
)

// mostTraffic is how many ports of Services have a line of their own; each
// takes two cells of the width.
const mostTraffic = 5

// route is the line from a port of a Service to what it reaches.
type route struct {
	port *ServicePort
	x, y int   // where it begins
	ends []end // in the Pods
}

// end is where a route arrives.
type end struct{ column, x, y int }

// routes lists the ports of Services that reach something.
func (m *Model) routes() []*route {
	var routes []*route
	for _, s := range m.Services {
		for i := range s.Ports {
			p := &s.Ports[i]
			reached := slices.ContainsFunc(p.Reaches, func(t Target) bool { return t.Number != 0 })
			if reached && len(routes) < mostTraffic {
				routes = append(routes, &route{port: p})
			}
		}
	}
	return routes
}

// strays lists the ports of a Pod that routes lead to and no container
// declares.
func (s *sheet) strays(p *Pod) []int {
	var ports []int
	for _, r := range s.routes {
		for _, t := range r.port.Reaches {
			if t.Pod == p && t.Container == nil && t.Number != 0 && !slices.Contains(ports, t.Number) {
				ports = append(ports, t.Number)
			}
		}
	}
	return ports
}

// arrive draws the head of a route.
func (s *sheet) arrive(r *route, p *Pod, e end) {
	head := s.Theme.Symbols.Into
	if !p.ServesTraffic {
		head = s.Theme.Symbols.IntoIdle
	}
	s.canvas.put(e.x, e.y, head, routed, 1)
	r.ends = append(r.ends, e)
}

// services writes a line for each port of each Service, and what is wrong with
// it, and returns the row below.
func (s *sheet) services(services []*Service) int {
	y := 0
	for _, service := range services {
		head := s.serviceName(service)
		indent := head.width() + 2
		if indent > s.width/2 {
			indent = 4
			s.canvas.spans(1, y, head, s.width-2)
			y++
			head = nil
		}
		says := s.troubleOf(service)
		for i := range service.Ports {
			p := &service.Ports[i]
			s.canvas.spans(1, y, head, s.width-2)
			head = nil
			l := s.portLine(service, p)
			room := s.width - 2 - indent
			used := s.canvas.spans(1+indent, y, l, room)
			for _, r := range s.routes {
				if r.port == p {
					r.x, r.y = 1+indent+used+1, y
				}
			}
			y++
			for _, text := range s.portTrouble(p) {
				y = s.wrapped(4, y, text)
			}
		}
		if len(head) > 0 {
			s.canvas.spans(1, y, head, s.width-2)
			y++
		}
		for _, text := range says {
			y = s.wrapped(4, y, text)
		}
	}
	return y
}

// wrapped writes a text in as many lines as it needs, and returns the row
// below.
func (s *sheet) wrapped(x, y int, text span) int {
	for _, l := range wrap.Text(s.Lang, text.text, max(s.width-x-1, 20)) {
		s.canvas.put(x, y, l, text.ink, s.width-x)
		y++
	}
	return y
}

// serviceName says name and type.
func (s *sheet) serviceName(service *Service) line {
	l := line{{"Service ", faint}, {service.Name, strong}, s.dot()}
	if service.Headless {
		return append(l, span{s.t.Headless, plain})
	}
	return append(l, span{string(service.Type), plain})
}

// portLine says which port leads where.
func (s *sheet) portLine(service *Service, p *ServicePort) line {
	var l line
	if p.Name != "" {
		l = append(l, span{p.Name + " ", faint})
	}
	l = append(l, span{strconv.Itoa(p.Number), strong})
	if p.Protocol != "TCP" {
		l = append(l, span{"/" + string(p.Protocol), plain})
	}
	if p.NodePort != 0 {
		l = append(l, span{" (nodePort " + strconv.Itoa(p.NodePort) + ")", faint})
	}
	if service.Selected > 0 {
		l = append(l, span{" " + s.Theme.Symbols.Onward + " ", routed}, span{p.Target, strong})
	}
	if service.Selected > 0 && (service.Selected > 1 || service.Serving == 0) {
		i := faint
		if service.Serving < service.Selected {
			i = pending
		}
		text := texts.Fill(s.t.ServingSome, "n", strconv.Itoa(service.Serving), "all", strconv.Itoa(service.Selected))
		l = append(l, s.dot(), span{text, i})
	}
	return l
}

// troubleOf says why a Service reaches no Pod. That need not be wrong: some
// Services are only looked up.
func (s *sheet) troubleOf(service *Service) []span {
	none := s.Theme.Symbols.NotYet + " "
	switch {
	case service.ExternalName != "":
		return []span{{s.Theme.Symbols.Onward + " " + service.ExternalName, plain}}
	case service.Selector == "":
		return []span{{none + s.t.NoSelector, pending}}
	case service.Selected == 0:
		return []span{{none + texts.Fill(s.t.SelectsNone, "selector", service.Selector), pending}}
	}
	return nil
}

// portTrouble says why a port reaches no container, or may not.
func (s *sheet) portTrouble(p *ServicePort) []span {
	if len(p.Reaches) == 0 {
		return nil
	}
	missing := !slices.ContainsFunc(p.Reaches, func(t Target) bool { return t.Number != 0 })
	undeclared := !slices.ContainsFunc(p.Reaches, func(t Target) bool { return t.Container != nil })
	switch {
	case missing:
		return []span{{s.Theme.Symbols.Failed + " " + texts.Fill(s.t.NoNamedPort, "port", p.Target), failed}}
	case undeclared:
		return []span{{texts.Fill(s.t.Undeclared, "port", p.Target), faint}}
	}
	return nil
}

// drawRoutes draws the lines from the Services to the Pods. Lanes come first:
// what crosses them passes beneath.
func (s *sheet) drawRoutes() {
	for i, r := range s.routes {
		for column := range s.columns {
			bottom := 0
			for _, e := range r.ends {
				if e.column == column {
					bottom = max(bottom, e.y)
				}
			}
			s.canvas.vertical(s.lane(i, column), r.y, bottom, light, routed)
		}
	}
	for i, r := range s.routes {
		last := 0
		for _, e := range r.ends {
			s.canvas.through(e.x+1, s.lane(i, e.column), e.y)
			last = max(last, e.column)
		}
		s.canvas.horizontal(r.x, s.lane(i, last), r.y, light, routed)
		for column := range last {
			s.canvas.draw(s.lane(i, column), r.y, across, light, routed)
		}
	}
}

// through draws a line that comes from beyond the left and ends at a lane.
func (c *canvas) through(x1, x2, y int) {
	for x := x1; x <= x2; x++ {
		at := c.at(x, y)
		switch {
		case at == nil:
		case x == x2:
			c.draw(x, y, left, light, routed)
		case at.ink == routed && at.lines[light]&upright == upright:
		default:
			was := at.ink
			c.draw(x, y, across, light, routed)
			if was == framed {
				at.ink = framed // the wall stays the Pod's
			}
		}
	}
}
