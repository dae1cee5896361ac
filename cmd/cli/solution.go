package cli

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"

	"podlab/labs"
	"podlab/labs/practice"
)

func (a *App) solutionCmd() *cobra.Command {
	var (
		variant string
		apply   bool
	)
	cmd := a.newCmd("solution LAB [--variant V] [--apply]", a.oneLab, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.solution(cmd, args[0], variant, apply)
	}
	cmd.Flags().StringVar(&variant, "variant", "", "")
	cmd.Flags().BoolVar(&apply, "apply", false, "")
	cmd.ValidArgsFunction = a.completeLab
	if err := cmd.RegisterFlagCompletionFunc("variant", a.completeVariant); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

// solution prints a solution to stdout, so that it can be piped into kubectl,
// and what there is to say about it to stderr; or it applies it.
func (a *App) solution(cmd *cobra.Command, id, variant string, apply bool) error {
	desk, err := a.desk(id)
	if err != nil {
		return err
	}
	answer, others := pick(desk.instance.Solutions, variant)
	if answer == nil {
		return a.usage(cmd, a.say.Errors.NoVariant.with("lab", id, "variant", variant, "variants", strings.Join(others, ", ")))
	}
	if apply {
		return a.applySolution(cmd, id, answer)
	}
	if err := desk.RecordSolutionSeen(id); err != nil {
		return err
	}
	if _, err := a.Stdout.Write(append(bytes.TrimRight(answer.Manifest.Data, "\n"), '\n')); err != nil {
		return err
	}
	a.remark(a.say.Solution.Heading.with("variant", answer.Name, "note", answer.Note))
	a.remarkSteps(desk.instance, answer.Steps)
	if len(others) > 0 {
		a.remark(a.say.Solution.Others.with("variants", strings.Join(others, ", ")))
	}
	return nil
}

func (a *App) applySolution(cmd *cobra.Command, id string, answer *labs.Answer) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	started, err := p.Started(cmd.Context(), id)
	if err != nil {
		return err
	}
	if !started {
		return a.notStarted(id)
	}
	if err := p.RecordSolutionSeen(id); err != nil {
		return err
	}
	if err := p.Perform(cmd.Context(), id, *answer, practice.StepWait, false); err != nil {
		return err
	}
	return a.println(a.say.Solution.Applied.with("variant", answer.Name, "grade", a.command("grade "+id+" --wait 60s")))
}

// remarkSteps says what is to be done after the manifest was applied.
func (a *App) remarkSteps(inst *labs.Instance, steps []labs.AnswerStep) {
	text := inst.Text(a.lang)
	for _, s := range steps {
		switch {
		case s.Apply != nil:
			a.remark(a.say.Solution.Change.with())
			a.remark(strings.TrimRight(string(s.Apply.Data), "\n"))
		case s.Delete != nil:
			a.remark(a.say.Solution.Delete.with("command", s.Delete.DeleteCommand()))
		default:
			a.remark(a.say.Solution.Wait.with("checks", strings.Join(text.Titles(s.Passed), "; ")))
		}
	}
}

// pick returns the solution of that name, the first without a name, and the
// names of the others.
func pick(solutions []labs.Answer, name string) (found *labs.Answer, others []string) {
	for i, s := range solutions {
		if found == nil && (name == "" || s.Name == name) {
			found = &solutions[i]
			continue
		}
		others = append(others, s.Name)
	}
	return found, others
}

func (a *App) completeVariant(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	catalog, err := a.catalog()
	if err != nil || len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	lab, err := catalog.Lab(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, s := range lab.Solutions {
		names = append(names, cobra.CompletionWithDesc(s.Name, s.Note))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
