package ui

import (
	"time"

	"podlab/grader"
	"podlab/labs"
	"podlab/tui/backend"
)

// OpenBoardMsg asks for the projector layout of the lab that is open.
type OpenBoardMsg struct {
	Lab      *labs.Lab
	Exercise backend.Exercise
	Now      VerdictsMsg
}

// WantVerdictsMsg asks the screen of a lab for a VerdictsMsg: what was new while
// another screen was being opened did not reach that one.
type WantVerdictsMsg struct{ Lab string }

// VerdictsMsg says how a lab is judged. The lab's screen, which watches it,
// tells all screens whenever something of it has changed: one watch serves
// them all.
type VerdictsMsg struct {
	Lab string
	// Version grows with each message, so that one that was overtaken can be
	// dropped.
	Version uint64
	Report  *grader.Report // nil until the first look
	// Trouble is why the cluster does not answer; nil while it does.
	Trouble error
	// StartedAt is when the attempt began, zero where that is not known; Ended
	// when everything passed first, zero before.
	StartedAt, Ended time.Time
}
