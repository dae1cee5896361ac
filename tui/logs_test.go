package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	corev1 "k8s.io/api/core/v1"

	"podlab/grader"
	"podlab/grader/probe"
	"podlab/tui/theme"
	"podlab/tui/ui"
)

// inLogs opens the screen of logs of a lab whose namespace holds objects.
func inLogs(t testing.TB, w *world, width, height int, o grader.Objects) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	w.practice.holds(0, o)
	d.press("o")
	if len(o.Pods) > 0 {
		d.shows(o.Pods[0].Name + "/")
	} else {
		d.shows(d.say().Logs.NoPods)
	}
	return d
}

// reads shows the log of webapp, which has printed lines.
func reads(t testing.TB, w *world, width, height int, lines ...string) *driver {
	t.Helper()
	d := inLogs(t, w, width, height, namespaceWith(testPod()))
	d.press("shift+tab")
	d.until("a reading", func() bool { return w.practice.readings() > 0 })
	w.practice.prints(0, lines...)
	d.shows(ansi.Truncate(lines[len(lines)-1], 40, ""))
	return d
}

var logScenes = []scene{
	{"logs", func(t *testing.T, w *world, width, height int) *driver {
		return reads(t, w, width, height, accessLog()...)
	}},
	{"logs-cut", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, accessLog()...)
		d.press("w", "t")
		return d
	}},
	{"logs-search", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, accessLog()...)
		d.press("/", "e", "r", "r", "o", "r")
		return d
	}},
	{"logs-stopped", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, numberedLines(1, 100)...)
		d.press("pgup")
		return d
	}},
	{"logs-restarted", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, accessLog()...)
		w.practice.ends(0, nil)
		w.practice.holds(0, namespaceWith(restarted()))
		d.until("the next reading", func() bool { return w.practice.readings() > 1 })
		w.practice.prints(1, "webapp: listening on port 5000 again")
		d.shows("again")
		return d
	}},
	{"logs-previous", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, accessLog()...)
		d.press("p")
		d.until("the next reading", func() bool { return w.practice.readings() > 1 })
		w.practice.prints(1, "panic: no such file: /etc/app/config.yaml")
		d.shows("panic")
		return d
	}},
	{"logs-not-started", func(t *testing.T, w *world, width, height int) *driver {
		return inLogs(t, w, width, height, namespaceWith(testPod()))
	}},
	{"logs-no-pods", func(t *testing.T, w *world, width, height int) *driver {
		return inLogs(t, w, width, height, grader.Objects{})
	}},
	{"logs-trouble", func(t *testing.T, w *world, width, height int) *driver {
		d := reads(t, w, width, height, accessLog()...)
		w.practice.trouble(0, errors.New("dial tcp 127.0.0.1:6443: i/o timeout"))
		d.shows(d.say().Lab.Trouble)
		return d
	}},
	{"events", func(t *testing.T, w *world, width, height int) *driver {
		d := inLogs(t, w, width, height, namespaceWith(testPod()))
		d.press("tab")
		return d
	}},
	{"logs-help", func(t *testing.T, w *world, width, height int) *driver {
		d := inLogs(t, w, width, height, namespaceWith(testPod()))
		d.press("?")
		return d
	}},
}

func TestGoldenLogs(t *testing.T) { goldenScenes(t, logScenes) }

func numberedLines(from, to int) []string {
	var lines []string
	for i := from; i <= to; i++ {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	return lines
}

// The container in trouble is shown first, and each other one a Tab away; only
// the log on the screen is read.
func TestLogsOfEveryContainer(t *testing.T) {
	w := newWorld()
	d := inLogs(t, w, 80, 24, namespaceWith(testPod()))
	d.shows("This container has not started yet")
	d.shows(`ImagePullBackOff: Back-off pulling image "ngnix:1.29-alpine"`)
	if n := w.practice.readings(); n != 0 {
		t.Errorf("%d logs are read of a container that has none", n)
	}
	for i, want := range []string{"webapp", "log-agent", "prepare"} {
		d.press("shift+tab")
		d.until("a reading", func() bool { return w.practice.readings() == i+1 })
		r := w.practice.reader(i)
		if r.request.Container != want || r.request.Pod != "mc3" || r.request.Previous {
			t.Errorf("reads %+v, want %s", r.request, want)
		}
		if i > 0 {
			<-w.practice.reader(i - 1).left
		}
	}
	w.practice.prints(2, "prepared")
	d.shows("prepared")
	w.practice.ends(2, nil)
	d.press("shift+tab")
	d.shows("Successfully assigned")
	d.press("esc")
	d.shows("[Task]")
	<-w.practice.reader(2).left
}

func TestFollowingALog(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, numberedLines(1, 40)...)
	d.shows("following")
	d.lacks("line 10")
	d.press("home")
	d.shows("27 more below")
	w.practice.prints(0, "the newest line")
	d.shows("28 more below")
	d.lacks("the newest line")
	d.press("end")
	d.shows("the newest line")
	d.shows("following")
	d.press("f")
	d.shows("stopped")
	d.press("f")
	d.shows("following")
}

// A restart is marked, and the new log follows where the old one ended.
func TestLogGoesOnAfterRestart(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, "first run")
	// The log ends before the watch says why.
	w.practice.ends(0, nil)
	w.practice.holds(0, namespaceWith(restarted()))
	d.shows("container restarted, before: exit code 137 (OOMKilled)")
	d.until("the next reading", func() bool { return w.practice.readings() == 2 })
	if since := w.practice.reader(1).request.Since; !since.Equal(testClock) {
		t.Errorf("reads on after %s, the last line was printed at %s", since, testClock)
	}
	w.practice.prints(1, "second run")
	d.shows("second run")
	d.shows("first run")
	d.press("L")
	d.shows("Container neu gestartet, davor: Exit-Code 137 (OOMKilled)")
}

