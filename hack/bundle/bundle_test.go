package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"podlab/labs"
)

// Nothing that a lab uses may be forgotten, and nothing else be built.
func TestLabListIsWhatLabsUse(t *testing.T) {
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, lab := range catalog.Labs() {
		want = append(want, lab.Images...)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	for _, image := range labList() {
		got = append(got, image.reference)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("labs use    %v\nlabList has  %v", want, got)
	}
}

// Kubernetes' version is written here, in go.mod, and for each staging module.
func TestVersions(t *testing.T) {
	text, err := os.ReadFile("programs/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "k8s.io/kubernetes " + kubernetesVersion + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("programs/go.mod does not require %s", want)
	}
	staging := strings.Replace(kubernetesVersion, "v1", "v0", 1)
	replaced := regexp.MustCompile(`=> k8s\.io/\S+ (\S+)`).FindAllStringSubmatch(string(text), -1)
	if len(replaced) < 30 {
		t.Errorf("programs/go.mod replaces %d of Kubernetes' staging modules", len(replaced))
	}
	for _, one := range replaced {
		if one[1] != staging {
			t.Errorf("programs/go.mod has %q, want %s", one[0], staging)
		}
	}
}

// What is taken out of kind's source by its form has to be there in the
// version that podlab uses.
func TestKindSource(t *testing.T) {
	b := &build{ctx: t.Context()}
	kind, err := b.kindSource()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := defaultStorage(kind)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, document := range strings.Split(manifest, "\n---\n") {
		var object struct{ Kind string }
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		kinds = append(kinds, object.Kind)
	}
	for _, want := range []string{"StorageClass", "Deployment", "ConfigMap"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("the storage manifest has %v, but no %s", kinds, want)
		}
	}
	pause, err := imageIn(kind+"/images/base/files/etc/containerd/config.toml", sandboxImage)
	if err != nil || !strings.HasPrefix(pause, "registry.k8s.io/pause:") {
		t.Errorf("the sandbox image is %q: %v", pause, err)
	}
	// What adapt-to-host.sh changes.
	for name, text := range map[string]string{
		"etc/containerd/config.toml": "restrict_oom_score_adj = false", "etc/default/kubelet": "KUBELET_EXTRA_ARGS=",
	} {
		if content, err := os.ReadFile(kind + "/images/base/files/" + name); err != nil || !strings.Contains(string(content), text) {
			t.Errorf("%s does not say %s: %v", name, text, err)
		}
	}
}

func TestUnwantedUnit(t *testing.T) {
	for name, want := range map[string]bool{
		"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service": true,
		"usr/lib/systemd/system/sysinit.target.wants/systemd-journald.service":       false,
		"usr/lib/systemd/system/multi-user.target.wants/getty.target":                true,
		"usr/lib/systemd/system/sockets.target.wants/systemd-initctl.socket":         true,
		"usr/lib/systemd/system/sockets.target.wants/systemd-journald.socket":        false,
		"etc/systemd/system/timers.target.wants/e2scrub_all.timer":                   true,
		"etc/systemd/system/timers.target.wants":                                     false,
		"usr/lib/systemd/system/systemd-tmpfiles-setup.service":                      false,
		"dev/null": true,
	} {
		if got := unwantedUnit(name); got != want {
			t.Errorf("unwantedUnit(%s) = %v", name, got)
		}
	}
}

func TestEpoch(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Time
		says string
	}{
		{"", time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), ""},
		{"1700000000", time.Date(2023, time.November, 14, 22, 13, 20, 0, time.UTC), ""},
		{"yesterday", time.Time{}, "SOURCE_DATE_EPOCH"},
	} {
		t.Setenv("SOURCE_DATE_EPOCH", c.text)
		got, err := epoch()
		if !got.Equal(c.want) || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}
