package picture

import (
	"time"
)

const (
	// shortest is the least time that an axis covers: times are whole seconds.
	shortest = 5 * time.Second
	// tickGap is how many cells lie between two ticks at least.
	tickGap = 7
	// quiet is how many times longer than what came before a time without
	// events has to be, to be cut short.
	quiet = 2
)

// axis maps times to cells. Where nothing has happened for long, it is cut:
// the start of a Pod takes seconds, and its life hours.
type axis struct {
	from, to time.Time
	width    int
	// cutAt is the time from which on the axis is cut, cut the cell of it; 0
	// for an axis that is whole.
	cutAt time.Time
	cut   int
}

// newAxis covers the time between two moments; the last thing that happens
// does so at busy.
func newAxis(from, to, busy time.Time, width int) axis {
	if to.Sub(from) < shortest {
		to = from.Add(shortest)
	}
	a := axis{from: from, to: to, width: width}
	told := max(busy.Sub(from), shortest)
	told += told / 4 // what came last is to be seen, too
	if to.Sub(from) > told*(1+quiet) {
		a.cutAt, a.cut = from.Add(told), width*4/5
	}
	return a
}

// cell returns the cell of a time.
func (a axis) cell(t time.Time) int {
	switch {
	case t.Before(a.from):
		return 0
	case a.cut > 0 && !t.Before(a.cutAt):
		return a.cut + scale(t.Sub(a.cutAt), a.to.Sub(a.cutAt), a.width-a.cut)
	case a.cut > 0:
		return scale(t.Sub(a.from), a.cutAt.Sub(a.from), a.cut)
	default:
		return scale(t.Sub(a.from), a.to.Sub(a.from), a.width)
	}
}

// scale returns the cell of part in the whole, which has width cells.
func scale(part, whole time.Duration, width int) int {
	return min(int(int64(part)*int64(width)/int64(max(whole, 1))), width-1)
}

// steps are the distances that ticks may have.
var steps = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// ticks returns the times after the beginning that are marked; none where the
// axis is cut, and none that its end would run into.
func (a axis) ticks() []time.Duration {
	end, width := a.to.Sub(a.from), a.width
	if a.cut > 0 {
		end, width = a.cutAt.Sub(a.from), a.cut
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if int(int64(s)*int64(width)/int64(end)) >= tickGap {
			step = s
			break
		}
	}
	var at []time.Duration
	for t := step; t < end; t += step {
		if len(at) > width { // an axis of years
			break
		}
		at = append(at, t)
	}
	return at
}
