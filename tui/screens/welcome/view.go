package welcome

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"podlab/cluster"
	"podlab/content"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/wrap"
)

// View draws the screen.
func (s *Screen) View() string {
	return pane.Of(s.paneTitle(), &s.body, true).Render(s.ui.Theme, s.width, s.height)
}

func (s *Screen) paneTitle() string {
	t := s.ui.Texts.Welcome
	switch s.state {
	case creating, cancelling:
		if s.repairs() {
			return t.Repairing
		}
		return t.Creating
	default:
		return t.Title
	}
}

func (s *Screen) repairs() bool {
	return s.status.State == cluster.Stopped || s.status.State == cluster.Broken
}

// layOut builds the lines of the body; View only shows them.
func (s *Screen) layOut() {
	width := min(s.width-pane.FrameWidth, 100)
	if width <= 0 {
		return
	}
	lines := []string{""}
	switch s.state {
	case looking:
		lines = append(lines, s.waiting(s.ui.Texts.Welcome.Looking))
	case opening:
		lines = append(lines, s.stepLines(width)...)
		lines = append(lines, s.waiting(s.ui.Texts.Welcome.Opening))
	case asking:
		lines = append(lines, s.offer(width)...)
	case creating, cancelling:
		lines = append(lines, s.stepLines(width)...)
		lines = append(lines, "", s.total())
	case failed:
		lines = append(lines, s.failure(width)...)
	}
	s.body.SetHeight(s.height - pane.FrameHeight)
	s.body.SetLines(lines)
}

// waiting says what is going on, and for how long once it takes a while.
func (s *Screen) waiting(what string) string {
	line := s.ui.Theme.Pending.Render(s.ui.Theme.Symbols.Pending) + " " + what
	if d := s.env.Now().Sub(s.started); d.Seconds() >= 1 {
		line += "  " + s.ui.Theme.Faint.Render(layout.Clock(d))
	}
	return line
}

func (s *Screen) total() string {
	t := s.ui.Texts.Welcome
	line := texts.Fill(t.Total, "time", layout.Clock(s.env.Now().Sub(s.started)))
	if s.state == cancelling {
		line = t.Cancelling + "  " + s.ui.Theme.Symbols.Dot + "  " + line
	}
	return s.ui.Theme.Faint.Render(line)
}

// offer says what will be created, and asks.
func (s *Screen) offer(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Welcome
	var lines []string
	para := func(text string, style lipgloss.Style) {
		lines = append(lines, layout.Text(s.ui.Lang, text, width, style)...)
		lines = append(lines, "")
	}
	if s.cancelled {
		para(t.Cancelled, th.Pending)
	}
	if len(s.status.Plan) == 0 { // it says that the cluster is on this machine
		para(t.Intro, th.Text)
	}
	ask := t.AskCreate
	switch {
	case len(s.status.Plan) > 0:
		para(t.Existing, th.Text)
		plan := make([]string, len(s.status.Plan))
		for i, said := range s.status.Plan {
			plan[i] = s.ui.Cluster.Render(said)
		}
		lines = append(lines, s.bullets(width, plan...)...)
		lines = append(lines, "")
		ask = t.AskExisting
	case s.status.State == cluster.Stopped:
		para(texts.Fill(t.Stopped, "name", s.status.Name), th.Text)
		ask = t.AskRepair
	case s.status.State == cluster.Broken:
		para(texts.Fill(t.Broken, "name", s.status.Name), th.Text)
		ask = t.AskRepair
	default:
		if !s.status.RunsContainers {
			para(t.AbsentEmbedded, th.Text)
			lines = append(lines, s.bullets(width, s.simulated()...)...)
			lines = append(lines, "")
			break
		}
		para(texts.Fill(t.Absent, "provider", s.deps.Cluster.Name()), th.Text)
		source := t.FromNetwork
		if dir := s.deps.Create.BundleDir; dir != "" {
			source = texts.Fill(t.FromBundle, "dir", dir)
		}
		lines = append(lines, s.bullets(width, source, t.Usual, t.Untouched)...)
		lines = append(lines, "")
	}
	return append(lines, layout.Text(s.ui.Lang, ask, width, th.Accent)...)
}

