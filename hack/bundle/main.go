// Bundle builds an offline bundle from source, where no image registry can be
// reached: programs from Go modules, everything else from a Debian mirror. It
// needs root, for debootstrap. docs/bundle.md describes it.
//
//	go run ./hack/bundle -dir build/bundle -work build/bundle.work
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"podlab/cluster/bundle"
	"podlab/cluster/bundle/pack"
)

func main() {
	dir := flag.String("dir", "build/bundle", "where the bundle is written")
	work := flag.String("work", "build/bundle.work", "where programs, root file systems and layers are kept, so that the next run goes on from them")
	node := flag.String("node", "podlab.local/kind-node", "name of the node image, without a tag")
	flag.Parse()
	// Where root became root without a login, its programs may not be found.
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/local/sbin:/usr/sbin:/sbin"); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *dir, *work, *node)
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		if _, err := os.Stat(*work); err == nil {
			fmt.Fprintf(os.Stderr, "bundle: what is done stays in %s; run it again to go on from there\n", *work)
		}
		os.Exit(1)
	}
}

// build is one run.
type build struct {
	ctx   context.Context
	work  string
	epoch time.Time
	began time.Time
}

func run(ctx context.Context, dir, work, node string) error {
	work, err := filepath.Abs(work)
	if err != nil {
		return err
	}
	b := &build{ctx: ctx, work: work, began: time.Now()}
	if b.epoch, err = epoch(); err != nil {
		return err
	}
	if err := checkTools(); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	b.say("programs, from Go modules")
	if err := b.programs(); err != nil {
		return err
	}
	b.say("root file systems, from Debian")
	if err := b.roots(); err != nil {
		return err
	}
	b.say("layers of the lab images")
	labs, err := b.labImages()
	if err != nil {
		return err
	}
	b.say("images of the control plane, and the node image that holds them")
	nodeImage, err := b.nodeImage(node + ":" + kubernetesVersion)
	if err != nil {
		return err
	}
	b.say("archives")
	platform := pack.Platform{Arch: runtime.GOARCH, Node: nodeImage, Labs: labs}
	written, err := pack.Bundle(ctx, dir, kubernetesVersion, []pack.Platform{platform}, b.progress())
	if err != nil {
		return err
	}
	b.say("  node image, what it holds twice")
	if err := b.tighten(written); err != nil {
		return err
	}
	b.say("checking " + dir)
	if written, err = bundle.Open(dir); err != nil {
		return err
	}
	var wanted []string
	for _, lab := range labs {
		wanted = append(wanted, lab.Reference)
	}
	findings, err := written.Examine(ctx, wanted, nil)
	if err != nil {
		return err
	}
	var problems []error
	for _, f := range findings {
		problems = append(problems, f.Problem)
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%s is not sound: %w", dir, err)
	}
	b.say("done: podlab up --bundle " + dir)
	return nil
}

// say prints what is being done, and how long the run has taken until then.
func (b *build) say(text string) {
	taken := time.Since(b.began).Round(time.Second)
	fmt.Printf("%02d:%02d  %s\n", int(taken.Minutes()), int(taken.Seconds())%60, text)
}

// progress tells of an archive four times while it is written.
func (b *build) progress() func(file string, done, total int64) {
	said := map[string]int64{}
	return func(file string, done, total int64) {
		if total == 0 {
			return
		}
		if quarter := done * 4 / total; quarter > said[file] {
			said[file] = quarter
			b.say(fmt.Sprintf("  %s %d %% of %d MB", file, quarter*25, total>>20))
		}
	}
}

// epoch is the time that all files are said to be of that are made here or are
// newer: that of SOURCE_DATE_EPOCH, or a fixed one, so that two builds of the
// same versions are equal.
func epoch() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q: set it to seconds since 1970, or not at all", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// checkTools says at once what a run would lack after minutes.
func checkTools() error {
	if runtime.GOOS != "linux" {
		return errors.New("a bundle can only be built on Linux: use podlab bundle create on a machine that reaches a registry")
	}
	var missing []string
	for _, tool := range []struct{ program, packaged string }{
		{"debootstrap", "debootstrap"}, {"unshare", "util-linux"}, {"chroot", "coreutils"}, {"bash", "bash"}, {"zstd", "zstd"}, {"go", "golang-go, or from go.dev"},
	} {
		if !inPath(tool.program) {
			missing = append(missing, tool.program+" (package "+tool.packaged+")")
		}
	}
	var problems []error
	if len(missing) > 0 {
		problems = append(problems, fmt.Errorf("these programs are missing: %s", strings.Join(missing, ", ")))
	}
	if os.Geteuid() != 0 {
		problems = append(problems, errors.New("it needs root, since debootstrap sets the owners of files: run it with sudo, or in a container as root"))
	}
	return errors.Join(problems...)
}
