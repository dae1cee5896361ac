// Package doctor finds what blocks a first run: no usable container engine,
// too little memory or disk, a damaged bundle, a cluster that is stale. It
// changes nothing and takes less than two seconds, apart from reading a bundle
// on a slow disk.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"podlab/cluster"
	"podlab/cluster/bundle"
	"podlab/cluster/embedded"
	"podlab/cluster/engine"
	"podlab/cluster/kind"
	"podlab/content"
)

// Level of a finding.
type Level string

// The levels.
const (
	// OK: nothing to do.
	OK Level = "ok"
	// Warn: it works, but may not for long or not well.
	Warn Level = "warn"
	// Fail: podlab up cannot succeed.
	Fail Level = "fail"
)

// Finding is the outcome of one check. Texts are keys of
// content/texts/cluster.<lang>.yaml.
type Finding struct {
	// ID of the check: engine, embedded, memory, disk, cgroup, inotify, image, bundle,
	// port, cluster.
	ID    string `json:"id"`
	Level Level  `json:"level"`
	// Message says what is there.
	Message content.Message `json:"message"`
	// Remedy says what to do; its key is empty where there is nothing to do.
	Remedy content.Message `json:"remedy"`
	// Output is what the engine said, where it said something.
	Output string `json:"output,omitempty"`
}

// Options says what to examine. The zero value of each field has a default.
type Options struct {
	// Name of the cluster; cluster.DefaultName if empty.
	Name string
	// StateDir is podlab's state directory.
	StateDir string
	// BundleDir holds the bundle to check; none if empty.
	BundleDir string
	// Image overrides the node image.
	Image string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(string) string
	// Runner runs the engine's client; engine.Local if nil.
	Runner engine.Runner
	// Root of the file system that tells the kernel's limits; "/" if empty.
	Root string
}

// What a cluster of one node needs, in bytes. A node with its images takes
// about 2 GiB of disk, and kubelet evicts Pods when a tenth is not free.
const (
	gib        = 1 << 30
	memoryMin  = 2 * gib
	memoryGood = 3 * gib
	diskMin    = 3 * gib
	diskGood   = 6 * gib
)

// engineTimeout bounds how long the engine may take for one answer.
const engineTimeout = 1500 * time.Millisecond

// Run makes all checks, the independent ones at the same time, and returns
// their findings in a fixed order.
func Run(ctx context.Context, o Options) []Finding {
	if o.Name == "" {
		o.Name = cluster.DefaultName
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Runner == nil {
		o.Runner = engine.Local{}
	}
	if o.Root == "" {
		o.Root = "/"
	}
	e := &examination{Options: o}
	eng, info, finding := e.engine(ctx)
	own, err := embedded.New(embedded.Options{Name: o.Name, StateDir: o.StateDir, Getenv: o.Getenv})
	if err != nil {
		own = nil // a bad name, which the cluster's own check says
	}

	checks := []func(context.Context) []Finding{e.port, e.inotify}
	if own != nil && finding.Level == Fail && own.CanRun() == nil {
		finding.Level = Warn // there is another way
		checks = append(checks, func(context.Context) []Finding { return ok("embedded", content.Say("doctor.embedded.ok")) })
	}
	embeds := own != nil && own.Exists()
	if embeds {
		checks = append(checks, func(ctx context.Context) []Finding { return e.embedded(ctx, own) })
	}
	if o.BundleDir != "" {
		checks = append(checks, func(ctx context.Context) []Finding { return e.bundle(ctx, eng, info) })
	}
	if info != nil {
		checks = append(checks,
			func(context.Context) []Finding { return e.memory(info) },
			func(context.Context) []Finding { return e.disk(eng, info) },
			func(context.Context) []Finding { return e.cgroup(info) },
			func(ctx context.Context) []Finding { return e.image(ctx, eng, info) },
		)
		if !embeds {
			checks = append(checks, func(ctx context.Context) []Finding { return e.cluster(ctx, eng) })
		}
	}
	results := make([][]Finding, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { results[i] = check(ctx) })
	}
	group.Wait()

	byID := map[string][]Finding{}
	for _, r := range results {
		for _, f := range r {
			byID[f.ID] = append(byID[f.ID], f)
		}
	}
	findings := []Finding{finding}
	for _, id := range []string{"embedded", "memory", "disk", "cgroup", "inotify", "bundle", "image", "port", "cluster"} {
		findings = append(findings, byID[id]...)
	}
	return findings
}

// examination is one Run.
type examination struct{ Options }

func ok(id string, message content.Message) []Finding {
	return []Finding{{ID: id, Level: OK, Message: message}}
}