// simulated says what to expect of a cluster that runs no containers, and why it
// is one.
func (s *Screen) simulated() []string {
	t := s.ui.Texts.Welcome
	said := []string{t.Simulated, t.Seconds, t.Untouched}
	if s.status.Choice.Key != "" {
		said = append([]string{s.ui.Cluster.Render(s.status.Choice)}, said...)
	}
	return said
}

func (s *Screen) bullets(width int, items ...string) []string {
	var lines []string
	for _, item := range items {
		for i, line := range wrap.Text(s.ui.Lang, item, width-4) {
			mark := "    "
			if i == 0 {
				mark = "  " + s.ui.Theme.Symbols.Bullet + " "
			}
			lines = append(lines, mark+line)
		}
	}
	return lines
}

// failure says what went wrong, what to do, and the steps that were done.
func (s *Screen) failure(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Welcome
	problem, remedy, output := s.ui.Problem(s.err)
	lines := []string{th.Failed.Render(th.Symbols.Failed + " " + t.FailedTitle), ""}
	lines = append(lines, layout.Text(s.ui.Lang, problem, width, th.Text)...)
	if remedy != "" {
		lines = append(lines, "", th.Accent.Render(t.Remedy))
		lines = append(lines, layout.Text(s.ui.Lang, remedy, width, th.Text)...)
	}
	if s.output {
		if output == "" {
			output = t.NoOutput
		}
		lines = append(lines, "", th.Accent.Render(t.OutputTitle))
		for _, line := range wrap.Hard(strings.TrimSpace(output), width-2) {
			lines = append(lines, "  "+th.Faint.Render(line))
		}
	}
	if len(s.steps) > 0 {
		lines = append(lines, "")
		lines = append(lines, s.stepLines(width)...)
	}
	return lines
}

// stepLines shows each step with its state, elapsed time and bytes.
func (s *Screen) stepLines(width int) []string {
	var lines []string
	th := s.ui.Theme
	for _, st := range s.steps {
		symbol, style := th.Symbols.Running, th.Pending
		switch st.State {
		case cluster.Done:
			symbol, style = th.Symbols.Passed, th.Passed
		case cluster.Failed:
			symbol, style = th.Symbols.Failed, th.Failed
		case cluster.Skipped:
			symbol, style = th.Symbols.Skipped, th.Faint
		case cluster.Running:
		}
		title := s.ui.Cluster.Render(content.Say("step." + string(st.Step)))
		clock := ""
		if st.State != cluster.Skipped {
			clock = th.Faint.Render(layout.Clock(s.elapsed(st)))
		}
		lines = append(lines, layout.Split(style.Render(symbol)+" "+title, clock, width, th.Symbols.Ellipsis))
		if st.Message.Key != "" {
			for _, line := range wrap.Text(s.ui.Lang, s.ui.Cluster.Render(st.Message), width-2) {
				lines = append(lines, "  "+line)
			}
		}
		if st.State != cluster.Running {
			continue
		}
		switch {
		case st.Total > 0:
			size := layout.Bytes(st.Bytes) + " / " + layout.Bytes(st.Total)
			bar := layout.Bar(th, st.Bytes, st.Total, max(min(40, width-len(size)-4), 4))
			lines = append(lines, "  "+bar+"  "+size)
		case st.Bytes > 0:
			lines = append(lines, "  "+layout.Bytes(st.Bytes))
		case st.Detail != "":
			lines = append(lines, "  "+th.Faint.Render(layout.Split(st.Detail, "", width-2, th.Symbols.Ellipsis)))
		}
	}
	return lines
}
