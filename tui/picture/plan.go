package picture

import (
	"slices"
	"strconv"

	"podlab/tui/layout"
	"podlab/tui/wrap"
)

// density is how much room a Pod is given.
type density int

const (
	roomy  density = iota // with blank lines
	normal                // without
	dense                 // containers share their borders
)

const (
	podFrame = 4 // what the frame of a Pod takes of its width
	// twoColumns is the width from which init containers can stand at the left
	// of the others, if that is enough for them.
	twoColumns = 40
	// besideLabels is the width from which volumes are named at the left of
	// the containers, instead of below them.
	besideLabels = 40
	// leastLabel is what labels get of the width at any rate.
	leastLabel = 14
	// strayWidth is kept for ports below the containers.
	strayWidth = 9
)

// label names a volume; its lines begin at a row.
type label struct {
	y, x  int
	lines []line
	// first is how wide the first line may be; 0 for any width.
	first int
}

// plan is a Pod laid out for a width. Columns and rows are counted from the
// corner of its frame.
type plan struct {
	*drawing
	pod           *Pod
	density       density
	width, height int

	head   []line // below the upper border
	titles []label
	boxes  []*box
	ghosts []label // where native sidecars have their place in the order
	then   []tap   // arrows from one container to the next
	pipes  []*pipe
	labels []label
	foot   []line // above the lower border
	footAt int
	stray  map[int]int // rows of ports that no container declares
}

// plan lays out a Pod. Strays are the ports that Services reach and that no
// container declares.
func (d *drawing) plan(p *Pod, width int, density density, strays []int) *plan {
	pl := &plan{drawing: d, pod: p, density: density, width: width, stray: map[int]int{}}
	pl.head = append(pl.head, d.where(p))
	if p.Trouble != "" {
		for _, text := range clip(wrap.Text(d.Lang, p.Trouble, pl.inner()), 3, d.Theme.Symbols.Ellipsis) {
			pl.head = append(pl.head, line{{text, failed}})
		}
	}
	y := 1 + len(pl.head)
	if density == roomy {
		y++
	}
	var inits, others []*Container
	for _, c := range p.Containers {
		if c.Role == Init {
			inits = append(inits, c)
		} else {
			others = append(others, c)
		}
	}
	switch {
	case len(inits) > 0 && pl.fitsColumns():
		y = pl.columns(y)
	default:
		y = pl.stacked(y, append(inits, others...))
	}
	if len(p.Containers) > 1 || len(strays) > 0 {
		room := pl.inner()
		if len(strays) > 0 {
			room -= strayWidth
		}
		pl.foot = append(pl.foot, d.shares(p, room)...)
		if density == roomy {
			y++
		}
	}
	pl.footAt = y
	for i, port := range strays {
		if i >= len(pl.foot) {
			pl.foot = append(pl.foot, nil)
		}
		pl.stray[port] = y + i
	}
	pl.height = y + len(pl.foot) + 1
	return pl
}

// inner is the width inside the frame.
func (pl *plan) inner() int { return pl.width - podFrame }

// causeLines is how much is said of why a container fails.
func (pl *plan) causeLines() int {
	if pl.density == roomy {
		return 3
	}
	return 1
}

// stack puts boxes of containers below each other, from a row on, and returns
// the row below them. Arrows lead from one to the next that has to wait for it.
func (pl *plan) stack(containers []*Container, x, y, width int, inline map[string]*Volume) (boxes []*box, end int) {
	for i, c := range containers {
		b := pl.box(pl.pod, c, width, inline, pl.causeLines())
		b.x, b.y = x, y
		boxes = append(boxes, b)
		y += b.height()
		if i+1 == len(containers) {
			break
		}
		switch {
		case pl.density == dense:
			y-- // one line is the border of both
			if c.Ordered() {
				pl.then = append(pl.then, tap{y: y, x: x + width/2})
			}
		case c.Ordered():
			pl.then = append(pl.then, tap{y: y, x: x + width/2})
			y++
		}
	}
	return boxes, y
}

// stacked puts all containers at the right, in the order in which they start,
// and the volumes at the left.
func (pl *plan) stacked(y int, containers []*Container) int {
	slices.SortStableFunc(containers, func(a, b *Container) int { return startsAs(a) - startsAs(b) })
	first, end, labelled := y, y, 0
	if pl.inner() >= besideLabels {
		spare := pl.inner() - 4 - 2*len(pl.pod.Volumes) - pl.widest(containers, pl.least)
		labelled = min(pl.widestLabel(), max(spare, leastLabel))
	}
	// How many lanes there are is known once the rows are, which depend on the
	// width that the lanes leave.
	for n := -1; n != lanes(pl.pipes); {
		n = lanes(pl.pipes)
		room := pl.inner() - labelled - 2*n
		if len(pl.pod.Volumes) > 0 {
			room -= 4
		}
		width := room
		if labelled > 0 {
			width = min(room, max(pl.widest(containers, pl.natural), pl.inner()*3/5))
		}
		pl.then = nil
		pl.boxes, end = pl.stack(containers, 2+pl.inner()-width, first, width, nil)
		pl.pipes = pl.connect(pl.pod.Volumes)
		if labelled == 0 {
			end = pl.labelsBelow(end, 2)
		} else {
			end = max(end, pl.labelsLeft(first, labelled))
		}
		if lanes(pl.pipes) < n {
			break // fewer are needed than there is room for
		}
	}
	if labelled == 0 {
		assignLanes(pl.pipes, 3)
	} else {
		assignLanes(pl.pipes, pl.boxes[0].x-2-2*lanes(pl.pipes)+1)
	}
	return end
}

// startsAs orders roles as a Pod starts them.
func startsAs(c *Container) int {
	if c.Ordered() {
		return c.Place
	}
	return 1000 + int(c.Role)
}

