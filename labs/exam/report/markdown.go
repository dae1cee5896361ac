package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
)

// Markdown writes r for a wiki. What the cluster said stands in fenced code,
// behind a fence that is longer than any in it, and everything else is
// escaped: none of it becomes markup, a link, an image or a mention.
func Markdown(w io.Writer, r *Report) error {
	m := &markdown{r: r, say: &r.words, w: bufio.NewWriter(w)}
	m.head()
	m.tasks()
	m.patterns()
	m.details()
	m.practise()
	if err := m.w.Flush(); err != nil {
		return fmt.Errorf("write the report of exam %s as Markdown: %w", r.ID, err)
	}
	return nil
}

type markdown struct {
	r   *Report
	say *texts
	w   *bufio.Writer // keeps the first error until Flush
}

func (m *markdown) head() {
	m.line("# %s", escape(m.r.Title))
	m.line("")
	m.line("**%s** (%s)", escape(m.r.verdict()), escape(content.Fill(m.say.PassMark, "percent", m.say.percent(m.r.PassMark))))
	m.line("")
	for _, f := range m.r.facts() {
		m.line("- %s%s", escape(f.label+m.say.Colon), escape(f.text))
	}
	m.notes(m.r.Notes)
}

func (m *markdown) tasks() {
	m.line("")
	m.line("## %s", escape(m.say.Tasks))
	m.line("")
	say := m.say
	m.row("", say.Number, say.Task, say.Lab, say.Pattern, say.Weight, say.Points, say.Score, say.Spent, say.Marks)
	m.line("|---|---:|---|---|---|---:|---:|---:|---:|---|")
	for i := range m.r.Tasks {
		t := &m.r.Tasks[i]
		sign, _ := t.sign()
		m.row(sign, strconv.Itoa(t.Number), t.Title, t.Lab, t.PatternName, say.percent(t.Weight), t.points(), t.score(say), t.time(),
			say.list(t.marks(say)))
	}
}

func (m *markdown) patterns() {
	m.line("")
	m.line("## %s", escape(m.say.WeakestFirst))
	m.line("")
	m.row(m.say.Pattern, m.say.Score, m.say.Weight, m.say.Tasks)
	m.line("|---|---:|---:|---|")
	for i := range m.r.Patterns {
		p := &m.r.Patterns[i]
		m.row(p.Name, p.score(m.say), m.say.percent(p.Weight), p.numbers(m.say))
	}
}

func (m *markdown) row(cells ...string) {
	for _, c := range cells {
		_, _ = m.w.WriteString("| " + escape(c) + " ") // Flush returns the error
	}
	m.line("|")
}

func (m *markdown) details() {
	m.line("")
	m.line("## %s", escape(m.say.Details))
	for i := range m.r.Tasks {
		t := &m.r.Tasks[i]
		missed := t.missed()
		m.line("")
		m.line("### %s", escape(t.headline()))
		m.line("")
		m.line("%s", escape(t.facts(m.say)))
		m.notes(t.Notes)
		if t.Text != "" {
			m.line("")
			m.line("%s", escape(strings.TrimSpace(m.say.TaskText+m.say.Colon)))
			m.line("")
			for l := range strings.Lines(t.Text) {
				m.line("%s", strings.TrimRight("> "+l, " \n"))
			}
		}
		for _, c := range missed {
			m.check(c)
		}
	}
}

// facts say of a task where it was and how many of its checks passed.
func (t *Task) facts(say *texts) string {
	all := []string{say.Namespace + " " + t.Namespace}
	if len(t.Checks) > 0 {
		all = append(all, content.Fill(say.ChecksPassed, "passed", strconv.Itoa(len(t.Checks)-len(t.missed())), "all", strconv.Itoa(len(t.Checks))))
	}
	return strings.Join(all, " · ")
}

func (m *markdown) check(c report.Check) {
	say := &m.say.Checks
	m.line("")
	m.line("#### %s", escape(report.Symbol(c.Status)+" "+say.Status(c.Status)+" "+points(c)+m.say.Colon+c.Title))
	m.line("")
	for _, row := range []struct{ label, text string }{{say.Expected, c.Expected}, {say.Actual, c.Actual}, {say.Why, c.Why}} {
		switch {
		case row.text == "":
		case row.label == say.Actual:
			m.line("- **%s**", escape(row.label))
			m.fenced("  ", row.text)
		default:
			m.line("- **%s** %s", escape(row.label), escape(row.text))
		}
	}
}

func points(c report.Check) string { return strconv.Itoa(c.Earned) + "/" + strconv.Itoa(c.Points) }

// fenced writes text as it is, behind a fence that it cannot close.
func (m *markdown) fenced(indent, text string) {
	longest, run := 2, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	m.line("")
	m.line("%s%stext", indent, fence)
	for l := range strings.SplitSeq(text, "\n") {
		m.line("%s", strings.TrimRight(indent+l, " "))
	}
	m.line("%s%s", indent, fence)
	m.line("")
}

func (m *markdown) notes(notes []string) {
	for _, n := range notes {
		m.line("")
		m.line("**%s** %s", report.Symbol(grader.Errored), escape(n))
	}
}

func (m *markdown) practise() {
	m.line("")
	m.line("## %s", escape(m.say.Practise))
	m.line("")
	if len(m.r.Practise) == 0 {
		m.line("%s", escape(m.say.AllSolved))
	}
	for i := range m.r.Practise {
		n := &m.r.Practise[i]
		m.line("%d. %s", i+1, escape(n.Lab+m.say.Colon+n.Title+" · "+n.facts(m.say)))
	}
}

func (m *markdown) line(format string, args ...any) {
	_, _ = fmt.Fprintf(m.w, format+"\n", args...) // Flush returns the error
}

// markup are the characters that mean something within a line of Markdown, in
// CommonMark or in one of the dialects of wikis.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `|`, `\|`, `~`, `\~`,
	`&`, `\&`, `#`, `\#`, `$`, `\$`, `@`, `\@`, `{`, `\{`, `}`, `\}`, "\n", " ",
)

// escape makes text one line that shows as it is.
func escape(text string) string { return markup.Replace(text) }
