package plain

import (
	"io"

	"podlab/grader/printable"
)

// maxAnswer bounds what is kept of a line, in bytes; no answer is so long.
const maxAnswer = 1 << 10

// reader reads lines when they are asked for, and no byte more: what follows
// may be for a shell.
type reader struct {
	in    io.Reader
	lines chan line
	// reading says that a line was asked for and has not been taken yet.
	reading bool
}

type line struct {
	text string
	err  error
}

func newReader(in io.Reader) *reader { return &reader{in: in, lines: make(chan line, 1)} }

// next returns where the next line will come. Whoever receives it calls took.
func (r *reader) next() <-chan line {
	if !r.reading {
		r.reading = true
		go func() { r.lines <- r.read() }()
	}
	return r.lines
}

func (r *reader) took() { r.reading = false }

func (r *reader) read() line {
	var text []byte
	one := make([]byte, 1)
	for {
		n, err := r.in.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return line{text: string(text)}
		case n == 1 && len(text) < maxAnswer:
			text = append(text, one[0])
		case n == 0 && err != nil && len(text) > 0:
			return line{text: string(text)} // the last line needs no newline
		case n == 0 && err != nil:
			return line{err: err}
		}
	}
}

// ask writes a question and reads the answer. News that cannot wait is told
// meanwhile.
func (s *session) ask(question string) (string, error) {
	s.prompt(question)
	for {
		if s.out.err != nil {
			return "", leave
		}
		select {
		case l := <-s.in.next():
			s.in.took()
			if l.err != nil {
				return "", inputEnded
			}
			answer := printable.Line(l.text, maxAnswer)
			if s.o.Echo {
				s.out.print(answer + "\n")
			}
			s.out.open = false // the learner's Enter ended it
			return answer, nil
		case <-s.o.Interrupts:
			return "", leave
		case <-s.ctx.Done():
			return "", leave
		case <-s.news():
			if s.open.hear() {
				s.prompt(question)
			}
		}
	}
}

// news is ready when there is something new of the open lab.
func (s *session) news() <-chan struct{} {
	if s.open == nil {
		return nil
	}
	return s.open.events.ready
}
