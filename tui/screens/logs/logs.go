// Package logs is the screen of the logs of all containers of a lab, and of
// the events of its namespace. What there is comes from the watch of the lab's
// screen, which lies below; the log that is chosen is followed from here.
package logs

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/grader"
	"podlab/tui/backend"
	"podlab/tui/components/logview"
	"podlab/tui/components/pager"
	"podlab/tui/components/search"
	"podlab/tui/stream"
	"podlab/tui/ui"
	"podlab/tui/wrap"
)

// Deps is what the screen works with.
type Deps struct {
	Practice backend.Practice
}

// Screen is logs and events of one lab.
type Screen struct {
	env  *ui.Env
	ui   *ui.UI
	deps Deps
	lab  string
	id   stream.ID

	ctx   context.Context // ends when the screen is left
	leave context.CancelFunc

	version uint64 // of the message about objects
	known   bool   // objects are what is there
	objects grader.Objects
	trouble error // the cluster does not answer

	sources  []source // containers, without those that are gone unless chosen
	chosen   sourceID
	previous bool // the previous run is shown
	reading  reading

	list   pager.Pager
	view   *logview.View // of the log that is chosen
	events *logview.View
	search search.Bar
	times  bool // the time stands before each line
	drawn  []string

	width, height int
}

// New makes the screen for a lab.
func New(env *ui.Env, u *ui.UI, deps Deps, lab string) *Screen {
	ctx, leave := context.WithCancel(env.Context)
	s := &Screen{
		env: env, ui: u, deps: deps, lab: lab, id: env.IDs.Next(),
		ctx: ctx, leave: leave, search: search.New(),
		view: logview.New(logview.Options{MaxLines: kept, MaxBytes: maxBytes}),
		events: logview.New(logview.Options{
			MaxLines: kept, MaxBytes: maxBytes,
			// Messages of events are sentences, whatever the language of the screen.
			Wrap: func(line string, width int) []wrap.Span { return wrap.Lines(content.English, line, width) },
		}),
	}
	s.view.SetTexts(u.Texts)
	return s
}

// Init asks what there is.
func (s *Screen) Init() tea.Cmd {
	return tea.Batch(ui.Cmd(ui.WantObjectsMsg{Lab: s.lab}), s.tickCmd())
}

func (s *Screen) tickCmd() tea.Cmd { return ui.TickCmd(s.id, time.Second) }

// Update changes the screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		cmd = s.press(msg)
	case ui.ObjectsMsg:
		if msg.Lab != s.lab || msg.Version <= s.version {
			return nil
		}
		s.learn(msg)
		cmd = s.read()
	case batchMsg:
		cmd = s.take(msg)
	case followAgainMsg:
		if msg.follower != s.reading.latest {
			return nil
		}
		cmd = s.read()
	case ui.TickMsg:
		if msg.ID != s.id {
			return nil
		}
		cmd = s.tickCmd() // ages grow
	default:
		return nil
	}
	s.layOut()
	return cmd
}

// learn takes over what the namespace holds.
func (s *Screen) learn(msg ui.ObjectsMsg) {
	s.version, s.known, s.objects, s.trouble = msg.Version, msg.Known, msg.Objects, msg.Trouble
	sources := sourcesOf(msg.Objects.Pods)
	if old, ok := s.source(); ok && !has(sources, s.chosen) {
		// Its log can still be read to the end, and a Pod of the same name may
		// come in its stead.
		old.gone = true
		sources = append(sources, old)
	}
	s.sources = sources
	if s.chosen.kind == nothing {
		s.chosen = interesting(sources)
	}
	s.events.Replace(eventLines(msg.Objects.Events))
}

func has(all []source, id sourceID) bool {
	return slices.ContainsFunc(all, func(s source) bool { return s.sourceID == id })
}

// source returns the container that is chosen.
func (s *Screen) source() (src source, ok bool) {
	i := slices.IndexFunc(s.sources, func(src source) bool { return src.sourceID == s.chosen })
	if i < 0 {
		return source{}, false
	}
	return s.sources[i], true
}

// choose shows another log, or the events.
func (s *Screen) choose(id sourceID) tea.Cmd {
	if id == s.chosen {
		return nil
	}
	s.chosen, s.previous = id, false
	s.sources = slices.DeleteFunc(s.sources, func(src source) bool { return src.gone && src.sourceID != id })
	s.shown().Search(s.search.Text())
	if id.kind == theEvents {
		s.events.SetFollowing(true)
	}
	return s.startOver()
}

// shown returns the view that is on the screen.
func (s *Screen) shown() *logview.View {
	if s.chosen.kind == theEvents {
		return s.events
	}
	return s.view
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.view.SetTexts(u.Texts)
	s.layOut()
}

// Typing reports whether keys are text for the search.
func (s *Screen) Typing() bool { return s.search.Typing() }

// Leaving warns as the lab below would.
func (s *Screen) Leaving() string { return s.ui.Texts.Common.QuitLab }

// Close ends following.
func (s *Screen) Close() { s.leave() }
