package picture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"podlab/content"
	"podlab/grader"
)

func (m *Model) pod(t *testing.T, name string) *Pod {
	t.Helper()
	for _, p := range m.Pods {
		if strings.HasPrefix(p.Name, name) {
			return p
		}
	}
	t.Fatalf("there is no Pod %s", name)
	return nil
}

// TestOrder says which container has its turn, and is what.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		scenario, pod string
		want          []string
	}{
		{"sidecar-native", "shop", []string{"1 log-shipper Sidecar turn", "2 page Init turn", "0 web Regular turn"}},
		{"init", "fetcher", []string{"1 fetch Init turn", "2 unpack Init turn", "3 verify Init", "0 app Regular"}},
		{"extras", "init-fails", []string{"1 check Init turn", "2 later Init", "0 app Regular"}},
		{"extras", "shared", []string{"0 nginx Regular turn", "0 reloader Regular turn", "0 debugger Ephemeral turn"}},
	} {
		var got []string
		for _, x := range load(t, c.scenario).model().pod(t, c.pod).Containers {
			role := map[Role]string{Init: "Init", Sidecar: "Sidecar", Regular: "Regular", Ephemeral: "Ephemeral"}[x.Role]
			line := fmt.Sprintf("%d %s %s", x.Place, x.Name, role)
			if x.Turn {
				line += " turn"
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.pod, diff)
		}
	}
}

// A Pod counts native sidecars as kubectl does; init containers do not count.
func TestReady(t *testing.T) {
	p := load(t, "sidecar-native").model().pod(t, "shop")
	if p.Ready != 2 || p.All != 2 {
		t.Errorf("%d/%d are ready, not 2/2", p.Ready, p.All)
	}
}

// A container that could not be started says 1970 as its start.
func TestStartError(t *testing.T) {
	for _, c := range load(t, "troubleshooting").model().pod(t, "broken").Containers {
		if c.Name == "typo" && (c.Last == nil || !c.Last.Started.IsZero() || c.Last.Finished.IsZero()) {
			t.Errorf("the last run of typo is %+v", c.Last)
		}
	}
}

// The token that every Pod gets is neither a volume nor a mount of the picture.
func TestTokenIsLeftOut(t *testing.T) {
	for _, name := range scenarios {
		for _, p := range load(t, name).model().Pods {
			for _, v := range p.Volumes {
				if strings.HasPrefix(v.Name, "kube-api-access") {
					t.Errorf("%s: Pod %s has the volume %s", name, p.Name, v.Name)
				}
			}
			for _, c := range p.Containers {
				for _, m := range c.Mounts {
					if m.Path == tokenDir {
						t.Errorf("%s: %s mounts %s", name, c.Name, m.Path)
					}
				}
			}
		}
	}
}

func TestVolumeKinds(t *testing.T) {
	for _, c := range []struct {
		source corev1.VolumeSource
		want   string
	}{
		{corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}, "emptyDir"},
		{corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}}, "emptyDir in memory"},
		{corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "nginx"}}}, "configMap nginx"},
		{corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "tls"}}, "secret tls"},
		{corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}, "PVC data"},
		{corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/log"}}, "hostPath /var/log"},
		{corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "a"}}},
			{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "b"}}},
		}}}, "projected a + b"},
	} {
		s := &scenario{}
		v := volumeOf(&corev1.Volume{Name: "v", VolumeSource: c.source})
		if got := s.options(t, content.English, 76, false).drawing().kind(v); got != c.want {
			t.Errorf("%+v is said as %q, not %q", c.source, got, c.want)
		}
	}
}

