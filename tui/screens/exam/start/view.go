package start

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"podlab/labs/exam"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// rulesHeight is that of the pane below the list of exams.
const rulesHeight = 8

// View draws the list of exams above their rules, or the exam that is under
// way.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Start
	if s.job != none || !s.known || s.open() != nil {
		title := t.OpenTitle
		if s.job == preparing {
			title = t.Preparing
		}
		return pane.Of(title, &s.body, true).Render(th, s.width, s.height)
	}
	list := pane.Of(t.Title, &s.list, true)
	list.Lines = append([]string{s.heading(s.columns())}, list.Lines...)
	return list.Render(th, s.width, s.height-rulesHeight) + "\n" +
		pane.Of(t.Rules, &s.body, false).Render(th, s.width, rulesHeight)
}

// columns holds the widths of the list.
type columns struct{ title, tasks, minutes int }

func (s *Screen) columns() columns {
	t := s.ui.Texts.Exam.Start
	c := columns{tasks: layout.Widest(t.Tasks), minutes: layout.Widest(t.Minutes)}
	for _, b := range s.blueprints {
		c.tasks = max(c.tasks, layout.Widest(strconv.Itoa(b.Tasks)))
		c.minutes = max(c.minutes, layout.Widest(s.minutes(b)))
	}
	c.title = max(s.width-pane.FrameWidth-2-2*2-c.tasks-c.minutes, 4)
	return c
}

func (s *Screen) minutes(b exam.Blueprint) string {
	return texts.Fill(s.ui.Texts.Common.Minutes, "n", strconv.Itoa(b.Minutes))
}

func (s *Screen) heading(c columns) string {
	t := s.ui.Texts.Exam.Start
	return s.ui.Theme.Faint.Render("  " + s.row(c, t.Exam, t.Tasks, t.Minutes))
}

func (s *Screen) row(c columns, title, tasks, minutes string) string {
	return pane.Fit(layout.Split(title, "", c.title, s.ui.Theme.Symbols.Ellipsis), c.title) +
		"  " + layout.PadLeft(tasks, c.tasks) + "  " + layout.PadLeft(minutes, c.minutes)
}

// layOut builds the lines of the panes; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	width := s.width - pane.FrameWidth
	s.body.SetHeight(s.height - pane.FrameHeight)
	switch {
	case s.job == preparing:
		s.body.SetLines(s.preparingLines(width))
		return
	case s.job != none || !s.known:
		s.body.SetLines(s.banner(s.ui.Theme.Pending, s.ui.Theme.Symbols.Pending, s.ui.Texts.Exam.Start.Joining, width))
		return
	case s.open() != nil:
		s.body.SetLines(s.openLines(width))
		return
	}
	s.body.SetHeight(rulesHeight - pane.FrameHeight)
	s.body.SetLines(s.ruleLines(width))
	c := s.columns()
	lines := make([]string, len(s.blueprints))
	for i, b := range s.blueprints {
		line := s.row(c, b.Title[s.ui.Lang], strconv.Itoa(b.Tasks), s.minutes(b))
		lines[i] = "  " + line
		if i == s.cursor {
			lines[i] = s.ui.Theme.Accent.Render(s.ui.Theme.Symbols.Cursor) + " " + s.ui.Theme.Strong.Render(line)
		}
	}
	s.list.SetHeight(s.height - rulesHeight - pane.FrameHeight - 1)
	s.list.SetLines(lines)
	s.list.Show(s.cursor, s.cursor+1)
}

// ruleLines are the seed, and what is different in an exam.
func (s *Screen) ruleLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Start
	seed := th.Faint.Render(t.Seed) + "  " + th.Strong.Render(s.seed) + th.Selected.Render(" ")
	if th.Mono {
		seed = t.Seed + "  " + s.seed + "_"
	}
	lines := []string{seed}
	lines = append(lines, layout.Text(s.ui.Lang, t.SeedHelp, width, th.Faint)...)
	lines = append(lines, layout.Text(s.ui.Lang, t.Different, width, th.Text)...)
	return append(lines, layout.Text(s.ui.Lang, t.Help, width, th.Text)...)
}

func (s *Screen) banner(style lipgloss.Style, symbol, text string, width int) []string {
	lines := layout.Indent("  ", layout.Text(s.ui.Lang, text, width-2, style))
	lines[0] = style.Render(symbol) + " " + strings.TrimPrefix(lines[0], "  ")
	return lines
}

// preparingLines show which tasks are ready.
func (s *Screen) preparingLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Start
	lines := layout.Text(s.ui.Lang, t.Later, width, th.Text)
	state := s.open()
	if state == nil {
		return append(append(lines, ""), s.banner(th.Pending, th.Symbols.Pending, t.TaskWaits, width)...)
	}
	ready := 0
	rows := make([]string, len(state.Tasks))
	for i, task := range state.Tasks {
		name := texts.Fill(t.Task, "n", strconv.Itoa(i+1))
		rows[i] = th.Pending.Render(th.Symbols.Pending) + " " + name + "  " + th.Faint.Render(t.TaskWaits)
		if s.isReady[task.Lab] {
			ready++
			rows[i] = th.Passed.Render(th.Symbols.Passed) + " " + name + "  " + t.TaskReady
		}
	}
	bar := layout.Bar(th, int64(ready), int64(len(rows)), 30) + "  " + strconv.Itoa(ready) + "/" + strconv.Itoa(len(rows))
	lines = append(append(lines, "", bar, ""), rows...)
	if ready == len(rows) {
		lines = append(append(lines, ""), s.banner(th.Pending, th.Symbols.Pending, t.Rights, width)...)
	}
	return lines
}

// openLines say which exam is under way, and what can be done.
func (s *Screen) openLines(width int) []string {
	th, t, state := s.ui.Theme, s.ui.Texts.Exam.Start, s.open()
	text := t.OpenPrepared
	switch {
	case state.Phase == exam.Ended || state.Over(s.exam.At):
		text = t.OpenEnded
	case state.Phase == exam.Running:
		text = t.OpenRunning
	}
	said := texts.Fill(text, "title", s.title(state.Blueprint), "time", layout.Clock(state.Left(s.exam.At)))
	lines := s.banner(th.Accent, th.Symbols.Running, said, width)
	return append(append(lines, ""), layout.Text(s.ui.Lang, t.Elsewhere, width, th.Text)...)
}

// title of the blueprint of that id.
func (s *Screen) title(blueprint string) string {
	for _, b := range s.blueprints {
		if b.ID == blueprint {
			return b.Title[s.ui.Lang]
		}
	}
	return blueprint
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}

// Title is empty: the pane says it.
func (s *Screen) Title() string { return "" }

// Status is empty.
func (s *Screen) Status() string { return "" }
