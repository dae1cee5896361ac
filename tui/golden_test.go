package tui

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	views "podlab/tui/internal/golden"
)

// updating reports whether golden views are to be written anew: teatest
// defines the flag -update.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// scene leads the TUI to a view worth keeping.
type scene struct {
	name string
	play func(t *testing.T, w *world, width, height int) *driver
}

var scenes = []scene{
	{"language", func(t *testing.T, w *world, width, height int) *driver {
		w.options.LangExplicit = false
		return start(t, w, width, height)
	}},
	{"offer", func(t *testing.T, w *world, width, height int) *driver {
		w.cluster.state = cluster.Absent
		d := start(t, w, width, height)
		d.shows("kubeconfig")
		return d
	}},
	{"offer-embedded", func(t *testing.T, w *world, width, height int) *driver {
		w.cluster.state, w.cluster.simulated = cluster.Absent, true
		d := start(t, w, width, height)
		d.shows("kubeconfig")
		return d
	}},
	{"repair", func(t *testing.T, w *world, width, height int) *driver {
		w.cluster.state = cluster.Broken
		d := start(t, w, width, height)
		d.shows("API")
		return d
	}},
	{"provision", func(t *testing.T, w *world, width, height int) *driver {
		d := provisioning(t, w, width, height)
		d.shows("345 MiB / 790 MiB")
		return d
	}},
	{"cancel", func(t *testing.T, w *world, width, height int) *driver {
		d := provisioning(t, w, width, height)
		d.shows("345 MiB / 790 MiB")
		d.press("esc")
		d.shows(d.say().Welcome.CancelBody)
		return d
	}},
	{"failure", func(t *testing.T, w *world, width, height int) *driver {
		w.cluster.err = noEngine()
		d := start(t, w, width, height)
		d.shows(d.say().Welcome.FailedTitle)
		d.press("o")
		d.shows("Cannot connect")
		return d
	}},
	{"catalog", func(t *testing.T, w *world, width, height int) *driver {
		d := start(t, w, width, height)
		d.shows(d.say().Common.Share(50))
		return d
	}},
	{"search", func(t *testing.T, w *world, width, height int) *driver {
		d := start(t, w, width, height)
		d.shows(d.say().Common.Share(50))
		d.press("/", "p", "r", "o", "x", "y")
		return d
	}},
	{"task", func(t *testing.T, w *world, width, height int) *driver { return inLab(t, w, width, height) }},
	{"checks", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("tab", "down", "down", "enter")
		return d
	}},
	{"trouble", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("tab")
		w.practice.trouble(0, errors.New("dial tcp 127.0.0.1:6443: i/o timeout"))
		d.shows("i/o timeout")
		return d
	}},
	{"hints", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("h", "h")
		return d
	}},
	{"choose-solution", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("a")
		d.shows("projected")
		return d
	}},
	{"solution", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("a")
		d.shows("projected")
		d.press("enter")
		d.shows("apiVersion")
		return d
	}},
	{"edited", func(t *testing.T, w *world, width, height int) *driver {
		w.practice.edited = []string{"nginx.conf", "pod.yaml"}
		d := inLab(t, w, width, height)
		d.press("r")
		d.shows(d.say().Lab.ResetTitle)
		d.press("y")
		d.shows("pod.yaml")
		return d
	}},
	{"help", func(t *testing.T, w *world, width, height int) *driver {
		d := inLab(t, w, width, height)
		d.press("?")
		return d
	}},
	{"error", func(t *testing.T, w *world, width, height int) *driver {
		w.practice.startErr = errors.New("create namespace podlab-mc3: Post \"https://127.0.0.1:6443/api/v1/namespaces\": connection refused")
		d := start(t, w, width, height)
		d.shows(d.say().Common.Share(50))
		d.press("enter")
		d.shows("namespace podlab-mc3")
		return d
	}},
	{"report", func(t *testing.T, w *world, width, height int) *driver {
		w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Errored)
		d := inLab(t, w, width, height)
		d.press("g")
		d.shows(d.say().Report.Partly)
		return d
	}},
}

func noEngine() error {
	return &cluster.Error{
		Problem: content.Say("no-engine"),
		Output:  "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\nIs the docker daemon running?",
		Err:     errors.New("exit status 1"),
	}
}

// provisioning creates a cluster that loads its images for good.
func provisioning(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	w.cluster.state = cluster.Absent
	w.cluster.create = func(ctx context.Context, listen cluster.Listener) error {
		listen(cluster.Progress{Step: cluster.StepCheckBundle, State: cluster.Done, Elapsed: 2 * time.Second})
		listen(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Skipped})
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Running, Elapsed: 7 * time.Second, Detail: "Preparing nodes"})
		listen(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Running, Elapsed: 65 * time.Second, Bytes: 345 << 20, Total: 790 << 20})
		<-ctx.Done()
		return fmt.Errorf("create cluster podlab: %w", ctx.Err())
	}
	d := start(t, w, width, height)
	d.shows("kubeconfig")
	d.press("enter")
	return d
}

// inLab opens mc3 and lets the first report arrive.
func inLab(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	d := start(t, w, width, height)
	d.shows(d.say().Common.Share(50))
	d.press("enter")
	d.shows("12:34")
	d.until("a watch", func() bool { return w.practice.watches() > 0 })
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
	symbols := d.m.ui.Theme.Symbols
	d.shows(symbols.Passed + symbols.Passed + symbols.Failed + symbols.Pending)
	return d
}

func TestGolden(t *testing.T) { goldenScenes(t, scenes) }

// goldenScenes keeps views of every scene: in all languages at 80×24, and in
// English on a large screen and in every look.
func goldenScenes(t *testing.T, scenes []scene) {
	t.Helper()
	type window struct {
		lang          content.Lang
		width, height int
	}
	windows := []window{
		{content.English, 80, 24}, {content.German, 80, 24}, {content.Chinese, 80, 24}, {content.Korean, 80, 24},
		{content.English, 120, 40},
	}
	for _, scene := range scenes {
		for _, win := range windows {
			name := fmt.Sprintf("%s/%s-%dx%d", scene.name, win.lang, win.width, win.height)
			t.Run(name, func(t *testing.T) {
				w := newWorld()
				w.options.Lang = win.lang
				golden(t, name, scene.play(t, w, win.width, win.height).view())
			})
		}
	}
	goldenLooks(t, scenes)
}

func TestGoldenTooSmall(t *testing.T) {
	for _, lang := range content.Langs() {
		name := fmt.Sprintf("too-small/%s-40x10", lang)
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.options.Lang = lang
			d := inLab(t, w, 80, 24)
			d.send(tea.WindowSizeMsg{Width: 40, Height: 10})
			golden(t, name, d.view())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	views.Compare(t, name, got, updating())
}

// TestLocale shows that the learner's locale does not change any view.
func TestLocale(t *testing.T) {
	if os.Getenv("PODLAB_TEST_LOCALE") != "" || updating() {
		t.Skip("this is the run under another locale, or golden views are being written")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"zh_CN.UTF-8", "ko_KR.UTF-8", "de_DE.UTF-8", "C.UTF-8"} {
		t.Run(locale, func(t *testing.T) {
			cmd := exec.Command(self, "-test.run=^TestGolden")
			cmd.Env = append(os.Environ(), "PODLAB_TEST_LOCALE=1", "LANG="+locale, "LC_ALL="+locale)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("golden views under %s: %v\n%s", locale, err, out)
			}
		})
	}
}
