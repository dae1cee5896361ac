package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster/bundle/pack"
	"podlab/hack/bundle/layer"
)

// nodeImage makes the image of a node as kind's images/base/Dockerfile and its
// "build node-image" do, from kind's own files.
func (b *build) nodeImage(reference string) (pack.Image, error) {
	kindSource, err := b.kindSource()
	if err != nil {
		return pack.Image{}, err
	}
	system, err := b.systemImages(kindSource)
	if err != nil {
		return pack.Image{}, err
	}
	content, err := b.store(system)
	if err != nil {
		return pack.Image{}, err
	}
	base, err := b.nodeBase(kindSource)
	if err != nil {
		return pack.Image{}, err
	}
	programs, err := b.nodePrograms()
	if err != nil {
		return pack.Image{}, err
	}
	images, err := b.contentLayers(content, system)
	if err != nil {
		return pack.Image{}, err
	}
	b.say("  " + reference)
	return b.image(reference, v1.Config{
		Env:        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=docker"},
		Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
		StopSignal: "SIGRTMIN+3",
	}, append(append([]v1.Layer{base}, programs...), images...)...)
}

// nodeBase is Debian with systemd and kind's own files.
func (b *build) nodeBase(kindSource string) (*layer.Layer, error) {
	l := layer.New()
	if err := l.Tree("/", b.root("node"), unwantedUnit); err != nil {
		return nil, err
	}
	if err := kindFiles(l, filepath.Join(kindSource, "images/base/files")); err != nil {
		return nil, err
	}
	l.Symlink("usr/sbin/init", "/usr/lib/systemd/systemd")
	journald := filepath.Join(b.root("node"), "etc/systemd/journald.conf")
	text, err := os.ReadFile(journald)
	if err != nil {
		return nil, err
	}
	// The kernel's messages are not this machine's.
	l.Text("etc/systemd/journald.conf", 0o644, strings.TrimRight(string(text), "\n")+"\nReadKMsg=no\n")
	for _, unit := range []string{"kubelet.service", "containerd.service", "undo-mount-hacks.service", "adapt-to-host.service"} {
		l.Symlink("etc/systemd/system/multi-user.target.wants/"+unit, "/etc/systemd/system/"+unit)
	}
	// It would register interpreters in the kernel that the host has.
	l.Symlink("etc/systemd/system/systemd-binfmt.service", "/dev/null")

	l.Dirs("etc/kubernetes", "etc/kubernetes/manifests", "etc/cni", "etc/cni/net.d", "kind/manifests")
	l.Text("kind/version", 0o644, kubernetesVersion)
	spec, err := b.runtimeSpec()
	if err != nil {
		return nil, err
	}
	l.Text("etc/containerd/cri-base.json", 0o644, string(spec))
	if err := placeAll(l, 0o644, "etc/cni/net.d/10-kindnet.conflist", "node/10-kindnet.conflist",
		"kind/manifests/default-cni.yaml", "node/default-cni.yaml",
		"etc/systemd/system/adapt-to-host.service", "node/adapt-to-host.service"); err != nil {
		return nil, err
	}
	if err := place(l, "kind/bin/adapt-to-host.sh", 0o755, "node/adapt-to-host.sh"); err != nil {
		return nil, err
	}
	storage, err := defaultStorage(kindSource)
	if err != nil {
		return nil, err
	}
	l.Text("kind/manifests/default-storage.yaml", 0o644, storage)
	return b.save("node", l)
}

// unwantedUnit names what kind's Dockerfile deletes: units that a container
// does not need, or that would touch the host.
func unwantedUnit(name string) bool {
	dir, base := path.Split(name)
	switch path.Clean(dir) {
	case "usr/lib/systemd/system/sysinit.target.wants":
		return base == "systemd-tmpfiles-setup.service"
	case "usr/lib/systemd/system/multi-user.target.wants", "usr/lib/systemd/system/local-fs.target.wants", "usr/lib/systemd/system/basic.target.wants":
		return true
	case "usr/lib/systemd/system/sockets.target.wants":
		return strings.Contains(base, "udev") || strings.Contains(base, "initctl")
	}
	return strings.HasPrefix(name, "etc/systemd/system/") && strings.HasSuffix(path.Dir(name), ".wants") ||
		strings.HasPrefix(name, "dev/") || strings.HasPrefix(name, "proc/") || strings.HasPrefix(name, "sys/")
}

// kindFiles adds the files of kind's base image with the modes that its
// Dockerfile gives them: scripts may be run, everything else is read.
func kindFiles(l *layer.Builder, source string) error {
	return filepath.WalkDir(source, func(from string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(source, from)
		if err != nil || below == "." {
			return err
		}
		name := filepath.ToSlash(below)
		switch {
		case entry.IsDir():
			if name == "kind" || strings.HasPrefix(name, "kind/") || name == "LICENSES" || strings.HasPrefix(name, "etc/containerd") || strings.HasPrefix(name, "etc/systemd/system/") {
				l.Dirs(name)
			}
		case strings.HasPrefix(name, "usr/local/bin/") || strings.HasPrefix(name, "kind/bin/"):
			l.Copy(name, from, 0o755)
		default:
			l.Copy(name, from, 0o644)
		}
		return nil
	})
}

