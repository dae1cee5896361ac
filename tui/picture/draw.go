package picture

import (
	"slices"
	"strings"

	"podlab/tui/layout"
)

// Where several Pods are drawn and there is room, they stand side by side.
const (
	sideBySide = 54 // the width that each of them has at least
	gap        = 1  // between them
)

// widest is how wide a Pod is drawn at most; beyond that, lines only get long.
const widest = 100

// leastPod is how many lines a Pod takes at least.
const leastPod = 6

// sheet is everything that is drawn: Services at the top, Pods below them in
// one or two columns, and at the right of each column the lanes of the routes.
type sheet struct {
	*drawing
	canvas  *canvas
	routes  []*route
	columns int
	width   int // of a Pod
}

// Draw draws the Pods with what they share, and the Services that reach them.
// Where there is no Pod it says what is going to be seen. Folded is how many
// Pods have no more than a line each.
func (m *Model) Draw(o Options) (lines []string, folded int) {
	d := o.drawing()
	if len(m.Pods) == 0 {
		return d.nothing(m), 0
	}
	full := m.interesting()
	if o.All {
		full = slices.Clone(m.Pods)
	} else if o.Height > 0 {
		full = full[:min(len(full), max(o.Height/leastPod, 1))]
	}
	for {
		var fallback *canvas
		for _, density := range []density{roomy, normal, dense} {
			c := d.sheet(m, full, density)
			if o.Height <= 0 || len(c.rows) <= o.Height {
				return c.lines(), len(m.Pods) - len(full)
			}
			if density == normal {
				fallback = c
			}
		}
		if len(full) == 1 || o.All {
			return fallback.lines(), len(m.Pods) - len(full) // too high; it scrolls
		}
		full = full[:len(full)-1]
	}
}

// Glance says in a few symbols how the Pods are.
func (m *Model) Glance(o Options) string {
	const most = 5
	d := o.drawing()
	var b strings.Builder
	for i, p := range m.Pods {
		if i == most && len(m.Pods) > most+1 {
			b.WriteString(o.Theme.Symbols.Ellipsis)
			break
		}
		b.WriteString(d.health(p).text)
	}
	return b.String()
}

// nothing is said before there is a Pod. Services are shown at any rate: they
// may be what the learner began with.
func (d *drawing) nothing(m *Model) []string {
	var lines []string
	for _, text := range []string{d.t.Empty, d.t.EmptyMore} {
		lines = append(lines, "")
		style := d.Theme.Strong
		if text == d.t.EmptyMore {
			style = d.Theme.Text
		}
		lines = append(lines, layout.Text(d.Lang, text, d.Width, style)...)
	}
	if len(m.Services) > 0 {
		lines = append(lines, "")
		lines = append(lines, d.sheet(m, nil, normal).lines()...)
	}
	return lines
}

// sheet draws the full Pods, and of the others a line each.
func (d *drawing) sheet(m *Model, full []*Pod, density density) *canvas {
	s := &sheet{drawing: d, canvas: newCanvas(d.Theme, d.Width), routes: m.routes(), columns: 1}
	if len(full) > 1 && d.Width >= 2*(sideBySide+s.gutter())+gap {
		s.columns = 2
	}
	s.width = min((d.Width-gap*(s.columns-1))/s.columns-s.gutter(), widest)
	top := s.services(m.Services)
	bottoms := make([]int, s.columns)
	for i := range bottoms {
		bottoms[i] = top
	}
	var folded []*Pod
	for _, p := range m.Pods {
		if !slices.Contains(full, p) {
			folded = append(folded, p)
			continue
		}
		column := 0
		if bottoms[s.columns-1] < bottoms[0] {
			column = s.columns - 1
		}
		pl := d.plan(p, s.width, density, s.strays(p))
		s.pod(pl, column, bottoms[column])
		bottoms[column] += pl.height
	}
	s.fold(folded, bottoms[0])
	s.drawRoutes()
	return s.canvas
}

// gutter is the width of the lanes at the right of a column.
func (s *sheet) gutter() int { return 2 * len(s.routes) }

// left returns where a column begins.
func (s *sheet) left(column int) int { return column * (s.width + s.gutter() + gap) }

// lane returns the column of cells that a route runs down in; the first is the
// outermost, so that the routes do not cross at the top.
func (s *sheet) lane(i, column int) int {
	return s.left(column) + s.width + s.gutter() - 1 - 2*i
}

// pod draws a Pod, and the heads of the routes that end in it.
func (s *sheet) pod(pl *plan, column, y int) {
	x := s.left(column)
	pl.render(s.canvas, x, y)
	for _, r := range s.routes {
		for _, t := range r.port.Reaches {
			if t.Pod != pl.pod {
				continue
			}
			if row, ok := pl.portRow(t); ok {
				s.arrive(r, t.Pod, end{column, x + pl.width - 2, y + row})
			}
		}
	}
}

// fold writes a line for each of the Pods that are not drawn.
func (s *sheet) fold(pods []*Pod, y int) {
	names := 0
	for _, p := range pods {
		names = max(names, layout.Widest(p.Name))
	}
	names = min(names, s.width*2/5)
	for _, p := range pods {
		s.canvas.put(1, y, s.Theme.Symbols.Cursor, faint, 1)
		s.canvas.spans(3, y, line{{"Pod ", faint}, {p.Name, strong}}, names+4)
		address := span{p.IP, faint}
		if p.IP == "" {
			address.text = s.t.NoIP
		}
		s.canvas.spans(names+9, y, append(s.standing(p), s.dot(), address), s.width-names-12)
		for _, r := range s.routes {
			if slices.ContainsFunc(r.port.Reaches, func(t Target) bool { return t.Pod == p && t.Number != 0 }) {
				s.arrive(r, p, end{0, s.width - 2, y})
			}
		}
		y++
	}
}
