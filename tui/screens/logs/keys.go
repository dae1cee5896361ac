package logs

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/tui/components/logview"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	if s.search.Typing() {
		cmd := s.search.Update(msg, keys)
		s.shown().Search(s.search.Text())
		return cmd
	}
	switch {
	case key.Matches(msg, keys.EndSearch) && s.search.Text() != "":
		s.search.Clear()
		s.shown().Search("")
	case key.Matches(msg, keys.Back):
		return ui.Cmd(ui.BackMsg{})
	case key.Matches(msg, keys.Search):
		return s.search.Open()
	case key.Matches(msg, keys.NextMatch):
		return s.goToMatch((*logview.View).NextMatch)
	case key.Matches(msg, keys.PrevMatch):
		return s.goToMatch((*logview.View).PrevMatch)
	case key.Matches(msg, keys.Follow):
		s.shown().SetFollowing(!s.shown().Following())
	case key.Matches(msg, keys.Wrap):
		wrapped := !s.view.Wrapped()
		s.view.SetWrapped(wrapped)
		s.events.SetWrapped(wrapped)
	case key.Matches(msg, keys.Times):
		if s.chosen.kind == theEvents {
			return ui.Notice(func(t *texts.Texts) string { return t.Logs.EventsHaveTimes })
		}
		s.times = !s.times
	case key.Matches(msg, keys.PreviousRun):
		return s.switchRun()
	case s.shown().Update(msg, keys): // before the arrows that are for other logs
	case key.Matches(msg, keys.NextSource):
		return s.choose(s.neighbour(1))
	case key.Matches(msg, keys.PrevSource):
		return s.choose(s.neighbour(-1))
	}
	return nil
}

// goToMatch goes to another match, or says why it does not.
func (s *Screen) goToMatch(step func(*logview.View) bool) tea.Cmd {
	switch {
	case s.search.Text() == "":
		return ui.Notice(func(t *texts.Texts) string { return t.Logs.SearchFirst })
	case !step(s.shown()):
		return ui.Notice(func(t *texts.Texts) string { return t.Logs.NothingFound })
	}
	return nil
}

// switchRun shows the previous run of the container, or the present one again.
func (s *Screen) switchRun() tea.Cmd {
	src, ok := s.source()
	switch {
	case !ok:
		return ui.Notice(func(t *texts.Texts) string { return t.Logs.OnlyContainers })
	case !s.previous && src.before() == nil:
		return ui.Notice(func(t *texts.Texts) string {
			return texts.Fill(t.Logs.NoPrevious, "container", src.container)
		})
	}
	s.previous = !s.previous
	return s.startOver()
}

// neighbour returns what is listed after or before the log that is shown.
func (s *Screen) neighbour(step int) sourceID {
	ids := make([]sourceID, 0, len(s.sources)+1)
	for _, src := range s.sources {
		ids = append(ids, src.sourceID)
	}
	ids = append(ids, eventsID())
	i := slices.Index(ids, s.chosen)
	if i < 0 { // nothing is chosen, since there are only events
		return eventsID()
	}
	return ids[(i+step+len(ids))%len(ids)]
}

// Footer lists the keys that matter most now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch {
	case s.search.Typing():
		return []key.Binding{k.KeepSearch, k.EndSearch}
	case s.search.Text() != "":
		return []key.Binding{k.NextMatch, k.PrevMatch, k.EndSearch, k.NextSource, k.Scroll, k.Wrap}
	}
	return []key.Binding{k.NextSource, k.Search, k.Follow, k.Back, k.Wrap, k.Scroll, k.PreviousRun, k.Times}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{
		k.NextSource, k.PrevSource, k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Follow,
		k.Wrap, k.ScrollLeft, k.ScrollRight, k.Search, k.NextMatch, k.PrevMatch, k.PreviousRun, k.Times, k.Back,
	}
}
