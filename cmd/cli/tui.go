package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"

	_ "early.podlab/background" // keeps bubbletea from asking the terminal in every command
	"github.com/spf13/pflag"

	"podlab/cluster"
	"podlab/labs"
	"podlab/labs/progress"
	"podlab/tui"
	"podlab/tui/background"
	"podlab/tui/clipboard"
	"podlab/tui/tmux"
)

// tuiFlags are those of podlab without a command: what "podlab up" would take.
type tuiFlags struct {
	bundle, image string
	ascii, plain  bool
}

func (f *tuiFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.bundle, "bundle", "", "")
	flags.StringVar(&f.image, "image", "", "")
	flags.BoolVar(&f.ascii, "ascii", false, "")
	flags.BoolVar(&f.plain, "plain", false, "")
}

// runTUI shows the interface.
func (a *App) runTUI(ctx context.Context, f *tuiFlags) error {
	if f.plain || a.wantsPlain() {
		return a.runPlain(ctx, f)
	}
	if !isTerminal(a.Stdin) || !isTerminal(a.Stdout) {
		return usageError{err: errors.New(a.say.Errors.NoTerminal.with()), usage: "podlab --help"}
	}
	exams, err := a.exams() // first: an exam under way decides on the cluster
	if err != nil {
		return err
	}
	b, err := a.backends(ctx)
	if err != nil {
		return err
	}
	if s, err := a.settings().Load(); err != nil || s.Theme == "" {
		background.Ask()
	}
	var split tui.Splitter // nil outside of tmux
	if t := tmux.New(a.Getenv); t != nil {
		split = t
	}
	return tui.Run(ctx, tui.Options{
		Lang:         a.lang,
		LangExplicit: a.langExplicit,
		Cluster:      b.cluster,
		Create:       cluster.CreateOptions{BundleDir: a.bundleDir(f.bundle), Image: f.image},
		Catalog:      b.catalog,
		Records:      b.records,
		Settings:     a.settings(),
		Open:         b.open,
		Shell:        a.shellProcess,
		Split:        split,
		Clipboard:    clipboard.New(a.Stdout, a.Getenv),
		Exams:        exams,
		ExamShell:    a.examShellProcess,
		ASCII:        f.ascii,
		Input:        a.Stdin,
		Output:       a.Stdout,
	})
}

// backends is what both interfaces reach the rest of podlab through.
type backends struct {
	cluster cluster.Provider
	catalog *labs.Catalog
	records *progress.Store
	// open connects to the cluster.
	open func(context.Context) (tui.Practice, error)
}

// backends opens what the interfaces need. While ctx lasts, the cluster that they
// connect to is kept alive.
func (a *App) backends(ctx context.Context) (backends, error) {
	catalog, err := a.catalog()
	if err != nil {
		return backends{}, err
	}
	provider, err := a.provider()
	if err != nil {
		return backends{}, err
	}
	o, err := a.practiceOptions(catalog)
	if err != nil {
		return backends{}, err
	}
	keep := &keeper{cluster: provider}
	return backends{cluster: provider, catalog: catalog, records: o.Records,
		open: func(context.Context) (tui.Practice, error) {
			p, err := a.practiceOf(catalog)
			if err != nil {
				return nil, err
			}
			keep.start(ctx)
			return tui.Live(p), nil
		},
	}, nil
}

// shellProcess is "podlab shell LAB" as a process of its own, for the TUI,
// which hands its terminal over to it.
func (a *App) shellProcess(lab string) (*exec.Cmd, error) { return a.process("shell", lab) }

// process is podlab as another process with the same cluster, labs and
// language.
func (a *App) process(command ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	lang := a.lang
	if s, err := a.settings().Load(); err == nil && s.Lang != "" {
		lang = s.Lang // it may have been switched since podlab started
	}
	args := []string{"--lang", string(lang), "--name", a.flags.name}
	if a.flags.provider != "" {
		args = append(args, "--provider", a.flags.provider)
	}
	if a.flags.labs != "" {
		args = append(args, "--labs", a.flags.labs)
	}
	return exec.Command(self, append(args, command...)...), nil
}