// TestServices says what each port of a Service reaches.
func TestServices(t *testing.T) {
	for scenario, want := range map[string][]string{
		"sidecar-native":  {"shop web 8080→http: shop/web:80"},
		"adapter":         {"shop http 80→80: shop/nginx:80", "shop metrics 9113→metrics: shop/exporter:9113"},
		"troubleshooting": {"broken  80→http:", "named a 80→http: broken/?:0", "named b 81→80: broken/web:80"},
		// A Pod that is being deleted gets no requests.
		"rollout": {"api http 80→8080: api-2/api:8080", "api other 90→9090: api-2/?:9090"},
	} {
		var got []string
		for _, s := range load(t, scenario).model().Services {
			for _, p := range s.Ports {
				line := fmt.Sprintf("%s %s %d→%s:", s.Name, p.Name, p.Number, p.Target)
				for _, r := range p.Reaches {
					container := "?"
					if r.Container != nil {
						container = r.Container.Name
					}
					line += fmt.Sprintf(" %s/%s:%d", r.Pod.Name, container, r.Number)
				}
				got = append(got, line)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scenario, diff)
		}
	}
}

// Of Pods that look alike one is drawn, and it is the one in trouble.
func TestInteresting(t *testing.T) {
	s := load(t, "deployment")
	s.Pods[1].Status.ContainerStatuses[0].State = corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"},
	}
	chosen := s.model().interesting()
	if len(chosen) != 1 || chosen[0].Name != s.Pods[1].Name {
		t.Errorf("%d Pods are drawn, the first is %s, not %s", len(chosen), chosen[0].Name, s.Pods[1].Name)
	}
	for _, p := range load(t, "rollout").model().interesting() {
		if p.Deleted {
			t.Errorf("%s is drawn though it is being deleted", p.Name)
		}
	}
}

// An event tells why a Pod waits; where a container fails, that says it.
func TestTroubleFromEvents(t *testing.T) {
	s := load(t, "shared-volume")
	s.Events = []*corev1.Event{{
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "mc1"}, Type: corev1.EventTypeWarning,
		Reason: "FailedMount", Message: `configmap "site" not found`,
	}}
	if got := s.model().pod(t, "mc1").Trouble; got != "" {
		t.Errorf("a Pod that runs is in trouble: %s", got)
	}
	s.Pods[0].Status.Phase = corev1.PodPending
	s.Pods[0].Status.ContainerStatuses[0].State = corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"},
	}
	if got, want := s.model().pod(t, "mc1").Trouble, `FailedMount: configmap "site" not found`; got != want {
		t.Errorf("the trouble is %q, not %q", got, want)
	}
}

// What a cluster says can do nothing to the terminal.
func TestControlsAreTakenOut(t *testing.T) {
	s := load(t, "shared-volume")
	s.Pods[0].Status.Phase = "Run\x1b[2Jning"
	s.Pods[0].Status.PodIP = "10.0.0.1\x1b]0;gone\a"
	s.Pods[0].Spec.Containers[0].VolumeMounts[0].MountPath = "/usr\r\n/share"
	s.Pods[0].Status.ContainerStatuses[0].State = corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: "Bad\x1b[31m", Message: "line\nline\x07"},
	}
	o := s.options(t, content.English, 76, false)
	picture, _ := s.model().Draw(o)
	timeline, _ := s.model().Timeline(o)
	for _, l := range append(picture, timeline...) {
		if strings.ContainsFunc(l, func(r rune) bool { return r < ' ' }) {
			t.Errorf("control characters: %q", l)
		}
	}
}

