package sitting

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"podlab/labs/exam"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/markdown"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

const (
	// wideFrom is the width from which the text stands beside the list.
	wideFrom = 110
	// clockHeight is that of the clock and the bar below it.
	clockHeight = 2
)

// View draws the clock, and below it one pane, or on wide screens two.
func (s *Screen) View() string {
	th, height := s.ui.Theme, s.height-clockHeight
	top := pane.Fit(s.clockLine(), s.width) + "\n" + pane.Fit(s.barLine(), s.width) + "\n"
	if s.exam.State == nil || !s.running() {
		return top + pane.Of("", &s.text, true).Render(th, s.width, height)
	}
	if !s.wide() {
		if s.onText {
			return top + pane.Of(s.tabs(), &s.text, true).Render(th, s.width, height)
		}
		return top + s.listPane(s.tabs()).Render(th, s.width, height)
	}
	return top + lipgloss.JoinHorizontal(lipgloss.Top,
		s.listPane(s.ui.Texts.Exam.Sitting.Tasks).Render(th, s.listWidth(), height),
		pane.Of(s.textName(), &s.text, s.onText).Render(th, s.width-s.listWidth(), height))
}

func (s *Screen) listPane(title string) pane.Pane {
	p := pane.Of(title, &s.list, !s.onText)
	p.Lines = append([]string{s.heading(s.columns())}, p.Lines...)
	return p
}

func (s *Screen) wide() bool { return s.ui.Layout.Beside(s.width, wideFrom) }

// Arranges marks the screen as one with two panes.
func (s *Screen) Arranges() {}

func (s *Screen) listWidth() int {
	if s.wide() {
		return s.width / 2
	}
	return s.width
}

// tabs names the two panes that share a frame; the one that is shown is marked
// by brackets, whatever the colours.
func (s *Screen) tabs() string {
	th := s.ui.Theme
	names := []string{s.ui.Texts.Exam.Sitting.Tasks, s.textName()}
	for i, name := range names {
		if (i == 1) == s.onText {
			names[i] = th.Accent.Render("[" + name + "]")
		} else {
			names[i] = th.Faint.Render(name)
		}
	}
	return strings.Join(names, " ")
}

func (s *Screen) textName() string {
	t := s.ui.Texts.Exam.Sitting
	if s.exam.State == nil || s.exam.State.Current == 0 {
		return t.NoTask
	}
	return texts.Fill(t.Task, "n", strconv.Itoa(s.exam.State.Current))
}

// clockLine says what time is left, how short it has become, and how far the
// candidate is.
func (s *Screen) clockLine() string {
	th, t := s.ui.Theme, s.ui.Texts.Exam
	state := s.exam.State
	if state == nil {
		return ""
	}
	if !s.running() { // the pane says why
		return layout.Split("", s.countLine()+" ", s.width, th.Symbols.Ellipsis)
	}
	left := state.Left(s.exam.At)
	symbol, style := s.urgency()
	clock := texts.Fill(t.Sitting.Left, "time", layout.Clock(left), "minutes", strconv.Itoa(state.Minutes))
	line := " " + style.Bold(true).Render(symbol+" "+clock)
	if word := t.Warning(state.Warning(s.exam.At)); word != "" {
		line += "  " + th.Symbols.Dot + "  " + style.Render(word)
	}
	return layout.Split(line, s.countLine()+" ", s.width, th.Symbols.Ellipsis)
}

// urgency is how the clock looks.
func (s *Screen) urgency() (symbol string, style lipgloss.Style) {
	th := s.ui.Theme
	if !s.running() {
		return th.Symbols.NotYet, th.Faint
	}
	switch s.exam.State.Warning(s.exam.At) {
	case exam.OneMinute, exam.FiveMinutes:
		return th.Symbols.Errored, th.Failed
	case exam.FifteenMinutes:
		return th.Symbols.Errored, th.Pending
	default:
		return th.Symbols.Running, th.Accent
	}
}

func (s *Screen) countLine() string {
	t, state := s.ui.Texts.Exam.Sitting, s.exam.State
	done, flags := 0, 0
	for _, task := range state.Tasks {
		if task.Done {
			done++
		}
		if task.Flagged {
			flags++
		}
	}
	line := texts.Fill(t.DoneOf, "n", strconv.Itoa(done), "all", strconv.Itoa(len(state.Tasks)))
	if flags > 0 {
		line += "  " + s.ui.Theme.Symbols.Dot + "  " + texts.Fill(t.Flags, "n", strconv.Itoa(flags))
	}
	return line
}

// barLine shows what is left of the time.
func (s *Screen) barLine() string {
	th, state, width := s.ui.Theme, s.exam.State, s.width-2
	if state == nil || width <= 0 {
		return ""
	}
	_, style := s.urgency()
	whole := time.Duration(state.Minutes) * time.Minute
	full := int(int64(width) * int64(state.Left(s.exam.At)/time.Second) / int64(whole/time.Second))
	return " " + style.Render(strings.Repeat(th.Symbols.BarFull, full)) +
		th.Faint.Render(strings.Repeat(th.Symbols.BarEmpty, width-full))
}

