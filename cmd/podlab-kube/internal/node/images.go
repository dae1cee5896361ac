package node

import (
	"fmt"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
)

// images are those that can be pulled.
type images struct {
	known map[string]bool // by full reference; nil means all
}

func newImages(refs []string) (images, error) {
	if len(refs) == 0 {
		return images{}, nil
	}
	known := map[string]bool{}
	for _, ref := range refs {
		full, err := fullReference(ref)
		if err != nil {
			return images{}, err
		}
		known[full] = true
	}
	return images{known}, nil
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
func (i images) missing(c *corev1.Container, before string) *trouble {
	full, err := fullReference(c.Image)
	if err != nil {
		said := fmt.Sprintf("Failed to apply default image tag %q: %v", c.Image, err)
		return &trouble{reason: "InvalidImageName", message: said, event: "InspectFailed", said: said}
	}
	if i.known == nil || i.known[full] {
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
