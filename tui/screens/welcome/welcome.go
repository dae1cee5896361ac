// Package welcome is the screen that looks for the cluster and brings it up:
// it says what will be created, asks, shows each step, and when something
// fails says what to do.
package welcome

import (
	"context"
	"errors"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/cluster"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Deps is what the screen works with.
type Deps struct {
	Cluster backend.Cluster
	Create  cluster.CreateOptions
	Open    func(ctx context.Context) (backend.Practice, error)
	Catalog backend.Catalog
}

type state int

const (
	looking state = iota
	asking
	creating
	cancelling
	failed
	opening
)

// Screen brings the cluster up.
type Screen struct {
	env  *ui.Env
	ui   *ui.UI
	deps Deps
	id   stream.ID
	tick stream.ID // of the state; ticks of earlier states are stale

	state     state
	status    cluster.Status
	err       error
	cancelled bool // the learner cancelled the last attempt
	output    bool // the engine's output is shown

	steps   []step
	events  *stream.Stream[cluster.Progress]
	cancel  context.CancelFunc
	started time.Time

	body          pager.Pager
	width, height int
}

// step is what is known of a step of creation.
type step struct {
	cluster.Progress
	at time.Time // when the last event came
}

type (
	statusMsg struct {
		id     stream.ID
		status cluster.Status
		err    error
	}
	openedMsg struct {
		id       stream.ID
		practice backend.Practice
		labs     []*labs.Lab
		err      error
	}
	cancelMsg struct{ id stream.ID }
)

// New makes the screen.
func New(env *ui.Env, u *ui.UI, deps Deps) *Screen {
	return &Screen{env: env, ui: u, deps: deps, id: env.IDs.Next(), cancel: func() {}}
}

// Init looks for the cluster.
func (s *Screen) Init() tea.Cmd { return s.look() }

func (s *Screen) look() tea.Cmd {
	s.begin(looking)
	return tea.Batch(s.statusCmd(), s.tickCmd())
}

func (s *Screen) begin(st state) {
	s.state, s.started, s.err, s.output = st, s.env.Now(), nil, false
	s.cancelled = false
	s.tick = s.env.IDs.Next()
}

// Update changes the screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	cmd := s.update(msg)
	s.layOut()
	return cmd
}

func (s *Screen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return s.press(msg)
	case statusMsg:
		if msg.id == s.id && s.state == looking {
			return s.found(msg.status, msg.err)
		}
	case stream.Msg[cluster.Progress]:
		if s.events != nil && msg.ID == s.events.ID() {
			return s.progress(msg)
		}
	case openedMsg:
		if msg.id == s.id && s.state == opening {
			if msg.err != nil {
				s.fail(msg.err)
				return nil
			}
			return ui.Cmd(ui.ConnectedMsg{Practice: msg.practice, Labs: msg.labs})
		}
	case cancelMsg:
		if msg.id == s.id && s.state == creating {
			s.state = cancelling
			s.cancel()
		}
	case ui.TickMsg:
		if msg.ID == s.tick && s.ticking() {
			return s.tickCmd()
		}
	}
	return nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch s.state {
	case asking:
		if key.Matches(msg, keys.Create) {
			return s.create()
		}
	case creating:
		if key.Matches(msg, keys.Cancel) {
			return ui.Ask(ui.Question{
				Title: func(t *texts.Texts) string { return t.Welcome.CancelTitle },
				Body:  func(t *texts.Texts) string { return t.Welcome.CancelBody },
				Yes:   func(int) tea.Msg { return cancelMsg{s.id} },
			})
		}
	case failed:
		switch {
		case key.Matches(msg, keys.Retry):
			return s.look()
		case key.Matches(msg, keys.Output):
			s.output = !s.output
			return nil
		}
	}
	if !s.body.Update(msg, keys) && key.Matches(msg, keys.Create, keys.Cancel, keys.Retry, keys.Output) {
		return s.notNow()
	}
	return nil
}

func (s *Screen) found(status cluster.Status, err error) tea.Cmd {
	s.status = status
	if err == nil {
		err = backend.Silent(status)
	}
	switch {
	case err != nil:
		s.fail(err)
		return nil
	case status.State == cluster.Ready:
		return s.open()
	case backend.Unchosen(status):
		return s.create() // which says what there is to choose
	default:
		s.state = asking
		return nil
	}
}

