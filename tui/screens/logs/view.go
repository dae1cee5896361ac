package logs

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"podlab/grader/printable"
	"podlab/grader/probe"
	"podlab/tui/components/logview"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

const (
	// timeWidth is the width of the time before a line, and of a blank.
	timeWidth = len(timeLayout) + 1
	// timeLayout tells apart what happens within a second.
	timeLayout = "15:04:05.000"
	// patience is how long the first line of a log is waited for before the
	// container counts as silent.
	patience = time.Second
)

// Title names the lab.
func (s *Screen) Title() string {
	return s.lab + "  " + s.ui.Texts.Logs.Title
}

// Status shows the states of all containers at a glance.
func (s *Screen) Status() string {
	th := s.ui.Theme
	if s.trouble != nil {
		return th.Symbols.Errored
	}
	var b strings.Builder
	for _, src := range s.sources {
		symbol, _, _ := src.state(th, s.ui.Texts.Logs)
		b.WriteString(symbol)
	}
	return b.String()
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// View draws the list of what can be read above the log.
func (s *Screen) View() string {
	th := s.ui.Theme
	list := pane.Of(s.listTitle(), &s.list, false).Render(th, s.width, s.listHeight())
	log := pane.Pane{Title: s.logTitle(), Lines: s.drawn, Focused: true}
	if !s.blank() {
		log.Above, log.Below = s.shown().More()
	}
	return list + "\n" + log.Render(th, s.width, s.height-s.listHeight())
}

// listHeight leaves most of the screen to the log.
func (s *Screen) listHeight() int {
	return min(len(s.sources)+1, max(s.height/4, 3)) + pane.FrameHeight
}

// layOut builds the lines that are shown; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	inner := s.width - pane.FrameWidth
	lines, at := s.listLines(inner)
	s.list.SetHeight(s.listHeight() - pane.FrameHeight)
	s.list.SetLines(lines)
	s.list.Show(at, at+1)

	height := s.height - s.listHeight() - pane.FrameHeight
	if s.search.Shown() {
		height--
	}
	view, head, width := s.shown(), s.timeHead, 0
	switch {
	case s.chosen.kind == theEvents:
		head, width = s.eventHead, eventHeadWidth
	case s.times:
		width = timeWidth
	}
	view.SetSize(inner, height, width)
	if s.drawn = view.Render(s.ui.Theme, head); s.blank() {
		s.drawn = s.page(inner)
	}
	if s.search.Shown() {
		for len(s.drawn) < height {
			s.drawn = append(s.drawn, "")
		}
		s.drawn = append(s.drawn[:height], s.searchLine(inner))
	}
}

// blank reports whether there is no line to show.
func (s *Screen) blank() bool { return s.shown().Len() == 0 }

// timeHead is when a line was printed, in the time zone of the learner.
func (s *Screen) timeHead(l logview.Line) string {
	if l.Time.IsZero() {
		return ""
	}
	return s.ui.Theme.Faint.Render(l.Time.In(s.env.Now().Location()).Format(timeLayout))
}

func (s *Screen) listTitle() string { return s.ui.Texts.Logs.Containers }

// listLines lists the containers and the events; at is the line of what is
// shown.
func (s *Screen) listLines(width int) (lines []string, at int) {
	th, t := s.ui.Theme, s.ui.Texts.Logs
	names, roles := ansi.StringWidth(t.Events), 0
	for _, src := range s.sources {
		names = max(names, ansi.StringWidth(src.name()))
		roles = max(roles, ansi.StringWidth(src.role.word(t)))
	}
	names = min(names, width/2)
	row := func(id sourceID, symbol, name, role, words string) {
		cursor, style := "  ", th.Text
		if id == s.chosen {
			cursor, style = th.Accent.Render(th.Symbols.Cursor)+" ", th.Strong
			at = len(lines)
		}
		line := cursor + symbol + " " + style.Render(layout.PadRight(ansi.Truncate(name, names, th.Symbols.Ellipsis), names)) + "  "
		if roles > 0 {
			line += th.Faint.Render(layout.PadRight(role, roles)) + "  "
		}
		lines = append(lines, layout.Split(line+words, "", width, th.Symbols.Ellipsis))
	}
	for _, src := range s.sources {
		symbol, style, words := src.state(th, t)
		row(src.sourceID, style.Render(symbol), src.name(), src.role.word(t), style.Render(words))
	}
	symbol, count := th.Faint.Render(th.Symbols.Bullet), texts.Fill(t.EventCount, "n", strconv.Itoa(len(s.objects.Events)))
	if n := warnings(s.objects); n > 0 {
		symbol = th.Failed.Render(th.Symbols.Errored)
		count += " " + th.Symbols.Dot + " " + texts.Fill(t.Warnings, "n", strconv.Itoa(n))
	}
	row(eventsID(), symbol, t.Events, "", count)
	return lines, at
}

