package cli

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"podlab/cluster"
	"podlab/tui/plain"
)

// wantsPlain reports whether the environment asks for plain text: by
// $PODLAB_PLAIN, or by a terminal that can do no more.
func (a *App) wantsPlain() bool {
	plain, _ := strconv.ParseBool(a.Getenv("PODLAB_PLAIN"))
	return plain || a.Getenv("TERM") == "dumb"
}

// runPlain talks in plain text. There, Ctrl-C ends what is running and not
// podlab, so it must not end ctx.
func (a *App) runPlain(ctx context.Context, f *tuiFlags) error {
	exams, err := a.exams() // first: an exam under way decides on the cluster
	if err != nil {
		return err
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM)
	defer stop()
	b, err := a.backends(ctx)
	if err != nil {
		return err
	}
	return plain.Run(ctx, plain.Options{
		Lang:         a.lang,
		LangExplicit: a.langExplicit,
		Cluster:      b.cluster,
		Create:       cluster.CreateOptions{BundleDir: a.bundleDir(f.bundle), Image: f.image},
		Catalog:      b.catalog,
		Records:      b.records,
		Settings:     a.settings(),
		Open:         b.open,
		Shell:        a.shellProcess,
		Exams:        exams,
		Exam:         func(command ...string) (*exec.Cmd, error) { return a.process(append([]string{"exam"}, command...)...) },
		Input:        a.Stdin,
		Output:       a.Stdout,
		Echo:         !isTerminal(a.Stdin),
		Width:        func() int { return width(a.Stdout) },
		Interrupts:   interrupts,
	})
}