// Of keeps nothing of the objects, which others share.
func TestOfChangesNothing(t *testing.T) {
	s := load(t, "sidecar-native")
	before := s.Pods[0].DeepCopy()
	o := s.options(t, content.English, 76, false)
	m := Of(grader.Objects{Pods: s.Pods, Services: s.Services})
	m.Draw(o)
	m.Timeline(o)
	if diff := cmp.Diff(before, s.Pods[0]); diff != "" {
		t.Errorf("the Pod was changed:\n%s", diff)
	}
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		scenario, pod, container string
		want                     string
	}{
		{"sidecar-native", "shop", "log-shipper", "held 2s, ran 1m11s"},
		{"sidecar-native", "shop", "page", "queued 2s, held 1s, ran 3s; exit 0 at 6s"},
		{"sidecar-native", "shop", "web", "queued 6s, held 1s, ran 1m6s"},
		{"init", "fetcher", "verify", "queued 1m14s"},
		// Three restarts: of the first two runs nobody kept the times.
		{"troubleshooting", "broken", "worker", "earlier 19s, ran 2s, held 21s, ran 2s; restart at 19s, 42s; exit 3 at 21s, exit 3 at 44s"},
		{"troubleshooting", "broken", "typo", "earlier 40s, held 31s; exit 128 at 40s"},
		{"ipc", "mc2", "producer", "held 3s, ran 5s; exit 0 at 8s"},
	} {
		s := load(t, c.scenario)
		p := s.model().pod(t, c.pod)
		for _, b := range p.Bars(p.end(s.Now.Time)) {
			if b.Container.Name == c.container {
				if got := sayBar(p, b); got != c.want {
					t.Errorf("%s: %s\n    not %s", c.container, got, c.want)
				}
			}
		}
	}
}

func sayBar(p *Pod, b Bar) string {
	var phases, restarts, stops []string
	for _, s := range b.Stretches {
		name := map[Phase]string{Queued: "queued", Held: "held", Ran: "ran", Earlier: "earlier"}[s.Phase]
		phases = append(phases, name+" "+s.To.Sub(s.From).String())
	}
	for _, t := range b.Restarts {
		restarts = append(restarts, t.Sub(p.Created).String())
	}
	for _, s := range b.Stops {
		stops = append(stops, fmt.Sprintf("exit %d at %s", s.ExitCode, s.At.Sub(p.Created)))
	}
	said := strings.Join(phases, ", ")
	if len(restarts) > 0 {
		said += "; restart at " + strings.Join(restarts, ", ")
	}
	if len(stops) > 0 {
		said += "; " + strings.Join(stops, ", ")
	}
	return said
}

// A bar has no gaps and does not go back in time.
func TestBarsAreWhole(t *testing.T) {
	for _, name := range scenarios {
		s := load(t, name)
		for _, p := range s.model().Pods {
			for _, b := range p.Bars(p.end(s.Now.Time)) {
				at := p.Created
				for _, x := range b.Stretches {
					if !x.From.Equal(at) || x.To.Before(x.From) {
						t.Errorf("%s: %s: %s to %s after %s", name, b.Container.Name, x.From, x.To, at)
					}
					at = x.To
				}
			}
		}
	}
}

func TestAxis(t *testing.T) {
	from := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return from.Add(d) }

	whole := newAxis(from, at(time.Minute), at(50*time.Second), 60)
	if whole.cut != 0 {
		t.Errorf("an axis is cut though something happened late: %+v", whole)
	}
	for seconds, want := range map[int]int{-1: 0, 0: 0, 30: 30, 59: 59, 60: 59, 90: 59} {
		if got := whole.cell(at(time.Duration(seconds) * time.Second)); got != want {
			t.Errorf("%d s are in cell %d, not %d", seconds, got, want)
		}
	}
	// A start of 8 s in a life of 2 h keeps four fifths of the width.
	cut := newAxis(from, at(2*time.Hour), at(8*time.Second), 50)
	if got := cut.cell(at(8 * time.Second)); got != 32 {
		t.Errorf("the last event is in cell %d, not 32", got)
	}
	if got := cut.cell(at(time.Hour)); got < 40 || got > 49 {
		t.Errorf("an hour is in cell %d", got)
	}
	for last, s := 0, 0; s <= 7200; s++ {
		cell := cut.cell(at(time.Duration(s) * time.Second))
		if cell < last || cell >= 50 {
			t.Fatalf("%d s are in cell %d, after %d", s, cell, last)
		}
		last = cell
	}
	for _, d := range cut.ticks() {
		if d >= 10*time.Second {
			t.Errorf("a tick at %s, where the axis is cut", d)
		}
	}
}
