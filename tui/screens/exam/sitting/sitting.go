// Package sitting is the screen of an exam while its clock runs: the clock, the
// list of tasks, and the task that is being worked on. There are no hints, no
// solutions and no checks.
//
// The root looks at the exam every second and tells the screen, so it follows
// what other processes do: nothing that it shows is only its own.
package sitting

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Deps is what the screen works with.
type Deps struct {
	Exams backend.Exams
	Shell backend.ExamShellCommand
	// Split shows that shell in a pane beside; nil where there are no panes.
	Split backend.Splitter
}

// Screen is the exam that is under way.
type Screen struct {
	env  *ui.Env
	ui   *ui.UI
	deps Deps
	id   stream.ID

	ctx   context.Context // ends when the screen is left
	leave context.CancelFunc

	sat   string // the id of the exam that is shown
	exam  ui.ExamMsg
	asked []backend.Asked // nil until it was read
	// ending says that the candidate has submitted or given up here, or that the
	// result is being read.
	ending bool

	cursor int  // in the list, from 0
	onText bool // the focus

	list, text    pager.Pager
	shown         int // the task whose text the pager has, from 1; 0 for none
	width, height int
}

// New makes the screen of the exam with that id.
func New(env *ui.Env, u *ui.UI, deps Deps, id string) *Screen {
	ctx, leave := context.WithCancel(env.Context)
	return &Screen{env: env, ui: u, deps: deps, id: env.IDs.Next(), ctx: ctx, leave: leave, sat: id}
}

// Init asks for a look at the exam.
func (s *Screen) Init() tea.Cmd { return ui.Cmd(ui.LookAtExamMsg{}) }

// Update follows the exam and changes it.
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
	case result:
		if msg.screen() == s.id {
			return s.result(msg)
		}
	}
	return nil
}

// follow takes over what the root saw.
func (s *Screen) follow(msg ui.ExamMsg) tea.Cmd {
	state, first := msg.State, s.exam.State == nil
	switch {
	case first && (state == nil || state.ID != s.sat):
		return nil // from before this exam began
	case state == nil:
		return ui.Cmd(ui.BackMsg{})
	}
	if !first && state.Current != s.exam.State.Current {
		s.cursor = max(state.Current-1, 0) // gone to in the shell, or here
	}
	s.exam = msg
	if first || state.ID != s.sat { // another one was begun elsewhere
		s.sat, s.asked, s.ending, s.onText, s.shown = state.ID, nil, false, false, 0
		s.cursor = max(state.Current-1, 0)
		if state.Phase.Open() {
			return s.readCmd(state)
		}
	}
	switch state.Phase {
	case exam.Graded:
		if !s.ending {
			s.ending = true
			return s.resultCmd(state.ID)
		}
	case exam.Aborted:
		if !s.ending {
			s.ending = true
			return tea.Batch(ui.Cmd(ui.BackMsg{}), ui.Notice(func(t *texts.Texts) string { return t.Exam.AbortedNotice }))
		}
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
		if msg.exam == s.sat {
			s.asked = msg.asked
		}
	case changedMsg:
		if msg.err != nil {
			return tea.Batch(s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileChange }), ui.Cmd(ui.LookAtExamMsg{}))
		}
		return ui.Cmd(ui.LookAtExamMsg{})
	case submitConfirmedMsg:
		return s.submitCmd()
	case abortConfirmedMsg:
		return s.abortCmd()
	case endedMsg:
		// Whatever has become of it, the state says.
		if msg.err != nil {
			return tea.Batch(s.failure(msg.err, msg.doing), ui.Cmd(ui.LookAtExamMsg{}))
		}
		return ui.Cmd(ui.LookAtExamMsg{})
	case resultMsg:
		if msg.err != nil {
			return tea.Batch(s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileResult }), ui.Cmd(ui.BackMsg{}))
		}
		return ui.Cmd(ui.OpenExamResultMsg{Result: msg.result})
	case shellReadyMsg:
		if msg.err != nil {
			return s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileShell })
		}
		return s.shellCmd(msg.cmd)
	case shellEndedMsg:
		back := tea.Batch(ui.Cmd(ui.TerminalBackMsg{}), ui.Cmd(ui.LookAtExamMsg{}))
		if msg.err != nil {
			return tea.Batch(back, s.failure(msg.err, func(t *texts.Texts) string { return t.Exam.WhileShell }))
		}
		return back
	case splitMsg:
		return tea.Batch(ui.Cmd(ui.LookAtExamMsg{}), s.splitted(msg.err))
	}
	return nil
}

// failure shows an error, unless the candidate has left and that is why.
func (s *Screen) failure(err error, doing func(*texts.Texts) string) tea.Cmd {
	if s.ctx.Err() != nil {
		return nil
	}
	return ui.Fail(err, doing)
}

// running reports whether the candidate may still work.
func (s *Screen) running() bool {
	state := s.exam.State
	return state != nil && state.Phase == exam.Running && !state.Over(s.exam.At)
}

// task is the number of the task that the keys mean: the one at the cursor, or
// where its text has the focus, the one that is being worked on. 0 is none.
func (s *Screen) task() int {
	if s.exam.State == nil {
		return 0
	}
	if s.onText {
		return s.exam.State.Current
	}
	return s.cursor + 1
}

// Leaving says that the clock does not stop.
func (s *Screen) Leaving() string {
	switch {
	case s.exam.State == nil || !s.exam.Open():
		return ""
	case s.running():
		return s.ui.Texts.Exam.Sitting.Quit
	default:
		return s.ui.Texts.Exam.Sitting.QuitGrading
	}
}

// Close ends what the screen has running; what ends the exam goes on.
func (s *Screen) Close() { s.leave() }
