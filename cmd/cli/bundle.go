package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/bundle/create"
	"podlab/content"
	"podlab/labs"
)

// bundleCmd makes and checks offline bundles.
func (a *App) bundleCmd() *cobra.Command {
	cmd := a.newCmd("bundle COMMAND", a.unknownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() })
	cmd.AddCommand(a.bundleCreateCmd(), a.bundleVerifyCmd())
	return cmd
}

func (a *App) bundleCreateCmd() *cobra.Command {
	var (
		o                  create.Options
		platforms, mirrors []string
	)
	cmd := a.newCmd("create DIR [--node IMAGE] [--platform linux/arm64,…] [--registry-mirror HOST]", a.oneDir, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Dir = args[0]
		var err error
		if o.Archs, err = archs(platforms); err != nil {
			return a.usage(cmd, a.say.Bundle.Platform.with("platforms", strings.Join(platforms, ",")))
		}
		if o.Mirrors, err = mirrorsOf(mirrors); err != nil {
			return a.usage(cmd, a.say.Bundle.Mirror.with("mirror", err.Error()))
		}
		return a.createBundle(cmd.Context(), o)
	}
	cmd.Flags().StringVar(&o.Node, "node", defaults.Image, "")
	cmd.Flags().StringSliceVar(&platforms, "platform", []string{"linux/" + runtime.GOARCH}, "")
	cmd.Flags().StringArrayVar(&mirrors, "registry-mirror", nil, "")
	return cmd
}

func (a *App) bundleVerifyCmd() *cobra.Command {
	var output *choice
	cmd := a.newCmd("verify DIR [-o json]", a.oneDir, func(cmd *cobra.Command, args []string) error {
		return a.verifyBundle(cmd.Context(), args[0], output.value)
	})
	output = a.output(cmd, "table", "json")
	return cmd
}

// oneDir accepts exactly one argument, a directory.
func (a *App) oneDir(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return a.usage(cmd, a.say.Bundle.NeedsDir.with("command", cmd.CommandPath()))
	}
	return a.between(cmd, args, 1, 1)
}

// archs returns the architectures of platforms, each once.
func archs(platforms []string) ([]string, error) {
	var all []string
	for _, p := range platforms {
		arch, err := bundle.ParsePlatform(strings.TrimSpace(p))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, arch) {
			all = append(all, arch)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no platform")
	}
	slices.Sort(all)
	return all, nil
}

// mirrorsOf reads mirrors: HOST stands for Docker Hub, REGISTRY=HOST for
// another registry. The error is the one that cannot be read.
func mirrorsOf(flags []string) (map[string]string, error) {
	mirrors := map[string]string{}
	for _, f := range flags {
		registry, host, named := strings.Cut(f, "=")
		if !named {
			registry, host = create.DockerHub, f
		}
		if registry == "" || host == "" || strings.Contains(f, "://") {
			return nil, errors.New(f)
		}
		mirrors[registry] = host
	}
	return mirrors, nil
}

// labImages returns the images that the labs declare: a bundle has to hold them,
// and an embedded cluster knows no others.
func (a *App) labImages() ([]string, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, err
	}
	return imagesOf(catalog), nil
}

// imagesOf returns the images that the labs of a catalog declare, each once.
func imagesOf(catalog *labs.Catalog) []string {
	var images []string
	for _, l := range catalog.Labs() {
		for _, image := range l.Images {
			if _, extra := bundle.Differ(images, []string{image}); len(extra) > 0 {
				images = append(images, image)
			}
		}
	}
	slices.Sort(images)
	return images
}

// createBundle makes a bundle, or goes on with one.
func (a *App) createBundle(ctx context.Context, o create.Options) error {
	var err error
	if o.Labs, err = a.labImages(); err != nil {
		return err
	}
	titles, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return err
	}
	steps := newBundleSteps(a.Stdout, titles, a.say)
	o.Listener = steps.on
	result, err := create.Create(ctx, o)
	steps.close()
	if err != nil {
		return err
	}
	say := a.say.Bundle.Created
	if result.Unchanged {
		say = a.say.Bundle.Unchanged
	}
	if err := a.println(say.with("dir", o.Dir, "size", size(result.Bundle))); err != nil {
		return err
	}
	if err := a.printContents(result.Bundle); err != nil {
		return err
	}
	return a.println(a.say.Bundle.Next.with("verify", a.command("bundle verify "+o.Dir), "up", a.command("up --bundle "+o.Dir)))
}

// examined is a bundle as "podlab bundle verify -o json" shows it.
type examined struct {
	Dir        string             `json:"dir"`
	Good       bool               `json:"good"`
	Version    int                `json:"version"`
	Kubernetes string             `json:"kubernetes"`
	Platforms  []examinedPlatform `json:"platforms"`
	Findings   []examinedFinding  `json:"findings"`
}

