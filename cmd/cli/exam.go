package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"podlab/grader"
	"podlab/labs/exam"
)

// finishPatience is how long a command that finds the time over tries to have
// the exam graded, which a cluster that was just started delays. The proctor
// goes on.
const finishPatience = 2 * time.Minute

// worthSaying is the least by which a clock that was set back is spoken of: the
// clocks of machines are corrected by less all the time.
const worthSaying = 10 * time.Second

func (a *App) examCmd() *cobra.Command {
	cmd := a.newCmd("exam COMMAND", a.unknownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() })
	cmd.AddCommand(
		a.examStartCmd(), a.examStatusCmd(), a.examListCmd(), a.examShowCmd(), a.examShellCmd(), a.examGotoCmd(),
		a.examFlagCmd(), a.examDoneCmd(), a.examSubmitCmd(), a.examResumeCmd(), a.examAbortCmd(), a.examCleanCmd(),
		a.examReportCmd(), a.examHistoryCmd(), a.examProctorCmd(),
	)
	return cmd
}

// examRoot is the directory of all exams.
func (a *App) examRoot() (string, error) {
	dir, err := a.stateDir()
	return filepath.Join(dir, "exams"), err
}

// openExam opens the exam that is there, or is to come.
func (a *App) openExam() (*exam.Exam, error) {
	o, err := a.examOptions()
	if err != nil {
		return nil, err
	}
	return exam.New(o), nil
}

// examOptions are those of the exam that is there, or is to come. One that is
// under way decides on which cluster podlab works, and with which labs.
func (a *App) examOptions() (exam.Options, error) {
	root, err := a.examRoot()
	if err != nil {
		return exam.Options{}, err
	}
	if s, err := exam.StoreBelow(root, a.examRecovered).Load(); err == nil && s.Phase.Open() && s.Cluster != "" {
		a.flags.name, a.flags.provider, a.flags.labs = s.Cluster, s.Provider, s.Labs
	}
	place := exam.Place{Cluster: a.flags.name, Provider: a.flags.provider}
	if a.flags.labs != "" {
		if place.Labs, err = filepath.Abs(a.flags.labs); err != nil {
			return exam.Options{}, err
		}
	}
	catalog, err := a.catalog()
	if err != nil {
		return exam.Options{}, err
	}
	p, err := a.provider()
	if err != nil {
		return exam.Options{}, err
	}
	return exam.Options{
		Catalog:        catalog,
		Connect:        func() (*grader.Client, error) { return a.connect(p, catalog) },
		RunsContainers: p.Capabilities().RunsContainers,
		Foreign:        p.Capabilities().Foreign,
		Owner:          p.Capabilities().Owner,
		Place:          place,
		Root:           root,
		Podlab:         a.Version,
		Recovered:      a.examRecovered,
	}, nil
}

func (a *App) examRecovered(aside string) {
	if aside == "" {
		a.remark(a.say.Exam.Restored.with())
		return
	}
	a.remark(a.say.Exam.Recovered.with("file", aside))
}

// sitting is an exam as a command finds it.
type sitting struct {
	*exam.Exam
	state *exam.State
	at    time.Time // what counts as the time
	// result is that of an exam that this command found over and had graded.
	result *exam.Result
}

// sit opens the exam that is there, and says what is to be known about it. One
// whose time is up is ended and graded; one that runs gets a proctor.
func (a *App) sit(ctx context.Context) (*sitting, error) {
	e, err := a.openExam()
	if err != nil {
		return nil, err
	}
	s := &sitting{Exam: e}
	if err := s.look(); err != nil {
		return nil, err
	}
	if s.state.Behind >= worthSaying && s.state.Phase.Open() {
		a.remark(a.say.Exam.SetBack.with("duration", clock(s.state.Behind)))
	}
	if s.state.Phase == exam.Ended || s.state.Over(s.at) {
		if err := a.finish(ctx, s); err != nil {
			return nil, err
		}
	}
	if s.state.Phase == exam.Running || s.state.Phase == exam.Ended {
		a.oversee(ctx, e)
	}
	return s, nil
}

// look reads the state anew.
func (s *sitting) look() error {
	var err error
	s.state, s.at, err = s.State()
	return err
}

// mustRun is sit for what needs an exam that runs.
func (a *App) mustRun(ctx context.Context) (*sitting, error) {
	s, err := a.sit(ctx)
	if err != nil {
		return nil, err
	}
	return s, a.running(s)
}

