package plain

import (
	"errors"
	"os/exec"
	"strings"

	"podlab/tui/backend"
	"podlab/tui/texts"
)

// Exams is what this interface must know of timed exams; everything else is
// said by "podlab exam", which speaks in plain text already.
type Exams interface {
	// Look reads the exam that is there. That there is none is no error.
	Look() (backend.ExamLook, error)
}

// examUnderWay reports whether an exam is under way.
func (s *session) examUnderWay() bool {
	look, err := s.look()
	return err == nil && look.Open()
}

// closed reports, and says, that a lab is a task of the exam that is under way.
// What cannot be read closes nothing: the exam's own commands say what is wrong.
func (s *session) closed(lab string) bool {
	look, err := s.look()
	if err != nil || !look.Closes(lab) {
		return false
	}
	s.say(s.Texts.Exam.ClosedWhy)
	return true
}

func (s *session) look() (backend.ExamLook, error) {
	if s.o.Exams == nil {
		return backend.ExamLook{}, nil
	}
	return s.o.Exams.Look()
}

// exams offers the commands of "podlab exam".
func (s *session) exams() error {
	list := !s.heard.exam
	s.heard.exam = true
	if err := s.runExam("status"); err != nil {
		return err
	}
	return s.offer(list, func() menu {
		c := s.Texts.Plain.Choices
		run := func(command ...string) func(string) error {
			return func(more string) error {
				return s.runExam(append(command[:len(command):len(command)], strings.Fields(more)...)...)
			}
		}
		return menu{place: s.Texts.Plain.Place.Exam, choices: []choice{
			{c.ExamStatus, run("status")},
			{c.ExamStart, run("start")},
			{c.ExamTasks, run("list")},
			{c.ExamGoto, run("goto")},
			{c.Task, run("show")},
			{c.Shell, run("shell")},
			{c.ExamFlag, run("flag")},
			{c.ExamDone, run("done")},
			{c.ExamSubmit, run("submit")},
			{c.ExamResume, run("resume")},
			{c.ExamAbort, run("abort")},
			{c.ExamReport, run("report")},
			{c.ExamHistory, run("history")},
		}}
	})
}

// runExam hands the terminal over to a command of "podlab exam". How it ended,
// it has said itself.
func (s *session) runExam(command ...string) error {
	s.gap()
	cmd, err := s.o.Exam(command...)
	if err == nil {
		err = s.handOver(cmd)
	}
	if err != nil {
		s.fail(s.Texts.Plain.WhileExam, err)
	}
	return nil
}

// handOver gives the terminal to another process until that ends. How it ended
// is no failure here.
func (s *session) handOver(cmd *exec.Cmd) error {
	if cmd.Stdin == nil {
		cmd.Stdin = s.o.Input
	}
	cmd.Stdout, cmd.Stderr = s.o.Output, s.o.Output
	err := cmd.Run()
	s.forgetInterrupts()
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		return nil
	}
	return err
}

// tellExam says that an exam is under way.
func (s *session) tellExam() {
	if s.examUnderWay() {
		s.say(texts.Fill(s.Texts.Plain.ExamUnderWay, "word", s.Texts.Plain.Choices.Exam.Word))
	}
}
