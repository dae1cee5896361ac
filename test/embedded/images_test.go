package embedded_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster/embedded"
	"podlab/cmd/cli"
	"podlab/content"
)

// A cluster that runs can pull the images of labs that come later: from the next
// up, or when one of them is started. It does not forget them.
func TestImagesOfNewLabs(t *testing.T) {
	p := newCluster(t)
	client := clientOf(t, p)
	state := filepath.Dir(filepath.Dir(filepath.Dir(p.KubeconfigPath())))
	for _, name := range []string{"upgraded", "added"} {
		create(t, client, pod(name, func(s *corev1.PodSpec) { s.Containers[0].Image = "example.org/" + name + ":1" }))
		awaitBackOff(t, client, name)
	}
	upgraded, err := embedded.New(embedded.Options{Name: "test", StateDir: state, Images: func() ([]string, error) {
		return []string{"example.org/upgraded:1"}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	before := pidOf(t, p)
	up(t, upgraded)
	awaitReady(t, client, "upgraded")
	if err := p.AddImages(t.Context(), []string{"example.org/added:1"}); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, client, "added")
	if err := want("the process", pidOf(t, p), before); err != nil {
		t.Error(err)
	}

	// The way of an author: docs/labs.md.
	labs := newLab(t)
	for _, args := range [][]string{{"start", "mc1"}, {"solution", "mc1", "--apply"}} {
		podlab(t, state, append([]string{"--name", "test", "--labs", labs}, args...)...)
	}
	eventually(t, "the author's lab", func() error {
		p, err := client.CoreV1().Pods("podlab-mc1").Get(t.Context(), "mc1", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := want("its image", p.Spec.Containers[0].Image, newImage); err != nil {
			return err
		}
		return isReady(p)
	})

	kill(t, p)
	up(t, p)
	create(t, clientOf(t, p), pod("again", func(s *corev1.PodSpec) { s.Containers[0].Image = newImage }))
	awaitReady(t, clientOf(t, p), "again")
}

// A cluster that is not there needs no images.
func TestNoClusterNeedsImages(t *testing.T) {
	state := t.TempDir()
	p, err := embedded.New(embedded.Options{StateDir: state, Images: images})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.AddImages(t.Context(), []string{"example.org/added:1"}); err != nil {
		t.Error(err)
	}
	if files, err := os.ReadDir(state); err != nil || len(files) > 0 {
		t.Errorf("there are %v, %v", files, err)
	}
}

func awaitBackOff(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	eventually(t, "Pod "+name, func() error {
		p, err := get(t, client, name)
		if err != nil {
			return err
		}
		if len(p.Status.ContainerStatuses) == 0 || p.Status.ContainerStatuses[0].State.Waiting == nil {
			return errors.New("it does not wait")
		}
		return want("the reason", p.Status.ContainerStatuses[0].State.Waiting.Reason, "ImagePullBackOff")
	})
}

// newImage is one that no built-in lab uses.
const newImage = "nginx:9.9-alpine"

// newLab makes a directory of labs with mc1, in which newImage is asked for.
func newLab(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := fs.WalkDir(content.Labs(), "mc1", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(content.Labs(), path)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, bytes.ReplaceAll(text, []byte("nginx:1.29-alpine"), []byte(newImage)), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// podlab runs a command, which must end well.
func podlab(t *testing.T, state string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	app := &cli.App{Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Getenv: func(name string) string {
		return map[string]string{"PODLAB_STATE": state, "PODLAB_LANG": "en"}[name]
	}}
	if code := app.Run(t.Context(), args); code != 0 {
		t.Fatal(fmt.Sprint("podlab ", strings.Join(args, " "), ": ", code, "\n", said.String()))
	}
}
