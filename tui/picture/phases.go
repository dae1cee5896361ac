package picture

import (
	"time"
)

// Phase is what a container did for a while.
type Phase int

// The phases.
const (
	Queued  Phase = iota // others had to come first
	Held                 // it waited: for its image, or to be restarted
	Ran                  // it ran
	Earlier              // it ran, ended and waited, at times that nobody kept
)

// Stretch is a time that a container spent in one phase.
type Stretch struct {
	Phase    Phase
	From, To time.Time
}

// Stop is the end of a run.
type Stop struct {
	At       time.Time
	ExitCode int
}

// Bar is what a container has done since its Pod was created. The cluster
// keeps the current run and the one before; times are whole seconds.
type Bar struct {
	Container *Container
	Stretches []Stretch
	Stops     []Stop
	Restarts  []time.Time
}

// Bars returns a bar of each container until a time, in the order in which
// they start.
func (p *Pod) Bars(until time.Time) []Bar {
	bars := make([]Bar, 0, len(p.Containers))
	for _, c := range p.Containers {
		bars = append(bars, p.bar(c, until))
	}
	return bars
}

func (p *Pod) bar(c *Container, until time.Time) Bar {
	b := Bar{Container: c}
	at := p.Created
	spend := func(phase Phase, to time.Time) {
		if to.After(at) {
			b.Stretches = append(b.Stretches, Stretch{phase, at, to})
			at = to
		}
	}
	run := func(r *Run, restarted bool) {
		if !r.Started.IsZero() {
			spend(Held, r.Started)
			if restarted {
				b.Restarts = append(b.Restarts, r.Started)
			}
		} else if !r.Finished.IsZero() {
			spend(Held, r.Finished) // it never came to run
		}
		if r.Finished.IsZero() {
			return
		}
		if !r.Started.IsZero() {
			// A run of less than a second is one all the same.
			b.Stretches = append(b.Stretches, Stretch{Ran, later(at, r.Started), later(at, r.Finished)})
			at = later(at, r.Finished)
		}
		b.Stops = append(b.Stops, Stop{r.Finished, r.ExitCode})
	}

	switch {
	case !c.TurnAt.IsZero():
		spend(Queued, earlier(c.TurnAt, until))
	case !c.Turn:
		spend(Queued, until)
		return b
	}
	// The runs before the last two have left no more than their number.
	forgotten := c.Restarts > 1 || c.Restarts == 1 && c.Last == nil
	if forgotten && c.Last != nil {
		spend(Earlier, later(c.Last.Started, at))
		if c.Last.Started.IsZero() {
			spend(Earlier, c.Last.Finished)
		}
	} else if forgotten {
		spend(Earlier, c.Run.Started)
	}
	if c.Last != nil {
		run(c.Last, c.Restarts > 1)
	}
	switch c.State {
	case Running:
		run(&c.Run, c.Restarts > 0)
		spend(Ran, until)
	case Terminated:
		run(&c.Run, c.Restarts > 0)
	default:
		if !p.Ended {
			spend(Held, until)
		}
	}
	return b
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// end is until when there is something to tell of a Pod: now, or when its last
// container ended.
func (p *Pod) end(now time.Time) time.Time {
	if !p.Ended {
		return later(p.Created, now)
	}
	end := p.Created
	for _, c := range p.Containers {
		end = later(end, c.Run.Finished)
	}
	return end
}

// busy is when the last thing happened that the bars show.
func busy(bars []Bar, from time.Time) time.Time {
	last := from
	for _, b := range bars {
		for _, s := range b.Stretches {
			last = later(last, s.From)
		}
		for _, s := range b.Stops {
			last = later(last, s.At)
		}
	}
	return last
}
