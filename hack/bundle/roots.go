package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// root is a root file system made by hack/bundle/debian.
type root struct {
	name     string
	base     string // "" for one that debootstrap makes
	packages []string
}

// rootList is all root file systems of a bundle, each after its base.
func rootList() []root {
	return []root{
		{name: "debian"},
		// As kind's base image, without what only rootless engines and
		// network storage need.
		{name: "node", base: "debian", packages: []string{
			"systemd", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount", "kmod",
			"libseccomp2", "pigz", "e2fsprogs", "bash", "ca-certificates", "curl", "jq", "procps", "runc",
		}},
		{name: "labs", base: "debian", packages: []string{
			"busybox", "ca-certificates", "curl", "nginx", "apache2-bin", "media-types", "redis-server", "redis-tools", "haproxy",
		}},
	}
}

// root is where a root file system is after it was made.
func (b *build) root(name string) string { return filepath.Join(b.work, "roots", name) }

// roots makes those root file systems that are not there yet as they are
// described. A stamp beside each holds the sum of what it was made from; what
// a mirror has changed since is taken in when the work directory is removed.
func (b *build) roots() error {
	if err := os.MkdirAll(filepath.Join(b.work, "roots"), 0o755); err != nil {
		return err
	}
	script, err := os.ReadFile("hack/bundle/debian")
	if err != nil {
		return err
	}
	inputs := string(script) + os.Getenv("DEBIAN_SUITE") + os.Getenv("DEBIAN_MIRROR") + os.Getenv("DEBIAN_SECURITY")
	stamps := map[string]string{}
	for _, r := range rootList() {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(inputs+stamps[r.base]+strings.Join(r.packages, " "))))
		stamps[r.name] = sum
		stamp := b.root(r.name) + ".sum"
		was, err := os.ReadFile(stamp)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if string(was) == sum {
			b.say("  " + r.name + " is there")
			continue
		}
		b.say("  " + r.name)
		if err := b.debian(r); err != nil {
			return err
		}
		if err := os.WriteFile(stamp, []byte(sum), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// debian makes one root file system; what apt says goes to a log beside it.
func (b *build) debian(r root) (err error) {
	args := []string{"base", b.root(r.name)}
	if r.base != "" {
		args = append([]string{"add", b.root(r.name), b.root(r.base)}, r.packages...)
	}
	log, err := os.Create(b.root(r.name) + ".log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd := exec.CommandContext(b.ctx, "hack/bundle/debian", args...)
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own, so that an interrupt ends apt as well.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: a Debian mirror must be reached (DEBIAN_MIRROR, DEBIAN_SECURITY); the log is %s\n%s",
			cmd, err, log.Name(), tail(log.Name()))
	}
	return nil
}

// tail is the last lines of a log.
func tail(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
