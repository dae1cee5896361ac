// Package lab is the screen of one lab: the task beside its live checks,
// hints, solutions, and what can be done with the lab.
package lab

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/picture"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Deps is what the screen works with.
type Deps struct {
	Practice backend.Practice
	Records  backend.Records
	Shell    backend.ShellCommand
	// Split shows that shell in a pane beside; nil where there are no panes.
	Split backend.Splitter
}

// job is what is being done with the lab; one thing at a time.
type job int

const (
	none job = iota
	starting
	resetting
	applying
	grading
)

// paneID names a pane.
type paneID int

const (
	taskPane paneID = iota
	checksPane
	hintsPane
	solutionPane
	podsPane
)

// Screen is one lab.
type Screen struct {
	env  *ui.Env
	ui   *ui.UI
	deps Deps
	lab  *labs.Lab
	id   stream.ID

	ctx    context.Context // ends when the screen is left
	leave  context.CancelFunc
	job    job
	cancel context.CancelFunc // of the job

	exercise backend.Exercise // nil until it was read
	started  bool
	failed   bool // starting failed

	// The attempt, as the records have it and as it goes on here.
	startedAt time.Time // zero where it is not known
	ended     time.Time // when everything passed first
	hints     int       // shown so far
	solution  *labs.Answer
	seen      bool // a solution was looked at in this attempt

	comparison comparison

	watch   *stream.Stream[event]
	report  *grader.Report // nil until the first look
	objects grader.Objects // what the namespace holds
	looked  bool           // objects are known
	told    uint64         // messages about objects to other screens
	said    *report.Report // report in the language of the screen
	trouble error          // the cluster does not answer
	// verdicts is what other screens were told last.
	verdicts ui.VerdictsMsg

	focus paneID
	doc   paneID // the pane beside the checks on wide screens
	check int    // the selected check
	open  bool   // it is explained
	rows  []int  // the line at which each check begins

	pods          podsView
	panes         [podsPane + 1]pager.Pager
	width, height int
}

// event is what the watch says: a report, what the namespace holds, or else
// trouble (nil when it is over).
type event struct {
	report  *grader.Report
	objects *grader.Objects
	trouble error
}

// kind tells events apart that make each other stale.
func (e event) kind() int {
	switch {
	case e.report != nil:
		return 0
	case e.objects != nil:
		return 1
	default:
		return 2
	}
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, deps Deps, lab *labs.Lab) *Screen {
	ctx, leave := context.WithCancel(env.Context)
	return &Screen{
		env: env, ui: u, deps: deps, lab: lab, id: env.IDs.Next(),
		ctx: ctx, leave: leave, cancel: func() {}, job: starting,
	}
}

// ID returns the id of the lab.
func (s *Screen) ID() string { return s.lab.ID }

// Init reads the lab and starts it.
func (s *Screen) Init() tea.Cmd { return tea.Batch(s.readCmd(), s.tickCmd()) }

// Update changes the screen. What is said to other screens, as each batch of a
// log that lies over this one, costs nothing.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	cmd, mine := s.update(msg)
	if !mine {
		return nil
	}
	s.layOut()
	return tea.Batch(cmd, s.tellVerdicts())
}

// update handles what is said to this screen.
func (s *Screen) update(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return s.press(msg), true
	case ui.TickMsg:
		if msg.ID == s.id {
			return s.tickCmd(), true
		}
	case stream.Msg[event]:
		if s.watch != nil && msg.ID == s.watch.ID() {
			return s.watched(msg), true
		}
	case ui.WantObjectsMsg:
		if msg.Lab == s.lab.ID {
			return s.tellObjects(), true
		}
	case ui.WantVerdictsMsg:
		if msg.Lab == s.lab.ID {
			return ui.Cmd(s.verdicts), true
		}
	case watchAgainMsg:
		if s.watch != nil && msg.watch == s.watch.ID() {
			return s.startWatch(), true
		}
	case result:
		if msg.screen() == s.id {
			return s.result(msg), true
		}
	}
	return nil, false
}

