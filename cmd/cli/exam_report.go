package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/labs/history"
	"podlab/labs/progress"
)

func (a *App) examReportCmd() *cobra.Command {
	var (
		output *choice
		out    string
		texts  bool
	)
	cmd := a.newCmd("report [ID] [-o table|markdown|json|html] [--out FILE] [--texts]", func(cmd *cobra.Command, args []string) error {
		return a.between(cmd, args, 0, 1)
	}, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		format := output.value
		if byName := formatOf(out); byName != "" && !cmd.Flags().Changed("output") {
			format = byName
		}
		return a.examReport(strings.Join(args, ""), format, out, texts)
	}
	cmd.Flags().StringVar(&out, "out", "", "")
	cmd.Flags().BoolVar(&texts, "texts", false, "")
	cmd.ValidArgsFunction = a.completeExam
	output = a.output(cmd, "table", "markdown", "json", "html")
	return cmd
}

// formatOf is the format that the name of a file asks for; empty for none.
func formatOf(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".html", ".htm":
		return "html"
	case ".md":
		return "markdown"
	case ".json":
		return "json"
	}
	return ""
}

// examReport writes the report on a graded exam, the last one where id is
// empty, to a file or to stdout.
func (a *App) examReport(id, format, out string, texts bool) error {
	result, err := a.gradedExam(id)
	if err != nil {
		return err
	}
	catalog, records, err := a.learner()
	if err != nil {
		return err
	}
	blueprints, err := exam.Blueprints(content.Exams())
	if err != nil {
		return err
	}
	r, err := report.Build(report.Sources{
		Catalog: catalog, Blueprints: blueprints,
		Solved: func(l *labs.Lab) bool { r := records[l.ID]; return r.FullMarks() },
	}, result, a.lang)
	if err != nil {
		return err
	}
	write := func(w io.Writer, o report.TableOptions) error {
		switch format {
		case "markdown":
			return report.Markdown(w, r)
		case "json":
			return report.JSON(w, r)
		case "html":
			return report.HTML(w, r)
		}
		o.Texts = texts
		return report.Table(w, r, o)
	}
	if out != "" {
		return a.saveReport(out, func(w io.Writer) error { return write(w, report.TableOptions{}) })
	}
	if err := write(a.Stdout, report.TableOptions{
		Width: min(width(a.Stdout), maxTextWidth), Color: isTerminal(a.Stdout) && a.Getenv("NO_COLOR") == "",
	}); err != nil || format != "table" {
		return err
	}
	return a.reportRemarks(r)
}

// saveReport writes a report to a file, whole or not at all.
func (a *App) saveReport(out string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := renameio.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return a.cannotWrite(out, err)
	}
	a.remark(a.say.ExamReport.Saved.with("file", out))
	return nil
}

// reportRemarks say what can be done after a report was read.
func (a *App) reportRemarks(r *report.Report) error {
	say := a.say.ExamReport
	if len(r.Practise) > 0 {
		a.remark(say.Practise.with("start", a.command("start "+r.Practise[0].Lab)))
	}
	root, err := a.examRoot()
	if err != nil {
		return err
	}
	_, evidence := exam.ResultFiles(root, r.ID)
	if _, err := os.Stat(evidence); err == nil {
		a.remark(say.Evidence.with("file", evidence, "grade", a.command("grade "+r.Tasks[0].Lab+" --from "+evidence)))
	}
	return nil
}

// gradedExam is the result of an exam, of the last one where id is empty.
func (a *App) gradedExam(id string) (*exam.Result, error) {
	root, err := a.examRoot()
	if err != nil {
		return nil, err
	}
	e := exam.New(exam.Options{Root: root})
	say := a.say.ExamReport
	if id != "" {
		r, err := e.Result(id)
		if errors.Is(err, exam.ErrNoResult) {
			return nil, usageError{err: errors.New(say.Unknown.with("id", id, "history", a.command("exam history")))}
		}
		return r, err
	}
	all, err := e.Results()
	if len(all) == 0 {
		if err != nil {
			return nil, err
		}
		return nil, errors.New(say.None.with("start", a.command("exam start")))
	}
	if err != nil {
		a.complain(err.Error()) // of others than the one that is shown
	}
	return all[0], nil
}

// learner is the labs, and what the learner achieved in them.
func (a *App) learner() (*labs.Catalog, map[string]progress.Record, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, nil, err
	}
	place, err := a.historyPlace()
	if err != nil {
		return nil, nil, err
	}
	records, err := place.Progress.All()
	return catalog, records, err
}

// historyPlace is where podlab keeps exams and progress.
func (a *App) historyPlace() (history.Place, error) {
	dir, err := a.stateDir()
	if err != nil {
		return history.Place{}, err
	}
	root, err := a.examRoot()
	return history.Place{Exams: root, Progress: progress.Open(filepath.Join(dir, "progress.yaml"))}, err
}

// completeExam completes the id of a graded exam as the first argument.
func (a *App) completeExam(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	root, err := a.examRoot()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all, _ := exam.New(exam.Options{Root: root}).Results() // what can be read
	var ids []string
	for _, r := range all {
		ids = append(ids, cobra.CompletionWithDesc(r.ID, r.StartedAt.Local().Format(minuteLayout)))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
