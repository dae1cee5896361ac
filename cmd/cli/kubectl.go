package cli

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	_ "early.podlab/translations" // keeps kubectl from slowing down everything else
	"github.com/spf13/cobra"
	"k8s.io/component-base/logs/klogflags"
	"k8s.io/klog/v2"
	"k8s.io/kubectl/pkg/cmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// kubectlCmd is the real kubectl on podlab's cluster. Its own command tree is
// only built when it is used: that takes longer than anything else in podlab.
func (a *App) kubectlCmd() *cobra.Command {
	c := a.newCmd("kubectl …", nil, func(_ *cobra.Command, args []string) error {
		return a.kubectl(args)
	})
	c.DisableFlagParsing = true
	return c
}

// completeKubectl answers "podlab __complete kubectl …" with kubectl's own
// completion, which podlab's command tree knows nothing of.
func (a *App) completeKubectl(args []string) (code int, done bool) {
	if len(args) < 2 || args[1] != "kubectl" {
		return 0, false
	}
	switch args[0] {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		a.flags.name, a.flags.provider = a.defaultName(), a.Getenv("PODLAB_PROVIDER")
		return a.fail(a.kubectl(append([]string{args[0]}, args[2:]...))), true
	}
	return 0, false
}

// kubectl runs kubectl with args as this process: like the kubectl binary, it
// ends the process by itself where something goes wrong.
func (a *App) kubectl(args []string) error {
	// A lab shell has its own copy of the kubeconfig, with the lab's namespace.
	if a.Getenv("PODLAB_SHELL") == "" {
		if err := a.kubectlEnv(); err != nil {
			return err
		}
	}
	// kubectl is to end on Ctrl-C as the binary does, not when podlab sees fit.
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	// kubectl looks for plugins and aliases of kuberc in the arguments of its process.
	os.Args = append([]string{"kubectl"}, args...)
	root := cmd.NewDefaultKubectlCommand()
	root.SilenceErrors = true
	// kubectl's main adds -v and --vmodule through k8s.io/component-base/cli,
	// which would link Prometheus into podlab.
	logging := flag.NewFlagSet("logging", flag.ContinueOnError)
	klog.ClearLogger()
	klogflags.Init(logging)
	root.PersistentFlags().AddGoFlagSet(logging)
	defer klog.Flush()
	cmdutil.CheckErr(root.Execute()) // prints an error and ends the process
	return nil
}

// kubectlEnv points kubectl to podlab's cluster, and its cache away from the
// learner's ~/.kube.
func (a *App) kubectlEnv() error {
	p, err := a.provider()
	if err != nil {
		return err
	}
	if err := a.verify(p); err != nil {
		return err
	}
	path := p.KubeconfigPath()
	if err := os.Setenv("KUBECONFIG", path); err != nil {
		return err
	}
	if a.Getenv("KUBECACHEDIR") == "" {
		dir, err := a.stateDir()
		if err != nil {
			return err
		}
		if err := os.Setenv("KUBECACHEDIR", filepath.Join(dir, "kube-cache")); err != nil {
			return err
		}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		// Much of kubectl works without a cluster; what does not would blame
		// localhost:8080.
		cmdutil.BehaviorOnFatal(func(message string, code int) {
			_, _ = fmt.Fprintln(os.Stderr, message)
			a.complain(a.say.Errors.NoCluster.with("name", a.flags.name, "up", a.command("up")))
			os.Exit(code)
		})
	}
	return nil
}
