package ui

import (
	"podlab/labs/exam"
	"podlab/tui/backend"
)

// The messages about exams.
type (
	// OpenExamMsg asks for the screen on which an exam is started or resumed.
	OpenExamMsg struct{}
	// OpenSittingMsg asks for the exam that is under way, by its id.
	OpenSittingMsg struct{ ID string }
	// OpenExamResultMsg asks for the result of an exam.
	OpenExamResultMsg struct{ Result *exam.Result }
	// OpenExamHistoryMsg asks for the list of earlier exams.
	OpenExamHistoryMsg struct{}
	// LookAtExamMsg asks the root to look at the exam now, because something of it
	// was changed. The root also looks every second.
	LookAtExamMsg struct{}
	// SpokenMsg says that the language was changed, to screens that have to read
	// something in the new one.
	SpokenMsg struct{}
	// ExamMsg is the exam as the root saw it last. It comes every second, also
	// when another process changed the exam.
	ExamMsg struct {
		backend.ExamLook
		// Trouble is why the exam cannot be read, or not be graded; nil for none.
		Trouble error
	}
)
