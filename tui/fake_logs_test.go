package tui

import (
	"context"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/grader"
	"podlab/grader/probe"
)

// fakeLogs is what containers print; tests say it.
type fakeLogs struct {
	logsMu  sync.Mutex
	readers []*fakeReader
}

// fakeReader is one reading of a log.
type fakeReader struct {
	request probe.FollowRequest
	onLines func([]probe.Line)
	end     chan error
	left    chan struct{} // closed when the reading is over
}

func (f *fakeLogs) Logs(ctx context.Context, _ string, r probe.FollowRequest, onLines func([]probe.Line)) error {
	reader := &fakeReader{request: r, onLines: onLines, end: make(chan error, 1), left: make(chan struct{})}
	f.logsMu.Lock()
	f.readers = append(f.readers, reader)
	f.logsMu.Unlock()
	defer close(reader.left)
	select {
	case err := <-reader.end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readings counts the readings that have begun.
func (f *fakeLogs) readings() int {
	f.logsMu.Lock()
	defer f.logsMu.Unlock()
	return len(f.readers)
}

func (f *fakeLogs) reader(n int) *fakeReader {
	f.logsMu.Lock()
	defer f.logsMu.Unlock()
	return f.readers[n]
}

// prints says lines, a second apart, as the log of the n-th reading.
func (f *fakeLogs) prints(n int, lines ...string) {
	r := f.reader(n)
	batch := make([]probe.Line, len(lines))
	for i, l := range lines {
		batch[i] = probe.Line{Time: testClock.Add(time.Duration(i) * time.Second), Text: l}
	}
	go r.onLines(batch) // which waits until the TUI takes them
}

// ends ends the log of the n-th reading.
func (f *fakeLogs) ends(n int, err error) { f.reader(n).end <- err }

// testPod is a Pod with an init container that has finished, an app that was
// restarted twice, a sidecar, and one whose image cannot be pulled.
func testPod() *corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	started := metav1.NewTime(testClock.Add(-90 * time.Second))
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "mc3", UID: "uid-1"},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "prepare"}, {Name: "log-agent", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "webapp"}, {Name: "nginx"}},
		},
		Status: corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{
				{Name: "prepare", ContainerID: "containerd://0", Ready: true,
					State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ContainerID: "containerd://0", Reason: "Completed"}}},
				{Name: "log-agent", ContainerID: "containerd://1", Ready: true,
					State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}}},
			},
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "nginx", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
					Reason: "ImagePullBackOff", Message: `Back-off pulling image "ngnix:1.29-alpine": not found`}}},
				{Name: "webapp", ContainerID: "containerd://4", Ready: true, RestartCount: 2,
					State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
					LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
						ContainerID: "containerd://3", ExitCode: 1, Reason: "Error"}}},
			},
		},
	}
}

// restarted is testPod after its app has ended once more.
func restarted() *corev1.Pod {
	pod := testPod()
	app := &pod.Status.ContainerStatuses[1]
	app.ContainerID, app.RestartCount = "containerd://5", 3
	app.LastTerminationState.Terminated.ContainerID = "containerd://4"
	app.LastTerminationState.Terminated.ExitCode = 137
	app.LastTerminationState.Terminated.Reason = "OOMKilled"
	return pod
}

func testEvents() []*corev1.Event {
	event := func(ago time.Duration, kind, reason, container string, count int32, message string) *corev1.Event {
		about := corev1.ObjectReference{Kind: "Pod", Name: "mc3"}
		if container != "" {
			about.FieldPath = "spec.containers{" + container + "}"
		}
		return &corev1.Event{
			Type: kind, Reason: reason, Message: message, Count: count, InvolvedObject: about,
			LastTimestamp: metav1.NewTime(testClock.Add(-ago)),
		}
	}
	return []*corev1.Event{
		event(4*time.Minute, "Normal", "Scheduled", "", 1, "Successfully assigned podlab-mc3/mc3 to podlab-control-plane"),
		event(200*time.Second, "Normal", "Started", "prepare", 1, "Container started"),
		event(90*time.Second, "Warning", "BackOff", "webapp", 3, "Back-off restarting failed container webapp in pod mc3_podlab-mc3(5f1c)"),
		event(12*time.Second, "Warning", "Failed", "nginx", 5, "Failed to pull image \"ngnix:1.29-alpine\": failed to pull and unpack image \x1b[31m\"docker.io/library/ngnix:1.29-alpine\": not found"),
	}
}

// namespaceWith is what a namespace with pods and testEvents holds.
func namespaceWith(pods ...*corev1.Pod) grader.Objects {
	return grader.Objects{Pods: pods, Events: testEvents()}
}

// accessLog are lines as an application prints them.
func accessLog() []string {
	return []string{
		"webapp: listening on port 5000",
		`10.244.0.7 - - [01/Mar/2026:10:00:02 +0000] "GET /api/orders?limit=50 HTTP/1.1" 200 5124 "-" "podlab"`,
		"ERROR upstream timed out while reading the response header: " + strings.Repeat("/var/lib/app", 6),
		"处理请求时出错：连接数据库超时，三秒后重试（第 2 次，共 5 次），请检查 Service 的名称与端口是否正确",
		"retrying in 3 s",
		"ERROR gave up after 5 attempts",
	}
}