func (s *Screen) fail(err error) { s.state, s.err = failed, err }

func (s *Screen) create() tea.Cmd {
	s.begin(creating)
	s.steps = nil
	ctx, cancel := context.WithCancel(s.env.Context)
	s.cancel = cancel
	s.events = stream.New(s.env.IDs.Next(), mergeProgress)
	return tea.Batch(s.createCmd(ctx), s.events.NextCmd(), s.tickCmd())
}

// mergeProgress keeps only the latest of the events that merely say how far a
// step is.
func mergeProgress(waiting []cluster.Progress, p cluster.Progress) []cluster.Progress {
	if n := len(waiting); n > 0 && waiting[n-1].Step == p.Step && waiting[n-1].State == p.State {
		waiting[n-1] = p
		return waiting
	}
	return append(waiting, p)
}

func (s *Screen) progress(msg stream.Msg[cluster.Progress]) tea.Cmd {
	for _, p := range msg.Items {
		s.record(p)
	}
	if !msg.Closed {
		return s.events.NextCmd()
	}
	s.cancel()
	switch {
	case msg.Err == nil:
		return s.open()
	case s.state == cancelling && errors.Is(msg.Err, context.Canceled):
		s.state, s.cancelled = asking, true
	default:
		s.fail(msg.Err)
	}
	return nil
}

func (s *Screen) record(p cluster.Progress) {
	for i := range s.steps {
		if s.steps[i].Step == p.Step {
			if p.Detail == "" {
				p.Detail = s.steps[i].Detail
			}
			s.steps[i] = step{p, s.env.Now()}
			return
		}
	}
	s.steps = append(s.steps, step{p, s.env.Now()})
}

// elapsed since the step began.
func (s *Screen) elapsed(st step) time.Duration {
	if st.State != cluster.Running || s.state == failed {
		return st.Elapsed
	}
	return st.Elapsed + s.env.Now().Sub(st.at)
}

func (s *Screen) open() tea.Cmd {
	s.begin(opening)
	return tea.Batch(s.openCmd(), s.tickCmd())
}

func (s *Screen) ticking() bool { return s.state != asking && s.state != failed }

// tickCmd moves the clocks of the screen.
func (s *Screen) tickCmd() tea.Cmd { return ui.TickCmd(s.tick, 200*time.Millisecond) }

func (s *Screen) statusCmd() tea.Cmd {
	ctx, id, c := s.env.Context, s.id, s.deps.Cluster
	return func() tea.Msg {
		status, err := c.Status(ctx)
		return statusMsg{id, status, err}
	}
}

// createCmd brings the cluster up; its end is told through the events.
func (s *Screen) createCmd(ctx context.Context) tea.Cmd {
	c, o, events, jobs := s.deps.Cluster, s.deps.Create, s.events, s.env.Jobs
	o.Listener = events.Push
	o.Confirmed = len(s.status.Plan) > 0 // it was shown, and agreed to
	return func() tea.Msg {
		jobs.Run(func() { events.Close(c.Create(ctx, o)) })
		return nil
	}
}

// openCmd connects to the cluster and takes the list of labs.
func (s *Screen) openCmd() tea.Cmd {
	ctx, id, deps := s.env.Context, s.id, s.deps
	return func() tea.Msg {
		p, err := deps.Open(ctx)
		if err != nil {
			return openedMsg{id: id, err: err}
		}
		return openedMsg{id, p, deps.Catalog.Labs(), nil}
	}
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}

// Title is empty: the pane says it.
func (s *Screen) Title() string { return "" }

// Status names the provider.
func (s *Screen) Status() string { return s.deps.Cluster.Name() }

// Footer lists the keys that work now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch s.state {
	case asking:
		return []key.Binding{k.Create, k.Quit}
	case creating:
		return []key.Binding{k.Cancel}
	case failed:
		return []key.Binding{k.Retry, k.Output, k.Quit}
	default:
		return []key.Binding{k.Quit}
	}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.Create, k.Cancel, k.Retry, k.Output, k.Up, k.Down, k.PageUp, k.PageDown}
}

// Leaving says that a cluster that is being created would be lost.
func (s *Screen) Leaving() string {
	if s.state == creating {
		return s.ui.Texts.Common.QuitCreate
	}
	return ""
}

// Close cancels the creation.
func (s *Screen) Close() {
	if s.state == creating {
		s.state = cancelling
	}
	s.cancel()
}