type examinedPlatform struct {
	Platform string          `json:"platform"`
	Node     examinedArchive `json:"node"`
	Labs     examinedArchive `json:"labs"`
}

type examinedArchive struct {
	File   string          `json:"file"`
	SHA256 string          `json:"sha256"`
	Bytes  int64           `json:"bytes"`
	Images []examinedImage `json:"images"`
}

type examinedImage struct {
	Image  string `json:"image"`
	Digest string `json:"digest,omitempty"`
	ID     string `json:"id,omitempty"`
}

type examinedFinding struct {
	Platform string `json:"platform"`
	Level    string `json:"level"` // warn or fail
	ID       string `json:"id"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy"`
}

// verifyBundle examines a bundle. What is wrong with it makes the exit code 1:
// it was judged, and is not good.
func (a *App) verifyBundle(ctx context.Context, dir, output string) error {
	needed, err := a.labImages()
	if err != nil {
		return err
	}
	words, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return err
	}
	b, err := bundle.Open(dir)
	if err != nil {
		return err
	}
	var listener cluster.Listener
	if output != "json" {
		shown := newBundleSteps(a.Stdout, words, a.say)
		defer shown.close()
		listener = shown.on
	}
	steps := cluster.NewSteps(listener)
	steps.Start(bundle.StepExamine)
	findings, err := b.Examine(ctx, needed, func(done, total int64) { steps.Bytes(bundle.StepExamine, done, total) })
	if err != nil {
		steps.FailRunning(err.Error())
		if ctx.Err() != nil {
			return a.interrupted(ctx)
		}
		return err
	}
	steps.Done(bundle.StepExamine)

	result := describeBundle(b)
	result.Good = true
	for _, f := range findings {
		message, remedy := f.Problem.Say(words)
		level := "warn"
		if f.Blocks {
			level, result.Good = "fail", false
		}
		result.Findings = append(result.Findings, examinedFinding{
			Platform: f.Platform, Level: level, ID: f.Problem.Problem.Key, Message: message, Remedy: remedy,
		})
	}
	if output == "json" {
		err = writeJSON(a.Stdout, result)
	} else {
		err = a.printExamined(b, result)
	}
	if err == nil && !result.Good {
		err = exitError(exitNotFull)
	}
	return err
}

func describeBundle(b *bundle.Bundle) examined {
	e := examined{Dir: b.Dir, Version: b.Version, Kubernetes: b.Kubernetes, Findings: []examinedFinding{}}
	archive := func(a bundle.Archive, images ...bundle.Image) examinedArchive {
		described := examinedArchive{File: a.File, SHA256: a.SHA256, Bytes: a.Size()}
		for _, i := range images {
			described.Images = append(described.Images, examinedImage{Image: i.Reference, Digest: i.Digest, ID: i.ID})
		}
		return described
	}
	for _, p := range b.Platforms {
		e.Platforms = append(e.Platforms, examinedPlatform{
			Platform: p.String(), Node: archive(p.Node.Archive, p.Node.Image), Labs: archive(p.Labs.Archive, p.Labs.Images...),
		})
	}
	return e
}

func (a *App) printExamined(b *bundle.Bundle, result examined) error {
	if err := a.printContents(b); err != nil {
		return err
	}
	out := printer{w: a.Stdout}
	for _, f := range result.Findings {
		mark := "!"
		if f.Level == "fail" {
			mark = "✗"
		}
		out.line("%s %s: %s", mark, a.say.Doctor.Levels[f.Level].with(), f.Message)
		out.line("    %s", f.Remedy)
	}
	verdict := a.say.Bundle.Good
	if !result.Good {
		verdict = a.say.Bundle.Bad
	}
	out.line("%s", verdict.with("dir", b.Dir))
	return out.err
}

// printContents lists what a bundle holds.
func (a *App) printContents(b *bundle.Bundle) error {
	out := printer{w: a.Stdout}
	for _, p := range b.Platforms {
		out.line("  %s", a.say.Bundle.Platforms.with("platform", p.String(), "kubernetes", b.Kubernetes,
			"node", p.Node.Reference, "images", strconv.Itoa(len(p.Labs.Images))))
		out.line("    %s", strings.Join(p.Labs.References(), ", "))
	}
	return out.err
}

// size of all archives of a bundle, for people.
func size(b *bundle.Bundle) string {
	var sum int64
	for _, p := range b.Platforms {
		sum += p.Node.Size() + p.Labs.Size()
	}
	return fmt.Sprintf("%.0f MB", float64(sum)/1e6)
}
