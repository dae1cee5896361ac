// Package cli is podlab's command line: one file per command, each of which
// parses its arguments, calls a package below and prints what came back.
//
// docs/cli.md describes commands, exit codes and JSON for those who use them.
package cli

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	_ "early.podlab/heap" // keeps the garbage collector from running while podlab starts
)

// Main runs podlab with the arguments and streams of this process and returns
// its exit code. version is what "podlab version" prints; empty for what the
// build knows.
//
// Called under the name kubectl, as through the link that a lab shell puts on
// the PATH, it is kubectl.
func Main(version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends podlab at once, in case cleaning up hangs.
	context.AfterFunc(ctx, stop)

	app := &App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Version: version,
	}
	args := os.Args[1:]
	if name := filepath.Base(os.Args[0]); strings.TrimSuffix(name, ".exe") == "kubectl" {
		args = append([]string{"kubectl"}, args...)
	}
	return app.Run(ctx, args)
}
