package embedded_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/cluster/existing"
)

const namespace = metav1.NamespaceDefault

// TestCluster brings one cluster up for all that leaves it as it is.
func TestCluster(t *testing.T) {
	p := newCluster(t)
	client := clientOf(t, p)
	for name, test := range map[string]func(*testing.T, *embedded.Provider, kubernetes.Interface){
		"status": testStatus, "nobody anonymous": testNobodyAnonymous, "init order": testInitOrder,
		"image": testImage, "config": testConfig, "runs no containers": testRunsNoContainers,
		"job": testJob, "replaced Pod": testReplacedPod, "service": testService, "graceful end": testGracefulEnd,
		"validation": testValidation, "unschedulable": testUnschedulable, "adopted": testAdopted,
		"deadline": testDeadline, "ephemeral container": testEphemeralContainer,
	} {
		t.Run(name, func(t *testing.T) { test(t, p, client) })
	}
}

func pod(name string, change func(*corev1.PodSpec)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}}
	p.Spec.Containers = []corev1.Container{{Name: "app", Image: "nginx:1.29-alpine"}}
	if change != nil {
		change(&p.Spec)
	}
	return p
}

func create(t *testing.T, client kubernetes.Interface, p *corev1.Pod) {
	t.Helper()
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), p, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, client kubernetes.Interface, name string) (*corev1.Pod, error) {
	return client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
}

func isReady(p *corev1.Pod) error {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			if c.Status == corev1.ConditionTrue {
				return nil
			}
			return fmt.Errorf("not ready: %s: %s", c.Reason, c.Message)
		}
	}
	return errors.New("not ready yet")
}

func awaitReady(t *testing.T, client kubernetes.Interface, name string) *corev1.Pod {
	t.Helper()
	var p *corev1.Pod
	eventually(t, "Pod "+name, func() (err error) {
		if p, err = get(t, client, name); err != nil {
			return err
		}
		return isReady(p)
	})
	return p
}

func testStatus(t *testing.T, p *embedded.Provider, _ kubernetes.Interface) {
	s, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB resident", s.MemoryBytes>>20)
	if s.State != cluster.Ready || s.RunsContainers || s.MemoryBytes < 50<<20 || !strings.HasPrefix(s.KubernetesVersion, "v1.") {
		t.Errorf("status is %+v", s)
	}
	info, err := os.Stat(p.KubeconfigPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v, %v", info.Mode(), err)
	}
}

