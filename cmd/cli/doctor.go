package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"podlab/cluster/doctor"
	"podlab/cluster/existing"
	"podlab/content"
	"podlab/grader/printable"
)

// diagnosed is a finding as "podlab doctor -o json" shows it.
type diagnosed struct {
	ID      string `json:"id"`
	Level   string `json:"level"` // ok, warn or fail
	Message string `json:"message"`
	Remedy  string `json:"remedy"` // empty where there is nothing to do
	Output  string `json:"output,omitempty"`
}

func (a *App) doctorCmd() *cobra.Command {
	var (
		bundle, image string
		output        *choice
	)
	cmd := a.newCmd("doctor [--bundle DIR] [--image REF] [-o json]", a.none, func(cmd *cobra.Command, _ []string) error {
		return a.doctor(cmd.Context(), a.bundleDir(bundle), image, output.value)
	})
	cmd.Flags().StringVar(&bundle, "bundle", "", "")
	cmd.Flags().StringVar(&image, "image", "", "")
	output = a.output(cmd, "table", "json")
	return cmd
}

// doctor says what blocks a first run. Anything that does is trouble for the
// exit code, so that a script can ask before it starts.
func (a *App) doctor(ctx context.Context, bundle, image, output string) error {
	state, err := a.stateDir()
	if err != nil {
		return err
	}
	words, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return err
	}
	p, err := a.provider()
	if err != nil {
		return err
	}
	var findings []doctor.Finding
	if there, ok := p.(*existing.Provider); ok {
		catalog, err := a.catalog()
		if err != nil {
			return err
		}
		needs, err := a.needs(catalog)
		if err != nil {
			return err
		}
		findings = doctor.RunExisting(ctx, there, needs)
	} else {
		findings = doctor.Run(ctx, doctor.Options{
			Name: a.flags.name, StateDir: state, BundleDir: bundle, Image: image, Getenv: a.Getenv,
		})
	}
	all := []diagnosed{}
	blocked := false
	for _, f := range findings {
		d := diagnosed{ID: f.ID, Level: string(f.Level), Message: words.Render(f.Message), Output: printable.Text(f.Output)}
		if f.Remedy.Key != "" {
			d.Remedy = words.Render(f.Remedy)
		}
		all = append(all, d)
		blocked = blocked || f.Level == doctor.Fail
	}
	if output == "json" {
		err = writeJSON(a.Stdout, all)
	} else {
		err = a.printFindings(all, blocked)
	}
	if err == nil && blocked {
		err = exitError(exitTrouble)
	}
	return err
}

func (a *App) printFindings(all []diagnosed, blocked bool) error {
	out := printer{w: a.Stdout}
	for _, d := range all {
		mark := "✓"
		switch doctor.Level(d.Level) {
		case doctor.Warn:
			mark = "!"
		case doctor.Fail:
			mark = "✗"
		}
		out.line("%s %s: %s", mark, a.say.Doctor.Levels[d.Level].with(), d.Message)
		if d.Remedy != "" {
			out.line("    %s", d.Remedy)
		}
		if d.Output != "" {
			text, more := printable.Lines(d.Output, maxOutputLines, maxOutputRunes)
			out.line("      %s", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      "))
			if more > 0 {
				out.line("      %s", fmt.Sprintf("… +%d", more))
			}
		}
	}
	verdict := a.say.Doctor.Healthy
	if blocked {
		verdict = a.say.Doctor.Blocked
	}
	out.line("%s", verdict)
	return out.err
}
