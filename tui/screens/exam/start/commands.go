package start

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/labs/exam"
	"podlab/tui/stream"
)

// from is the screen that a message is for; messages of a screen that was
// left are dropped.
type from stream.ID

func (f from) screen() stream.ID { return stream.ID(f) }

// result is the message of a command of this screen, or of the answer to a
// question that it asked.
type result interface{ screen() stream.ID }

type (
	readMsg struct {
		from
		blueprints []exam.Blueprint
		seed       uint64
		err        error
	}
	seedMsg struct {
		from
		seed uint64
	}
	chosenMsg struct {
		from
		blueprint exam.Blueprint
		seed      uint64
	}
	startedMsg struct {
		from
		exam      string // its id
		err       error
		cancelled bool
		// watchErr is why nobody watches over the exam while podlab is closed.
		watchErr error
	}
	abortConfirmedMsg struct{ from }
	abortedMsg        struct {
		from
		err error
	}
	resultMsg struct {
		from
		result *exam.Result
		err    error
	}
)

// readCmd reads the blueprints.
func (s *Screen) readCmd() tea.Cmd {
	id, exams := from(s.id), s.exams
	return func() tea.Msg {
		blueprints, err := exams.Blueprints()
		return readMsg{id, blueprints, exams.NewSeed(), err}
	}
}

// seedCmd thinks of another seed.
func (s *Screen) seedCmd() tea.Cmd {
	id, exams := from(s.id), s.exams
	return func() tea.Msg { return seedMsg{id, exams.NewSeed()} }
}

// startCmd prepares an exam and starts its clock.
func (s *Screen) startCmd(ctx context.Context, chosen chosenMsg, tell exam.Prepared) tea.Cmd {
	lang, exams := s.ui.Lang, s.exams
	return s.beginCmd(ctx, func(ctx context.Context) (*exam.State, error) {
		return exams.Start(ctx, chosen.blueprint, chosen.seed, lang, tell)
	})
}

// resumeCmd goes on with the exam that is under way.
func (s *Screen) resumeCmd(ctx context.Context, tell exam.Prepared) tea.Cmd {
	exams := s.exams
	return s.beginCmd(ctx, func(ctx context.Context) (*exam.State, error) { return exams.Resume(ctx, tell) })
}

// beginCmd runs what leads to an exam whose clock runs, and has it watched over.
func (s *Screen) beginCmd(ctx context.Context, begin func(context.Context) (*exam.State, error)) tea.Cmd {
	id, exams, ready, jobs := from(s.id), s.exams, s.ready, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() {
			state, err := begin(ctx)
			if ready != nil {
				ready.Close(err)
			}
			if err != nil {
				msg = startedMsg{from: id, err: err, cancelled: ctx.Err() != nil}
				return
			}
			msg = startedMsg{from: id, exam: state.ID, watchErr: exams.Oversee(ctx)}
		})
		return msg
	}
}

// abortCmd gives the exam up that is under way.
func (s *Screen) abortCmd() tea.Cmd {
	id, exams, ctx, jobs := from(s.id), s.exams, s.env.Context, s.env.Jobs
	return func() (msg tea.Msg) {
		jobs.Run(func() { msg = abortedMsg{id, exams.Abort(ctx)} })
		return msg
	}
}

// resultCmd reads the result of an exam that was graded.
func (s *Screen) resultCmd(exam string) tea.Cmd {
	id, exams := from(s.id), s.exams
	return func() tea.Msg {
		r, err := exams.Result(exam)
		return resultMsg{id, r, err}
	}
}
