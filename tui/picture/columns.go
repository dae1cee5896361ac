package picture

import (
	"slices"
	"strconv"

	"podlab/tui/layout"
)

// columns puts init containers at the left, the others at the right, and the
// volumes that they share between them.
func (pl *plan) columns(y int) int {
	shared, private := pl.sharing()
	leftWidth, rightWidth := pl.split(pl.inner() - between(len(shared)))
	rightX := 2 + leftWidth + between(len(shared))
	top := y
	if pl.density != dense {
		pl.titles = []label{{y: y, x: 2, lines: []line{{{pl.t.Inits, faint}}}}}
		y++
	}
	leftEnd := pl.chain(y, leftWidth, private)
	rightEnd := pl.rest(top, rightX, rightWidth, private)
	pl.pipes = pl.connect(shared)
	lane := 2 + leftWidth + 1
	end := max(leftEnd, rightEnd)
	if rightEnd <= leftEnd {
		for _, v := range pl.pipes {
			l := label{y: rightEnd, x: rightX + 1, lines: pl.name(v.volume, rightWidth-1)}
			v.taps = append(v.taps, tap{y: l.y, x: rightX - 1})
			pl.labels = append(pl.labels, l)
			rightEnd += len(l.lines)
		}
	} else {
		for _, v := range pl.pipes {
			l := label{y: leftEnd, x: 2, lines: pl.name(v.volume, leftWidth-1), first: leftWidth - 1}
			// Right beside the lane, wherever the left boxes end.
			l.x += max(leftWidth-1-layout.Widest(plainText(l.lines)...), 0)
			v.taps = append(v.taps, tap{y: l.y, x: l.x + min(l.lines[0].width(), leftWidth-1) + 1, toLeft: true})
			pl.labels = append(pl.labels, l)
			leftEnd += len(l.lines)
		}
	}
	assignLanes(pl.pipes, lane)
	return max(end, leftEnd, rightEnd)
}

// rest puts what is no init container at the right: native sidecars beside
// their places in the chain, and then what starts when the chain is through.
func (pl *plan) rest(y, x, width int, inline map[string]*Volume) int {
	var sidecars, regular []*Container
	for _, c := range pl.pod.Containers {
		switch c.Role {
		case Init:
		case Sidecar:
			sidecars = append(sidecars, c)
		default:
			regular = append(regular, c)
		}
	}
	then := pl.then // the sidecars have their arrows in the chain
	if len(sidecars) > 0 {
		if pl.density != dense {
			y++
		}
		boxes, end := pl.stack(sidecars, x, y, width, inline)
		pl.boxes, y = append(pl.boxes, boxes...), end
	}
	if pl.density != dense {
		title := pl.t.Together
		if len(regular) == 1 {
			title = pl.t.Then
		}
		pl.titles = append(pl.titles, label{y: y, x: x, lines: []line{{{title, faint}}}})
		y++
	}
	boxes, end := pl.stack(regular, x, y, width, inline)
	pl.boxes, pl.then = append(pl.boxes, boxes...), then
	return end
}

func plainText(lines []line) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		for _, s := range l {
			out[i] += s.text
		}
	}
	return out
}

// sharing tells the volumes that several containers mount from those that one
// does.
func (pl *plan) sharing() (shared []*Volume, private map[string]*Volume) {
	private = map[string]*Volume{}
	for _, v := range pl.pod.Volumes {
		n := 0
		for _, c := range pl.pod.Containers {
			if slices.ContainsFunc(c.Mounts, func(m Mount) bool { return m.Volume == v.Name }) {
				n++
			}
		}
		if n > 1 {
			shared = append(shared, v)
		} else {
			private[v.Name] = v
		}
	}
	return shared, private
}

// split divides the width between the two columns: each gets what it needs
// at least, then what it would like, then a share of the rest.
func (pl *plan) split(width int) (left, right int) {
	left, right = pl.needs(pl.least)
	wantLeft, wantRight := pl.needs(pl.natural)
	spare := max(width-left-right, 0)
	spare -= min(spare, max(wantRight-right, 0)) // the right one's, who gets what is left
	more := min(spare, max(wantLeft-left, 0))
	left += more + (spare-more)/3
	return left, width - left
}

// needs returns what the widest box of either column needs.
func (pl *plan) needs(width func(*Pod, *Container) int) (left, right int) {
	for _, c := range pl.pod.Containers {
		w := width(pl.pod, c)
		switch c.Role {
		case Init:
			left = max(left, w)
		case Sidecar:
			left = max(left, pl.ghost(c).width()+boxFrame)
			right = max(right, w)
		default:
			right = max(right, w)
		}
	}
	return left, right
}

// fitsColumns reports whether the width is enough for two columns.
func (pl *plan) fitsColumns() bool {
	shared, _ := pl.sharing()
	left, right := pl.needs(pl.least)
	return pl.inner() >= max(twoColumns, left+right+between(len(shared)))
}

// between is the room between the columns for a number of lanes.
func between(lanes int) int { return 2*lanes + 3 }

// chain puts the init containers below each other at the left. A native
// sidecar has its place in the order there, and its box among the others.
func (pl *plan) chain(y, width int, inline map[string]*Volume) int {
	pl.boxes, pl.then = nil, nil
	var ordered []*Container
	for _, c := range pl.pod.Containers {
		if c.Ordered() {
			ordered = append(ordered, c)
		}
	}
	for i, c := range ordered {
		last := i+1 == len(ordered)
		if c.Role == Sidecar {
			pl.ghosts = append(pl.ghosts, label{y: y, x: 4, lines: []line{pl.ghost(c)}})
			y++
		} else {
			b := pl.box(pl.pod, c, width, inline, pl.causeLines())
			b.x, b.y = 2, y
			pl.boxes = append(pl.boxes, b)
			y += b.height()
			if !last && pl.density == dense && ordered[i+1].Role == Init {
				y--
				pl.then = append(pl.then, tap{y: y, x: 2 + width/2})
				continue
			}
		}
		if !last {
			pl.then = append(pl.then, tap{y: y, x: 2 + width/2})
			y++
		}
	}
	return y
}

// ghost stands for a native sidecar in the order of the init containers.
func (pl *plan) ghost(c *Container) line {
	return line{
		{strconv.Itoa(c.Place) + " ", accent}, {c.Name, strong},
		{" " + pl.t.SidecarShort + " ", faint}, {pl.Theme.Symbols.Onward, accent},
	}
}
