package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"podlab/grader"
	"podlab/grader/report"
)

func (a *App) watchCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("watch LAB [-o table|json]", a.oneLab, func(cmd *cobra.Command, args []string) error {
		return a.watch(cmd.Context(), args[0], output.value)
	})
	cmd.ValidArgsFunction = a.completeLab
	output = a.output(cmd, "table", "json")
	return cmd
}

// watch shows the checks of a lab until Ctrl-C, which is its regular end.
func (a *App) watch(ctx context.Context, id, output string) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	watching, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	view, err := a.watchView(output)
	if err != nil {
		return err
	}
	onChange := func(r *grader.Report) {
		if err := view.show(instance.Localize(r, a.lang)); err != nil {
			cancel(err) // nobody reads any more
		}
	}
	err = p.Watch(watching, id, grader.Observer{Report: onChange, Trouble: view.trouble})
	view.end()
	switch {
	case ctx.Err() != nil: // Ctrl-C
		return nil
	case watching.Err() != nil:
		return context.Cause(watching)
	}
	return err
}

// watchView shows the reports of a watch as they come.
type watchView interface {
	show(*report.Report) error
	// trouble is told when the cluster stops answering, and nil when it
	// answers again.
	trouble(error)
	// end leaves the terminal as a command should.
	end()
}

func (a *App) watchView(output string) (watchView, error) {
	words, err := report.LoadTexts(a.lang)
	if err != nil {
		return nil, err
	}
	switch {
	case output == "json":
		return &jsonView{a}, nil
	case isTerminal(a.Stdout):
		return newScreenView(a), nil
	default:
		return &linesView{app: a, words: words, last: map[string]report.Check{}}, nil
	}
}

// jsonView prints a report per line.
type jsonView struct{ app *App }

func (v *jsonView) show(r *report.Report) error { return report.JSONLine(v.app.Stdout, r) }

func (v *jsonView) trouble(err error) { v.app.watchTrouble(err) }
func (v *jsonView) end()              {}

// linesView prints a line for each check whenever its verdict or what is
// there changes, and the score.
type linesView struct {
	app   *App
	words report.Texts
	last  map[string]report.Check
}

func (v *linesView) show(r *report.Report) error {
	out := printer{w: v.app.Stdout}
	now := time.Now().Format(time.TimeOnly)
	for _, c := range r.Checks {
		before, known := v.last[c.ID]
		if known && before.Status == c.Status && before.Actual == c.Actual {
			continue
		}
		v.last[c.ID] = c
		line := now + "  " + report.Symbol(c.Status) + " " + v.words.Status(c.Status) + "  " + c.Title
		if c.Actual != "" {
			line += ": " + strings.Join(strings.Fields(c.Actual), " ")
		}
		out.line("%s", line)
	}
	out.line("%s  %d/%d", now, r.Points, r.MaxPoints)
	return out.err
}

func (v *linesView) trouble(err error) { v.app.watchTrouble(err) }
func (v *linesView) end()              {}

// watchTrouble says on stderr that the cluster does not answer, or does again.
func (a *App) watchTrouble(err error) {
	if err != nil {
		a.complain(a.say.Watch.Trouble.with("error", err.Error()))
	} else {
		a.remark(a.say.Watch.Recovered.with())
	}
}