// Whoever shows no certificate is told nothing, not even the version.
func testNobodyAnonymous(t *testing.T, p *embedded.Provider, _ kubernetes.Interface) {
	config, err := cluster.RESTConfig(p.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(config.Host, "https://127.0.0.1:") {
		t.Errorf("the API server is at %s", config.Host)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, path := range []string{"/version", "/healthz", "/readyz", "/openapi/v2", "/api/v1/namespaces"} {
		answer, err := client.Get(config.Host + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers %s", path, answer.Status)
		}
	}
}

// Init containers end one after the other, and a sidecar starts in its place
// and goes on.
func testInitOrder(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	always := corev1.ContainerRestartPolicyAlways
	create(t, client, pod("ordered", func(s *corev1.PodSpec) {
		s.InitContainers = []corev1.Container{
			{Name: "first", Image: "busybox:1.37"},
			{Name: "log", Image: "busybox:1.37", RestartPolicy: &always},
			{Name: "second", Image: "busybox:1.37"},
		}
	}))
	watcher, err := client.CoreV1().Pods(namespace).Watch(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=ordered"})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	begun := func(st corev1.ContainerStatus) bool { return st.State.Running != nil || st.State.Terminated != nil }
	timeout := time.After(wait)
	for {
		select {
		case <-timeout:
			t.Fatal("the Pod does not become ready")
		case e := <-watcher.ResultChan():
			p, ok := e.Object.(*corev1.Pod)
			if !ok || len(p.Status.InitContainerStatuses) != 3 {
				continue
			}
			first, log, second := p.Status.InitContainerStatuses[0], p.Status.InitContainerStatuses[1], p.Status.InitContainerStatuses[2]
			app := p.Status.ContainerStatuses[0]
			if begun(log) && first.State.Terminated == nil {
				t.Error("the sidecar began before the init container above it had ended")
			}
			if begun(second) && (log.State.Running == nil || log.Started == nil || !*log.Started) {
				t.Error("an init container began before the sidecar above it had started")
			}
			if begun(app) && (second.State.Terminated == nil || log.State.Running == nil) {
				t.Error("the container began before the init containers were done")
			}
			if isReady(p) == nil {
				if p.Status.Phase != corev1.PodRunning || log.State.Running == nil || first.State.Terminated.ExitCode != 0 {
					t.Errorf("in the end: %+v", p.Status)
				}
				return
			}
		}
	}
}

// An image that no lab has ends as it would where no registry has it, and the
// right one mends the Pod.
func testImage(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("typo", func(s *corev1.PodSpec) { s.Containers[0].Image = "ngnix:1.29-alpine" }))
	eventually(t, "a typo", func() error {
		p, err := get(t, client, "typo")
		if err != nil || len(p.Status.ContainerStatuses) == 0 || p.Status.ContainerStatuses[0].State.Waiting == nil {
			return fmt.Errorf("it does not wait: %w", err)
		}
		w := p.Status.ContainerStatuses[0].State.Waiting
		if !strings.Contains(w.Message, `Back-off pulling image "ngnix:1.29-alpine": ErrImagePull: `) {
			return fmt.Errorf("it waits: %s: %s", w.Reason, w.Message)
		}
		return want("the reason", w.Reason, "ImagePullBackOff")
	})
	patch := []byte(`{"spec":{"containers":[{"name":"app","image":"docker.io/library/nginx:1.29-alpine"}]}}`)
	if _, err := client.CoreV1().Pods(namespace).Patch(t.Context(), "typo", types.StrategicMergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, client, "typo")
}

// A container waits for the ConfigMap that it names, and starts when it comes.
func testConfig(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("config", func(s *corev1.PodSpec) {
		s.Containers[0].EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "later"}}}}
	}))
	eventually(t, "a missing ConfigMap", func() error {
		p, err := get(t, client, "config")
		if err != nil || len(p.Status.ContainerStatuses) == 0 || p.Status.ContainerStatuses[0].State.Waiting == nil {
			return fmt.Errorf("it does not wait: %w", err)
		}
		w := p.Status.ContainerStatuses[0].State.Waiting
		return want("it waits", w.Reason+": "+w.Message, `CreateContainerConfigError: configmap "later" not found`)
	})
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "later"}, Data: map[string]string{"k": "v"}}
	if _, err := client.CoreV1().ConfigMaps(namespace).Create(t.Context(), m, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, client, "config")
}

// says is what whoever asks for something of a running container is told.
const says = "this cluster runs no containers"

// logsSay asks for logs once; they must not be there, and the reason must be told.
func logsSay(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	stream, err := client.CoreV1().Pods(namespace).GetLogs(name, &corev1.PodLogOptions{}).Stream(t.Context())
	if err == nil {
		text, _ := io.ReadAll(stream)
		t.Fatalf("logs: %s", text)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("logs: %v", err)
	}
}

func testRunsNoContainers(t *testing.T, p *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("silent", nil))
	awaitReady(t, client, "silent")
	logsSay(t, client, "silent")
	config, err := cluster.RESTConfig(p.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	config.NextProtos = []string{"http/1.1"}  // HTTP/2 knows no upgrade
	config.Dial = (&net.Dialer{}).DialContext // each client gets connections of its own: an upgrade that is refused closes its one
	for _, sub := range []string{"exec", "attach", "portforward", "proxy"} {
		plain, err := kubernetes.NewForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		request := plain.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name("silent").SubResource(sub)
		if sub != "proxy" {
			request.Param("command", "ls").Param("stdout", "true").Param("ports", "80").
				SetHeader("Connection", "Upgrade").SetHeader("Upgrade", "SPDY/3.1").SetHeader("X-Stream-Protocol-Version", "v4.channel.k8s.io")
		}
		result := request.Do(t.Context())
		raw, _ := result.Raw()
		if said := fmt.Sprint(result.Error(), string(raw)); !strings.Contains(said, says) {
			t.Errorf("%s: %s", sub, said)
		}
	}
}

