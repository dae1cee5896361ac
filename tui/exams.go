package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/layout"
	examhistory "podlab/tui/screens/exam/history"
	"podlab/tui/screens/exam/result"
	"podlab/tui/screens/exam/sitting"
	examstart "podlab/tui/screens/exam/start"
	"podlab/tui/screens/lab"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

const (
	// finishPause is how many looks lie between two attempts to grade an exam
	// whose time is up.
	finishPause = 5
	// worthSaying is the least by which a clock that was set back is spoken of:
	// the clocks of machines are corrected by less all the time.
	worthSaying = 10 * time.Second
)

// examWatch is what the root knows of the exam that is there. It looks every
// second, whatever screen is shown, and tells all screens: an exam goes on
// while its candidate practises something else, and other processes change it.
type examWatch struct {
	id      stream.ID // of the ticks; zero before the first
	looking bool
	again   bool // what is being looked at may be stale already

	known bool // there was a look that succeeded
	now   ui.ExamMsg

	finishing bool
	pause     int    // looks before the next attempt to finish
	said      string // the trouble that was shown last

	shown  string // the id of the exam whose result was shown last
	joined string // the id of the exam that was shown in this terminal
}

type (
	examLookedMsg struct {
		look ui.ExamMsg
		err  error
	}
	examFinishedMsg struct{ err error }
)

// watchExams begins to look. Ticks of an earlier watch are stale.
func (m *model) watchExams() tea.Cmd {
	if m.options.Exams == nil {
		return nil
	}
	m.exams.id = m.env.IDs.Next()
	return tea.Batch(m.lookAtExam(), m.examTickCmd())
}

func (m *model) examTickCmd() tea.Cmd { return ui.TickCmd(m.exams.id, time.Second) }

// updateExams handles what concerns exams; ok is false for other messages.
func (m *model) updateExams(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	switch msg := msg.(type) {
	case ui.TickMsg:
		if msg.ID != m.exams.id {
			return nil, false
		}
		m.exams.pause = max(m.exams.pause-1, 0)
		return tea.Batch(m.lookAtExam(), m.examTickCmd()), true
	case ui.LookAtExamMsg:
		m.exams.again = true
		return m.lookAtExam(), true
	case examLookedMsg:
		return m.lookedAtExam(msg), true
	case examFinishedMsg:
		m.exams.finishing = false
		if msg.err != nil && !errors.Is(msg.err, exam.ErrNotRunning) {
			m.exams.pause = finishPause
			m.examTrouble(msg.err, func(t *texts.Texts) string { return t.Exam.WhileFinish })
			return m.tell(m.exams.now), true
		}
		return ui.Cmd(ui.LookAtExamMsg{}), true
	case ui.OpenExamMsg:
		return m.openExam(), true
	case ui.OpenSittingMsg:
		m.exams.joined = msg.ID
		return tea.Batch(m.popTo(1), m.push(sitting.New(m.env, m.ui, sitting.Deps{
			Exams: m.options.Exams, Shell: m.options.ExamShell, Split: m.options.Split,
		}, msg.ID))), true
	case ui.OpenExamResultMsg:
		m.exams.shown = msg.Result.ID
		return m.openExamResult(msg.Result), true
	case ui.OpenExamHistoryMsg:
		return m.push(examhistory.New(m.env, m.ui, m.options.Exams)), true
	}
	return nil, false
}

// openExam goes back to the exam that this terminal shows, or opens the screen
// to start or resume one.
func (m *model) openExam() tea.Cmd {
	switch now := m.exams.now; {
	case m.options.Exams == nil:
		return nil
	case now.Open() && now.State.ID == m.exams.joined:
		return ui.Cmd(ui.OpenSittingMsg{ID: now.State.ID})
	}
	return m.push(examstart.New(m.env, m.ui, m.options.Exams, m.exams.shown))
}

// openExamResult shows a result. That of an exam that was being sat takes its
// place.
func (m *model) openExamResult(r *exam.Result) tea.Cmd {
	var cmd tea.Cmd
	if _, sat := m.top().(*sitting.Screen); sat {
		cmd = m.popTo(len(m.screens) - 1)
	}
	return tea.Batch(cmd, m.push(result.New(m.env, m.ui, m.options.Exams, r)))
}

// tell hands a message to all screens.
func (m *model) tell(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range m.screens {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// lookAtExam looks, one look at a time.
func (m *model) lookAtExam() tea.Cmd {
	if m.options.Exams == nil || m.exams.looking {
		return nil
	}
	m.exams.looking, m.exams.again = true, false
	return m.lookAtExamCmd()
}

// lookAtExamCmd reads the state of the exam.
func (m *model) lookAtExamCmd() tea.Cmd {
	exams := m.options.Exams
	return func() tea.Msg {
		look, err := exams.Look()
		return examLookedMsg{ui.ExamMsg{ExamLook: look}, err}
	}
}

// finishExamCmd grades an exam whose time is up. Quitting interrupts it; the
// next one who looks begins again.
func (m *model) finishExamCmd() tea.Cmd {
	exams, ctx, jobs := m.options.Exams, m.env.Context, m.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			_, err := exams.Finish(ctx)
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			msg = examFinishedMsg{err}
		})
		return msg
	}
}

