package picture

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"podlab/tui/layout"
	"podlab/tui/texts"
)

const (
	mostName   = 22 // cells for the name of a container
	leastBars  = 20 // cells for bars
	clockTime  = "15:04:05"
	axisIndent = 2
)

// Timeline draws what the containers have done since their Pods were created,
// a bar each. Folded is how many Pods have no more than a line.
func (m *Model) Timeline(o Options) (lines []string, folded int) {
	d := o.drawing()
	if len(m.Pods) == 0 {
		return d.nothing(m), 0
	}
	full := m.interesting()
	if o.All {
		full = m.Pods
	}
	c := newCanvas(d.Theme, d.Width)
	y := 0
	seen := map[string]bool{}
	for _, p := range m.Pods {
		if !slices.Contains(full, p) {
			continue
		}
		y = d.life(c, p, y, seen) + 1
	}
	for _, p := range m.Pods {
		if !slices.Contains(full, p) {
			c.put(1, y, d.Theme.Symbols.Cursor, faint, 1)
			l := append(line{{"Pod ", faint}, {p.Name, strong}, {"  ", plain}}, d.standing(p)...)
			c.spans(3, y, append(l, d.dot(), span{texts.Fill(d.t.Age, "time", d.since(p.Created)), faint}), d.Width-3)
			y++
		}
	}
	lines = c.lines()
	if lines[len(lines)-1] != "" {
		lines = append(lines, "")
	}
	return append(lines, d.legend(seen)...), len(m.Pods) - len(full)
}

// life draws the bars of a Pod at a row and returns the row below. It notes
// the glyphs that it needed.
func (d *drawing) life(c *canvas, p *Pod, y int, seen map[string]bool) int {
	end := p.end(d.Now)
	bars := p.Bars(end)
	l := append(line{{"Pod ", faint}, {p.Name, strong}, {"  ", plain}}, d.standing(p)...)
	used := c.spans(0, y, l, d.Width)
	created := texts.Fill(d.t.Timeline.Created, "time", p.Created.In(d.Now.Location()).Format(clockTime))
	if w := layout.Widest(created); used+2+w <= d.Width {
		c.put(d.Width-w, y, created, faint, w)
	}
	y++

	indent := 0 // of names without a number, where others have one
	if slices.ContainsFunc(p.Containers, (*Container).Ordered) {
		indent = 2
	}
	var says []line
	names, saysWidth := 0, 0
	for _, b := range bars {
		names = max(names, d.title(b.Container).width()+indent)
		said := d.outcome(p, b.Container)
		says = append(says, said)
		saysWidth = max(saysWidth, said.width())
	}
	names = min(names, mostName)
	saysWidth = min(saysWidth, max(d.Width-axisIndent-names-leastBars-4, 8))
	left := axisIndent + names + 1
	a := newAxis(p.Created, end, busy(bars, p.Created), d.Width-left-saysWidth-2)
	for i, b := range bars {
		title := d.title(b.Container)
		if !b.Container.Ordered() {
			title = append(line{{strings.Repeat(" ", indent), plain}}, title...)
		}
		c.spans(axisIndent, y, title, names)
		d.bar(c, &b, a, left, y, seen)
		c.spans(left+a.width+2, y, says[i], saysWidth)
		y++
	}
	return d.axis(c, p, a, left, y)
}

// outcome says in a word or two where a container has come to.
func (d *drawing) outcome(p *Pod, c *Container) line {
	l := line{d.symbol(p, c), {" ", plain}}
	switch {
	case c.State == Terminated:
		l = append(l, span{d.exit(&c.Run).text, plain})
	case c.State == Running:
		l = append(l, span{d.since(c.Run.Started), plain})
	case c.Failing():
		l = append(l, span{c.Reason, failed})
	case p.Ended:
		l = append(l, span{d.t.NeverStarted, faint})
	case !c.Turn:
		l = append(l, span{d.t.Timeline.Queued, faint})
	default:
		l = append(l, span{d.t.Waiting, plain})
	}
	if c.Restarts > 0 {
		l = append(l, span{" " + d.Theme.Symbols.Restart + strconv.Itoa(c.Restarts), pending})
	}
	return l
}

