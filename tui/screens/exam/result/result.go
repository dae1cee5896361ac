// Package result is the screen of a graded exam: the score against the pass
// mark, tasks and patterns, what to practise next, and the checks that were
// missed.
package result

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/tui/backend"
	"podlab/tui/components/pager"
	"podlab/tui/stream"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// Screen is the result of one exam.
type Screen struct {
	env   *ui.Env
	ui    *ui.UI
	exams backend.Exams
	exam  *exam.Result
	id    stream.ID

	report *report.Report // nil until it was built
	// wanted is the language that the report was asked for in last.
	wanted content.Lang

	// On narrow screens one of them is shown.
	result, missed pager.Pager
	onMissed       bool // the focus
	width, height  int
}

type builtMsg struct {
	id     stream.ID
	lang   content.Lang
	report *report.Report
	err    error
}

// New makes the screen.
func New(env *ui.Env, u *ui.UI, exams backend.Exams, r *exam.Result) *Screen {
	return &Screen{env: env, ui: u, exams: exams, exam: r, id: env.IDs.Next()}
}

// Init says the result in the language of the moment.
func (s *Screen) Init() tea.Cmd { return s.build() }

func (s *Screen) build() tea.Cmd {
	s.wanted = s.ui.Lang
	return s.buildCmd(s.ui.Lang)
}

// buildCmd says the result in a language.
func (s *Screen) buildCmd(lang content.Lang) tea.Cmd {
	id, exams, result := s.id, s.exams, s.exam
	return func() tea.Msg {
		r, err := exams.Report(result, lang)
		return builtMsg{id, lang, r, err}
	}
}

// Update scrolls and leaves.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ui.SpokenMsg:
		return s.build()
	case builtMsg:
		if msg.id != s.id || msg.lang != s.wanted { // overtaken by a later choice
			return nil
		}
		if msg.err != nil {
			return ui.Fail(msg.err, func(t *texts.Texts) string { return t.Exam.WhileResult })
		}
		s.report = msg.report
		s.layOut()
	case tea.KeyMsg:
		return s.press(msg)
	}
	return nil
}

func (s *Screen) press(msg tea.KeyMsg) tea.Cmd {
	keys := s.ui.Keys
	switch {
	case key.Matches(msg, keys.Back):
		return ui.Cmd(ui.BackMsg{})
	case key.Matches(msg, keys.NextPane, keys.PrevPane):
		s.onMissed = !s.onMissed
	case key.Matches(msg, keys.PractiseLab):
		if s.report == nil || len(s.report.Practise) == 0 {
			return ui.Notice(func(t *texts.Texts) string { return t.Exam.Result.AllSolved })
		}
		return ui.Cmd(ui.OpenLabMsg{ID: s.report.Practise[0].Lab})
	case s.onMissed:
		s.missed.Update(msg, keys)
	default:
		s.result.Update(msg, keys)
	}
	return nil
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look. What the report says follows when it was
// built anew.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}

// Title names the exam.
func (s *Screen) Title() string {
	if s.report == nil {
		return ""
	}
	return s.report.Title
}

// Status is empty.
func (s *Screen) Status() string { return "" }

// Footer lists the keys that matter most.
func (s *Screen) Footer() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{k.NextPane, k.Scroll, k.PractiseLab, k.Copy, k.Back}
}

// Help lists all keys.
func (s *Screen) Help() []key.Binding {
	k := s.ui.Keys
	return []key.Binding{
		k.NextPane, k.PrevPane, k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.PractiseLab, k.Back,
	}
}

// Leaving loses nothing: results are kept.
func (s *Screen) Leaving() string { return "" }

// Close does nothing.
func (s *Screen) Close() {}

// Copies is the whole report as Markdown.
func (s *Screen) Copies() []ui.Copyable {
	if s.report == nil {
		return nil
	}
	var b strings.Builder
	if err := report.Markdown(&b, s.report); err != nil {
		return nil // a Builder takes everything
	}
	return []ui.Copyable{{Name: s.ui.Texts.Exam.Result.Copy, Text: b.String()}}
}

// Wheel scrolls the pane under the pointer.
func (s *Screen) Wheel(x, _, lines int) {
	if s.missedAt(x) {
		s.missed.Scroll(lines)
	} else {
		s.result.Scroll(lines)
	}
}

// Click gives the pane under the pointer the focus.
func (s *Screen) Click(x, _ int) tea.Cmd {
	s.onMissed = s.missedAt(x)
	return nil
}

func (s *Screen) missedAt(x int) bool {
	if s.wide() {
		return x >= s.resultWidth()
	}
	return s.onMissed
}
