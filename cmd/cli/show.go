package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"podlab/labs"
)

// shown is a lab as "podlab show -o json" shows it.
type shown struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Summary   string   `json:"summary"`
	Language  string   `json:"language"`
	Pattern   string   `json:"pattern"`
	Level     int      `json:"level"`
	Minutes   int      `json:"minutes"`
	Points    int      `json:"points"`
	Namespace string   `json:"namespace"`
	WorkDir   string   `json:"workDir"`
	Files     []string `json:"files"`
	// Task is Markdown.
	Task   string       `json:"task"`
	Hints  int          `json:"hints"` // how many there are
	Checks []shownCheck `json:"checks"`
}

type shownCheck struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Points   int    `json:"points"`
	Expected string `json:"expected"`
}

func (a *App) showCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("show LAB [-o json]", a.oneLab, func(_ *cobra.Command, args []string) error {
		return a.show(args[0], output.value)
	})
	cmd.ValidArgsFunction = a.completeLab
	output = a.output(cmd, "table", "json")
	return cmd
}

func (a *App) show(id, output string) error {
	desk, err := a.desk(id)
	if err != nil {
		return err
	}
	lab, text := desk.instance.Lab, desk.instance.Text(a.lang)
	s := shown{
		ID: lab.ID, Title: text.Title, Summary: text.Summary, Language: string(a.lang),
		Pattern: string(lab.Pattern), Level: lab.Level, Minutes: lab.Minutes, Points: lab.Points(),
		Namespace: desk.instance.Namespace, WorkDir: desk.WorkDir(id), Files: []string{},
		Task: text.Task, Hints: len(text.Hints), Checks: []shownCheck{},
	}
	for _, f := range desk.instance.Files {
		s.Files = append(s.Files, f.Name)
	}
	for _, c := range lab.Checks {
		t := text.Checks[c.ID]
		s.Checks = append(s.Checks, shownCheck{ID: c.ID, Title: t.Title, Points: c.Points, Expected: t.Expected})
	}
	if output == "json" {
		return writeJSON(a.Stdout, s)
	}
	patterns, err := labs.PatternNames(a.lang)
	if err != nil {
		return err
	}
	out := printer{w: a.Stdout}
	out.line("# %s", s.Title)
	out.line("")
	out.line("%s", a.say.Show.Facts.with("lab", s.ID, "pattern", patterns[s.Pattern], "level", strconv.Itoa(s.Level),
		"minutes", strconv.Itoa(s.Minutes), "points", strconv.Itoa(s.Points), "namespace", s.Namespace))
	if len(s.Files) > 0 {
		out.line("%s", a.say.Show.Files.with("dir", s.WorkDir, "files", strings.Join(s.Files, ", ")))
	}
	out.line("")
	out.line("%s", a.markdown(s.Task))
	out.line("")
	out.line("%s", a.say.Show.Start.with("start", a.command("start "+id), "shell", a.command("shell "+id)))
	return out.err
}
