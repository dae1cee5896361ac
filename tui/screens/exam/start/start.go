// Package start is the screen on which an exam is chosen and prepared, or on
// which one that is under way is resumed.
package start

import (
	"context"
	"errors"
	"strconv"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// maxDigits is that of a seed: all numbers that long can be one.
const maxDigits = 19

// job is what is being done; one thing at a time.
type job int

const (
	none job = iota
	preparing
	joining
	aborting
)

// Screen starts and resumes exams.
type Screen struct {
	env   *ui.Env
	ui    *ui.UI
	exams backend.Exams
	id    stream.ID
	// shown is the id of the exam whose result the learner has seen.
	shown string

	ctx    context.Context // ends when the screen is left
	leave  context.CancelFunc
	job    job
	cancel context.CancelFunc // of the job

	exam       ui.ExamMsg
	known      bool // exam is what is there
	blueprints []exam.Blueprint
	cursor     int
	seed       string
	typed      bool // the learner wrote the seed

	ready   *stream.Stream[prepared] // of the preparation, nil before
	isReady map[string]bool          // by lab

	list          pager.Pager
	body          pager.Pager // of everything but the list
	width, height int
}

// prepared says that a task was set up, or that this failed.
type prepared struct {
	lab string
	err error
}

// New makes the screen. shown is the id of the exam whose result need not be
// shown first.
func New(env *ui.Env, u *ui.UI, exams backend.Exams, shown string) *Screen {
	ctx, leave := context.WithCancel(env.Context)
	return &Screen{
		env: env, ui: u, exams: exams, id: env.IDs.Next(), shown: shown,
		ctx: ctx, leave: leave, cancel: func() {}, isReady: map[string]bool{},
	}
}

// Init reads the blueprints and asks for a look at the exam.
func (s *Screen) Init() tea.Cmd { return tea.Batch(s.readCmd(), ui.Cmd(ui.LookAtExamMsg{})) }

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
	case ui.ExamMsg:
		return s.follow(msg)
	case stream.Msg[prepared]:
		if s.ready == nil || msg.ID != s.ready.ID() {
			return nil
		}
		for _, p := range msg.Items {
			s.isReady[p.lab] = p.err == nil
		}
		if !msg.Closed {
			return s.ready.NextCmd()
		}
	case result:
		if msg.screen() == s.id {
			return s.result(msg)
		}
	}
	return nil
}

// follow takes over what the root saw. The result of an exam that was graded
// meanwhile comes first.
func (s *Screen) follow(msg ui.ExamMsg) tea.Cmd {
	s.exam, s.known = msg, true
	if state := msg.State; state != nil && state.Phase == exam.Graded && state.ID != s.shown {
		s.shown = state.ID
		return s.resultCmd(state.ID)
	}
	return nil
}

// result handles the end of what a command of this screen did.
func (s *Screen) result(msg result) tea.Cmd {
	switch msg := msg.(type) {
	case readMsg:
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileLook })
		}
		s.blueprints = msg.blueprints
		if !s.typed {
			s.seed = strconv.FormatUint(msg.seed, 10)
		}
		s.cursor = max(s.cursor, s.usual())
	case seedMsg:
		s.seed, s.typed = strconv.FormatUint(msg.seed, 10), false
	case chosenMsg:
		return s.start(msg)
	case abortConfirmedMsg:
		s.beginJob(aborting)
		return s.abortCmd()
	case startedMsg:
		return s.started(msg)
	case abortedMsg:
		s.endJob()
		if msg.err != nil && !errors.Is(msg.err, exam.ErrNotRunning) {
			return tea.Batch(s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileAbort }), ui.Cmd(ui.LookAtExamMsg{}))
		}
		return tea.Batch(ui.Cmd(ui.LookAtExamMsg{}), ui.Notice(func(t *texts.Texts) string { return t.Exam.AbortedNotice }))
	case resultMsg:
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileResult })
		}
		return ui.Cmd(ui.OpenExamResultMsg{Result: msg.result})
	}
	return nil
}