// result handles the end of what a command of this screen did.
func (s *Screen) result(msg result) tea.Cmd {
	switch msg := msg.(type) {
	case readMsg:
		if msg.err != nil {
			s.job, s.failed = none, true
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileLab })
		}
		s.exercise = msg.exercise
		return s.start()
	case startedMsg:
		s.endJob()
		if msg.err != nil {
			s.failed = true
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileStart })
		}
		s.started, s.failed = true, false
		s.adopt(msg.attempt)
		return s.startWatch()
	case editedMsg:
		return s.edited(msg)
	case resetConfirmedMsg:
		return s.findEdited()
	case replaceConfirmedMsg:
		return s.reset(true)
	case resetMsg:
		s.endJob()
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileReset })
		}
		s.ended = time.Time{}
		s.adopt(msg.attempt)
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.ResetDone })
	case gradedMsg:
		return s.graded(msg)
	case solutionChosenMsg:
		return s.showSolution(msg.index)
	case applyConfirmedMsg:
		return s.apply()
	case appliedMsg:
		s.endJob()
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileApply })
		}
		return ui.Notice(func(t *texts.Texts) string { return t.Lab.Applied })
	case recordedMsg:
		if msg.err != nil {
			return ui.Fail(msg.err, func(t *texts.Texts) string { return t.Common.WhileRecords })
		}
	case shellReadyMsg:
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileShell })
		}
		return s.shellCmd(msg.cmd)
	case shellEndedMsg:
		back := ui.Cmd(ui.TerminalBackMsg{})
		if msg.err != nil {
			return tea.Batch(back, s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileShell }))
		}
		return back
	case splitMsg:
		return s.splitted(msg.err)
	case comparedMsg:
		return s.compared(msg)
	}
	return nil
}

// failure shows an error; doing says what failed, with {lab} in it.
func (s *Screen) failure(err error, doing func(*texts.Texts) string) tea.Cmd {
	if s.ctx.Err() != nil {
		return nil // the learner has left, and that is why
	}
	lab := s.lab.ID
	return ui.Fail(err, func(t *texts.Texts) string { return texts.Fill(doing(t), "lab", lab) })
}

// adopt takes over what the records say of the attempt.
func (s *Screen) adopt(a attempt) {
	s.startedAt, s.hints, s.seen = a.startedAt, a.hints, a.solutionSeen
}

// beginJob gives the job a context of its own, so that it can be cancelled.
func (s *Screen) beginJob(j job) context.Context {
	ctx, cancel := context.WithCancel(s.ctx)
	s.job, s.cancel = j, cancel
	return ctx
}

func (s *Screen) endJob() {
	s.cancel()
	s.job, s.cancel = none, func() {}
}

func (s *Screen) start() tea.Cmd { return s.startCmd(s.beginJob(starting)) }

// startWatch begins to watch; what an earlier watch still says is stale.
func (s *Screen) startWatch() tea.Cmd {
	s.watch = stream.New(s.env.IDs.Next(), mergeEvents)
	return tea.Batch(s.watchCmd(), s.watch.NextCmd())
}

// mergeEvents keeps the latest event of each kind of those that nobody has
// looked at yet.
func mergeEvents(waiting []event, e event) []event {
	waiting = slices.DeleteFunc(waiting, func(old event) bool { return old.kind() == e.kind() })
	return append(waiting, e)
}

func (s *Screen) watched(msg stream.Msg[event]) tea.Cmd {
	var again tea.Cmd
	for _, e := range msg.Items {
		switch {
		case e.report != nil:
			s.take(e.report)
		case e.objects != nil:
			s.objects, s.looked = *e.objects, true
			s.pods.model = picture.Of(s.objects)
			again = s.compareAgain()
		default:
			s.trouble = e.trouble
		}
	}
	if msg.Err != nil {
		s.trouble = msg.Err
	}
	if !msg.Closed {
		return tea.Batch(again, s.tellObjects(), s.watch.NextCmd())
	}
	return tea.Batch(s.tellObjects(), s.watchAgainCmd())
}

// take shows a report.
func (s *Screen) take(r *grader.Report) {
	s.report = r
	s.said = s.exercise.Localize(r, s.ui.Lang)
	s.check = min(s.check, max(len(s.said.Checks)-1, 0))
	if s.ended.IsZero() && r.Solved() {
		s.ended = s.env.Now()
	}
}

// elapsed since the attempt began; zero where that is not known.
func (s *Screen) elapsed() time.Duration {
	switch {
	case s.startedAt.IsZero():
		return 0
	case s.ended.After(s.startedAt):
		return s.ended.Sub(s.startedAt)
	default:
		return s.env.Now().Sub(s.startedAt)
	}
}

func (s *Screen) graded(msg gradedMsg) tea.Cmd {
	if msg.cancelled || s.job != grading {
		return nil
	}
	s.endJob()
	if msg.err != nil {
		return s.failure(msg.err, func(t *texts.Texts) string { return t.Common.WhileGrade })
	}
	s.take(msg.report)
	return ui.Cmd(ui.OpenReportMsg{
		Lab: s.lab.ID, Exercise: s.exercise, Report: msg.report, Minutes: s.lab.Minutes,
		Elapsed: s.elapsed(), HintsUsed: s.hints, SolutionSeen: s.seen,
	})
}

// Leaving warns that the place would be lost, or that something is running.
func (s *Screen) Leaving() string {
	if s.job != none {
		return s.ui.Texts.Common.QuitJob
	}
	return s.ui.Texts.Common.QuitLab
}

// Close ends what the screen has running.
func (s *Screen) Close() { s.leave() }
