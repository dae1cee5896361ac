package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/tui/plain"
	"podlab/tui/texts"
)

// Tail implements backend.Practice.
func (f *fakePractice) Tail(_ context.Context, _, pod, container string, previous bool, _ int) (string, error) {
	if previous {
		return "\x1b[2J\x1b]0;pwned\x07starting\rfailed\n", nil
	}
	if container == "wait" {
		return "", nil
	}
	return "GET / from " + pod + "\n" + strings.Repeat("x", 100) + "\n", nil
}

// talk is a conversation with the plain interface.
type talk struct {
	t          *testing.T
	w          *world
	say        *texts.Texts
	input      *io.PipeWriter
	interrupts chan os.Signal
	over       chan error

	mu    sync.Mutex
	heard bytes.Buffer
	at    int // what hears has found so far
}

// Write implements io.Writer for the interface.
func (c *talk) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard.Write(p)
}

func (c *talk) transcript() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard.String()
}

func converse(t *testing.T, w *world) *talk { return converseSettling(t, w, time.Nanosecond) }

// converseSettling tells changes of verdicts after so much time.
func converseSettling(t *testing.T, w *world, settle time.Duration) *talk {
	t.Helper()
	say, err := texts.Load(w.options.Lang)
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	c := &talk{t: t, w: w, say: say, input: write, interrupts: make(chan os.Signal), over: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	o := w.options
	go func() {
		c.over <- plain.Run(ctx, plain.Options{
			Lang: o.Lang, LangExplicit: o.LangExplicit,
			Cluster: o.Cluster, Create: o.Create, Catalog: o.Catalog, Records: o.Records,
			Settings: o.Settings, Open: o.Open, Shell: o.Shell, Now: o.Now, Speech: testSpeech,
			Exams: o.Exams, Exam: func(command ...string) (*exec.Cmd, error) {
				cmd := exec.Command("echo", append([]string{"podlab", "exam"}, command...)...)
				cmd.Stdin = strings.NewReader("")
				return cmd, nil
			},
			Input: read, Output: c, Echo: true, Interrupts: c.interrupts, Settle: settle,
		})
		_ = read.Close()
	}()
	return c
}

// answers types lines, each when it is asked for.
func (c *talk) answers(lines ...string) {
	c.t.Helper()
	for _, line := range lines {
		typed := make(chan error, 1)
		go func() {
			_, err := io.WriteString(c.input, line+"\n")
			typed <- err
		}()
		select {
		case err := <-typed:
			if err != nil {
				c.t.Fatalf("nobody takes %q:\n%s", line, c.transcript())
			}
		case <-time.After(patience):
			c.t.Fatalf("nobody asks for %q:\n%s", line, c.transcript())
		}
	}
}

// hears waits for a text after the one that was heard last.
func (c *talk) hears(text string) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if i := strings.Index(c.transcript()[c.at:], text); i >= 0 {
			c.at += i + len(text)
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("waited in vain for %q after:\n%s", text, c.transcript()[c.at:])
		}
	}
}

// ctrlC presses Ctrl-C, which has to be noticed.
func (c *talk) ctrlC() {
	c.t.Helper()
	select {
	case c.interrupts <- syscall.SIGINT:
	case <-time.After(patience):
		c.t.Fatalf("nobody notices Ctrl-C:\n%s", c.transcript())
	}
}

// ends waits for the end of the conversation.
func (c *talk) ends() {
	c.t.Helper()
	select {
	case err := <-c.over:
		if err != nil {
			c.t.Fatalf("Run: %v\n%s", err, c.transcript())
		}
	case <-time.After(patience):
		c.t.Fatalf("the conversation does not end:\n%s", c.transcript())
	}
}

// watches waits until the n-th watch has begun.
func (c *talk) watches(n int) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); c.w.practice.watches() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("no watch:\n%s", c.transcript())
		}
	}
}