// usual is the blueprint that the cursor is put on first.
func (s *Screen) usual() int {
	for i, b := range s.blueprints {
		if b.ID == "short" {
			return i
		}
	}
	return 0
}

// started goes on to the exam. One whose clock runs is shown even if its
// rights could not be renewed: its time passes.
func (s *Screen) started(msg startedMsg) tea.Cmd {
	was := s.job
	s.endJob()
	look := ui.Cmd(ui.LookAtExamMsg{})
	switch {
	case errors.Is(msg.err, exam.ErrOpen):
		return tea.Batch(look, ui.Notice(func(t *texts.Texts) string { return t.Exam.UnderWay }))
	case msg.err != nil && msg.cancelled:
		return tea.Batch(look, ui.Notice(func(t *texts.Texts) string { return t.Exam.Start.Stopped }))
	case msg.err != nil && was == joining && s.exam.State != nil && s.exam.State.Phase == exam.Running:
		return tea.Batch(s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileResume }), ui.Cmd(ui.OpenSittingMsg{ID: s.exam.State.ID}))
	case msg.err != nil:
		return tea.Batch(look, s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileStart }))
	}
	cmds := []tea.Cmd{look, ui.Cmd(ui.OpenSittingMsg{ID: msg.exam})}
	if msg.watchErr != nil {
		cmds = append(cmds, ui.Fail(msg.watchErr, func(t *texts.Texts) string { return t.Exam.WhileWatch }))
	}
	return tea.Batch(cmds...)
}

// failure shows an error, unless the learner has left and that is why.
func (s *Screen) failure(err error, doing func(*texts.Texts) string) tea.Cmd {
	if s.ctx.Err() != nil {
		return nil
	}
	return ui.Fail(err, doing)
}

func (s *Screen) beginJob(j job) context.Context {
	ctx, cancel := context.WithCancel(s.ctx)
	s.job, s.cancel = j, cancel
	return ctx
}

func (s *Screen) endJob() {
	s.cancel()
	s.job, s.cancel = none, func() {}
}

// open is the exam that is in the way of another one, nil for none.
func (s *Screen) open() *exam.State {
	if s.exam.Open() {
		return s.exam.State
	}
	return nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back):
		return s.back()
	case s.job != none:
		if s.body.Update(msg, keys) {
			return nil
		}
		return ui.Notice(func(t *texts.Texts) string { return t.Exam.Start.BusyNow })
	case key.Matches(msg, keys.History):
		return ui.Cmd(ui.OpenExamHistoryMsg{})
	case !s.known:
		return nil
	case s.open() != nil:
		return s.pressOpen(msg)
	case key.Matches(msg, keys.SeedDigit):
		s.write(msg.String())
	case key.Matches(msg, keys.EraseDigit):
		s.seed, s.typed = s.seed[:max(len(s.seed)-1, 0)], true
	case key.Matches(msg, keys.NewSeed):
		return s.seedCmd()
	case key.Matches(msg, keys.StartExam):
		return s.askStart()
	default:
		s.move(msg)
	}
	return nil
}

// pressOpen handles the keys while an exam is under way.
func (s *Screen) pressOpen(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.ResumeExam):
		if s.open().Phase == exam.Ended {
			return ui.Cmd(ui.OpenSittingMsg{ID: s.open().ID}) // which waits for the result
		}
		return s.resume()
	case key.Matches(msg, keys.AbortExam):
		return ui.Ask(ui.Question{
			Title: func(t *texts.Texts) string { return t.Exam.Sitting.AbortTitle },
			Body:  func(t *texts.Texts) string { return t.Exam.Sitting.AbortBody },
			Yes:   func(int) tea.Msg { return abortConfirmedMsg{from(s.id)} },
		})
	}
	s.body.Update(msg, keys)
	return nil
}

// back leaves, or stops the preparation, which can be resumed.
func (s *Screen) back() tea.Cmd {
	switch s.job {
	case preparing, joining:
		s.cancel()
		return nil
	case aborting:
		return ui.Notice(func(t *texts.Texts) string { return t.Exam.Start.BusyNow })
	}
	return ui.Cmd(ui.BackMsg{})
}