func (pl *plan) widest(containers []*Container, width func(*Pod, *Container) int) int {
	w := 0
	for _, c := range containers {
		w = max(w, width(pl.pod, c))
	}
	return w
}

// connect makes a pipe of each volume that a box mounts.
func (pl *plan) connect(volumes []*Volume) []*pipe {
	var pipes []*pipe
	for _, v := range volumes {
		one := &pipe{volume: v, lane: -1}
		for _, b := range pl.boxes {
			for i, r := range b.rows {
				if r.mount == nil || r.mount.Volume != v.Name {
					continue
				}
				t := tap{y: b.y + 1 + i, x: b.x}
				if b.container.Role == Init && b.x == 2 {
					t.x, t.toLeft = b.x+b.width-1, true
				}
				one.taps = append(one.taps, t)
			}
		}
		if len(one.taps) > 0 {
			pipes = append(pipes, one)
		}
	}
	return pipes
}

// name of a volume in a label, on one line where it fits into width.
func (pl *plan) name(v *Volume, width int) []line {
	name, kind := line{{v.Name, piped}}, line{{pl.kind(v), faint}}
	both := line{name[0], pl.dot(), kind[0]}
	if both.width() <= width {
		return []line{both}
	}
	return []line{name, kind}
}

func (pl *plan) widestLabel() int {
	w := 0
	for _, v := range pl.pod.Volumes {
		w = max(w, layout.Widest(v.Name, pl.kind(v)))
	}
	return w
}

// labelsLeft names the volumes at the left, beside their first mounts, and
// returns the row below the labels.
func (pl *plan) labelsLeft(y, width int) int {
	pl.labels = nil
	slices.SortStableFunc(pl.pipes, func(a, b *pipe) int { return a.taps[0].y - b.taps[0].y })
	for _, v := range pl.pipes {
		l := label{y: max(y, v.taps[0].y), x: 2, lines: pl.name(v.volume, width), first: width}
		end := min(l.lines[0].width(), width)
		v.taps = append(v.taps, tap{y: l.y, x: 2 + end + 1, toLeft: true})
		pl.labels = append(pl.labels, l)
		y = l.y + len(l.lines)
	}
	for _, v := range pl.pod.Volumes {
		if !slices.ContainsFunc(pl.pipes, func(one *pipe) bool { return one.volume == v }) {
			l := label{y: y, x: 2, lines: append(pl.name(v, width), line{{pl.t.NotMounted, pending}})}
			pl.labels = append(pl.labels, l)
			y += len(l.lines)
		}
	}
	return y
}

// labelsBelow names the volumes at the right of their lanes, from a row on.
func (pl *plan) labelsBelow(y, x int) int {
	pl.labels = nil
	text := x + 2*len(pl.pipes) + 3
	for _, v := range pl.pipes {
		both := pl.name(v.volume, pl.inner()+1000)
		pl.labels = append(pl.labels, label{y: y, x: text, lines: both})
		v.taps = append(v.taps, tap{y: y, x: text - 2})
		y++
	}
	return y
}

// portRow returns the row at which requests for a port of a container arrive.
func (pl *plan) portRow(t Target) (y int, ok bool) {
	if t.Container == nil {
		y, ok = pl.stray[t.Number]
		return y, ok
	}
	for _, b := range pl.boxes {
		for i, r := range b.rows {
			if b.container == t.Container && r.port != nil && r.port.Number == t.Number {
				return b.y + 1 + i, true
			}
		}
	}
	return 0, false
}

// render draws the Pod with its corner at a place.
func (pl *plan) render(c *canvas, x, y int) {
	c.frame(x, y, pl.width, pl.height)
	standing := pl.standing(pl.pod)
	// The name matters more than what is said of the Pod as a whole.
	room := pl.width - 10 - min(layout.Widest(pl.pod.Name)+4, 20)
	standing = standing.or(room, standing[:2], standing[:1])
	at := x + pl.width - 4 - standing.width()
	c.heading(at, y, standing, standing.width())
	c.heading(x+2, y, line{{"Pod ", faint}, {pl.pod.Name, strong}}, at-x-5)
	for i, l := range pl.head {
		c.spans(x+2, y+1+i, l, pl.inner())
	}
	for _, b := range pl.boxes {
		pl.drawBox(c, b, x, y)
	}
	drawPipes(c, pl.pipes, x, y)
	for _, group := range [][]label{pl.titles, pl.ghosts, pl.labels} {
		for _, l := range group {
			for i, text := range l.lines {
				c.spans(x+l.x, y+l.y+i, text, pl.room(l, i))
			}
		}
	}
	for _, t := range pl.then {
		c.put(x+t.x, y+t.y, pl.Theme.Symbols.Then, accent, 1)
	}
	for i, l := range pl.foot {
		c.spans(x+2, y+pl.footAt+i, l, pl.inner())
	}
	for port, row := range pl.stray {
		text := " :" + strconv.Itoa(port) + " "
		c.put(x+pl.width-2-len(text), y+row, text, strong, len(text))
	}
}

// room is how many cells a line of a label may take: up to the next thing at
// its right.
func (pl *plan) room(l label, i int) int {
	end, y := 2+pl.inner(), l.y+i
	for _, b := range pl.boxes {
		if b.x > l.x && b.y <= y && y < b.y+b.height() {
			end = min(end, b.x-1)
		}
	}
	for _, v := range pl.pipes {
		if top, bottom := v.span(); v.lane > l.x && top <= y && y <= bottom {
			end = min(end, v.lane-1)
		}
	}
	if i == 0 && l.first > 0 {
		end = min(end, l.x+l.first)
	}
	return end - l.x
}
