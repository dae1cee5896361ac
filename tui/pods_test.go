package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"podlab/grader"
)

// namespace reads what a cluster held once, and moves it in time so that it
// was told at testClock.
func namespace(t *testing.T, name string) grader.Objects {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("picture", "testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Now      metav1.Time
		Pods     []*corev1.Pod
		Services []*corev1.Service
	}
	if err := yaml.Unmarshal(data, &told); err != nil {
		t.Fatal(err)
	}
	by := testClock.Sub(told.Now.Time)
	for _, p := range told.Pods {
		move(by, &p.CreationTimestamp, p.DeletionTimestamp, p.Status.StartTime)
		for _, statuses := range [][]corev1.ContainerStatus{
			p.Status.InitContainerStatuses, p.Status.ContainerStatuses, p.Status.EphemeralContainerStatuses,
		} {
			for i := range statuses {
				for _, s := range []*corev1.ContainerState{&statuses[i].State, &statuses[i].LastTerminationState} {
					if s.Running != nil {
						move(by, &s.Running.StartedAt)
					}
					if s.Terminated != nil {
						move(by, &s.Terminated.StartedAt, &s.Terminated.FinishedAt)
					}
				}
			}
		}
	}
	return grader.Objects{Pods: told.Pods, Services: told.Services}
}

func move(by time.Duration, times ...*metav1.Time) {
	for _, t := range times {
		if t != nil && t.Unix() > 0 {
			t.Time = t.Add(by)
		}
	}
}

// atPods opens the lab and its Pods.
func atPods(t *testing.T, w *world, width, height int, held grader.Objects) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	streamed := d.streamed
	w.practice.holds(0, held)
	d.until("the objects", func() bool { return d.streamed > streamed })
	d.press("d")
	return d
}

var podsScenes = []scene{
	{"pods", func(t *testing.T, w *world, width, height int) *driver {
		return atPods(t, w, width, height, namespace(t, "sidecar-native"))
	}},
	{"pods-folded", func(t *testing.T, w *world, width, height int) *driver {
		return atPods(t, w, width, height, namespace(t, "deployment"))
	}},
	{"pods-timeline", func(t *testing.T, w *world, width, height int) *driver {
		d := atPods(t, w, width, height, namespace(t, "troubleshooting"))
		d.press("t")
		return d
	}},
	{"pods-empty", func(t *testing.T, w *world, width, height int) *driver {
		return atPods(t, w, width, height, grader.Objects{})
	}},
}

func TestGoldenPods(t *testing.T) { goldenScenes(t, podsScenes) }

// The drawing follows the cluster while it is looked at.
func TestPodsFollow(t *testing.T) {
	w := newWorld()
	d := atPods(t, w, 80, 24, grader.Objects{})
	d.shows(d.say().Picture.Empty)
	w.practice.holds(0, namespace(t, "init"))
	d.shows("2 unpack")
	d.lacks(d.say().Picture.Empty)
	w.practice.holds(0, namespace(t, "shared-volume"))
	d.shows("mc1")
	d.lacks("2 unpack")
}

// Ages go on by themselves.
func TestPodsAge(t *testing.T) {
	w := newWorld()
	now := testClock
	w.options.Now = func() time.Time { return now }
	d := atPods(t, w, 80, 24, namespace(t, "shared-volume"))
	d.shows("running 73s")
	now = now.Add(time.Minute)
	d.shows("running 2m13s") // at the next tick
}

func TestPodsTimeline(t *testing.T) {
	w := newWorld()
	d := atPods(t, w, 80, 24, namespace(t, "sidecar-native"))
	d.lacks(d.say().Picture.Timeline.Queued)
	d.press("t")
	d.shows(d.say().Picture.Timeline.Queued)
	d.lacks("native sidecar")
	d.press("t")
	d.shows("native sidecar")
	d.press("tab", "t") // from another pane it leads to the timeline
	d.shows(d.say().Picture.Timeline.Queued)
	d.press("d") // and this always to the picture
	d.shows("native sidecar")
}

// Where there is room, the timeline stands below the picture.
func TestPodsTimelineBelow(t *testing.T) {
	d := atPods(t, newWorld(), 120, 50, namespace(t, "sidecar-native"))
	d.shows("/usr/share/nginx/html")
	d.shows(d.say().Picture.Timeline.Queued)
}

func TestPodsUnfold(t *testing.T) {
	w := newWorld()
	d := atPods(t, w, 120, 60, namespace(t, "deployment"))
	frames := func() int { return strings.Count(d.view(), "╭─ 1 logs ") }
	if got := frames(); got != 1 {
		t.Errorf("%d Pods are drawn before they are unfolded:\n%s", got, d.view())
	}
	d.press("enter")
	if got := frames(); got != 3 {
		t.Errorf("%d Pods are drawn when unfolded:\n%s", got, d.view())
	}
	d.press("enter")
	if got := frames(); got != 1 {
		t.Errorf("%d Pods are drawn when folded again:\n%s", got, d.view())
	}
	w.practice.holds(0, namespace(t, "shared-volume"))
	d.shows("mc1")
	d.press("enter")
	d.shows(d.say().Picture.NothingFolded)
}

// When the cluster does not answer, what is drawn may be out of date.
func TestPodsTrouble(t *testing.T) {
	w := newWorld()
	d := atPods(t, w, 80, 24, namespace(t, "shared-volume"))
	w.practice.trouble(0, os.ErrDeadlineExceeded)
	d.shows(d.say().Lab.Trouble)
	d.shows("emptyDir")
}