// A Pod that is active for longer than it may be fails.
func testDeadline(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	limit := int64(2)
	create(t, client, pod("short", func(s *corev1.PodSpec) { s.ActiveDeadlineSeconds = &limit }))
	eventually(t, "a Pod with a deadline", func() error {
		p, err := get(t, client, "short")
		if err != nil {
			return err
		}
		if took := time.Since(p.CreationTimestamp.Time); p.Status.Phase == corev1.PodFailed && took < time.Second {
			t.Errorf("it ended after %v", took)
		}
		return want("its end", string(p.Status.Phase)+" "+p.Status.Reason, "Failed DeadlineExceeded")
	})
}

// What kubectl debug waits for comes: the end of its container, with the reason.
func testEphemeralContainer(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("examined", nil))
	p := awaitReady(t, client, "examined")
	p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debugger", Image: "nobody/has-it"}}}
	if _, err := client.CoreV1().Pods(namespace).UpdateEphemeralContainers(t.Context(), p.Name, p, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an ephemeral container", func() error {
		p, err := get(t, client, "examined")
		if err != nil || len(p.Status.EphemeralContainerStatuses) != 1 || p.Status.EphemeralContainerStatuses[0].State.Terminated == nil {
			return fmt.Errorf("it does not end: %w", err)
		}
		if said := p.Status.EphemeralContainerStatuses[0].State.Terminated.Message; !strings.Contains(said, says) {
			return fmt.Errorf("it says %s", said)
		}
		return isReady(p)
	})
}

// Adopted as somebody else's cluster, it is seen to run no containers.
func testAdopted(t *testing.T, p *embedded.Provider, _ kubernetes.Interface) {
	x, err := existing.New(existing.Options{Name: "adopted", StateDir: t.TempDir(), Context: "embedded-test", Getenv: func(name string) string {
		return map[string]string{"KUBECONFIG": p.KubeconfigPath()}[name]
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Create(t.Context(), cluster.CreateOptions{Confirmed: true}); err != nil {
		t.Fatal(err)
	}
	if x.Capabilities().RunsContainers {
		t.Error("it is taken for one that runs containers")
	}
}

// A Job's Pod ends if it is clear which container would end it: a sidecar must
// be a native one.
func testJob(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	always := corev1.ContainerRestartPolicyAlways
	job := func(name string, change func(*corev1.PodSpec)) {
		j := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name}}
		j.Spec.Template.Spec = corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "work", Image: "busybox:1.37"}}}
		change(&j.Spec.Template.Spec)
		if _, err := client.BatchV1().Jobs(namespace).Create(t.Context(), j, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	job("native", func(s *corev1.PodSpec) {
		s.InitContainers = []corev1.Container{{Name: "relay", Image: "busybox:1.37", RestartPolicy: &always}}
	})
	job("both", func(s *corev1.PodSpec) {
		s.Containers = append(s.Containers, corev1.Container{Name: "relay", Image: "busybox:1.37"})
	})
	eventually(t, "the Job with a native sidecar", func() error {
		j, err := client.BatchV1().Jobs(namespace).Get(t.Context(), "native", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return want("its count of Pods that succeeded", j.Status.Succeeded, 1)
	})
	j, err := client.BatchV1().Jobs(namespace).Get(t.Context(), "both", metav1.GetOptions{})
	if err != nil || j.Status.Succeeded != 0 {
		t.Errorf("the Job with two containers: %+v, %v", j.Status, err)
	}
}

// A Pod whose end its Job waits for ends, is counted, and is replaced.
func testReplacedPod(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	failed := batchv1.Failed
	j := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "replaced"}, Spec: batchv1.JobSpec{PodReplacementPolicy: &failed}}
	j.Spec.Template.Spec = corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{
		{Name: "work", Image: "busybox:1.37"}, {Name: "relay", Image: "busybox:1.37"}, // two: it goes on
	}}
	if _, err := client.BatchV1().Jobs(namespace).Create(t.Context(), j, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	only := func() (*corev1.Pod, error) {
		list, err := client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=replaced"})
		if err != nil {
			return nil, err
		}
		if err := want("the number of its Pods", len(list.Items), 1); err != nil {
			return nil, err
		}
		return &list.Items[0], isReady(&list.Items[0])
	}
	var first *corev1.Pod
	eventually(t, "its Pod", func() (err error) {
		first, err = only()
		return err
	})
	if err := client.CoreV1().Pods(namespace).Delete(t.Context(), first.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its next Pod", func() error {
		next, err := only()
		if err == nil && next.Name == first.Name {
			return errors.New("it is still there")
		}
		return err
	})
	if j, err := client.BatchV1().Jobs(namespace).Get(t.Context(), j.Name, metav1.GetOptions{}); err != nil || j.Status.Failed != 1 {
		t.Errorf("the status of the Job: %+v, %v", j.Status, err)
	}
}

