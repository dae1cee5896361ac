package logs

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader/probe"
	"podlab/tui/components/logview"
	"podlab/tui/layout"
	"podlab/tui/stream"
	"podlab/tui/texts"
)

const (
	// kept is how many lines are shown and asked for; maxBytes bounds them too.
	kept     = 5000
	maxBytes = 8 << 20
	// followPause lies between the end of a log that should go on and the next
	// try.
	followPause = 2 * time.Second
)

// follower is one reading of a log, until it ends.
type follower struct {
	id    stream.ID
	ctx   context.Context
	stop  context.CancelFunc
	since time.Time // when it began
	// batches has room for none: while the TUI is away, in a shell, nothing
	// piles up here.
	batches chan batch
}

// batch is what a log says at once, or at last that it has ended, and why.
type batch struct {
	lines []probe.Line
	ended bool
	err   error
}

type (
	batchMsg struct {
		follower stream.ID
		batch
	}
	followAgainMsg struct{ follower stream.ID }
)

// followCmd reads a log for f.
func (s *Screen) followCmd(f *follower, r probe.FollowRequest) tea.Cmd {
	practice, lab := s.deps.Practice, s.lab
	return func() tea.Msg {
		put := func(b batch) {
			select {
			case f.batches <- b:
			case <-f.ctx.Done():
			}
		}
		err := practice.Logs(f.ctx, lab, r, func(lines []probe.Line) { put(batch{lines: lines}) })
		put(batch{ended: true, err: err})
		return nil
	}
}

// nextCmd waits for what f reads next.
func (f *follower) nextCmd() tea.Cmd {
	return func() tea.Msg {
		select {
		case b := <-f.batches:
			return batchMsg{f.id, b}
		case <-f.ctx.Done():
			return nil
		}
	}
}

// reading is how far the log that is shown was read.
type reading struct {
	follower *follower // nil while nothing is being read
	latest   stream.ID // of the follower, or of the last one
	run      run       // that is or was read
	last     time.Time // of the last whole line
	ended    bool      // the log of run was read to its end
	err      error     // why reading ended; nil for a good end
}

// startOver forgets the log that is shown and reads the one that is chosen.
func (s *Screen) startOver() tea.Cmd {
	s.halt()
	s.reading = reading{}
	s.view.Clear()
	return s.read()
}

// halt ends reading.
func (s *Screen) halt() {
	if f := s.reading.follower; f != nil {
		f.stop()
		s.reading.follower = nil
	}
}

// read reads on wherever there is something to read that is not being read yet:
// called whenever something has changed.
func (s *Screen) read() tea.Cmd {
	src, ok := s.source()
	if !ok || src.gone || s.reading.follower != nil {
		return nil
	}
	if s.previous {
		return s.readPrevious(src)
	}
	now, r := src.run(), &s.reading
	switch {
	case !src.hasLog(), now == r.run && r.ended:
		return nil
	case now != r.run:
		if r.run != (run{}) {
			s.view.Append(logview.Line{Say: changed(r.run, src)})
		}
		r.run, r.ended = now, false
	}
	return s.follow(src, probe.FollowRequest{TailLines: kept, Since: s.reading.last})
}

// readPrevious reads the run before the present one, once.
func (s *Screen) readPrevious(src source) tea.Cmd {
	if s.reading.ended || src.before() == nil {
		return nil
	}
	return s.follow(src, probe.FollowRequest{TailLines: kept, Previous: true, Since: s.reading.last})
}

func (s *Screen) follow(src source, r probe.FollowRequest) tea.Cmd {
	ctx, stop := context.WithCancel(s.ctx)
	f := &follower{id: s.env.IDs.Next(), ctx: ctx, stop: stop, since: s.env.Now(), batches: make(chan batch)}
	s.reading.follower, s.reading.latest = f, f.id
	r.Pod, r.Container = src.pod, src.container
	return tea.Batch(s.followCmd(f, r), f.nextCmd())
}

// changed says why the log of another run follows that of the one before.
func changed(before run, now source) func(*texts.Texts) string {
	if before.pod != now.uid {
		return func(t *texts.Texts) string { return t.Logs.Replaced }
	}
	how := now.before()
	return func(t *texts.Texts) string {
		if how == nil { // the kubelet has forgotten
			return t.Logs.RestartedOnly
		}
		return texts.Fill(t.Logs.Restarted, "how", ending(how, t.Logs))
	}
}

// take shows what a log says.
func (s *Screen) take(msg batchMsg) tea.Cmd {
	f := s.reading.follower
	if f == nil || f.id != msg.follower {
		return nil
	}
	if !msg.ended {
		s.reading.err = nil
		s.view.Append(s.lines(msg.lines)...)
		return f.nextCmd()
	}
	s.halt()
	s.reading.err = msg.err
	src, ok := s.source()
	switch {
	case msg.err != nil && errors.Is(msg.err, probe.ErrNoLog) && s.previous:
		s.reading.ended = true
		return nil
	case msg.err == nil && (s.previous || ok && (src.run() != s.reading.run || src.status.State.Running == nil)):
		s.reading.ended = true
		return s.read()
	}
	// The log broke off, or the container has ended and the watch does not say
	// so yet.
	again := followAgainMsg{f.id}
	return tea.Tick(followPause, func(time.Time) tea.Msg { return again })
}

// lines makes what a log says ready to be shown.
func (s *Screen) lines(read []probe.Line) []logview.Line {
	lines := make([]logview.Line, len(read))
	for i, l := range read {
		if l.Cut > 0 {
			l.Text += s.ui.Theme.Symbols.Ellipsis + " (+" + layout.Bytes(int64(l.Cut)) + ")"
		}
		lines[i] = logview.Line{Time: l.Time, Text: l.Text, Open: l.Open}
		if !l.Open && l.Time.After(s.reading.last) {
			s.reading.last = l.Time
		}
	}
	return lines
}
