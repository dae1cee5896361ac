package lint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"podlab/grader"
	"podlab/labs/lint"
)

func TestGradedNames(t *testing.T) {
	spec := grader.Spec{
		Probes: map[string]grader.Probe{
			"pod":  {Object: &grader.ObjectProbe{APIVersion: "v1", Kind: "Pod", Name: "mc3"}},
			"svc":  {Object: &grader.ObjectProbe{APIVersion: "v1", Kind: "Service", Name: "mc3-svc"}},
			"pods": {List: &grader.ListProbe{APIVersion: "v1", Kind: "Pod", Selector: "app=mc3,tier in (web, api)"}},
			"page": {HTTP: &grader.HTTPProbe{Service: "mc3-svc", Port: "80", Path: "/hello"}},
			"any":  {HTTP: &grader.HTTPProbe{Pod: "mc3", Port: "http", Path: "/x/{nonce}"}},
			"log":  {Logs: &grader.LogsProbe{Pod: "mc3", Container: "webapp", Until: "output.contains('served')", After: []string{"any"}}},
			"env":  {Exec: &grader.ExecProbe{Pod: "mc3", Container: "nginx", Command: []string{"cat", "/etc/nginx/nginx.conf"}}},
			"tcp":  {TCP: &grader.TCPProbe{Pod: "mc3", Port: "6379", Send: "PING\r\n"}},
			"ev":   {Events: &grader.EventsProbe{Kind: "Pod", Name: "mc3"}},
		},
		Vars: []grader.Var{
			{Name: "main", Expr: "container(pod, params.main)"},
			{Name: "indirect", Expr: "main.image"},
			{Name: "unused", Expr: "'never'"},
		},
	}
	params := map[string]string{"main": "webapp"}
	tests := []struct{ expr, want string }{
		{`pod.spec.hostNetwork`, "mc3"},
		{`pods.size() == 1`, "api app mc3 tier web"},
		{`page.ok`, "/hello 80 mc3-svc"},
		{`any.ok`, "http mc3"},
		{`log.ok`, "http mc3 webapp"}, // with the probe that it comes after
		{`env.ok`, "mc3 nginx"},
		{`tcp.ok`, "6379 mc3"},
		{`ev.exists(e, e.reason == 'Killing')`, "Killing mc3"},
		{`main != null`, "mc3 webapp"},
		{`indirect == 'busybox:1.37'`, "busybox:1.37 mc3 webapp"},
		{`main.name == "" || main.name == 'x'`, "mc3 webapp"},
		{`get(pod, 'spec.restartPolicy', 'Always') == 'Never'`, "Never mc3"},
		{`page.body.matches('^Hello .*')`, "/hello 80 mc3-svc"},
		{`matches(page.body, 'Hel+o')`, "/hello 80 mc3-svc"},
		{`page.body.matches(pod.kind == 'Pod' ? '^Hello .*' : params.main)`, "/hello 80 mc3 mc3-svc webapp"},
		{`container(pod, 'my-' + params.main + '-0') != null`, "mc3 my-webapp-0"},
		{`pod.spec.x == 'my-' + pod.kind`, "mc3 my-"},
		{`page.body.contains('Hello world!')`, "/hello 80 Hello world! mc3-svc"},
		{`page.body.split(', ')[0] == 'one'`, "/hello 80 mc3-svc one"},
		{`servicePort(svc, 8080) != null`, "8080 mc3-svc"},
		{`svc.spec.ports[0].targetPort == 5000`, "5000 mc3-svc"},
		{`9376 == get(svc, 'spec.ports.0.targetPort', 0)`, "9376 mc3-svc"},
		{`pod.status.containerStatuses.size() == 12`, "mc3"},
		{`pod.metadata.labels['role'] == 'proxy'`, "mc3 proxy role"},
		{`pod.?spec.?hostIPC.orValue(false)`, "mc3"},
		{`has(pod.spec.hostIPC) && pod.spec.containers.all(c, c.name in ['one', 'two'])`, "mc3 one two"},
		{`pod.metadata.labels == {'color': 'blue'}`, "blue color mc3"},
		{`say('some-key', {'name': 'value'}) == say('k', {}) && pod != null`, "mc3"},
		{`timestamp('2020-01-01T00:00:00Z') < timestamp(pod.metadata.creationTimestamp)`, "mc3"},
	}
	for _, tt := range tests {
		got, err := lint.GradedNames(spec, params, grader.Check{ID: "c", Expr: tt.expr})
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.expr, diff)
		}
	}
	if _, err := lint.GradedNames(spec, params, grader.Check{ID: "c", Expr: "main +"}); err == nil || !strings.Contains(err.Error(), "check c") {
		t.Errorf("an expression that does not parse: %v", err)
	}
}

