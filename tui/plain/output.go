package plain

import (
	"io"
	"strconv"
	"strings"

	"podlab/grader/printable"
	"podlab/tui/markdown"
	"podlab/tui/texts"
	"podlab/tui/wrap"
)

// maxWidth is the longest that a line gets: longer ones are hard to read, and
// hard to find one's way in with a braille display.
const maxWidth = 80

// writer writes lines and keeps the first error.
type writer struct {
	w     io.Writer
	width func() int
	err   error
	// open says that the last line has no end yet: it is a question.
	open bool
}

func (w *writer) print(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, text)
	}
}

func (w *writer) line(text string) {
	w.endLine()
	w.print(text + "\n")
}

// endLine ends a question that is not answered.
func (w *writer) endLine() {
	if w.open {
		w.print("\n")
		w.open = false
	}
}

func (w *writer) columns() int {
	if w.width == nil {
		return maxWidth
	}
	if n := w.width(); n > 0 && n < maxWidth {
		return n
	}
	return maxWidth
}

// say writes a text, broken into lines by the rules of its language.
func (s *session) say(text string) {
	text = strings.ReplaceAll(printable.Text(text), "\t", " ")
	for _, line := range wrap.Text(s.Lang, strings.TrimRight(text, "\n"), s.out.columns()) {
		s.out.line(line)
	}
}

// prompt writes a question, whose last line the answer ends.
func (s *session) prompt(question string) {
	text := strings.TrimRight(question, " ")
	lines := wrap.Text(s.Lang, text, s.out.columns()-1)
	for _, line := range lines[:len(lines)-1] {
		s.out.line(line)
	}
	s.out.endLine()
	s.out.print(lines[len(lines)-1] + question[len(text):])
	s.out.open = true
}

// gap writes an empty line, by which readers find the next paragraph.
func (s *session) gap() { s.out.line("") }

// heading begins a part.
func (s *session) heading(title string) {
	s.gap()
	s.say(texts.Fill(s.Texts.Plain.Heading, "title", title))
}

// fact says what something is.
func (s *session) fact(label, value string) {
	s.say(texts.Fill(s.Texts.Plain.Fact, "label", label, "value", value))
}

// document writes Markdown.
func (s *session) document(src string) {
	for _, line := range markdown.Linear(printable.Text(src), s.Lang, s.out.columns()) {
		s.out.line(line)
	}
}

// verbatim writes what may be copied, such as a manifest or a log: its lines
// are never broken.
func (s *session) verbatim(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(printable.Text(text), "\n"), "\n") {
		s.out.line(line)
	}
}

// list joins items as the language does.
func (s *session) list(items []string) string { return strings.Join(items, s.Texts.Plain.And) }

func itoa(n int) string { return strconv.Itoa(n) }