// columns holds the widths of the list.
type columns struct {
	number, title, weight, spent int
	// targets says that the time a task should take stands behind what was spent.
	targets bool
}

// markWidth is that of the cursor, and of the marks behind the number: here,
// state, flag.
const markWidth = 2 + 6

// columns makes room for the titles: where they do not fit, the targets go, which
// stand above the text of a task as well.
func (s *Screen) columns() columns {
	c := s.columnsWith(true)
	for i := range s.exam.State.Tasks {
		if layout.Widest(s.title(i)) > c.title {
			return s.columnsWith(false)
		}
	}
	return c
}

func (s *Screen) columnsWith(targets bool) columns {
	t := s.ui.Texts.Exam.Sitting
	c := columns{number: 2, weight: layout.Widest(t.Weight), spent: layout.Widest(t.Spent), targets: targets}
	for i, task := range s.exam.State.Tasks {
		c.weight = max(c.weight, layout.Widest(s.percent(task.Weight)))
		c.spent = max(c.spent, layout.Widest(s.spent(i, targets)))
	}
	c.title = max(s.listWidth()-pane.FrameWidth-markWidth-c.number-c.weight-c.spent-2*2-1, 4)
	return c
}

func (s *Screen) percent(n int) string {
	return s.ui.Texts.Common.Share(n)
}

// spent is the time spent on a task, against its target if that is wanted.
func (s *Screen) spent(i int, target bool) string {
	state := s.exam.State
	spent := layout.Clock(state.SpentOn(i+1, s.exam.At))
	if !target {
		return spent
	}
	return texts.Fill(s.ui.Texts.Exam.Sitting.SpentOf, "time", spent, "minutes", strconv.Itoa(state.Tasks[i].Minutes))
}

// title is that of a task; until the tasks are read, the id of its lab.
func (s *Screen) title(i int) string {
	if s.asked == nil {
		return s.exam.State.Tasks[i].Lab
	}
	return s.asked[i].Text(s.ui.Lang).Title
}

func (s *Screen) heading(c columns) string {
	t := s.ui.Texts.Exam.Sitting
	return s.ui.Theme.Faint.Render(s.row(c, "", strings.Repeat(" ", 6), t.Tasks, t.Weight, t.Spent))
}

// row puts the cells of a line side by side, behind the room for the cursor.
func (s *Screen) row(c columns, number, marks, title, weight, spent string) string {
	ellipsis := s.ui.Theme.Symbols.Ellipsis
	return "  " + layout.PadLeft(number, c.number) + marks + " " + pane.Fit(layout.Split(title, "", c.title, ellipsis), c.title) +
		"  " + layout.PadLeft(weight, c.weight) + "  " + layout.PadLeft(spent, c.spent)
}

// SetSize sets the size of the view.
func (s *Screen) SetSize(width, height int) {
	s.width, s.height = width, height
	s.layOut()
}

// Title names the exam.
func (s *Screen) Title() string { return s.ui.Texts.Exam.Start.OpenTitle }

// Status is empty: the clock stands below the header.
func (s *Screen) Status() string { return "" }

// layOut builds the lines of the panes; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	height := s.height - clockHeight - pane.FrameHeight
	s.text.SetHeight(height)
	s.list.SetHeight(height - 1) // below the heading
	if s.exam.State == nil || !s.running() {
		s.shown = 0
		s.text.SetLines(s.waitLines(s.width - pane.FrameWidth))
		return
	}
	lines := s.listLines()
	s.list.SetLines(lines)
	s.list.Show(s.cursor, s.cursor+1)
	width := s.width - pane.FrameWidth
	if s.wide() {
		width -= s.listWidth()
	}
	s.text.SetLines(s.taskLines(width))
	if s.shown != s.exam.State.Current {
		s.shown = s.exam.State.Current
		s.text.ScrollTo(0)
	}
}

// waitLines say why there is nothing to work on.
func (s *Screen) waitLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Sitting
	state := s.exam.State
	banner := func(style lipgloss.Style, symbol, text string) []string {
		lines := layout.Text(s.ui.Lang, text, width-2, style.Bold(true))
		return append(append([]string{""}, hang(style.Bold(true).Render(symbol)+" ", lines)...), "")
	}
	switch {
	case state == nil:
		return banner(th.Pending, th.Symbols.Pending, t.Reading)
	case state.Phase == exam.Preparing:
		return banner(th.Pending, th.Symbols.Pending, t.Preparer)
	}
	head := banner(th.Accent, th.Symbols.Running, t.Submitted)
	if state.Over(s.exam.At) || !state.EndedAt.IsZero() && !state.EndedAt.Before(state.EndsAt) {
		head = banner(th.Failed, th.Symbols.Errored, t.TimeUp)
	}
	if s.exam.Trouble != nil {
		return append(head, hang(th.Trouble.Render(th.Symbols.Errored)+" ", layout.Text(s.ui.Lang, t.Again, width-2, th.Trouble))...)
	}
	return append(head, hang(th.Pending.Render(th.Symbols.Pending)+" ", layout.Text(s.ui.Lang, t.Grading, width-2, th.Text))...)
}

