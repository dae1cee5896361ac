// Command podlab-kube is a Kubernetes control plane in one process, with one
// simulated node: real API, no containers. podlab starts it where no container
// engine is at hand; it is not for people.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"github.com/spf13/pflag"
	"gopkg.in/natefinch/lumberjack.v2"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"podlab/cmd/podlab-kube/internal/node"
	"podlab/cmd/podlab-kube/internal/plane"
)

func main() { os.Exit(run(os.Args[1:])) }

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitInUse  = 3 // another process runs on the directory
)

func run(args []string) int {
	var (
		o      plane.Options
		images string
		stay   bool
	)
	flags := pflag.NewFlagSet("podlab-kube", pflag.ContinueOnError)
	flags.StringVar(&o.Dir, "data", "", "directory of all data, for its owner alone")
	flags.StringVar(&o.Kubeconfig, "kubeconfig", "", "file that gets the administrator's kubeconfig")
	flags.StringVar(&o.Name, "name", "podlab", "name of the cluster in the kubeconfig")
	flags.StringVar(&images, "images", "", "file with the image references that can be pulled, one a line, read again when it is replaced; without it all can be")
	flags.BoolVar(&stay, "ignore-hangup", true, "go on when the terminal closes")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return 0
		}
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	}
	if o.Dir == "" || o.Kubeconfig == "" || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "podlab-kube needs --data DIR and --kubeconfig FILE, and nothing else: it is started by podlab up --provider embedded")
		return exitUsage
	}
	if images != "" {
		var err error
		if o.Images, err = node.OpenImages(images); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitUsage
		}
	}
	log := &lumberjack.Logger{Filename: filepath.Join(o.Dir, "log"), MaxSize: 4, MaxBackups: 1}
	defer log.Close() //nolint:errcheck // the process ends
	o.Log = log
	quiet(log)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if stay {
		signal.Ignore(syscall.SIGHUP)
	}
	// A learner's machine has other things to keep in memory than garbage. The
	// limit is soft, and half as much again as what a thousand Pods need.
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(240 << 20)
	err := plane.Run(ctx, o)
	switch {
	case errors.Is(err, plane.ErrInUse):
		fmt.Fprintln(os.Stderr, err)
		return exitInUse
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	return 0
}

// quiet sends what Kubernetes' packages log to the file, and only what matters.
func quiet(log *lumberjack.Logger) {
	klog.SetLogger(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(log))).V(0))
	klog.LogToStderr(false)
	klog.SetOutput(log)
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
}
