package result

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"podlab/grader"
	greport "podlab/grader/report"
	"podlab/labs/exam/report"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

// wideFrom is the width from which the missed checks stand beside the result.
const wideFrom = 110

// barWidth is that of the bars of tasks and patterns.
const barWidth = 8

// View draws one pane, or on wide screens two.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Result
	if !s.wide() {
		p := &s.result
		if s.onMissed {
			p = &s.missed
		}
		return pane.Of(s.tabs(), p, true).Render(th, s.width, s.height)
	}
	return lipgloss.JoinHorizontal(lipgloss.Top,
		pane.Of(t.Title, &s.result, !s.onMissed).Render(th, s.resultWidth(), s.height),
		pane.Of(s.missedName(), &s.missed, s.onMissed).Render(th, s.width-s.resultWidth(), s.height))
}

func (s *Screen) wide() bool { return s.ui.Layout.Beside(s.width, wideFrom) }

// Arranges marks the screen as one with two panes.
func (s *Screen) Arranges() {}

func (s *Screen) resultWidth() int {
	if s.wide() {
		return s.width / 2
	}
	return s.width
}

// tabs names the two panes that share a frame; the one that is shown is marked
// by brackets, whatever the colours.
func (s *Screen) tabs() string {
	th := s.ui.Theme
	names := []string{s.ui.Texts.Exam.Result.Title, s.missedName()}
	for i, name := range names {
		if (i == 1) == s.onMissed {
			names[i] = th.Accent.Render("[" + name + "]")
		} else {
			names[i] = th.Faint.Render(name)
		}
	}
	return strings.Join(names, " ")
}

func (s *Screen) missedName() string {
	n := 0
	if s.report != nil {
		for i := range s.report.Tasks {
			n += len(missed(&s.report.Tasks[i]))
		}
	}
	return s.ui.Texts.Exam.Result.Missed + " " + strconv.Itoa(n)
}

// missed are the checks of a task that did not pass.
func missed(t *report.Task) []greport.Check {
	var all []greport.Check
	for _, c := range t.Checks {
		if c.Status != grader.Passed {
			all = append(all, c)
		}
	}
	return all
}

// layOut builds the lines of the panes; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	width := s.resultWidth() - pane.FrameWidth
	s.result.SetHeight(s.height - pane.FrameHeight)
	s.missed.SetHeight(s.height - pane.FrameHeight)
	if s.report == nil {
		wait := layout.Text(s.ui.Lang, s.ui.Texts.Exam.Result.Reading, width, s.ui.Theme.Pending)
		s.result.SetLines(wait)
		s.missed.SetLines(wait)
		return
	}
	s.result.SetLines(s.resultLines(width))
	if s.wide() {
		width = s.width - s.resultWidth() - pane.FrameWidth
	}
	s.missed.SetLines(s.missedLines(width))
}

func clock(seconds int) string { return layout.Clock(time.Duration(seconds) * time.Second) }

func (s *Screen) percent(n int) string {
	return s.ui.Texts.Common.Share(n)
}

func (s *Screen) resultLines(width int) []string {
	th, t, r := s.ui.Theme, s.ui.Texts.Exam.Result, s.report
	head, style := th.Symbols.Failed+" "+t.Failed, th.Failed
	if r.Passed {
		head, style = th.Symbols.Passed+" "+t.Passed, th.Passed
	}
	mark := texts.Fill(t.PassMark, "n", strconv.Itoa(r.PassMark))
	lines := []string{
		layout.Split(style.Bold(true).Render(head)+"  "+th.Strong.Render(s.percent(r.Score)), th.Faint.Render(mark), width, th.Symbols.Ellipsis),
		s.scoreBar(style, width), "",
	}
	ended := t.ByYou
	if r.TimedOut {
		ended = t.ByClock
	}
	used := texts.Fill(t.TimeOf, "time", clock(r.UsedSeconds), "minutes", strconv.Itoa(r.Minutes))
	started := r.StartedAt.In(s.env.Now().Location()).Format("2006-01-02 15:04")
	rows := [][2]string{{t.Time, used}, {t.Ended, ended}, {t.Seed, strconv.FormatUint(r.Seed, 10) + "  " + th.Symbols.Dot + "  " + started}}
	if r.Verified < 100 {
		rows = append([][2]string{{t.Verified, texts.Fill(t.VerifiedOf, "n", strconv.Itoa(r.Verified))}}, rows...)
	}
	labels := 0
	for _, row := range rows {
		labels = max(labels, layout.Widest(row[0]))
	}
	for _, row := range rows {
		lines = append(lines, th.Faint.Render(layout.PadRight(row[0], labels))+"  "+row[1])
	}
	for _, note := range r.Notes {
		lines = append(lines, layout.Text(s.ui.Lang, note, width, th.Trouble)...)
	}
	lines = append(lines, "", th.Accent.Render(t.Tasks))
	for i := range r.Tasks {
		lines = append(lines, s.taskLine(&r.Tasks[i], width))
	}
	lines = append(lines, "", th.Accent.Render(t.Patterns))
	for _, p := range r.Patterns {
		lines = append(lines, layout.Split("  "+p.Name, s.share(p.Score, p.Judged), width, th.Symbols.Ellipsis))
	}
	lines = append(lines, "", th.Accent.Render(t.Practise))
	if len(r.Practise) == 0 {
		return append(lines, layout.Text(s.ui.Lang, t.AllSolved, width, th.Text)...)
	}
	for i, next := range r.Practise {
		mark := "  "
		if i == 0 {
			mark = th.Accent.Render(th.Symbols.Cursor) + " "
		}
		why := next.PatternName
		if next.Asked > 0 {
			why = texts.Fill(t.Asked, "n", strconv.Itoa(next.Asked))
		}
		lines = append(lines, layout.Split(mark+next.Lab+"  "+next.Title, th.Faint.Render(why), width, th.Symbols.Ellipsis))
	}
	return lines
}