func TestUnstated(t *testing.T) {
	tests := []struct {
		task   string
		names  string // separated by |
		others string
		want   string // those not stated
	}{
		{task: "Create the Pod `mc1`.", names: "mc1"},
		{task: "Create the Pod mc1.", names: "mc1"},
		{task: "Pods mc1, mc2; (mc3) and \"mc4\"!", names: "mc1|mc2|mc3|mc4"},
		{task: "创建名为mc1的Pod，包含容器1st和2nd。", names: "mc1|1st|2nd"},
		{task: "Pod mc1을 만들고 이미지는busybox:1.37을 쓰세요", names: "mc1|busybox:1.37"},
		{task: "den Pod mc1 – sonst nichts", names: "mc1"},
		{task: "Create mc10 and xmc1, mc1-web, web-mc1, mc1.local and a_mc1.", names: "mc1", want: "mc1"},
		{task: "Übermc1 und mc1ähnlich", names: "mc1", want: "mc1"},
		{task: "", names: "mc1", want: "mc1"},
		// A name inside another name, or inside a path, is not stated.
		{task: "the image `nginx:1.29-alpine`", names: "nginx", others: "nginx:1.29-alpine", want: "nginx"},
		{task: "the image `nginx:1.29-alpine` in container `nginx`", names: "nginx", others: "nginx:1.29-alpine"},
		{task: "mount it at /usr/share/nginx/html", names: "html|/usr/share/nginx/html", want: "html"},
		{task: "it writes /usr/share/nginx/html/index.html", names: "html", want: "html"},
		{task: "volume `html` at `/usr/share/nginx/html`", names: "html|/usr/share/nginx/html"},
		{task: "it writes /usr/share/nginx/html/index.html", names: "/usr/share/nginx/html"},
		{task: "it writes /usr/share/nginx/html/index.html", names: "index.html"},
		{task: "it writes /srv/index.html/data", names: "index.html", want: "index.html"},
		{task: "it is in /srv/data/html", names: "/html", want: "/html"},
		{task: "TCP/80, or 8080/TCP", names: "80|8080"},
		{task: "port 80", names: "8080", want: "8080"},
		{task: "ports 80→9376, 80→9377", names: "80|9376|9377"},
		{task: "127.0.0.1:5000", names: "5000"},
		{task: "label `app: mc3`", names: "app|mc3"},
		{task: "label app=mc3", names: "app|mc3"},
		{task: "run `ipc -producer`", names: "-producer"},
		{task: "run `ipc -producer`", names: "producer", want: "producer"},
		// Markdown wraps lines, also within a name of several words.
		{task: "It prints Hello\n  world!", names: "Hello world!"},
		{task: "It prints Hello world", names: "Hello world!", want: "Hello world!"},
	}
	for _, tt := range tests {
		var others []string
		if tt.others != "" {
			others = strings.Split(tt.others, "|")
		}
		got := strings.Join(lint.Unstated(tt.task, strings.Split(tt.names, "|"), others), "|")
		if got != tt.want {
			t.Errorf("in %q of %s not stated: %q, want %q", tt.task, tt.names, got, tt.want)
		}
	}
}