// bar draws the bar of a container.
func (d *drawing) bar(c *canvas, b *Bar, a axis, x, y int, seen map[string]bool) {
	for _, s := range b.Stretches {
		from, to := a.cell(s.From), a.cell(s.To)
		if to > from && !s.To.Equal(a.to) {
			to-- // that cell is of what comes next
		}
		glyph, i := d.phase(s.Phase)
		seen[glyph] = true
		for cell := from; cell <= to; cell++ {
			c.put(x+cell, y, glyph, i, 1)
		}
	}
	free := 0 // what happened in the same cell stands beside each other
	for _, m := range d.marks(b) {
		cell := min(max(a.cell(m.at), free), a.width-1)
		free = cell + 1
		seen[m.text] = true
		c.put(x+cell, y, m.text, m.ink, 1)
	}
}

// mark is a moment on a bar.
type mark struct {
	span
	at time.Time
}

// marks lists the restarts and the ends of a container, as they happened.
func (d *drawing) marks(b *Bar) []mark {
	s := d.Theme.Symbols
	var marks []mark
	for _, t := range b.Restarts {
		marks = append(marks, mark{span{s.Restart, pending}, t})
	}
	for _, stop := range b.Stops {
		how := span{s.Passed, passed}
		if stop.ExitCode != 0 {
			how = span{s.Failed, failed}
		}
		marks = append(marks, mark{how, stop.At})
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at.Compare(b.at) })
	return marks
}

func (d *drawing) phase(p Phase) (glyph string, i ink) {
	s := d.Theme.Symbols
	switch p {
	case Queued:
		return s.BarNone, faint
	case Held:
		return s.BarEmpty, pending
	case Earlier:
		return s.BarHalf, pending
	default:
		return s.BarThick, passed
	}
}

// axis draws the axis below the bars, and what its ticks stand for, and
// returns the row below.
func (d *drawing) axis(c *canvas, p *Pod, a axis, x, y int) int {
	c.horizontal(x, x+a.width-1, y, light, framed)
	c.draw(x, y, up, light, framed)
	c.draw(x+a.width-1, y, up, light, framed)
	end := d.t.Timeline.Now
	if p.Ended {
		end = ""
	}
	end = strings.TrimSpace(lasted(a.from, a.to) + " " + end)
	endAt := max(a.width-layout.Widest(end), 0)
	c.put(x+endAt, y+1, end, faint, a.width)
	free := c.put(x, y+1, "0s", faint, 2) + 1
	if a.cut > 0 {
		c.put(x+a.cut, y, "//", framed, 2)
	}
	for _, t := range a.ticks() {
		cell, text := a.cell(a.from.Add(t)), lasted(a.from, a.from.Add(t))
		at := cell - len(text)/2
		if at < free || at+len(text) >= endAt {
			continue
		}
		c.draw(x+cell, y, across|up, light, framed)
		c.put(x+at, y+1, text, faint, len(text))
		free = at + len(text) + 1
	}
	return y + 2
}

// legend explains the glyphs that were used.
func (d *drawing) legend(seen map[string]bool) []string {
	s, t := d.Theme.Symbols, d.t.Timeline
	c := newCanvas(d.Theme, d.Width)
	x, y := 0, 0
	add := func(text string, glyphs ...span) {
		used := slices.DeleteFunc(glyphs, func(g span) bool { return !seen[g.text] })
		if len(used) == 0 {
			return
		}
		l := append(line(used), span{" " + text, faint})
		if x > 0 && x+l.width() > d.Width {
			x, y = 0, y+1
		}
		x += c.spans(x, y, l, d.Width) + 3
	}
	add(t.Queued, span{s.BarNone, faint})
	add(t.Waiting, span{s.BarEmpty, pending})
	add(t.Running, span{s.BarThick, passed})
	add(t.Earlier, span{s.BarHalf, pending})
	add(t.Ended, span{s.Passed, passed}, span{s.Failed, failed})
	add(t.Restart, span{s.Restart, pending})
	return c.lines()
}