// labObjects are a Pod with an init container, a sidecar and two containers
// that share a volume, and a Service before it.
func labObjects() grader.Objects {
	always := corev1.ContainerRestartPolicyAlways
	yes := true
	mounts := func(readOnly bool, path string) []corev1.VolumeMount {
		return []corev1.VolumeMount{
			{Name: "conf", MountPath: "/etc/nginx/nginx.conf", SubPath: "nginx.conf", ReadOnly: true},
			{Name: "pages", MountPath: path, ReadOnly: readOnly},
		}
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	return grader.Objects{
		Pods: []*corev1.Pod{{
			ObjectMeta: metav1.ObjectMeta{Name: "mc3", Labels: map[string]string{"app": "mc3", "tier": "web"}},
			Spec: corev1.PodSpec{
				NodeName: "podlab-control-plane", ShareProcessNamespace: &yes,
				InitContainers: []corev1.Container{
					{Name: "wait", Image: "busybox:1.37"},
					{Name: "proxy", Image: "haproxy:3", RestartPolicy: &always},
				},
				Containers: []corev1.Container{
					{Name: "nginx", Image: "nginx:1.29-alpine", VolumeMounts: mounts(true, "/html"),
						Ports: []corev1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 443}}},
					{Name: "webapp", Image: "busybox:1.73", VolumeMounts: mounts(false, "/data")[1:]},
				},
				Volumes: []corev1.Volume{
					{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: "mc3-nginx-conf"}}}},
					{Name: "pages", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
					{Name: "spare", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "s"}}},
					{Name: "kube-api-access-abcde", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{}}},
				},
			},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: "10.244.0.7",
				InitContainerStatuses: []corev1.ContainerStatus{
					{Name: "wait", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed"}}},
					{Name: "proxy", State: running, Ready: true},
				},
				ContainerStatuses: []corev1.ContainerStatus{
					{Name: "nginx", State: running, Ready: true, RestartCount: 2, LastTerminationState: corev1.ContainerState{
						Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error"}}},
					{Name: "webapp", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
						Reason: "ImagePullBackOff", Message: "Back-off pulling image\x1b[31m \"busybox:1.73\""}}},
				},
			},
		}},
		Services: []*corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Name: "mc3"},
			Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Selector: map[string]string{"app": "mc3"},
				Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(80)}, {Port: 443}}},
		}},
	}
}

// inPlainLab opens mc3 and lets the first report arrive.
func inPlainLab(t *testing.T, w *world) *talk {
	t.Helper()
	return enterLab(converse(t, w))
}

func enterLab(c *talk) *talk {
	c.t.Helper()
	w := c.w
	c.answers("mc3")
	c.watches(1)
	c.answers("1")
	c.hears(c.say.Lab.FirstLook)
	w.practice.holds(0, labObjects())
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
	c.hears("4. ")
	return c
}

// conversations are worth keeping as a whole.
var conversations = []struct {
	name string
	play func(t *testing.T, w *world) *talk
}{
	{"first-start", func(t *testing.T, w *world) *talk {
		w.options.LangExplicit = false
		w.cluster.state = cluster.Absent
		w.cluster.create = func(_ context.Context, listen cluster.Listener) error {
			listen(cluster.Progress{Step: cluster.StepCheckBundle, State: cluster.Running})
			listen(cluster.Progress{Step: cluster.StepCheckBundle, State: cluster.Done, Elapsed: 2100 * time.Millisecond})
			listen(cluster.Progress{Step: cluster.StepNodeImage, State: cluster.Skipped})
			listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Running, Detail: "Preparing nodes"})
			listen(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Running})
			for i := range int64(31) {
				listen(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Running, Bytes: i << 20, Total: 100 << 20})
				listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Running,
					Bytes: i << 20, Elapsed: time.Duration(i) * time.Second})
			}
			listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Done, Elapsed: 31 * time.Second})
			listen(cluster.Progress{Step: cluster.StepLabImages, State: cluster.Done, Elapsed: 42 * time.Second})
			return nil
		}
		c := converse(t, w)
		c.answers("5", "", "x", "1", "2", "?", "7", "q", "3 qz", "mc", "q", "3 order", "q", "3", "order", "3", "q", "")
		c.answers("q")
		return c
	}},
	{"lab", func(t *testing.T, w *world) *talk {
		w.practice.edited = []string{"nginx.conf", "pod.yaml"}
		c := inPlainLab(t, w)
		c.answers("3 3", "3", "9", "q", "7", "5")
		c.answers("2")
		c.hears(c.say.Plain.Watching)
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Failed))
		c.hears("3")
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed))
		c.hears(c.say.Plain.AllPassed)
		c.answers("", "6", "6", "y", "2", "7", "1", "8", "9", "3", "9 4", "9 1", "11", "1", "1")
		w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Errored)
		c.answers("12", "13", "q", "q")
		return c
	}},
	{"trouble", func(t *testing.T, w *world) *talk {
		w.cluster.err = noEngine()
		w.options.Shell = func(lab string) (*exec.Cmd, error) {
			cmd := exec.Command("echo", "the shell of "+lab)
			cmd.Stdin = strings.NewReader("") // what is typed here is for podlab
			return cmd, nil
		}
		c := converse(t, w)
		c.answers("2")
		c.hears("docker.sock")
		w.cluster.mu.Lock()
		w.cluster.err = nil
		w.cluster.mu.Unlock()
		w.practice.startErr = errors.New("create namespace podlab-mc3: connection refused")
		c.answers("1", "mc3")
		c.hears("refused")
		w.practice.mu.Lock()
		w.practice.startErr = nil
		w.practice.mu.Unlock()
		c.answers("1")
		c.watches(1)
		c.answers("1")
		c.hears(c.say.Lab.FirstLook)
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
		c.hears("4. ")
		c.answers("?")
		c.hears("13. ")
		w.practice.trouble(0, errors.New("dial tcp 127.0.0.1:6443: i/o timeout"))
		c.hears("i/o timeout")
		w.practice.trouble(0, nil)
		c.hears(c.say.Plain.AnswersNow)
		c.answers("12") // grading that does not end by itself
		c.hears(c.say.Lab.Grading)
		c.ctrlC()
		c.hears(c.say.Plain.Cancelled)
		c.answers("10")
		c.hears(c.say.Plain.FromShell)
		_ = c.input.Close()
		return c
	}},
}

