package history

import (
	"strconv"
	"strings"

	"podlab/grader/report"
	"podlab/tui/components/pane"
	"podlab/tui/layout"
	"podlab/tui/texts"
)

const (
	// when is how dates are written: the same in every language.
	when = "2006-01-02 15:04"
	// marks is how many exams of a pattern are shown, the latest ones.
	marks = 4
	// barWidth is that of the bars of patterns.
	barWidth = 10
)

// View draws the list, and the patterns below it.
func (s *Screen) View() string {
	th, t := s.ui.Theme, s.ui.Texts.Exam.History
	if len(s.results) == 0 {
		text := t.Empty
		if !s.read {
			text = t.Reading
		}
		lines := layout.Text(s.ui.Lang, text, s.width-pane.FrameWidth, th.Text)
		return pane.Pane{Title: t.Title, Lines: lines, Focused: true}.Render(th, s.width, s.height)
	}
	list := pane.Of(t.Title, &s.list, true)
	list.Lines = append([]string{th.Faint.Render("  " + s.row(t.When, t.Exam, t.Verdict, t.Score, t.Time))}, list.Lines...)
	return list.Render(th, s.width, s.height-s.trendHeight()) + "\n" +
		pane.Of(t.Trend, &s.patterns, false).Render(th, s.width, s.trendHeight())
}

// trendHeight is that of the pane of patterns.
func (s *Screen) trendHeight() int { return min(len(s.trend)+pane.FrameHeight, s.height/2) }

func (s *Screen) listHeight() int { return s.height - s.trendHeight() - pane.FrameHeight - 1 }

// row puts the cells of a line side by side.
func (s *Screen) row(date, title, verdict, score, used string) string {
	t, ellipsis := s.ui.Texts.Exam, s.ui.Theme.Symbols.Ellipsis
	verdicts := layout.Widest(t.History.Verdict, "x "+t.Result.Passed, "x "+t.Result.Failed)
	scores := layout.Widest(t.History.Score, s.percent(100))
	times := layout.Widest(t.History.Time, "1:00:00")
	titles := max(s.width-pane.FrameWidth-2-len(when)-verdicts-scores-times-4*2, 4)
	return layout.PadRight(date, len(when)) + "  " + pane.Fit(layout.Split(title, "", titles, ellipsis), titles) + "  " +
		layout.PadRight(verdict, verdicts) + "  " + layout.PadLeft(score, scores) + "  " + layout.PadLeft(used, times)
}

// layOut builds the lines of the panes; View only shows them.
func (s *Screen) layOut() {
	if s.width <= 0 {
		return
	}
	th, t := s.ui.Theme, s.ui.Texts.Exam.Result
	zone := s.env.Now().Location()
	lines := make([]string, len(s.results))
	for i, r := range s.results {
		verdict := th.Symbols.Failed + " " + t.Failed
		if r.Passed() {
			verdict = th.Symbols.Passed + " " + t.Passed
		}
		line := s.row(r.StartedAt.In(zone).Format(when), s.title(r.Blueprint), verdict,
			s.percent(int(r.Score())), layout.Clock(r.EndedAt.Sub(r.StartedAt)))
		lines[i] = "  " + line
		if i == s.cursor {
			lines[i] = th.Accent.Render(th.Symbols.Cursor) + " " + th.Strong.Render(line)
		}
	}
	s.list.SetHeight(s.listHeight())
	s.list.SetLines(lines)
	s.list.Show(s.cursor, s.cursor+1)
	s.patterns.SetHeight(s.trendHeight() - pane.FrameHeight)
	s.patterns.SetLines(s.trendLines(s.width - pane.FrameWidth))
}

func (s *Screen) percent(n int) string {
	return s.ui.Texts.Common.Share(n)
}

// title of the blueprint of that id, which may come from another machine.
func (s *Screen) title(blueprint string) string {
	for _, b := range s.blueprints {
		if b.ID == blueprint {
			return b.Title[s.ui.Lang]
		}
	}
	return report.Line(blueprint)
}

// trendLines show each pattern: its latest score, those of the exams before,
// and how many of its labs are solved in practice.
func (s *Screen) trendLines(width int) []string {
	th, t := s.ui.Theme, s.ui.Texts
	lines := make([]string, len(s.trend))
	for i := range s.trend {
		p := &s.trend[i]
		name := t.Catalog.Patterns[string(p.Pattern)]
		if name == "" {
			name = report.Line(string(p.Pattern))
		}
		score := th.Symbols.Skipped
		if p.Score() >= 0 {
			score = s.percent(p.Score())
		}
		var scores []string
		for _, m := range p.Exams[max(len(p.Exams)-marks, 0):] {
			scores = append(scores, strconv.Itoa(m.Score))
		}
		exams := th.Symbols.Skipped
		if len(scores) > 0 {
			exams = strings.Join(scores, " "+th.Symbols.Onward+" ")
		}
		practice := texts.Fill(t.Exam.History.Practice, "solved", strconv.Itoa(p.Solved), "all", strconv.Itoa(p.Labs))
		left := layout.Bar(th, int64(max(p.Score(), 0)), 100, barWidth) + " " +
			layout.PadLeft(score, layout.Widest(s.percent(100))) + "  " + name
		lines[i] = layout.Split(left, th.Faint.Render(exams+"   "+practice), width, th.Symbols.Ellipsis)
	}
	return lines
}
