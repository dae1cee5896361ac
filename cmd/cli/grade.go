package cli

import (
	"io"
	"time"

	"github.com/spf13/cobra"

	"podlab/grader/report"
)

func (a *App) gradeCmd() *cobra.Command {
	var (
		output *choice
		wait   time.Duration
	)
	cmd := a.newCmd("grade LAB [-o table|json|junit] [--wait 60s]", a.oneLab, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.grade(cmd, args[0], output.value, wait)
	}
	cmd.Flags().DurationVar(&wait, "wait", 0, "")
	cmd.ValidArgsFunction = a.completeLab
	output = a.output(cmd, "table", "json", "junit")
	return cmd
}

// grade grades a lab and prints the report. What the exit code says is what
// the report says: full marks, not full marks, or trouble.
func (a *App) grade(cmd *cobra.Command, id, output string, wait time.Duration) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	graded, err := p.Grade(cmd.Context(), id, wait)
	if err != nil {
		if cmd.Context().Err() != nil {
			return a.interrupted(cmd.Context())
		}
		return err
	}
	r := instance.Localize(graded, a.lang)
	switch output {
	case "json":
		err = report.JSON(a.Stdout, r)
	case "junit":
		err = report.JUnit(a.Stdout, r)
	default:
		err = a.reportTable(a.Stdout, r)
	}
	switch {
	case err != nil:
		return err
	case graded.Trouble():
		return exitError(exitTrouble)
	case !graded.FullMarks():
		return exitError(exitNotFull)
	}
	return nil
}

// reportTable writes a report for people to w, as wide as the terminal.
func (a *App) reportTable(w io.Writer, r *report.Report) error {
	words, err := report.LoadTexts(a.lang)
	if err != nil {
		return err
	}
	return report.Table(w, r, report.TableOptions{
		Texts: words,
		Width: min(width(a.Stdout), maxTextWidth),
		Color: isTerminal(a.Stdout) && a.Getenv("NO_COLOR") == "",
	})
}