// scoreBar shows the score, and where the pass mark lies in it.
func (s *Screen) scoreBar(style lipgloss.Style, width int) string {
	th, r := s.ui.Theme, s.report
	line := min(width*r.PassMark/100, width-1)
	var b strings.Builder
	for i := range width {
		switch {
		case i == line:
			b.WriteString(th.Strong.Render(th.Lines.Left))
		case i < width*r.Score/100:
			b.WriteString(style.Render(th.Symbols.BarFull))
		default:
			b.WriteString(th.Faint.Render(th.Symbols.BarEmpty))
		}
	}
	return b.String()
}

// share is a score with a bar.
func (s *Screen) share(score int, judged bool) string {
	if !judged {
		return s.scoreOf(score, judged)
	}
	return layout.Bar(s.ui.Theme, int64(score), 100, barWidth) + " " + s.scoreOf(score, judged)
}

// scoreOf is a score.
func (s *Screen) scoreOf(score int, judged bool) string {
	if !judged {
		return s.ui.Theme.Trouble.Render(s.ui.Texts.Exam.Result.NotJudged)
	}
	return layout.PadLeft(s.percent(score), layout.Widest(s.percent(100)))
}

// taskLine is a task with its score, and its time against the target: "!"
// marks one that took longer.
func (s *Screen) taskLine(t *report.Task, width int) string {
	th := s.ui.Theme
	symbol, style := th.Symbols.Failed, th.Failed
	switch {
	case !t.Judged:
		symbol, style = th.Symbols.Unverifiable, th.Trouble
	case t.Full():
		symbol, style = th.Symbols.Passed, th.Passed
	case t.Points > 0:
		symbol, style = th.Symbols.Pending, th.Pending
	}
	spent := texts.Fill(s.ui.Texts.Exam.Sitting.SpentOf, "time", clock(t.SpentSeconds), "minutes", strconv.Itoa(t.Minutes))
	over := " "
	if t.Over() {
		over = th.Symbols.Errored
	}
	widest, titles := 0, 0
	for _, other := range s.report.Tasks {
		titles = max(titles, layout.Widest(other.Title))
		widest = max(widest, layout.Widest(texts.Fill(s.ui.Texts.Exam.Sitting.SpentOf,
			"time", clock(other.SpentSeconds), "minutes", strconv.Itoa(other.Minutes))))
	}
	flag := " "
	if t.Flagged {
		flag = th.Symbols.Flag
	}
	left := style.Render(symbol) + " " + layout.PadLeft(strconv.Itoa(t.Number), 2) + " " + flag + " " + t.Title
	time := layout.PadLeft(over+" "+spent, widest+2) + "  "
	right := time + s.share(t.Score, t.Judged)
	if before := layout.Widest(left) - layout.Widest(t.Title); before+titles+1+layout.Widest(time)+barWidth+1+layout.Widest(s.percent(100)) > width {
		right = time + s.scoreOf(t.Score, t.Judged) // the titles say more than the bars
	}
	return layout.Split(left, right, width, th.Symbols.Ellipsis)
}

// missedLines explain what did not pass, task by task.
func (s *Screen) missedLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.Result
	var lines []string
	for i := range s.report.Tasks {
		task := &s.report.Tasks[i]
		checks := missed(task)
		if len(checks) == 0 && len(task.Notes) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		points := strconv.Itoa(task.Points) + "/" + strconv.Itoa(task.MaxPoints)
		title := texts.Fill(t.TaskN, "n", strconv.Itoa(task.Number), "title", task.Title)
		lines = append(lines, layout.Split(th.Accent.Render(title), th.Faint.Render(points), width, th.Symbols.Ellipsis))
		if task.Untouched {
			lines = append(lines, layout.Text(s.ui.Lang, t.Untouched, width, th.Faint)...)
		}
		for _, note := range task.Notes {
			lines = append(lines, layout.Text(s.ui.Lang, note, width, th.Trouble)...)
		}
		for _, c := range checks {
			lines = append(lines, s.checkLines(c, width)...)
		}
	}
	if len(lines) == 0 {
		return layout.Text(s.ui.Lang, t.NoneMissed, width, th.Passed)
	}
	return lines
}

// checkLines explain a check that did not pass.
func (s *Screen) checkLines(c greport.Check, width int) []string {
	th, t := s.ui.Theme, s.ui.Texts
	symbol, style := th.Status(c.Status)
	right := style.Render(t.Common.Verdict(c.Status)) + " " + strconv.Itoa(c.Earned) + "/" + strconv.Itoa(c.Points)
	title := layout.Indent("  ", layout.Text(s.ui.Lang, c.Title, max(width-3-layout.Widest(right), 8), th.Strong))
	title[0] = layout.Split(style.Render(symbol)+" "+strings.TrimPrefix(title[0], "  "), right, width, th.Symbols.Ellipsis)
	lines := title
	labels := layout.Widest(t.Lab.Expected, t.Lab.Actual, t.Lab.Why)
	for _, part := range [][2]string{{t.Lab.Expected, c.Expected}, {t.Lab.Actual, c.Actual}, {t.Lab.Why, c.Why}} {
		if text := strings.TrimSpace(part[1]); text != "" {
			lines = append(lines, layout.Indent("  ", layout.Labelled(s.ui.Lang, part[0], th.Faint, labels, text, width-2))...)
		}
	}
	return lines
}
