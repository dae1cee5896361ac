package node

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
)

// Images are those that can be pulled. Nil means all.
type Images struct {
	file string

	mu    sync.Mutex
	read  fs.FileInfo     // of the file when it was read
	known map[string]bool // by full reference; nil means all
}

// OpenImages reads references from file, one a line; none means all images. The
// file is read again whenever it was replaced.
func OpenImages(file string) (*Images, error) {
	i := &Images{file: file}
	return i, i.refresh()
}

// refresh reads the file if it is another than the one that was read. With an
// error, what was known stays.
func (i *Images) refresh() error {
	info, err := os.Stat(i.file)
	if err != nil {
		return fmt.Errorf("read the list of images: %w", err)
	}
	if i.read != nil && os.SameFile(info, i.read) && info.ModTime().Equal(i.read.ModTime()) && info.Size() == i.read.Size() {
		return nil
	}
	text, err := os.ReadFile(i.file)
	if err != nil {
		return fmt.Errorf("read the list of images: %w", err)
	}
	i.read = info
	var known map[string]bool
	for line := range strings.Lines(string(text)) {
		ref := strings.TrimSpace(line)
		if ref == "" {
			continue
		}
		if known == nil {
			known = map[string]bool{}
		}
		if full, err := fullReference(ref); err == nil { // nothing else can be pulled
			known[full] = true
		}
	}
	i.known = known
	return nil
}

// has reports whether the image of that full reference can be pulled now.
func (i *Images) has(full string) bool {
	if i == nil {
		return true
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.refresh(); err != nil {
		klog.ErrorS(err, "The list of images stays as it was")
	}
	return i.known == nil || i.known[full]
}

// fullReference is what containerd calls an image: busybox:1.37 is
// docker.io/library/busybox:1.37.
func fullReference(image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("couldn't parse image name %q: %w", image, err)
	}
	return reference.TagNameOnly(named).String(), nil
}

// trouble is what keeps a container from being started: the reason and message
// of its waiting state, and the event that the kubelet sends.
type trouble struct {
	reason, message string
	event           string // its reason; empty for none
	said            string // the event's message
}

// hint ends what kubelet would say about an image that is not one of the labs':
// elsewhere it may well exist.
const hint = " (the embedded cluster knows the images of the labs and no others)"

// missing says what is wrong with the image of a container, nil if nothing is.
// The words are the kubelet's (pkg/kubelet/images/image_manager.go) and
// containerd's. before is the reason for which the container has waited so far.
func (i *Images) missing(c *corev1.Container, before string) *trouble {
	full, err := fullReference(c.Image)
	if err != nil {
		said := fmt.Sprintf("Failed to apply default image tag %q: %v", c.Image, err)
		return &trouble{reason: "InvalidImageName", message: said, event: "InspectFailed", said: said}
	}
	if i.has(full) {
		return nil
	}
	if c.ImagePullPolicy == corev1.PullNever {
		said := fmt.Sprintf("Container image %q is not present with pull policy of Never", c.Image)
		return &trouble{reason: "ErrImageNeverPull", message: said, event: "ErrImageNeverPull", said: said}
	}
	cause := fmt.Sprintf("rpc error: code = NotFound desc = failed to pull and unpack image %q: failed to resolve reference %q: %s: not found%s",
		full, full, full, hint)
	if before == "ErrImagePull" || before == "ImagePullBackOff" {
		backOff := fmt.Sprintf("Back-off pulling image %q", c.Image)
		return &trouble{reason: "ImagePullBackOff", message: backOff + ": ErrImagePull: " + cause, event: "BackOff", said: backOff}
	}
	return &trouble{reason: "ErrImagePull", message: cause, event: "Failed", said: fmt.Sprintf("Failed to pull image %q: %s", c.Image, cause)}
}
