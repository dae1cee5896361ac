package lab

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/picture"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// podsView is how the learner looks at the Pods.
type podsView struct {
	model    *picture.Model // nil until the namespace was looked at
	timeline bool           // instead of the picture
	all      bool           // every Pod in full
	folded   int            // Pods that are not drawn in full
	glance   string         // how they are
}

// podsShown reports whether the Pods are on the screen; else nothing is drawn.
func (s *Screen) podsShown() bool {
	return s.focus == podsPane || s.wide() && s.doc == podsPane
}

// pressPods opens the Pods, and there switches between picture and timeline.
func (s *Screen) pressPods(msg tea.KeyMsg) {
	if key.Matches(msg, s.ui.Keys.Timeline) {
		s.pods.timeline = !s.podsShown() || !s.pods.timeline
	} else {
		s.pods.timeline = false
	}
	s.focusOn(podsPane)
}

// unfold draws every Pod, or again the interesting ones.
func (s *Screen) unfold() tea.Cmd {
	if s.pods.model == nil || !s.pods.all && s.pods.folded == 0 {
		return ui.Notice(func(t *texts.Texts) string { return t.Picture.NothingFolded })
	}
	s.pods.all = !s.pods.all
	return nil
}

func (s *Screen) podsFooter() []key.Binding {
	k := s.ui.Keys
	other := k.Timeline
	if s.pods.timeline {
		other = k.Picture
	}
	return []key.Binding{k.NextPane, other, k.Unfold, k.Shell, k.Grade, k.Hint, k.Scroll, k.Back}
}

// podsName is the name of the pane, and how the Pods are at a glance.
func (s *Screen) podsName() string {
	return strings.TrimSpace(s.ui.Texts.Picture.Title + " " + s.pods.glance)
}

// layOutPods draws the Pods where they are shown.
func (s *Screen) layOutPods(width, height int) {
	if s.pods.model != nil {
		s.pods.glance = s.pods.model.Glance(s.podsOptions(width, height))
	}
	if s.podsShown() {
		s.panes[podsPane].SetLines(s.podsLines(width, height))
	}
}

func (s *Screen) podsOptions(width, height int) picture.Options {
	return picture.Options{
		Lang: s.ui.Lang, Texts: s.ui.Texts, Theme: s.ui.Theme,
		Now: s.env.Now(), Width: width, Height: height, All: s.pods.all,
	}
}

// podsLines draws the Pods, and below them the timeline where there is room.
func (s *Screen) podsLines(width, height int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Lab
	var lines []string
	switch {
	case s.failed:
		return s.banner(th.Failed, th.Symbols.Failed, t.StartFailed, width)
	case s.trouble != nil: // what is drawn is how it was
		lines = append(s.banner(th.Trouble, th.Symbols.Errored, t.Trouble, width), "")
	case s.job != none && s.job != grading:
		lines = append(s.banner(th.Pending, th.Symbols.Pending, s.jobName(), width), "")
	case s.pods.model == nil:
		return s.banner(th.Pending, th.Symbols.Pending, t.FirstLook, width)
	}
	if s.pods.model == nil {
		return lines
	}
	o := s.podsOptions(width, height-len(lines))
	below, folded := s.pods.model.Timeline(o)
	if s.pods.timeline {
		s.pods.folded = folded
		return append(lines, below...)
	}
	drawn, folded := s.pods.model.Draw(o)
	lines, s.pods.folded = append(lines, drawn...), folded
	if len(s.pods.model.Pods) == 0 {
		return lines
	}
	heading := []string{"", th.Accent.Render(s.ui.Texts.Picture.TimelineTitle)}
	if len(lines)+len(heading)+len(below) <= height {
		lines = append(append(lines, heading...), below...)
	}
	return lines
}
