package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster/bundle/pack"
	"podlab/hack/bundle/layer"
)

// sandboxImage finds the pause image in a configuration of containerd.
const sandboxImage = `sandbox_image\s*=\s*"([^"]+)"`

// systemImages makes the images that a node runs before any lab: what kubeadm
// asks for, and kind's storage.
func (b *build) systemImages(kindSource string) ([]pack.Image, error) {
	wanted, err := b.kubeadmImages()
	if err != nil {
		return nil, err
	}
	pause, err := imageIn(filepath.Join(kindSource, "images/base/files/etc/containerd/config.toml"), sandboxImage)
	if err != nil {
		return nil, err
	}
	wanted["pause"] = pause
	const storage = "pkg/build/nodeimage/const_storage.go"
	for name, constant := range map[string]string{"local-path-provisioner": "storageProvisionerImage", "local-path-helper": "storageHelperImage"} {
		if wanted[name], err = imageIn(filepath.Join(kindSource, storage), constant+`\s*=\s*"([^"]+)"`); err != nil {
			return nil, err
		}
	}

	below, err := b.below()
	if err != nil {
		return nil, err
	}
	one := func(name, at string, links ...string) (*layer.Layer, error) {
		l := layer.New()
		l.Dir("tmp", 0o1777)
		l.Dirs("etc", "usr", "usr/local", "usr/local/bin")
		users{}.write(l)
		l.Copy(at, b.bin(name), 0o755)
		for _, link := range links {
			l.Symlink(filepath.Join(filepath.Dir(at), link), filepath.Base(at))
		}
		return b.save(name, l)
	}
	control := []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}
	kubernetes, err := one("kubernetes", "usr/local/bin/kubernetes", control...)
	if err != nil {
		return nil, err
	}
	tables, err := b.tables(below.small)
	if err != nil {
		return nil, err
	}
	var images []pack.Image
	add := func(name string, config v1.Config, layers ...v1.Layer) error {
		image, err := b.image(wanted[name], config, layers...)
		images = append(images, image)
		return err
	}
	problems := []error{
		add("kube-apiserver", v1.Config{}, kubernetes),
		add("kube-controller-manager", v1.Config{}, kubernetes),
		add("kube-scheduler", v1.Config{}, kubernetes),
		add("kube-proxy", v1.Config{}, kubernetes, below.smallTar, tables),
		add("local-path-helper", v1.Config{Cmd: []string{"sh"}}, below.smallTar),
	}
	for _, p := range []struct {
		name, at string
		config   v1.Config
	}{
		{"etcd", "usr/local/bin/etcd", v1.Config{Entrypoint: []string{"etcd"}}},
		{"coredns", "coredns", v1.Config{Entrypoint: []string{"/coredns"}}},
		{"pause", "pause", v1.Config{Entrypoint: []string{"/pause"}, User: "65535:65535"}},
		{"local-path-provisioner", "usr/local/bin/local-path-provisioner", v1.Config{Entrypoint: []string{"/usr/local/bin/local-path-provisioner"}}},
	} {
		l, err := one(p.name, p.at)
		problems = append(problems, err)
		if err == nil {
			problems = append(problems, add(p.name, p.config, l))
		}
	}
	return images, errors.Join(problems...)
}

// kubeadmImages asks the kubeadm that was built which images it wants, by
// their names: etcd, coredns, kube-apiserver and so on.
func (b *build) kubeadmImages() (map[string]string, error) {
	cmd := exec.CommandContext(b.ctx, b.bin("kubernetes"), "config", "images", "list", "--kubernetes-version", kubernetesVersion)
	cmd.Args[0] = "kubeadm"
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("asking kubeadm for its images: %w", err)
	}
	wanted := map[string]string{}
	for _, reference := range strings.Fields(string(out)) {
		name, _, _ := strings.Cut(reference[strings.LastIndex(reference, "/")+1:], ":")
		wanted[name] = reference
	}
	for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "etcd"} {
		if wanted[name] == "" {
			return nil, fmt.Errorf("kubeadm %s names no image %s: %s", kubernetesVersion, name, out)
		}
	}
	return wanted, nil
}

// imageIn finds a reference in a file of kind.
func imageIn(file, pattern string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s has nothing like %s: this version of kind is laid out differently", file, pattern)
	}
	return string(found[1]), nil
}

