package cli

import (
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/labs/evidence"
)

func (a *App) gradeCmd() *cobra.Command {
	var (
		output         *choice
		wait           time.Duration
		from, evidence string
	)
	cmd := a.newCmd("grade LAB [-o table|json|junit] [--wait 60s] [--evidence FILE] [--from FILE]", func(cmd *cobra.Command, args []string) error {
		if from != "" {
			return a.between(cmd, args, 0, 1)
		}
		return a.oneLab(cmd, args)
	}, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if from != "" {
			if wait != 0 || evidence != "" {
				return a.usage(cmd, a.say.Errors.EvidenceAlone.with())
			}
			return a.gradeFrom(cmd.Context(), from, strings.Join(args, ""), output.value)
		}
		return a.grade(cmd, args[0], output.value, wait, evidence)
	}
	cmd.Flags().DurationVar(&wait, "wait", 0, "")
	cmd.Flags().StringVar(&evidence, "evidence", "", "")
	cmd.Flags().StringVar(&from, "from", "", "")
	cmd.ValidArgsFunction = a.completeLab
	output = a.output(cmd, "table", "json", "junit")
	return cmd
}

// grade grades a lab and prints the report. What the exit code says is what
// the report says: full marks, not full marks, or trouble.
func (a *App) grade(cmd *cobra.Command, id, output string, wait time.Duration, evidenceFile string) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	var graded *grader.Report
	if evidenceFile == "" {
		graded, err = p.Grade(cmd.Context(), id, wait)
	} else {
		var g *evidence.Grading
		if graded, g, err = p.GradeWithEvidence(cmd.Context(), id, wait); err == nil {
			err = a.saveEvidence(evidenceFile, g)
		}
	}
	if err != nil {
		if cmd.Context().Err() != nil {
			return a.interrupted(cmd.Context())
		}
		return err
	}
	return a.printVerdicts(instance, graded, output)
}

// printVerdicts prints a report; the error carries the exit code.
func (a *App) printVerdicts(instance *labs.Instance, graded *grader.Report, output string) error {
	var err error
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