func testService(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("served", nil))
	ready := awaitReady(t, client, "served")
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "served"}, Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": "served"}, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(80)}},
	}}
	if _, err := client.CoreV1().Services(namespace).Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "endpoints", func() error {
		slices, err := client.DiscoveryV1().EndpointSlices(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=served"})
		if err != nil {
			return err
		}
		for _, slice := range slices.Items {
			for _, e := range slice.Endpoints {
				return want("the endpoint", e.Addresses[0], ready.Status.PodIP)
			}
		}
		return errors.New("there is none")
	})
}

// A Pod that is deleted is seen to end, and is then gone.
func testGracefulEnd(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("ending", nil))
	awaitReady(t, client, "ending")
	if err := client.CoreV1().Pods(namespace).Delete(t.Context(), "ending", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := get(t, client, "ending")
	if err != nil || p.DeletionTimestamp == nil || *p.DeletionGracePeriodSeconds != 30 {
		t.Errorf("just after it was deleted: %v", err)
	}
	eventually(t, "a deleted Pod", func() error {
		if _, err := get(t, client, "ending"); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is still there: %w", err)
		}
		return nil
	})
}

func testValidation(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	_, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod("wrong", func(s *corev1.PodSpec) {
		s.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "nothing", MountPath: "/data"}}
	}), metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), `volumeMounts[0].name: Not found: "nothing"`) {
		t.Errorf("a mount without a volume: %v", err)
	}
}

func testUnschedulable(t *testing.T, _ *embedded.Provider, client kubernetes.Interface) {
	create(t, client, pod("elsewhere", func(s *corev1.PodSpec) { s.NodeSelector = map[string]string{"disk": "ssd"} }))
	eventually(t, "a node selector that no node meets", func() error {
		p, err := get(t, client, "elsewhere")
		if err != nil || len(p.Status.Conditions) == 0 {
			return fmt.Errorf("it has no condition: %w", err)
		}
		return want("the reason", p.Status.Conditions[0].Reason, corev1.PodReasonUnschedulable)
	})
}

// A cluster whose Node is deleted has it again a moment later.
func TestNodeDeleted(t *testing.T) {
	p := newCluster(t)
	client := clientOf(t, p)
	if err := client.CoreV1().Nodes().Delete(t.Context(), "podlab-simulated", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	up(t, p)
	create(t, client, pod("after", nil))
	awaitReady(t, client, "after")
}

// What the API server has acknowledged is there after kill -9, while it writes
// and in the end; the crash is noticed, and the next up mends it. Then the API
// server finds the kubelet where it is now.
func TestKilled(t *testing.T) {
	p := newCluster(t)
	create(t, clientOf(t, p), pod("silent", nil))
	awaitReady(t, clientOf(t, p), "silent")
	for round := range 3 {
		client := clientOf(t, p)
		ctx, stop := context.WithCancel(t.Context())
		acknowledged := make(chan []string, 1)
		go func() {
			var names []string
			for i := 0; ; i++ {
				name := fmt.Sprintf("kept-%d-%d", round, i)
				m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"name": name}}
				if _, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, m, metav1.CreateOptions{}); err != nil {
					acknowledged <- names
					return
				}
				names = append(names, name)
			}
		}()
		time.Sleep(time.Second)
		kill(t, p)
		names := <-acknowledged
		stop()
		up(t, p)
		client = clientOf(t, p)
		logsSay(t, client, "silent")
		for _, name := range names {
			m, err := client.CoreV1().ConfigMaps(namespace).Get(t.Context(), name, metav1.GetOptions{})
			if err != nil || m.Data["name"] != name {
				t.Fatalf("%s was acknowledged and is lost: %v", name, err)
			}
		}
		t.Logf("round %d: %d objects were acknowledged, and all are there", round, len(names))
	}
}