// write puts a digit at the end of the seed; the first one replaces a seed that
// podlab thought of.
func (s *Screen) write(digit string) {
	if !s.typed {
		s.seed, s.typed = "", true
	}
	if len(s.seed) < maxDigits {
		s.seed += digit
	}
}

func (s *Screen) move(msg tea.KeyMsg) {
	keys, last := s.ui.Keys, len(s.blueprints)-1
	switch {
	case key.Matches(msg, keys.Up):
		s.cursor--
	case key.Matches(msg, keys.Down):
		s.cursor++
	case key.Matches(msg, keys.Top, keys.PageUp):
		s.cursor = 0
	case key.Matches(msg, keys.Bottom, keys.PageDown):
		s.cursor = last
	}
	s.cursor = max(min(s.cursor, last), 0)
}

// askStart asks whether to begin, and says what is different in an exam.
func (s *Screen) askStart() tea.Cmd {
	if len(s.blueprints) == 0 {
		return nil
	}
	seed, err := strconv.ParseUint(s.seed, 10, 64)
	if err != nil {
		return ui.Notice(func(t *texts.Texts) string { return t.Exam.Start.SeedHelp })
	}
	b, lang := s.blueprints[s.cursor], s.ui.Lang
	return ui.Ask(ui.Question{
		Title: func(t *texts.Texts) string { return t.Exam.Start.AskTitle },
		Body: func(t *texts.Texts) string {
			return texts.Fill(t.Exam.Start.AskBody, "title", b.Title[lang], "tasks", strconv.Itoa(b.Tasks),
				"minutes", strconv.Itoa(b.Minutes), "seed", strconv.FormatUint(seed, 10))
		},
		Items: []string{s.ui.Texts.Exam.Start.Different, s.ui.Texts.Exam.Start.Help, s.ui.Texts.Exam.Start.End, s.ui.Texts.Exam.Start.Leave},
		Yes:   func(int) tea.Msg { return chosenMsg{from(s.id), b, seed} },
	})
}

func (s *Screen) start(msg chosenMsg) tea.Cmd {
	ctx := s.beginJob(preparing)
	tell := s.preparation()
	return tea.Batch(s.startCmd(ctx, msg, tell), s.ready.NextCmd())
}

// resume goes on with the exam that is under way: with its preparation, or by
// joining it.
func (s *Screen) resume() tea.Cmd {
	if s.open().Phase == exam.Running {
		return s.resumeCmd(s.beginJob(joining), nil)
	}
	ctx := s.beginJob(preparing)
	tell := s.preparation()
	return tea.Batch(s.resumeCmd(ctx, tell), s.ready.NextCmd())
}

// preparation begins to count tasks that are ready.
func (s *Screen) preparation() exam.Prepared {
	ready := stream.New[prepared](s.env.IDs.Next(), nil)
	s.ready, s.isReady = ready, map[string]bool{}
	return func(t exam.TaskState, err error) { ready.Push(prepared{t.Lab, err}) }
}

// Footer lists the keys that matter most now.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	switch {
	case s.job == preparing:
		return []key.Binding{k.Cancel}
	case s.job != none || !s.known:
		return []key.Binding{k.Back}
	case s.open() != nil:
		return []key.Binding{k.ResumeExam, k.AbortExam, k.History, k.Back}
	}
	return []key.Binding{k.Move, k.StartExam, k.SeedDigit, k.NewSeed, k.History, k.Back}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	if s.open() != nil {
		return []key.Binding{k.ResumeExam, k.AbortExam, k.History, k.Back}
	}
	return []key.Binding{k.Up, k.Down, k.Top, k.Bottom, k.StartExam, k.SeedDigit, k.EraseDigit, k.NewSeed, k.History, k.Back}
}

// Leaving warns that the preparation would be interrupted.
func (s *Screen) Leaving() string {
	if s.job == preparing {
		return s.ui.Texts.Common.QuitJob
	}
	return ""
}

// Close ends what the screen has running.
func (s *Screen) Close() { s.leave() }
