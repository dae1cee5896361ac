package picture

import (
	"slices"
)

// tap is where a pipe leaves its lane: a row of the Pod, and the column of the
// frame or the label that it ends at.
type tap struct {
	y, x int
	// toLeft says on which side of the lanes that is.
	toLeft bool
}

// pipe is the line of one volume: its taps, joined by a lane that runs up and
// down, or straight through where there are only two on one row.
type pipe struct {
	volume *Volume
	taps   []tap
	lane   int // column; -1 for none
}

func (v *pipe) span() (top, bottom int) {
	top, bottom = v.taps[0].y, v.taps[0].y
	for _, t := range v.taps {
		top, bottom = min(top, t.y), max(bottom, t.y)
	}
	return top, bottom
}

// straight reports whether a pipe needs no lane.
func (v *pipe) straight() bool {
	top, bottom := v.span()
	return top == bottom
}

// lanes counts the pipes that need a lane.
func lanes(pipes []*pipe) int {
	n := 0
	for _, v := range pipes {
		if !v.straight() {
			n++
		}
	}
	return n
}

// mostLanes is how many lanes are put into the best order; the number of
// orders grows fast.
const mostLanes = 6

// assignLanes gives each pipe that needs one a column from x on, two apart, in
// the order in which the fewest lines meet.
func assignLanes(pipes []*pipe, x int) {
	var bent []*pipe
	for _, v := range pipes {
		v.lane = -1
		if !v.straight() {
			bent = append(bent, v)
		}
	}
	// Nested lines meet least when the one that begins first is at the right,
	// next to the containers.
	slices.SortStableFunc(bent, func(a, b *pipe) int {
		topA, _ := a.span()
		topB, _ := b.span()
		return topB - topA
	})
	place := func(order []*pipe) {
		for i, v := range order {
			v.lane = x + 2*i
		}
	}
	best := slices.Clone(bent)
	if len(bent) <= mostLanes {
		place(best)
		least := meetings(pipes)
		permute(bent, 0, func(order []*pipe) {
			place(order)
			if n := meetings(pipes); n < least {
				least, best = n, slices.Clone(order)
			}
		})
	}
	place(best)
}

func permute(all []*pipe, from int, visit func([]*pipe)) {
	if from == len(all) {
		visit(all)
		return
	}
	for i := from; i < len(all); i++ {
		all[from], all[i] = all[i], all[from]
		permute(all, from+1, visit)
		all[from], all[i] = all[i], all[from]
	}
}

// onTop is what two lines that run over each other count; crossing is cheaper.
const onTop = 100

// meetings counts where lines of different pipes cross.
func meetings(pipes []*pipe) int {
	n := 0
	for _, a := range pipes {
		for _, t := range a.taps {
			from, to := a.reach(t)
			for _, b := range pipes {
				if a == b {
					continue
				}
				top, bottom := 0, -1
				if b.lane >= 0 {
					top, bottom = b.span()
				}
				if from < b.lane && b.lane < to && top <= t.y && t.y <= bottom {
					n++
				}
				for _, other := range b.taps {
					otherFrom, otherTo := b.reach(other)
					if other.y == t.y && from < otherTo && otherFrom < to {
						n += onTop
					}
				}
			}
		}
	}
	return n
}

// reach returns the columns between which the line of a tap runs.
func (v *pipe) reach(t tap) (from, to int) {
	lane := v.lane
	if lane < 0 { // straight: from the first tap to the last
		from, to = t.x, t.x
		for _, other := range v.taps {
			from, to = min(from, other.x), max(to, other.x)
		}
		return from, to
	}
	return min(t.x, lane), max(t.x, lane)
}

// drawPipes draws the lines of volumes, moved by x and y. Lanes come first, so
// that what crosses them passes beneath.
func drawPipes(c *canvas, pipes []*pipe, x, y int) {
	for _, v := range pipes {
		if v.lane >= 0 {
			top, bottom := v.span()
			c.vertical(x+v.lane, y+top, y+bottom, heavy, piped)
		}
	}
	for _, v := range pipes {
		for _, t := range v.taps {
			from, to := v.reach(t)
			c.horizontal(x+from, x+to, y+t.y, heavy, piped)
		}
	}
}