func (m *model) lookedAtExam(msg examLookedMsg) tea.Cmd {
	w := &m.exams
	w.looking = false
	if w.again {
		return m.lookAtExam()
	}
	if msg.err != nil {
		m.examTrouble(msg.err, func(t *texts.Texts) string { return t.Exam.WhileLook })
		return m.tell(w.now)
	}
	before, first := w.now, !w.known
	w.now, w.known = msg.look, true
	s := w.now.State
	over := s != nil && (s.Phase == exam.Ended || s.Over(w.now.At))
	if over {
		w.now.Trouble = before.Trouble // until it can be graded
	} else {
		w.said = ""
	}
	m.noteExam(before, first)
	cmds := []tea.Cmd{m.tell(w.now), m.closeLabs()}
	if over && !w.finishing && w.pause == 0 {
		w.finishing = true
		cmds = append(cmds, m.finishExamCmd())
	}
	return tea.Batch(cmds...)
}

// examTrouble shows an error once, however often it comes.
func (m *model) examTrouble(err error, doing func(*texts.Texts) string) {
	m.exams.now.Trouble = err
	if m.exams.said == err.Error() {
		return
	}
	m.exams.said = err.Error()
	m.fail(ui.ErrorMsg{Err: err, Doing: doing})
}

// noteExam says what has happened since the look before.
func (m *model) noteExam(was ui.ExamMsg, first bool) {
	look, before := m.exams.now, was.State
	s := look.State
	switch {
	case look.Recovered && look.Aside != "":
		m.fail(ui.ErrorMsg{Doing: func(t *texts.Texts) string { return t.Exam.Recovered }, Err: errors.New(look.Aside)})
	case look.Recovered:
		m.notice = func(t *texts.Texts) string { return t.Exam.Restored }
	case s == nil || first && !s.Phase.Open():
	case first || before == nil || before.ID != s.ID:
		if s.Phase.Open() && !m.inExam() {
			m.notice = func(t *texts.Texts) string { return t.Exam.UnderWay }
		}
	case s.Behind-before.Behind >= worthSaying:
		by := layout.Clock(s.Behind - before.Behind)
		m.notice = func(t *texts.Texts) string { return texts.Fill(t.Exam.SetBack, "time", by) }
	case before.Phase.Open() && s.Phase == exam.Graded:
		m.endOfExam(func(t *texts.Texts) string { return t.Exam.GradedNotice })
	case before.Phase.Open() && s.Phase == exam.Aborted:
		m.endOfExam(func(t *texts.Texts) string { return t.Exam.AbortedNotice })
	case s.Over(look.At):
		if !before.Over(was.At) {
			m.endOfExam(func(t *texts.Texts) string { return t.Exam.Sitting.TimeUp })
		}
	default:
		m.warn(s.Warning(look.At), before.Warning(was.At))
	}
}

// endOfExam says that the exam is over, where no screen of exams does.
func (m *model) endOfExam(text func(*texts.Texts) string) {
	if m.inExam() {
		m.dialog = nil // a question about an exam that is over
		return
	}
	m.notice = text
}

// warn says how short time has become, when that begins.
func (m *model) warn(now, before exam.Warning) {
	if now == exam.NoWarning || now == before {
		return
	}
	m.notice = func(t *texts.Texts) string { return t.Exam.Warning(now) }
}

// mayReturn reports whether the key of exams leads to the one that is under way,
// whatever screen is shown.
func (m *model) mayReturn() bool { return m.exams.now.Open() && !m.inExam() }

// inExam reports whether a screen of exams is shown.
func (m *model) inExam() bool {
	switch m.top().(type) {
	case *sitting.Screen, *examstart.Screen, *result.Screen:
		return true
	}
	return false
}

// refused says that a lab is a task of the exam that is under way.
func (m *model) refused(lab string) bool { return m.exams.now.Closes(lab) }

func (m *model) refuse(lab string) {
	m.notice = func(t *texts.Texts) string { return texts.Fill(t.Exam.Closed, "lab", lab) }
}

// closeLabs leaves a lab that has become a task of an exam, and what lies over
// it.
func (m *model) closeLabs() tea.Cmd {
	at := slices.IndexFunc(m.screens, func(s ui.Screen) bool {
		l, ok := s.(*lab.Screen)
		return ok && m.refused(l.ID())
	})
	if at < 1 {
		return nil
	}
	m.refuse(m.screens[at].(*lab.Screen).ID())
	return m.popTo(at)
}

// examClock is the clock in the header of screens that are not the exam's.
func (m *model) examClock() string {
	s := m.exams.now.State
	if s == nil || s.Phase != exam.Running {
		return ""
	}
	if _, sat := m.top().(*sitting.Screen); sat {
		return ""
	}
	return texts.Fill(m.ui.Texts.Exam.Header, "time", layout.Clock(s.Left(m.exams.now.At)))
}
