// Package exam is timed mock exams: which labs they ask (Compose), what is
// kept of one while it runs (State, Store), and how it is prepared, worked on,
// ended and graded (Exam).
package exam