// tables is what kube-proxy calls: iptables in both modes, and nft, above a
// layer with a shell.
func (b *build) tables(small *layer.Builder) (*layer.Layer, error) {
	root := b.root("node")
	l := layer.New(small)
	if err := l.StageAll(root, "/usr/sbin/xtables-nft-multi", "/usr/sbin/xtables-legacy-multi", "/usr/sbin/nft", "/usr/sbin/conntrack"); err != nil {
		return nil, err
	}
	// Matches and targets are libraries that are loaded when a rule names them.
	extensions, err := filepath.Glob(filepath.Join(root, "usr/lib/*/xtables"))
	if err != nil {
		return nil, err
	}
	for _, dir := range extensions {
		below, err := filepath.Rel(root, dir)
		if err != nil {
			return nil, err
		}
		if err := l.Tree(below, dir, nil); err != nil {
			return nil, err
		}
		l.Dirs(below)
		libraries, err := filepath.Glob(filepath.Join(dir, "*.so"))
		if err != nil {
			return nil, err
		}
		for _, library := range libraries {
			if err := l.Libraries(root, filepath.Join(below, filepath.Base(library))); err != nil {
				return nil, err
			}
		}
	}
	l.Dirs("run")
	if err := place(l, "usr/sbin/iptables-by-node", 0o755, "proxy/iptables"); err != nil {
		return nil, err
	}
	for _, name := range []string{"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"} {
		l.Symlink("usr/sbin/"+name, "iptables-by-node")
	}
	return b.save("tables", l)
}

// containerdStart is how long the containerd of this build may take to answer.
const containerdStart = 20 * time.Second

// store puts images into the content store of a node that has never run, as
// kind does it, with the containerd that was built: without unpacking. It
// returns the directory that becomes the node's /var/lib/containerd.
func (b *build) store(images []pack.Image) (_ string, err error) {
	archive := filepath.Join(b.work, "system.tar.zst")
	if _, err := pack.File(b.ctx, archive, pack.ForNode, images, nil); err != nil {
		return "", err
	}
	dir := filepath.Join(b.work, "containerd")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	// The path of a socket has to be short.
	state, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	socket := filepath.Join(state, "sock")
	config := fmt.Sprintf(`version = 3
root = %q
state = %q
disabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
  "io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.runtime.v2.task"]
[grpc]
  address = %q
[ttrpc]
  address = %q
`, dir, filepath.Join(state, "run"), socket, socket+".ttrpc")
	if err := os.WriteFile(filepath.Join(state, "config.toml"), []byte(config), 0o600); err != nil {
		return "", err
	}

	log, err := os.Create(filepath.Join(b.work, "containerd.log"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	ctx, stop := context.WithCancel(b.ctx)
	daemon := exec.CommandContext(ctx, b.bin("containerd"), "--config", filepath.Join(state, "config.toml"))
	daemon.Stdout, daemon.Stderr = log, log
	daemon.Cancel = func() error { return daemon.Process.Signal(os.Interrupt) }
	daemon.WaitDelay = containerdStart
	if err := daemon.Start(); err != nil {
		stop()
		return "", err
	}
	defer func() {
		stop()
		_ = daemon.Wait() // it was told to end
	}()
	ctr := func(args ...string) ([]byte, error) {
		return exec.CommandContext(ctx, b.bin("ctr"), append([]string{"--address", socket, "--namespace=k8s.io"}, args...)...).CombinedOutput()
	}
	for deadline := time.Now().Add(containerdStart); ; time.Sleep(200 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			if _, err := ctr("version"); err == nil {
				break
			}
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return "", fmt.Errorf("the containerd that was built does not answer: see %s\n%s", log.Name(), tail(log.Name()))
		}
	}
	out, err := ctr("images", "import", "--label=io.cri-containerd.pinned=pinned", "--all-platforms", "--no-unpack", "--digests", archive)
	if err != nil {
		return "", fmt.Errorf("putting %s into containerd: %w: %s", archive, err, out)
	}
	listed, err := ctr("images", "ls", "-q")
	if err != nil {
		return "", fmt.Errorf("asking containerd for its images: %w: %s", err, listed)
	}
	for _, image := range images {
		if !strings.Contains(string(listed), image.Reference) {
			return "", fmt.Errorf("containerd has not taken %s: it has %s", image.Reference, listed)
		}
	}
	return dir, nil
}
