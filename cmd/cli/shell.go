package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"podlab/cmd/shell"
)

func (a *App) shellCmd() *cobra.Command {
	cmd := a.newCmd("shell [LAB]", func(cmd *cobra.Command, args []string) error {
		return a.between(cmd, args, 0, 1)
	}, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if name := a.Getenv(shell.Guard); name != "" {
			return a.usage(cmd, a.say.Errors.NestedShell.with("name", name))
		}
		o, err := a.shellOptions()
		if err != nil {
			return err
		}
		if len(args) == 1 {
			if err := a.enterLab(cmd.Context(), args[0], &o); err != nil {
				return err
			}
		} else {
			if err := a.enterCluster(&o); err != nil {
				return err
			}
		}
		return shell.Run(o)
	}
	cmd.ValidArgsFunction = a.completeLab
	return cmd
}

// shellOptions are those of every shell.
func (a *App) shellOptions() (shell.Options, error) {
	state, err := a.stateDir()
	if err != nil {
		return shell.Options{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return shell.Options{}, err
	}
	provider, err := a.provider()
	if err != nil {
		return shell.Options{}, err
	}
	// podlab's own commands are to mean the same inside the shell.
	extra := []string{"PODLAB_STATE=" + state, "PODLAB_NAME=" + a.flags.name}
	if a.flags.provider != "" {
		extra = append(extra, "PODLAB_PROVIDER="+a.flags.provider)
	}
	if a.flags.lang != "" {
		extra = append(extra, "PODLAB_LANG="+string(a.lang))
	}
	if a.flags.labs != "" {
		dir, err := filepath.Abs(a.flags.labs)
		if err != nil {
			return shell.Options{}, err
		}
		extra = append(extra, "PODLAB_LABS="+dir)
	}
	if a.Getenv("KUBECACHEDIR") == "" {
		extra = append(extra, "KUBECACHEDIR="+filepath.Join(state, "kube-cache"))
	}
	return shell.Options{
		Root:       filepath.Join(state, "shells"),
		Kubeconfig: provider.KubeconfigPath(),
		Podlab:     self,
		Goodbye:    a.say.Shell.Goodbye.with(),
		Environ:    a.environ(),
		Extra:      extra,
		Stdin:      a.Stdin,
		Stdout:     a.Stdout,
		Stderr:     a.Stderr,
	}, nil
}

// shellPatience is how long the API server has to say whether a lab is started.
const shellPatience = 3 * time.Second

// enterLab makes the shell that of a lab, which it starts if need be.
func (a *App) enterLab(ctx context.Context, id string, o *shell.Options) error {
	p, err := a.practice(id)
	if err != nil {
		return err
	}
	instance, err := p.Instance(id)
	if err != nil {
		return err
	}
	o.Name, o.Namespace, o.Dir = id, instance.Namespace, p.WorkDir(id)
	_, err = os.Stat(o.Dir)
	missing := errors.Is(err, os.ErrNotExist)

	asking, cancel := context.WithTimeout(ctx, shellPatience)
	defer cancel()
	started, err := p.Started(asking, id)
	switch {
	case err != nil && asking.Err() != nil && ctx.Err() == nil && !missing:
		// The files are there, so the lab was started once. A learner may wait
		// for the cluster in the shell as well.
		a.remark(a.say.Shell.Silent.with())
	case err != nil:
		return err
	case !started || missing:
		// Starting again hands files out again that the learner deleted.
		if err := p.Start(ctx, id); err != nil {
			return err
		}
	}
	o.Banner = strings.TrimRight(a.say.Shell.Banner.with("lab", id, "title", instance.Text(a.lang).Title,
		"namespace", o.Namespace, "dir", o.Dir), "\n")
	return nil
}

// enterCluster makes the shell one for the cluster as it is.
func (a *App) enterCluster(o *shell.Options) error {
	provider, err := a.provider()
	if err != nil {
		return err
	}
	if _, err := a.client(provider); err != nil { // says that there is no cluster
		return err
	}
	o.Name = a.flags.name
	o.Banner = strings.TrimRight(a.say.Shell.NoLab.with("name", o.Name), "\n")
	return nil
}