// runtimeSpec is what containers begin with: containerd's own, with the hook
// that gives each its own product files and without limits, as kind has it.
func (b *build) runtimeSpec() ([]byte, error) {
	out, err := exec.CommandContext(b.ctx, b.bin("ctr"), "oci", "spec").Output()
	if err != nil {
		return nil, fmt.Errorf("asking ctr for a runtime specification: %w", err)
	}
	var spec map[string]any
	if err := json.Unmarshal(out, &spec); err != nil {
		return nil, fmt.Errorf("the runtime specification of ctr: %w", err)
	}
	if process, ok := spec["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	spec["hooks"] = map[string]any{"createContainer": []any{map[string]any{"path": "/kind/bin/mount-product-files.sh"}}}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(spec)
	return text.Bytes(), err
}

// defaultStorage is kind's manifest of the default StorageClass, which kind
// has in its source only.
func defaultStorage(kindSource string) (string, error) {
	const name = "pkg/build/nodeimage/const_storage.go"
	text, err := os.ReadFile(filepath.Join(kindSource, name))
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile("(?s)const defaultStorageManifest = `(.*?)\n`\n").FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s has no defaultStorageManifest: this version of kind is laid out differently", name)
	}
	manifest := string(found[1])
	for _, constant := range []string{"storageProvisionerImage", "storageHelperImage"} {
		image, err := imageIn(filepath.Join(kindSource, name), constant+`\s*=\s*"([^"]+)"`)
		if err != nil {
			return "", err
		}
		manifest = strings.ReplaceAll(manifest, "` + "+constant+" + `", image)
	}
	if strings.Contains(manifest, "`") {
		return "", fmt.Errorf("defaultStorageManifest of %s has parts that are not understood: this version of kind is laid out differently", name)
	}
	return manifest + "\n", nil
}

// nodePrograms is what the node runs itself: Kubernetes in a layer of its own,
// the last, see contentLayers.
func (b *build) nodePrograms() ([]v1.Layer, error) {
	l := layer.New()
	for _, name := range []string{"containerd", "containerd-shim-runc-v2", "ctr", "crictl"} {
		l.Copy("usr/local/bin/"+name, b.bin(name), 0o755)
	}
	l.Dirs("opt/cni", "opt/cni/bin")
	for _, name := range []string{"host-local", "bridge", "loopback", "ptp", "portmap"} {
		l.Copy("opt/cni/bin/"+name, b.bin(name), 0o755)
	}
	programs, err := b.save("node-programs", l)
	if err != nil {
		return nil, err
	}
	l = layer.New()
	l.Copy("usr/bin/kubeadm", b.bin("kubernetes"), 0o755)
	l.Symlink("usr/bin/kubelet", "kubeadm")
	l.Symlink("usr/bin/kubectl", "kubeadm")
	kubernetes, err := b.save("node-kubernetes", l)
	return []v1.Layer{programs, kubernetes}, err
}

// contentLayers is the node's /var/lib/containerd as two layers. The first has
// the layer of the control plane's images alone, so that it follows the same
// program in the layer before, where compression still finds it.
func (b *build) contentLayers(content string, system []pack.Image) ([]v1.Layer, error) {
	const root, blobs, database = "var/lib/containerd", "io.containerd.content.v1.content/blobs", "io.containerd.metadata.v1.bolt/meta.db"
	kubernetes, err := firstLayer(system, "kube-apiserver")
	if err != nil {
		return nil, err
	}
	var layers []v1.Layer
	for _, part := range []struct {
		name string
		skip func(name string) bool
	}{
		{"containerd-kubernetes", func(name string) bool {
			return strings.HasPrefix(name, path.Join(root, blobs, "sha256")+"/") && path.Base(name) != kubernetes
		}},
		{"containerd", func(name string) bool { return path.Base(name) == kubernetes }},
	} {
		l := layer.New()
		l.Dir(root, 0o711)
		l.Dir(path.Join(root, path.Dir(blobs)), 0o755)
		if err := l.Tree(path.Join(root, blobs), filepath.Join(content, blobs), part.skip); err != nil {
			return nil, err
		}
		if part.name == "containerd" {
			l.Dir(path.Join(root, path.Dir(database)), 0o700)
			l.Copy(path.Join(root, database), filepath.Join(content, database), 0o644)
		}
		saved, err := b.save(part.name, l)
		if err != nil {
			return nil, err
		}
		layers = append(layers, saved)
	}
	return layers, nil
}

// firstLayer is the digest, without "sha256:", of the first layer of the image
// with that name.
func firstLayer(images []pack.Image, name string) (string, error) {
	for _, image := range images {
		if !strings.Contains(image.Reference, "/"+name+":") {
			continue
		}
		layers, err := image.Image.Layers()
		if err != nil {
			return "", err
		}
		digest, err := layers[0].DiffID()
		return digest.Hex, err
	}
	return "", fmt.Errorf("there is no image %s", name)
}