// hang puts head before the first line and blanks before the others.
func hang(head string, lines []string) []string {
	lines = layout.Indent(strings.Repeat(" ", layout.Widest(head)), lines)
	if len(lines) > 0 {
		lines[0] = head + strings.TrimLeft(lines[0], " ")
	}
	return lines
}

func (s *Screen) listLines() []string {
	th, c, state := s.ui.Theme, s.columns(), s.exam.State
	lines := make([]string, len(state.Tasks))
	for i, task := range state.Tasks {
		here, begun, flag := " ", th.Symbols.NotYet, " "
		switch {
		case task.Done:
			begun = th.Symbols.Passed
		case task.Visited:
			begun = th.Symbols.Pending
		}
		if i+1 == state.Current {
			here = th.Symbols.Running
		}
		if task.Flagged {
			flag = th.Symbols.Flag
		}
		line := s.row(c, strconv.Itoa(i+1), " "+here+" "+begun+" "+flag, s.title(i), s.percent(task.Weight), s.spent(i, c.targets))
		if i == s.cursor {
			line = th.Accent.Render(th.Symbols.Cursor) + " " + th.Strong.Render(strings.TrimPrefix(line, "  "))
		}
		lines[i] = line
	}
	return s.legend(lines)
}

// legend explains the marks below the tasks, where there is room.
func (s *Screen) legend(lines []string) []string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Sitting
	width := s.listWidth() - pane.FrameWidth
	var parts, rows []string
	for _, mark := range [][2]string{
		{th.Symbols.Running, t.Here}, {th.Symbols.NotYet, t.Untouched}, {th.Symbols.Pending, t.Begun},
		{th.Symbols.Passed, t.Done}, {th.Symbols.Flag, t.Flagged},
	} {
		next := mark[0] + " " + mark[1]
		if len(parts) > 0 && layout.Widest(strings.Join(append(parts, next), "   ")) > width-2 {
			rows, parts = append(rows, "  "+th.Faint.Render(strings.Join(parts, "   "))), nil
		}
		parts = append(parts, next)
	}
	rows = append(rows, "  "+th.Faint.Render(strings.Join(parts, "   ")))
	room := s.height - clockHeight - pane.FrameHeight - 1
	if len(lines)+1+len(rows) > room {
		return lines
	}
	return append(append(lines, make([]string, room-len(lines)-len(rows))...), rows...)
}

// taskLines is the task that is being worked on.
func (s *Screen) taskLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts
	state := s.exam.State
	switch {
	case state.Current == 0:
		return layout.Text(s.ui.Lang, t.Exam.Sitting.Choose, width, th.Text)
	case s.asked == nil:
		return layout.Text(s.ui.Lang, t.Exam.Sitting.Reading, width, th.Pending)
	}
	task, asked := state.Tasks[state.Current-1], s.asked[state.Current-1]
	text := asked.Text(s.ui.Lang)
	lines := layout.Text(s.ui.Lang, text.Title, width, th.Strong)
	facts := [][2]string{
		{t.Exam.Sitting.Weight, s.percent(task.Weight) + "  " + th.Symbols.Dot + "  " +
			texts.Fill(t.Exam.Sitting.Target, "minutes", strconv.Itoa(task.Minutes))},
		{t.Lab.Namespace, task.Namespace},
		{t.Lab.WorkDir, asked.WorkDir()},
	}
	labels := 0
	for _, fact := range facts {
		labels = max(labels, layout.Widest(fact[0]))
	}
	for _, fact := range facts {
		lines = append(lines, layout.Labelled(s.ui.Lang, fact[0], th.Faint, labels, fact[1], width)...)
	}
	lines = append(append(lines, ""), markdown.Render(text.Task, s.ui.Lang, th, width)...)
	if links := asked.Links(); len(links) > 0 {
		lines = append(lines, "", th.Accent.Render(t.Exam.Sitting.Links))
		for _, link := range links {
			lines = append(lines, hang(th.Symbols.Bullet+" ", layout.Text(s.ui.Lang, link.Title, width-2, th.Text))...)
			lines = append(lines, layout.Indent("  ", layout.Text(s.ui.Lang, link.URL, width-2, th.Faint))...)
		}
	}
	return lines
}

// SetUI changes language and look.
func (s *Screen) SetUI(u *ui.UI) {
	s.ui = u
	s.layOut()
}