// A start that fails costs the cluster neither its data nor its port.
func TestPortKept(t *testing.T) {
	p := newCluster(t)
	client := clientOf(t, p) // with the port of now, which an exam's shell keeps
	kill(t, p)
	file := filepath.Join(filepath.Dir(p.KubeconfigPath()), "embedded", "pki", "ca.crt")
	certificate, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Create(t.Context(), cluster.CreateOptions{}); err == nil {
		t.Fatal("it starts with a broken certificate")
	}
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	up(t, p)
	if _, err := client.CoreV1().Namespaces().Get(t.Context(), namespace, metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

// A process that dies is started again, and one that is stopped is not.
func TestKept(t *testing.T) {
	p := newCluster(t)
	client := clientOf(t, p)
	create(t, client, pod("silent", nil))
	awaitReady(t, client, "silent")
	if _, err := client.CoreV1().ConfigMaps(namespace).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var kept []chan error
	for range 2 { // two podlabs at once
		end := make(chan error, 1)
		go func() { end <- p.Keep(t.Context(), func(err error) { t.Log(err) }) }()
		kept = append(kept, end)
	}
	before := pidOf(t, p)
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its return", func() error {
		s, err := p.Status(t.Context())
		if err != nil {
			return err
		}
		if pidOf(t, p) == before {
			return errors.New("it is about to die")
		}
		return want("its state", s.State, cluster.Ready)
	})
	if _, err := client.CoreV1().ConfigMaps(namespace).Get(t.Context(), "kept", metav1.GetOptions{}); err != nil {
		t.Errorf("after its return: %v", err)
	}
	logsSay(t, client, "silent")
	if err := p.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, end := range kept {
		select {
		case err := <-end:
			if err != nil {
				t.Errorf("Keep of a cluster that was deleted: %v", err)
			}
		case <-time.After(wait):
			t.Fatal("Keep goes on without a cluster")
		}
	}
	s, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := want("the state of what was deleted", s.State, cluster.Absent); err != nil {
		t.Error(err)
	}
}

func pidOf(t *testing.T, p *embedded.Provider) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(p.KubeconfigPath()), "embedded", "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), `"pid":`)
	pid := 0
	if _, err := fmt.Sscanf(after, "%d", &pid); err != nil || pid < 2 {
		t.Fatalf("%s: %v", text, err)
	}
	return pid
}

// A thousand Pods are created, and all become ready.
func TestThousandPods(t *testing.T) {
	const count = 1000
	p := newCluster(t)
	client := clientOf(t, p)
	began := time.Now()
	work := make(chan int)
	failed := make(chan error, count)
	for range 8 {
		go func() {
			for i := range work {
				_, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod(fmt.Sprintf("many-%d", i), nil), metav1.CreateOptions{})
				failed <- err
			}
		}()
	}
	for i := range count {
		work <- i
	}
	close(work)
	for range count {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	created := time.Since(began)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		list, err := client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			t.Fatal(err)
		}
		ready := 0
		addresses := map[string]bool{}
		for i := range list.Items {
			if isReady(&list.Items[i]) == nil {
				ready++
				addresses[list.Items[i].Status.PodIP] = true
			}
		}
		if ready == count {
			if len(addresses) != count {
				t.Errorf("%d Pods share %d addresses", count, len(addresses))
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d Pods are ready", ready, count)
		}
	}
	settled := time.Since(began)
	s, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("created in %v, all ready after %v, %d MB resident", created.Round(time.Millisecond), settled.Round(time.Millisecond), s.MemoryBytes>>20)
}
