package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
)

func (a *App) examStatusCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("status [-o json]", a.none, func(cmd *cobra.Command, _ []string) error {
		s, err := a.sit(cmd.Context())
		if errors.Is(err, exam.ErrNoExam) {
			if output.value == "json" {
				return writeJSON(a.Stdout, map[string]string{"phase": "none"})
			}
			return a.println(a.say.Exam.None.with("start", a.command("exam start")))
		}
		if err != nil {
			return err
		}
		if output.value == "json" {
			return a.examJSON(s)
		}
		a.warn(s)
		return a.examStatus(s)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// examStatus prints the exam in a few lines.
func (a *App) examStatus(s *sitting) error {
	say, state := a.say.Exam, s.state
	b := a.blueprintTitle(state.Blueprint)
	var done int
	var flagged []string
	for i, t := range state.Tasks {
		if t.Done {
			done++
		}
		if t.Flagged {
			flagged = append(flagged, strconv.Itoa(i+1))
		}
	}
	tasks := strconv.Itoa(len(state.Tasks))
	left, current, marks := "", "", ""
	switch {
	case state.Phase == exam.Running:
		left = say.EndsAt.with("left", clock(state.Left(s.at)), "time", wall(state, state.EndsAt))
		if state.Current > 0 {
			current = say.Of.with("number", strconv.Itoa(state.Current), "tasks", tasks) + ": " + a.taskTitle(s, state.Current)
		}
		fallthrough
	case state.Phase == exam.Ended:
		marks = say.Of.with("number", strconv.Itoa(done), "tasks", tasks)
	}
	rows := [][2]string{
		{say.Label.Exam.with(), fmt.Sprintf("%s (%s)", b, state.ID)},
		{say.Label.State.with(), say.Phases[string(state.Phase)].with()},
		{say.Label.TimeLeft.with(), left},
		{say.Label.Task.with(), current},
		{say.Label.Done.with(), marks},
		{say.Label.Flagged.with(), strings.Join(flagged, ", ")},
		{say.Label.Seed.with(), strconv.FormatUint(state.Seed, 10)},
	}
	label := 0
	for _, row := range rows {
		label = max(label, ansi.StringWidth(row[0]))
	}
	out := printer{w: a.Stdout}
	for _, row := range rows {
		if row[1] != "" {
			out.line("%s  %s", pad(row[0], label), row[1])
		}
	}
	return out.err
}

func (a *App) examListCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("list [-o json]", a.none, func(cmd *cobra.Command, _ []string) error {
		s, err := a.sit(cmd.Context())
		if err != nil {
			return err
		}
		if output.value == "json" {
			return writeJSON(a.Stdout, a.seatOf(s).Tasks)
		}
		a.warn(s)
		return a.taskTable(s)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// taskTable prints the tasks.
func (a *App) taskTable(s *sitting) error {
	say := a.say.Exam
	columns := []column{
		{title: say.Column.Number.with(), right: true}, {title: say.Column.Task.with()}, {title: say.Column.Weight.with(), right: true},
		{title: say.Column.Target.with(), right: true}, {title: say.Column.Spent.with(), right: true},
		{title: say.Column.Marks.with()},
	}
	var rows [][]string
	for _, t := range a.seatOf(s).Tasks {
		var marks []string
		for _, m := range []struct {
			on   bool
			text phrase
		}{{t.Current, say.Mark.Current}, {t.Done, say.Mark.Done}, {t.Flagged, say.Mark.Flagged}} {
			if m.on {
				marks = append(marks, m.text.with())
			}
		}
		rows = append(rows, []string{
			strconv.Itoa(t.Number), t.Title, a.percent(t.Weight), clock(time.Duration(t.Minutes) * time.Minute),
			clock(time.Duration(t.SpentSeconds) * time.Second), strings.Join(marks, ", "),
		})
	}
	return writeTable(a.Stdout, columns, rows)
}

func (a *App) examShowCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("show [N] [-o json]", a.taskOrNone, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.sit(cmd.Context())
		if err != nil {
			return err
		}
		if s.state.Phase == exam.Preparing { // the clock stands
			return a.running(s)
		}
		n := max(s.state.Current, 1)
		if len(args) > 0 {
			if n, err = a.taskNumber(cmd, s, args[0]); err != nil {
				return err
			}
		}
		return a.examShow(s, n, output.value)
	}
	cmd.ValidArgsFunction = a.completeTask
	output = a.output(cmd, "table", "json")
	return cmd
}

// examShow prints a task, whose clock and text are the exam's.
func (a *App) examShow(s *sitting, n int, output string) error {
	inst, err := s.Instance(s.state, n)
	if err != nil {
		return err
	}
	links, err := exam.Links(content.Exams())
	if err != nil {
		return err
	}
	t := taskText{examTask: a.seatOf(s).Tasks[n-1], Files: []string{}, Task: inst.Text(a.examLang(s.state)).Task, Links: links[inst.Lab.Pattern]}
	for _, f := range inst.Files {
		t.Files = append(t.Files, f.Name)
	}
	if output == "json" {
		return writeJSON(a.Stdout, t)
	}
	a.warn(s)
	say, out := a.say.Exam, printer{w: a.Stdout}
	out.line("# %s", say.Heading.with("number", strconv.Itoa(n), "tasks", strconv.Itoa(len(s.state.Tasks)), "title", t.Title))
	out.line("")
	out.line("%s", say.Facts.with("namespace", t.Namespace, "weight", strconv.Itoa(t.Weight), "minutes", strconv.Itoa(t.Minutes),
		"left", clock(s.state.Left(s.at))))
	out.line("%s", say.Dir.with("dir", t.WorkDir))
	if len(t.Files) > 0 {
		out.line("%s", a.say.Lab.Files.with("files", strings.Join(t.Files, ", ")))
	}
	out.line("")
	out.line("%s", a.markdown(t.Task))
	out.line("")
	out.line("%s", say.Links.with())
	for _, l := range t.Links {
		out.line("  %s", l.URL)
	}
	return out.err
}

// seat is an exam as "podlab exam status -o json" shows it.
type seat struct {
	ID        string       `json:"id"`
	Blueprint string       `json:"blueprint"`
	Title     string       `json:"title"`
	Seed      uint64       `json:"seed"`
	Language  content.Lang `json:"language"`
	Phase     exam.Phase   `json:"phase"`
	Cluster   string       `json:"cluster"`
	Minutes   int          `json:"minutes"`
	StartedAt time.Time    `json:"startedAt,omitzero"`
	EndsAt    time.Time    `json:"endsAt,omitzero"`
	EndedAt   time.Time    `json:"endedAt,omitzero"`
	// SecondsLeft counts down while the exam runs; Warning says how short that
	// is. ClockSetBack is by how many seconds the machine's clock was.
	SecondsLeft  int          `json:"secondsLeft"`
	Warning      exam.Warning `json:"warning,omitempty"`
	ClockSetBack int          `json:"clockSetBack,omitempty"`
	Current      int          `json:"current"` // 0 for none
	Tasks        []examTask   `json:"tasks"`
}

type examTask struct {
	Number       int          `json:"number"`
	Lab          string       `json:"lab"`
	Title        string       `json:"title"`
	Pattern      labs.Pattern `json:"pattern"`
	Level        int          `json:"level"`
	Weight       int          `json:"weight"`
	Minutes      int          `json:"minutes"`
	Namespace    string       `json:"namespace"`
	WorkDir      string       `json:"workDir"`
	Current      bool         `json:"current"`
	Visited      bool         `json:"visited"`
	Flagged      bool         `json:"flagged"`
	Done         bool         `json:"done"`
	SpentSeconds int          `json:"spentSeconds"`
}

// taskText is a task as "podlab exam show -o json" shows it.
type taskText struct {
	examTask
	Files []string `json:"files"`
	// Task is Markdown.
	Task  string      `json:"task"`
	Links []exam.Link `json:"links"`
}

func (a *App) examJSON(s *sitting) error { return writeJSON(a.Stdout, a.seatOf(s)) }

func (a *App) seatOf(s *sitting) seat {
	state := s.state
	out := seat{
		ID: state.ID, Blueprint: state.Blueprint, Title: a.blueprintTitle(state.Blueprint), Seed: state.Seed, Language: state.Lang,
		Phase: state.Phase, Cluster: state.Cluster, Minutes: state.Minutes, StartedAt: state.StartedAt, EndsAt: state.EndsAt,
		EndedAt: state.EndedAt, SecondsLeft: int(state.Left(s.at) / time.Second), Warning: state.Warning(s.at),
		ClockSetBack: int(state.Behind / time.Second), Current: state.Current, Tasks: []examTask{},
	}
	for i, t := range state.Tasks {
		out.Tasks = append(out.Tasks, examTask{
			Number: i + 1, Lab: t.Lab, Title: a.taskTitle(s, i+1), Pattern: t.Pattern, Level: t.Level, Weight: t.Weight, Minutes: t.Minutes,
			Namespace: t.Namespace, WorkDir: s.WorkDir(t.Lab), Current: state.Current == i+1, Visited: t.Visited, Flagged: t.Flagged, Done: t.Done,
			SpentSeconds: int(state.SpentOn(i+1, s.at) / time.Second),
		})
	}
	return out
}

// taskTitle is the title of a task; the lab's id where that is gone.
func (a *App) taskTitle(s *sitting, n int) string {
	inst, err := s.Instance(s.state, n)
	if err != nil {
		return s.state.Tasks[n-1].Lab
	}
	return inst.Text(a.examLang(s.state)).Title
}

// blueprintTitle is what an exam is called; its id where it is not known.
func (a *App) blueprintTitle(id string) string {
	all, err := exam.Blueprints(content.Exams())
	if err != nil {
		return id
	}
	for _, b := range all {
		if b.ID == id {
			return b.Title[a.lang]
		}
	}
	return id
}

// examLang is the language of the tasks: the one chosen now, or the exam's.
func (a *App) examLang(s *exam.State) content.Lang {
	if a.langExplicit {
		return a.lang
	}
	return s.Lang
}

// clock writes a duration as an exam's clock does: 42:10, or 1:42:10.
func clock(d time.Duration) string {
	total := int(d / time.Second)
	if hours := total / 3600; hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, total/60%60, total%60)
	}
	return fmt.Sprintf("%d:%02d", total/60, total%60)
}

// wall is what the clock of the machine shows at a moment of the exam.
func wall(s *exam.State, at time.Time) string { return at.Add(-s.Behind).Local().Format("15:04") }