// trouble makes a finding whose remedy has the message's key with ".remedy".
func trouble(id string, level Level, message content.Message, output string) []Finding {
	remedy := message
	remedy.Key += ".remedy"
	return []Finding{{ID: id, Level: level, Message: message, Remedy: remedy, Output: output}}
}

// failure makes a finding of an error, with the error's own texts.
func failure(id string, err error) Finding {
	f := Finding{ID: id, Level: Fail, Message: content.Message{Key: err.Error()}}
	var failed *cluster.Error
	if errors.As(err, &failed) {
		f.Message, f.Remedy, f.Output = failed.Problem, failed.Problem, failed.Output
		f.Message.Key, f.Remedy.Key = "error."+failed.Problem.Key, "remedy."+failed.Problem.Key
	}
	return f
}

// engine says whether there is an engine that answers; info is nil if not.
func (e *examination) engine(ctx context.Context) (*engine.Engine, *engine.Info, Finding) {
	ctx, cancel := context.WithTimeoutCause(ctx, engineTimeout,
		fmt.Errorf("no answer within %v", engineTimeout))
	defer cancel()
	eng, err := engine.Detect(ctx, e.Runner, e.Getenv)
	if err != nil {
		return nil, nil, failure("engine", err)
	}
	info, err := eng.Info(ctx)
	if err != nil {
		if ctx.Err() != nil {
			err = cluster.Fail("engine-down", err, "", "engine", eng.Binary, "reason", err.Error())
		}
		return eng, nil, failure("engine", err)
	}
	return eng, &info, ok("engine", content.Say("doctor.engine.ok", "engine", eng.Binary, "version", info.Version))[0]
}

func (e *examination) memory(info *engine.Info) []Finding {
	if info.Memory == 0 {
		return nil
	}
	var level Level
	switch {
	case info.Memory < memoryMin:
		level = Fail
	case info.Memory < memoryGood:
		level = Warn
	default:
		return ok("memory", content.Say("doctor.memory.ok", "have", size(info.Memory)))
	}
	return trouble("memory", level, content.Say("doctor.memory.short", "have", size(info.Memory), "want", size(memoryGood)), "")
}

// disk looks at the engine's data root where that is a directory of this machine.
func (e *examination) disk(eng *engine.Engine, info *engine.Info) []Finding {
	if info.DataRoot == "" || !eng.Local(e.Getenv) {
		return nil
	}
	path := filepath.Join(e.Root, info.DataRoot)
	free, err := freeBytes(path)
	if err != nil {
		return nil // its parent may be closed to this user: nothing is known
	}
	var level Level
	switch {
	case free < diskMin:
		level = Fail
	case free < diskGood:
		level = Warn
	default:
		return ok("disk", content.Say("doctor.disk.ok", "have", size(free), "path", info.DataRoot))
	}
	return trouble("disk", level, content.Say("doctor.disk.short", "have", size(free), "want", size(diskGood), "path", info.DataRoot), "")
}

func (e *examination) cgroup(info *engine.Info) []Finding {
	switch {
	case info.CgroupV1 && info.Rootless:
		return trouble("cgroup", Fail, content.Say("doctor.cgroup.rootless"), "")
	case info.CgroupV1:
		return trouble("cgroup", Warn, content.Say("doctor.cgroup.v1"), "")
	default:
		return ok("cgroup", content.Say("doctor.cgroup.ok"))
	}
}

// inotify reads the kernel's limits, which all containers share. The figures
// are those below which one node has been seen to fail; kind recommends 512
// instances and 524288 watches for several.
func (e *examination) inotify(context.Context) []Finding {
	instances, err1 := e.limit("max_user_instances")
	watches, err2 := e.limit("max_user_watches")
	if err1 != nil || err2 != nil {
		return nil // not Linux: the limits are those of a virtual machine
	}
	args := []string{"instances", strconv.Itoa(instances), "watches", strconv.Itoa(watches)}
	if instances < 128 || watches < 65536 {
		return trouble("inotify", Warn, content.Say("doctor.inotify.low", args...), "")
	}
	return ok("inotify", content.Say("doctor.inotify.ok", args...))
}