// A Pod that is deleted leaves its log on the screen, and one of the same name
// takes its place.
func TestLogGoesOnWithANewPod(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, "of the old Pod")
	w.practice.ends(0, nil)
	w.practice.holds(0, grader.Objects{})
	d.shows("deleted")
	d.shows("of the old Pod")
	pod := restarted()
	pod.UID = "uid-2"
	w.practice.holds(0, namespaceWith(pod))
	d.shows("the Pod was replaced by a new one")
	d.until("the next reading", func() bool { return w.practice.readings() == 2 })
}

func TestPreviousRun(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, "present run")
	d.press("p")
	d.until("the next reading", func() bool { return w.practice.readings() == 2 })
	if r := w.practice.reader(1).request; !r.Previous || !r.Since.IsZero() {
		t.Errorf("asked for %+v", r)
	}
	w.practice.prints(1, "it crashed")
	d.shows("it crashed")
	d.shows("previous run · exit code 1")
	d.lacks("present run")
	w.practice.ends(1, nil)
	d.press("p")
	d.until("the present run again", func() bool { return w.practice.readings() == 3 })
	d.lacks("it crashed")
	d.press("p")
	d.until("the previous run again", func() bool { return w.practice.readings() == 4 })
	w.practice.ends(3, fmt.Errorf("%w: previous terminated container \"webapp\" not found", probe.ErrNoLog))
	d.shows("no longer has the log of the previous run")
}

// A key that does nothing says why.
func TestKeysOfLogsSayWhyNot(t *testing.T) {
	w := newWorld()
	d := inLogs(t, w, 80, 24, namespaceWith(testPod()))
	for _, tt := range []struct{ key, why string }{
		{"p", "nginx was not restarted"}, {"n", "Search for something first"}, {"N", "Search for something first"},
	} {
		d.press(tt.key)
		d.shows(tt.why)
	}
	d.press("tab", "p")
	d.shows("Only containers have a previous run")
	d.press("t")
	d.shows("Events always show")
	d.press("/", "q", "q", "enter", "n")
	d.shows("Nothing here matches")
}

func TestSearchInLogs(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, accessLog()...)
	d.press("/", "E", "r", "r")
	d.shows("Search: Err")
	d.shows("2 of 2")
	d.shows("▸ ERROR gave up")
	d.press("q", "L") // typed, and not obeyed
	d.shows("no match")
	d.press("esc")
	d.lacks("Search:")
	d.press("/", "e", "r", "r", "o", "r", "enter", "n")
	d.shows("1 of 2")
	d.shows("▸ ERROR upstream")
	w.practice.prints(0, "another Error")
	d.shows("1 of 3")
	d.press("tab", "tab") // the search goes along
	d.shows("Search: error")
	d.press("esc", "esc")
	d.shows("[Task]")
}

// When the cluster does not answer the screen says so, and goes on by itself.
func TestLogsOutliveTrouble(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, "before")
	w.practice.trouble(0, errors.New("i/o timeout"))
	d.shows("The cluster does not answer")
	w.practice.ends(0, errors.New("read: connection reset by peer"))
	w.practice.trouble(0, nil)
	d.until("another try", func() bool { return w.practice.readings() == 2 })
	w.practice.prints(1, "after")
	d.shows("after")
	d.shows("before")
	d.lacks("does not answer")
	d.shows("following")
}

// The first Pod of a namespace appears by itself, and its log with it.
func TestFirstPodAppears(t *testing.T) {
	w := newWorld()
	d := inLogs(t, w, 80, 24, grader.Objects{})
	d.shows("There is no Pod in this namespace yet")
	pod := testPod()
	pod.Status.ContainerStatuses = pod.Status.ContainerStatuses[1:]
	w.practice.holds(0, grader.Objects{Pods: []*corev1.Pod{pod}})
	d.until("a reading", func() bool { return w.practice.readings() == 1 })
	if c := w.practice.reader(0).request.Container; c != "webapp" {
		t.Errorf("the log of %s is shown", c)
	}
}

// What containers and events say can do nothing to the terminal.
func TestEventsArePrintable(t *testing.T) {
	d := inLogs(t, newWorld(), 120, 40, namespaceWith(testPod()))
	d.press("tab")
	d.shows(`"docker.io/library/ngnix`)
	if strings.Contains(d.m.View(), "\x1b[31m") {
		t.Error("a control sequence of an event reaches the terminal")
	}
}

// With --ascii the screen draws nothing that needs more than ASCII.
func TestLogsInASCII(t *testing.T) {
	w := newWorld()
	d := reads(t, w, 80, 24, "error "+strings.Repeat("long ", 40))
	d.m.setUI(ui.New(d.m.ui.Speech, theme.New(theme.Options{Profile: termenv.Ascii, ASCII: true})))
	w.practice.ends(0, nil)
	w.practice.holds(0, namespaceWith(restarted()))
	d.shows("-- container restarted")
	d.press("w", "/", "o", "n", "g", "enter")
	d.shows("of 40")
	lines := strings.Split(strings.TrimSpace(d.view()), "\n")
	for i, line := range lines[:len(lines)-1] { // the last names keys
		if len(line) != ansi.StringWidth(line) {
			t.Errorf("line %d is not ASCII: %q", i+1, line)
		}
	}
}
