package cli

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
)

// maxSeed is the greatest seed that podlab thinks of: short enough to be told
// to a friend.
const maxSeed = 999_999

// startFlags are those of "podlab exam start".
type startFlags struct {
	blueprint      string
	tasks, minutes int
	seed           uint64
	patterns       []string
	levels         []int
	yes            bool
	output         *choice
}

func (a *App) examStartCmd() *cobra.Command {
	var f startFlags
	cmd := a.newCmd("start [--blueprint B] [--tasks N] [--minutes N] [--seed N] [--patterns P,…] [--level L,…] [--yes] [-o json]", a.none, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.examStart(cmd, &f) }
	flags := cmd.Flags()
	flags.StringVar(&f.blueprint, "blueprint", "short", "")
	flags.IntVar(&f.tasks, "tasks", 0, "")
	flags.IntVar(&f.minutes, "minutes", 0, "")
	flags.Uint64Var(&f.seed, "seed", 0, "")
	flags.StringSliceVar(&f.patterns, "patterns", nil, "")
	flags.IntSliceVar(&f.levels, "level", nil, "")
	flags.BoolVarP(&f.yes, "yes", "y", false, "")
	f.output = a.output(cmd, "table", "json")
	if err := cmd.RegisterFlagCompletionFunc("blueprint", a.completeBlueprint); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

func (a *App) examStart(cmd *cobra.Command, f *startFlags) error {
	ctx := cmd.Context()
	// One whose time is up makes way.
	if s, err := a.sit(ctx); err == nil && s.state.Phase.Open() {
		return a.examOpen(s.state)
	} else if err != nil && !errors.Is(err, exam.ErrNoExam) {
		return err
	}
	b, err := a.chosenBlueprint(cmd, f)
	if err != nil {
		return err
	}
	seed := f.seed
	if !cmd.Flags().Changed("seed") {
		seed = 1 + rand.Uint64N(maxSeed)
	}
	say := a.say.Exam
	summary := say.Summary.with("title", b.Title[a.lang], "tasks", strconv.Itoa(b.Tasks), "minutes", strconv.Itoa(b.Minutes),
		"seed", strconv.FormatUint(seed, 10))
	if !f.yes && isTerminal(a.Stdin) && !a.confirm(ctx, summary+"\n"+say.Question.with(), true) {
		return a.interrupted(ctx)
	}
	e, err := a.openExam()
	if err != nil {
		return err
	}
	p := a.preparing(e, b.Tasks)
	there, err := e.Start(ctx, b, seed, a.lang, p.on)
	switch {
	case errors.Is(err, exam.ErrOpen):
		return a.examOpen(there)
	case errors.Is(err, exam.ErrTooFew):
		return a.usage(cmd, say.Errors.TooFew.with("tasks", strconv.Itoa(b.Tasks)))
	}
	return a.begun(ctx, e, err, f.output.value)
}

// begun shows the exam that has been started or resumed, unless err says that
// it was not.
func (a *App) begun(ctx context.Context, e *exam.Exam, err error, output string) error {
	s := &sitting{Exam: e}
	lookErr := s.look()
	if err != nil && lookErr == nil && s.state.Phase == exam.Preparing {
		a.remark(a.say.Exam.Errors.Stopped.with("resume", a.command("exam resume"), "abort", a.command("exam abort")))
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return a.interrupted(ctx)
	case err != nil:
		return err
	case lookErr != nil:
		return lookErr
	}
	a.oversee(ctx, e)
	if output == "json" {
		return a.examJSON(s)
	}
	if err := a.println(a.say.Exam.Started.with("minutes", strconv.Itoa(s.state.Minutes), "left", clock(s.state.Left(s.at)),
		"time", wall(s.state, s.state.EndsAt))); err != nil {
		return err
	}
	if err := a.taskTable(s); err != nil {
		return err
	}
	return a.println(a.say.Exam.Next.with("shell", a.command("exam shell"), "goto", a.command("exam goto 1"),
		"submit", a.command("exam submit")))
}

func (a *App) examResumeCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("resume [-o json]", a.none, func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		s, err := a.sit(ctx)
		if err != nil {
			return err
		}
		if s.state.Phase != exam.Preparing && s.state.Phase != exam.Running {
			return a.running(s)
		}
		p := a.preparing(s.Exam, len(s.state.Tasks))
		_, err = s.Resume(ctx, p.on)
		return a.begun(ctx, s.Exam, err, output.value)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// preparation tells which tasks are ready.
type preparation struct {
	app   *App
	exam  *exam.Exam
	tasks int

	mu    sync.Mutex
	ready int
}

func (a *App) preparing(e *exam.Exam, tasks int) *preparation {
	return &preparation{app: a, exam: e, tasks: tasks}
}

// on is an exam.Prepared.
func (p *preparation) on(t exam.TaskState, err error) {
	if errors.Is(err, context.Canceled) {
		return // another task failed, or the learner cancelled
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	say := p.app.say.Exam
	if p.ready == 0 {
		p.app.remark(say.Preparing.with())
	}
	p.ready++
	text := say.Ready
	if err != nil {
		text = say.Failed
	}
	p.app.remark(text.with("ready", strconv.Itoa(p.ready), "tasks", strconv.Itoa(p.tasks), "lab", t.Lab))
}

// chosenBlueprint is the blueprint that the flags name, with what they change
// in it. Fewer or more tasks get less or more time.
func (a *App) chosenBlueprint(cmd *cobra.Command, f *startFlags) (exam.Blueprint, error) {
	say := a.say.Exam.Errors
	all, err := exam.Blueprints(content.Exams())
	if err != nil {
		return exam.Blueprint{}, err
	}
	i := slices.IndexFunc(all, func(b exam.Blueprint) bool { return b.ID == f.blueprint })
	if i < 0 {
		var ids []string
		for _, b := range all {
			ids = append(ids, b.ID)
		}
		return exam.Blueprint{}, a.usage(cmd, say.Blueprint.with("blueprint", f.blueprint, "blueprints", strings.Join(ids, ", ")))
	}
	b := all[i]
	for flag, n := range map[string]int{"tasks": f.tasks, "minutes": f.minutes} {
		if cmd.Flags().Changed(flag) && n < 1 {
			return b, a.usage(cmd, say.Positive.with("flag", dashed(flag)))
		}
	}
	if f.tasks > 0 {
		b.Minutes = (b.Minutes*f.tasks + b.Tasks - 1) / b.Tasks
		b.Tasks = f.tasks
	}
	if f.minutes > 0 {
		b.Minutes = f.minutes
	}
	if len(f.patterns) > 0 {
		if b.Patterns, err = a.chosenPatterns(cmd, f.patterns); err != nil {
			return b, err
		}
	}
	if len(f.levels) > 0 {
		b.Levels = f.levels
	}
	return b, nil
}

func (a *App) chosenPatterns(cmd *cobra.Command, asked []string) ([]labs.Pattern, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, err
	}
	var (
		known, chosen []labs.Pattern
		names         []string // of those that are known
	)
	for _, l := range catalog.Labs() {
		if !slices.Contains(known, l.Pattern) {
			known, names = append(known, l.Pattern), append(names, string(l.Pattern))
		}
	}
	for _, name := range asked {
		p := labs.Pattern(strings.TrimSpace(name))
		if !slices.Contains(known, p) {
			return nil, a.usage(cmd, a.say.Exam.Errors.Pattern.with("pattern", name, "patterns", strings.Join(names, ", ")))
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func (a *App) completeBlueprint(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := exam.Blueprints(content.Exams())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, b := range all {
		ids = append(ids, cobra.CompletionWithDesc(b.ID, b.Title[a.lang]))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