// logTitle names what is shown, and says how it goes on.
func (s *Screen) logTitle() string {
	th, t := s.ui.Theme, s.ui.Texts.Logs
	parts := []string{th.Accent.Render(s.name())}
	src, ok := s.source()
	if ok && s.previous {
		parts = append(parts, t.Previous)
		if how := src.before(); how != nil {
			parts = append(parts, ending(how, t))
		}
	}
	switch view := s.shown(); {
	case s.outOfReach() != nil:
		parts = append(parts, th.Trouble.Render(th.Symbols.Errored+" "+s.ui.Texts.Lab.Trouble))
	case s.blank():
	case !view.Following():
		if !s.previous {
			parts = append(parts, th.Pending.Render(t.Stopped))
		}
		if n := view.Below(); n > 0 {
			parts = append(parts, texts.Fill(t.MoreBelow, "n", strconv.Itoa(n)))
		}
		if !s.previous {
			parts = append(parts, t.Resume)
		}
	case s.previous: // it goes on no more
	case ok && src.status.State.Running == nil:
		_, style, words := src.state(th, t)
		parts = append(parts, style.Render(words))
	default:
		parts = append(parts, t.Following)
	}
	return strings.Join(parts, " "+th.Symbols.Dot+" ")
}

func (s *Screen) name() string {
	switch s.chosen.kind {
	case theEvents:
		return s.ui.Texts.Logs.Events
	case aContainer:
		return s.chosen.name()
	default:
		return s.ui.Texts.Logs.Title
	}
}

// outOfReach returns why the cluster does not answer; nil while it does.
func (s *Screen) outOfReach() error {
	if s.trouble != nil {
		return s.trouble
	}
	if errors.Is(s.reading.err, probe.ErrNoLog) {
		return nil
	}
	return s.reading.err
}

// page says why there is nothing to read.
func (s *Screen) page(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Logs
	src, _ := s.source()
	text, more := "", ""
	switch r := s.reading; {
	case s.outOfReach() != nil:
		text, more = s.ui.Texts.Lab.Trouble, s.outOfReach().Error()
	case !s.known:
		text = s.ui.Texts.Lab.FirstLook
	case s.chosen.kind == theEvents:
		text = t.NoEvents
	case s.chosen.kind == nothing:
		text, more = t.NoPods, t.NoPodsHelp
	case s.previous && r.err != nil:
		text = t.PreviousGone
	case r.ended:
		text = t.EndedSilent
	case !src.hasLog():
		text, more = t.NotStarted, waitingFor(src)
	case r.err != nil:
		text, more = t.NotStarted, r.err.Error()
	case r.follower != nil && s.env.Now().Sub(r.follower.since) > patience:
		text = t.Silent
	default:
		text = t.Reading + th.Symbols.Ellipsis
	}
	lines := append([]string{""}, layout.Text(s.ui.Lang, text, width, th.Strong)...)
	if more != "" {
		lines = append(lines, "")
		lines = append(lines, layout.Text(s.ui.Lang, printable.Line(more, 1000), width, th.Faint)...)
	}
	return lines
}

// waitingFor says in the kubelet's words why a container has not started.
func waitingFor(src source) string {
	w := src.status.State.Waiting
	if w == nil || w.Message == "" {
		return ""
	}
	return w.Reason + ": " + w.Message
}

// searchLine is the text that is searched for, and how often it was found.
func (s *Screen) searchLine(width int) string {
	th, t := s.ui.Theme, s.ui.Texts.Logs
	count := ""
	if at, all := s.shown().Matches(); s.search.Text() != "" {
		count = th.Pending.Render(t.NoMatch)
		if all > 0 {
			count = texts.Fill(t.Matches, "n", strconv.Itoa(at), "all", strconv.Itoa(all))
		}
	}
	return layout.Split(s.search.View(th, t.Search, width-ansi.StringWidth(count)-1), count, width, th.Symbols.Ellipsis)
}
