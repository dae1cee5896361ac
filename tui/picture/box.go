package picture

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"podlab/tui/wrap"
)

// boxFrame is what the frame of a container takes of its width.
const boxFrame = 4

// row is a line inside a box: what stands at its left and at its right.
type row struct {
	left, right line
	mount       *Mount // the row is where this volume is mounted
	port        *Port  // the right is where requests for this port arrive
}

// box is a container, laid out for a width.
type box struct {
	container *Container
	x, y      int // its place in the Pod
	width     int
	rows      []row
}

func (b *box) height() int { return len(b.rows) + 2 }

// box lays out a container. What a volume is stands below the mount of those
// that inline names.
func (d *drawing) box(p *Pod, c *Container, width int, inline map[string]*Volume, causeLines int) *box {
	b := &box{container: c, width: width}
	inner := width - boxFrame
	add := func(l line) { b.rows = append(b.rows, row{left: l}) }
	add(d.state(p, c))
	if l := d.history(c); l != nil {
		add(l)
	}
	if cause := c.cause(); cause != "" {
		for _, text := range clip(wrap.Text(d.Lang, cause, inner), causeLines, d.Theme.Symbols.Ellipsis) {
			add(line{{text, faint}})
		}
	}
	for i := range c.Mounts {
		m := &c.Mounts[i]
		b.rows = append(b.rows, row{left: d.mountPoint(m, inner), mount: m})
		if v := inline[m.Volume]; v != nil {
			add(line{{"  " + v.Name, piped}, d.dot(), {d.kind(v), faint}})
		}
	}
	b.addPorts(d, inner)
	return b
}

// addPorts writes the ports at the right, where there is room, else in rows of
// their own.
func (b *box) addPorts(d *drawing, inner int) {
	next := 0
	for i := range b.container.Ports {
		p := &b.container.Ports[i]
		said := d.port(p)
		for next < len(b.rows) && b.rows[next].left.width()+2+said.width() > inner {
			next++
		}
		if next == len(b.rows) {
			b.rows = append(b.rows, row{})
		}
		b.rows[next].right, b.rows[next].port = said, p
		next++
	}
}

// port says a declared port.
func (d *drawing) port(p *Port) line {
	text := ":" + strconv.Itoa(p.Number)
	if p.Protocol != corev1.ProtocolTCP {
		text += "/" + string(p.Protocol)
	}
	l := line{}
	if p.Name != "" {
		l = append(l, span{p.Name + " ", faint})
	}
	l = append(l, span{text, strong})
	if p.HostPort != 0 {
		l = append(l, span{" hostPort " + strconv.Itoa(p.HostPort), faint})
	}
	return l
}

// natural is the width that a container would like its box to have.
func (d *drawing) natural(p *Pod, c *Container) int { return d.wants(p, c, 1000, 1000) }

// least is the width that the box of a container needs: long paths give way.
func (d *drawing) least(p *Pod, c *Container) int { return d.wants(p, c, 18, 0) }

func (d *drawing) wants(p *Pod, c *Container, mount, mark int) int {
	w := d.title(c).width() + d.mark(c, mark).width() + 4
	w = max(w, d.state(p, c).width())
	for i := range c.Mounts {
		w = max(w, min(d.mountPoint(&c.Mounts[i], 1000).width(), mount))
	}
	for i := range c.Ports {
		w = max(w, d.port(&c.Ports[i]).width())
	}
	return w + boxFrame
}

// title is the place in the order and the name.
func (d *drawing) title(c *Container) line {
	if c.Ordered() {
		return line{{strconv.Itoa(c.Place) + " ", accent}, {c.Name, strong}}
	}
	return line{{c.Name, strong}}
}

// mark says the role of a container that is not a regular one, in width cells
// if it can.
func (d *drawing) mark(c *Container, width int) line {
	switch c.Role {
	case Init:
		return line{{d.t.Init, faint}}
	case Sidecar:
		return line{{d.t.Sidecar, accent}}.or(width, line{{d.t.SidecarShort, accent}})
	case Ephemeral:
		return line{{d.t.Debug, faint}}
	default:
		return nil
	}
}

// drawBox draws a box at its place, moved by x and y.
func (d *drawing) drawBox(c *canvas, b *box, x, y int) {
	x, y = x+b.x, y+b.y
	c.frame(x, y, b.width, b.height())
	room := b.width - 6
	mark := d.mark(b.container, room-d.title(b.container).width()-2)
	if len(mark) > 0 {
		at := x + b.width - 4 - mark.width()
		c.put(at, y, " ", plain, 1)
		used := c.spans(at+1, y, mark, b.width)
		c.put(at+1+used, y, " ", plain, 1)
		room -= mark.width() + 2
	}
	c.heading(x+2, y, d.title(b.container), room)
	for i, r := range b.rows {
		inner := b.width - boxFrame
		if len(r.right) > 0 {
			c.spans(x+2+inner-r.right.width(), y+1+i, r.right, inner)
			inner -= r.right.width() + 1
		}
		c.spans(x+2, y+1+i, r.left, inner)
	}
}

// heading writes a line into a frame, with a blank at either side.
func (c *canvas) heading(x, y int, l line, width int) {
	c.put(x, y, " ", plain, 1)
	used := c.spans(x+1, y, l, width)
	c.put(x+1+used, y, " ", plain, 1)
}

// clip keeps the first n of lines.
func clip(lines []string, n int, ellipsis string) []string {
	if len(lines) <= n {
		return lines
	}
	lines = append([]string{}, lines[:n]...)
	lines[n-1] += ellipsis
	return lines
}