// running is what is wrong with an exam that does not run.
func (a *App) running(s *sitting) error {
	say := a.say.Exam.Errors
	switch s.state.Phase {
	case exam.Running:
		return nil
	case exam.Preparing:
		return errors.New(say.Unprepared.with("resume", a.command("exam resume"), "abort", a.command("exam abort")))
	case exam.Ended:
		return errors.New(say.Ungraded.with("submit", a.command("exam submit"), "abort", a.command("exam abort")))
	}
	return errors.New(say.NotRunning.with("start", a.command("exam start")))
}

// finish ends and grades an exam whose time is up. That it cannot be graded
// now is said, and no error.
func (a *App) finish(ctx context.Context, s *sitting) error {
	a.remark(a.say.Exam.Grading.with())
	grading, cancel := context.WithTimeout(ctx, finishPatience)
	defer cancel()
	result, err := s.Finish(grading)
	if ctx.Err() != nil {
		return a.interrupted(ctx)
	}
	if lookErr := s.look(); lookErr != nil {
		return lookErr
	}
	say := a.say.Exam
	switch {
	case err == nil:
		s.result = result
		a.remark(say.TimeWasUp.with("time", wall(s.state, result.EndedAt), "report", a.command("exam report")))
		if result.Late {
			a.remark(say.Late.with("time", wall(s.state, result.GradedAt)))
		}
	case s.state.Phase == exam.Ended || s.state.Phase == exam.Running:
		a.remark(say.Ungraded.with("time", wall(s.state, s.state.EndsAt), "error", a.problem(err)))
	}
	return nil
}

// warn says how short time has become.
func (a *App) warn(s *sitting) {
	if w := s.state.Warning(s.at); w != exam.NoWarning {
		a.remark(a.say.Exam.Warnings[string(w)].with("left", clock(s.state.Left(s.at))))
	}
}

// examProblem says the errors of exams in the learner's language; empty for
// other errors.
func (a *App) examProblem(err error) string {
	say := a.say.Exam.Errors
	var taken *exam.TakenError
	switch {
	case errors.As(err, &taken):
		return say.Taken.with("exam", taken.Exam, "delete", a.command("kubectl delete serviceaccount candidate -n podlab-exam"))
	case errors.Is(err, exam.ErrNoExam):
		return say.None.with("start", a.command("exam start"))
	case errors.Is(err, exam.ErrNotRunning):
		return say.NotRunning.with("start", a.command("exam start"))
	case errors.Is(err, exam.ErrDamaged):
		root, _ := a.examRoot() // it was found before
		return say.Damaged.with("error", err.Error(), "dir", filepath.Join(root, "current"))
	}
	return ""
}

// examOpen is the error of a second exam.
func (a *App) examOpen(s *exam.State) error {
	return errors.New(a.say.Exam.Errors.Open.with("exam", s.ID, "status", a.command("exam status"),
		"resume", a.command("exam resume"), "submit", a.command("exam submit"), "abort", a.command("exam abort")))
}

// oneTask accepts exactly one argument, the number of a task.
func (a *App) oneTask(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return a.usage(cmd, a.say.Exam.Errors.NeedsTask.with("command", cmd.CommandPath()))
	}
	return a.between(cmd, args, 1, 1)
}

// taskOrNone accepts one task or none.
func (a *App) taskOrNone(cmd *cobra.Command, args []string) error { return a.between(cmd, args, 0, 1) }

// taskNumber reads the number of a task from arg.
func (a *App) taskNumber(cmd *cobra.Command, s *sitting, arg string) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > len(s.state.Tasks) {
		return 0, a.usage(cmd, a.say.Exam.Errors.NoTask.with("number", arg, "tasks", strconv.Itoa(len(s.state.Tasks))))
	}
	return n, nil
}

// completeTask completes the number of a task.
func (a *App) completeTask(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	e, err := a.openExam()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, _, err := e.State()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var numbers []string
	for i := range s.Tasks {
		title := s.Tasks[i].Lab
		if inst, err := e.Instance(s, i+1); err == nil {
			title = inst.Text(a.examLang(s)).Title
		}
		numbers = append(numbers, cobra.CompletionWithDesc(strconv.Itoa(i+1), title))
	}
	return numbers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
