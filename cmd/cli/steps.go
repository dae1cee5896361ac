package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"podlab/cluster"
	"podlab/cluster/bundle/create"
	"podlab/content"
)

// redrawEvery is how often the clock of a running step moves on a terminal.
const redrawEvery = 200 * time.Millisecond

// steps shows the steps of a creation: on a terminal the running ones are
// redrawn in place below those that ended, elsewhere each event that matters
// is a line.
type steps struct {
	w      io.Writer
	titles content.Catalog
	say    *texts
	live   bool
	// bundle says that the steps are those of a bundle, which can take an
	// hour: they say what they work on, why they try again, and where no
	// terminal redraws, each tenth of the way.
	bundle bool

	mu      sync.Mutex
	running []runningStep
	drawn   int // lines of running steps on the terminal
	stop    chan struct{}
	stopped sync.WaitGroup
}

type runningStep struct {
	cluster.Progress
	began  time.Time
	tenths int64 // of the way that were told
}

// newSteps makes a display; close must be called at the end.
func newSteps(w io.Writer, titles content.Catalog, say *texts) *steps {
	return (&steps{w: w, titles: titles, say: say}).open()
}

// newBundleSteps makes a display for the steps of a bundle.
func newBundleSteps(w io.Writer, titles content.Catalog, say *texts) *steps {
	return (&steps{w: w, titles: titles, say: say, bundle: true}).open()
}

func (s *steps) open() *steps {
	s.live, s.stop = isTerminal(s.w), make(chan struct{})
	if s.live {
		s.stopped.Add(1)
		go s.tick()
	}
	return s
}

// on is a cluster.Listener.
func (s *steps) on(p cluster.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := -1
	for i, r := range s.running {
		if r.Step == p.Step {
			known = i
		}
	}
	if p.State == cluster.Running {
		if p.Step == create.StepPack && p.Detail == "" && known < 0 {
			return // its file comes at once
		}
		if known >= 0 {
			s.between(&s.running[known], p)
			p.Detail = firstOf(p.Detail, s.running[known].Detail)
			s.running[known].Progress = p
		} else {
			s.running = append(s.running, runningStep{Progress: p, began: time.Now().Add(-p.Elapsed)})
			if !s.live {
				s.printf("  … %s\n", s.title(p))
			}
		}
		s.redraw()
		return
	}
	if known >= 0 {
		p.Detail = firstOf(p.Detail, s.running[known].Detail)
		s.running = append(s.running[:known], s.running[known+1:]...)
	}
	s.erase()
	if p.Message.Key != "" { // whole, since nothing redraws it
		s.printf("  ✓ %s: %s\n", s.title(p), s.titles.Render(p.Message))
	} else {
		s.printf("%s\n", s.fit(s.ended(p)))
	}
	s.redraw()
}

// between tells what happens to a running step of a bundle.
func (s *steps) between(r *runningStep, p cluster.Progress) {
	if !s.bundle {
		return
	}
	if p.Detail != "" && p.Step != create.StepPack {
		s.erase()
		s.printf("%s\n", s.fit("    "+s.say.Bundle.Again.with("reason", strings.ReplaceAll(p.Detail, "\n", " "))))
	}
	if p.Total > 0 && !s.live {
		if tenths := p.Bytes * 10 / p.Total; tenths > r.tenths && tenths < 10 {
			r.tenths = tenths
			s.printf("    %d0 %%  %s\n", tenths, bytesOf(p))
		}
	}
}

// close ends the display. Steps that did not end leave no line behind.
func (s *steps) close() {
	close(s.stop)
	s.stopped.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
}

func (s *steps) tick() {
	defer s.stopped.Done()
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			s.mu.Lock()
			s.redraw()
			s.mu.Unlock()
		}
	}
}

func (s *steps) redraw() {
	if !s.live {
		return
	}
	s.erase()
	for _, r := range s.running {
		line := fmt.Sprintf("  … %s  %s  %s", s.title(r.Progress), seconds(time.Since(r.began)), bytesOf(r.Progress))
		s.printf("%s\n", s.fit(strings.TrimRight(line, " ")))
		s.drawn++
	}
}

func (s *steps) erase() {
	if s.drawn > 0 {
		s.printf("\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

func (s *steps) ended(p cluster.Progress) string {
	mark, word := "✓", s.say.Up.Steps.Done
	switch p.State {
	case cluster.Skipped:
		mark, word = "-", s.say.Up.Steps.Skipped
	case cluster.Failed:
		mark, word = "✗", s.say.Up.Steps.Failed
	}
	line := fmt.Sprintf("  %s %s: %s", mark, s.title(p), word.with())
	if p.State != cluster.Skipped {
		line += "  " + seconds(p.Elapsed)
		if b := bytesOf(p); b != "" {
			line += "  " + b
		}
	}
	return line
}

func (s *steps) title(p cluster.Progress) string {
	title := s.titles.Render(content.Say("step." + string(p.Step)))
	if p.Step == create.StepPack && p.Detail != "" {
		title += " " + p.Detail
	}
	return title
}

// fit cuts a line to the terminal, so that redrawing counts lines right.
func (s *steps) fit(line string) string {
	if w := width(s.w); s.live && w > 0 {
		return ansi.Truncate(line, w-1, "…")
	}
	return line
}

func (s *steps) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.w, format, args...) // the work goes on without a reader
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// seconds writes a duration as people time things: 7.3 s.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// bytesOf writes how far a step is in megabytes; empty where bytes mean nothing.
func bytesOf(p cluster.Progress) string {
	const mb = 1e6
	switch {
	case p.Total > 0:
		return fmt.Sprintf("%.0f/%.0f MB", float64(p.Bytes)/mb, float64(p.Total)/mb)
	case p.Bytes > 0:
		return fmt.Sprintf("%.0f MB", float64(p.Bytes)/mb)
	}
	return ""
}