func TestGoldenPlain(t *testing.T) {
	for _, conversation := range conversations {
		for _, lang := range content.Langs() {
			name := fmt.Sprintf("plain/%s-%s", conversation.name, lang)
			t.Run(name, func(t *testing.T) {
				w := newWorld()
				w.options.Lang = lang
				c := conversation.play(t, w)
				c.ends()
				golden(t, name, c.transcript())
			})
		}
	}
}

// Before an embedded cluster is made, a learner hears why, and what it lacks.
func TestPlainOffersEmbedded(t *testing.T) {
	w := newWorld()
	w.cluster.state, w.cluster.simulated = cluster.Absent, true
	c := converse(t, w)
	c.hears("no container engine was found")
	c.hears("no containers run")
	c.answers("2")
	c.ends()
	if strings.Contains(c.transcript(), "one to three minutes") {
		t.Error("it is said to take minutes")
	}
}

// Exams are the commands of podlab exam, which get the terminal.
func TestPlainExams(t *testing.T) {
	w := newWorld()
	c := converse(t, w)
	c.answers("exam")
	c.hears("podlab exam status")
	c.hears("12. report")
	c.answers("start --blueprint full")
	c.hears("podlab exam start --blueprint full")
	c.answers("goto 2")
	c.hears("podlab exam goto 2")
	c.answers("submit")
	c.hears("podlab exam submit")
	c.answers("q", "q")
	c.ends()
}

// A lab that the exam under way asks is closed, and closes for those who are in
// it already.
func TestPlainLabsOfAnExam(t *testing.T) {
	w := newWorld()
	w.exams.compose(testBlueprints()[2], 7)
	w.exams.state.Begin(testClock)
	c := converse(t, w)
	c.hears("An exam is under way. The choice “exam” leads to it.")
	c.answers("mc3")
	c.hears("This lab is a task of your exam")
	c.answers("q")
	c.ends()
	if n := w.practice.watches(); n != 0 {
		t.Errorf("the lab was opened: %d watches", n)
	}

	w = newWorld()
	c = inPlainLab(t, w)
	w.exams.set(func(f *fakeExams) {
		f.compose(testBlueprints()[2], 7)
		f.state.Begin(testClock)
	})
	c.answers("hint")
	c.hears("This lab is a task of your exam")
	c.hears("leads to it")
	c.answers("q")
	c.ends()
	if strings.Contains(c.transcript(), testTexts["mc3"][content.English].Hints[0]) {
		t.Error("a hint was told")
	}
}