func (e *examination) limit(name string) (int, error) {
	data, err := os.ReadFile(filepath.Join(e.Root, "proc/sys/fs/inotify", name))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

// bundle reads all of the bundle that podlab up will read.
func (e *examination) bundle(ctx context.Context, eng *engine.Engine, info *engine.Info) []Finding {
	b, err := bundle.Open(e.BundleDir)
	if err != nil {
		return []Finding{failure("bundle", err)}
	}
	images, err := forEngine(b, eng, info)
	if err == nil {
		err = images.Verify(ctx, nil)
	}
	if err != nil {
		return []Finding{failure("bundle", err)}
	}
	return ok("bundle", content.Say("doctor.bundle.ok", "dir", b.Dir, "kubernetes", b.Kubernetes, "arch", images.Arch))
}

// forEngine returns what a bundle holds for the engine, which may not answer.
func forEngine(b *bundle.Bundle, eng *engine.Engine, info *engine.Info) (*bundle.Platform, error) {
	if eng == nil || info == nil {
		return b.For("", "")
	}
	return b.For(eng.Binary, info.Arch)
}

// image says where the node image will come from.
func (e *examination) image(ctx context.Context, eng *engine.Engine, info *engine.Info) []Finding {
	image, bundled := defaults.Image, false
	if e.BundleDir != "" {
		b, err := bundle.Open(e.BundleDir)
		if err != nil {
			return nil // the finding about the bundle says it
		}
		images, err := forEngine(b, eng, info)
		if err != nil {
			return nil // it says this, too
		}
		image, bundled = images.Node.Reference, true
	}
	if e.Image != "" {
		bundled = bundled && image == e.Image
		image = e.Image
	}
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	has, err := eng.HasImage(ctx, image)
	switch {
	case err != nil:
		return []Finding{failure("image", err)}
	case has:
		return ok("image", content.Say("doctor.image.ok", "image", image))
	case bundled:
		return ok("image", content.Say("doctor.image.bundled", "image", image))
	default:
		return trouble("image", Warn, content.Say("doctor.image.pull", "image", image), "")
	}
}

// port sees that the loopback address has a free port, which is all that kind
// needs: it takes any.
func (e *examination) port(context.Context) []Finding {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return trouble("port", Fail, content.Say("doctor.port.none", "reason", err.Error()), "")
	}
	_ = l.Close()
	return ok("port", content.Say("doctor.port.ok"))
}

// cluster looks for a cluster that is not what it should be.
func (e *examination) cluster(ctx context.Context, eng *engine.Engine) []Finding {
	p, err := kind.New(kind.Options{Name: e.Name, StateDir: e.StateDir, Getenv: e.Getenv, Runner: e.Runner})
	if err != nil {
		return []Finding{failure("cluster", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	status, err := p.Status(ctx)
	if err != nil {
		return []Finding{failure("cluster", err)}
	}
	switch status.State {
	case cluster.Ready:
		return ok("cluster", content.Say("doctor.cluster.ready", "name", e.Name, "version", status.KubernetesVersion))
	case cluster.Broken:
		return trouble("cluster", Warn, content.Say("doctor.cluster.broken", "name", e.Name, "detail", status.Detail), "")
	case cluster.Stopped:
		found := trouble("cluster", Warn, content.Say("doctor.cluster.stopped", "name", e.Name, "detail", status.Detail), "")
		return append(found, e.takenPort(ctx, eng)...)
	}
	if _, err := os.Stat(p.KubeconfigPath()); err == nil {
		return trouble("cluster", Warn, content.Say("doctor.cluster.orphan", "name", e.Name, "path", p.KubeconfigPath()), "")
	}
	return ok("cluster", content.Say("doctor.cluster.absent", "name", e.Name))
}

// embedded looks at an embedded cluster.
func (e *examination) embedded(ctx context.Context, p *embedded.Provider) []Finding {
	status, err := p.Status(ctx)
	switch {
	case err != nil:
		return []Finding{failure("cluster", err)}
	case status.State == cluster.Ready:
		return ok("cluster", content.Say("doctor.cluster.ready", "name", e.Name, "version", status.KubernetesVersion))
	case status.State == cluster.Stopped:
		return trouble("cluster", Warn, content.Say("doctor.cluster.stopped", "name", e.Name, "detail", status.Detail), "")
	}
	return trouble("cluster", Warn, content.Say("doctor.cluster.broken", "name", e.Name, "detail", status.Detail), "")
}

// takenPort says whether another program listens where a stopped cluster's
// API server will want to. A node container keeps its port for life.
func (e *examination) takenPort(ctx context.Context, eng *engine.Engine) []Finding {
	if !eng.Local(e.Getenv) && runtime.GOOS == "linux" {
		return nil // the port is one of another machine
	}
	found, err := eng.Nodes(ctx, e.Name)
	if err != nil {
		return nil
	}
	for _, n := range found {
		if n.APIAddress == "" || n.Running() {
			continue
		}
		l, err := net.Listen("tcp", n.APIAddress)
		if errors.Is(err, syscall.EADDRINUSE) {
			return trouble("port", Warn, content.Say("doctor.port.taken", "name", e.Name, "address", n.APIAddress), "")
		}
		if err == nil {
			_ = l.Close()
		}
	}
	return nil
}

// size writes bytes as GiB with one digit.
func size(n int64) string { return fmt.Sprintf("%.1f GiB", float64(n)/gib) }
