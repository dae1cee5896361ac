package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kubernetesVersion is that of k8s.io/kubernetes in programs/go.mod, which
// TestVersions compares.
const kubernetesVersion = "v1.37.0"

// program is one to build: its package, in one of the modules here.
type program struct {
	name, module, pkg string
	tags, ldflags     string
}

// strip leaves out what only debuggers read.
const strip = "-s -w"

// programList is all programs of a bundle that come from Go modules.
func programList() []program {
	stamp := func(name, value string) string { return " -X k8s.io/component-base/version." + name + "=" + value }
	return []program{
		{name: "kubernetes", module: "programs", pkg: "./kubernetes", ldflags: strip +
			stamp("gitVersion", kubernetesVersion) + stamp("gitMajor", "1") +
			stamp("gitMinor", strings.Split(kubernetesVersion, ".")[1]) + stamp("gitTreeState", "clean")},
		{name: "etcd", module: "programs", pkg: "go.etcd.io/etcd/server/v3"},
		{name: "coredns", module: "programs", pkg: "./coredns"},
		{name: "pause", module: "programs", pkg: "./pause"},
		{name: "local-path-provisioner", module: "programs", pkg: "github.com/rancher/local-path-provisioner"},
		{name: "crictl", module: "programs", pkg: "sigs.k8s.io/cri-tools/cmd/crictl"},
		{name: "nginx-prometheus-exporter", module: "programs", pkg: "github.com/nginx/nginx-prometheus-exporter",
			ldflags: strip + " -X github.com/prometheus/common/version.Version=1.4.1"},
		{name: "host-local", module: "programs", pkg: "github.com/containernetworking/plugins/plugins/ipam/host-local"},
		{name: "bridge", module: "programs", pkg: "github.com/containernetworking/plugins/plugins/main/bridge"},
		{name: "loopback", module: "programs", pkg: "github.com/containernetworking/plugins/plugins/main/loopback"},
		{name: "ptp", module: "programs", pkg: "github.com/containernetworking/plugins/plugins/main/ptp"},
		{name: "portmap", module: "programs", pkg: "github.com/containernetworking/plugins/plugins/meta/portmap"},
		// Without the snapshotters that need a C library, as in kind.
		{name: "containerd", module: "containerd", pkg: "github.com/containerd/containerd/v2/cmd/containerd",
			tags: "no_aufs,no_zfs,no_btrfs,no_devmapper"},
		{name: "containerd-shim-runc-v2", module: "containerd", pkg: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"},
		{name: "ctr", module: "containerd", pkg: "github.com/containerd/containerd/v2/cmd/ctr"},
	}
}

// bin is where a program is after it was built.
func (b *build) bin(name string) string { return filepath.Join(b.work, "bin", name) }

// programs builds all programs, one at a time. Go's own cache makes this quick
// where nothing has changed.
func (b *build) programs() error {
	for _, p := range programList() {
		b.say("  " + p.name)
		ldflags := p.ldflags
		if ldflags == "" {
			ldflags = strip
		}
		args := []string{"build", "-p", "2", "-trimpath", "-buildvcs=false", "-ldflags", ldflags, "-o", b.bin(p.name)}
		if p.tags != "" {
			args = append(args, "-tags", p.tags)
		}
		cmd := exec.CommandContext(b.ctx, "go", append(args, p.pkg)...)
		cmd.Dir = filepath.Join("hack/bundle", p.module)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -mod=readonly", "GOWORK=off")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building %s in %s: %w: see above; a Go module proxy must be reached (go env GOPROXY)", p.pkg, cmd.Dir, err)
		}
	}
	return nil
}

// kindSource is the module of kind in Go's cache, in the version that podlab
// is built with.
func (b *build) kindSource() (string, error) {
	cmd := exec.CommandContext(b.ctx, "go", "mod", "download", "sigs.k8s.io/kind")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("downloading kind's module: %w: %s", err, out)
	}
	out, err := exec.CommandContext(b.ctx, "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kind").Output()
	if err != nil {
		return "", fmt.Errorf("looking for kind's module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func inPath(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}
