package cellib

import (
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"sigs.k8s.io/yaml"

	"podlab/content"
)

const pod = `
metadata: {name: web, labels: {app: web}}
spec:
  restartPolicy: Always
  initContainers:
  - {name: wait, image: busybox:1.37}
  - {name: proxy, image: haproxy:3.0-alpine, restartPolicy: Always}
  containers:
  - name: nginx
    image: docker.io/library/nginx:1.29-alpine
    command: [nginx]
    args: [-g, daemon off;]
    env: [{name: A, value: "1"}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
    volumeMounts: [{name: html, mountPath: /www/}, {name: html, mountPath: /other, subPath: x}]
  - name: writer
    image: busybox
    volumeMounts: [{name: html, mountPath: /out}, {name: own, mountPath: /own}]
  volumes: [{name: html, emptyDir: {}}, {name: own, emptyDir: {}}]
status:
  initContainerStatuses:
  - name: wait
    state: {terminated: {exitCode: 0, startedAt: "2026-01-01T00:00:01Z", finishedAt: "2026-01-01T00:00:05Z"}}
  containerStatuses:
  - {name: nginx, ready: true, state: {running: {startedAt: "2026-01-01T00:00:05Z"}}}
  - {name: writer, ready: false, state: {terminated: {exitCode: 128, startedAt: "1970-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:06Z"}}}
`

const deployment = `
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: nginx}]}
`

const service = `
spec:
  selector: {app: web}
  ports: [{port: 80, name: http, targetPort: 8080}, {port: 9113, name: metrics}]
`

// Every expression must be true.
func TestFunctions(t *testing.T) {
	env, err := cel.NewEnv(append(Library(), ext.Lists(),
		cel.Variable("pod", cel.DynType), cel.Variable("deployment", cel.DynType),
		cel.Variable("service", cel.DynType), cel.Variable("none", cel.DynType))...)
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]any{"none": nil}
	for name, doc := range map[string]string{"pod": pod, "deployment": deployment, "service": service} {
		var v map[string]any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		vars[name] = v
	}
	for _, expr := range []string{
		`podSpec(deployment).containers[0].name == 'nginx'`,
		`containerNames(pod) == ['nginx', 'writer'] && initContainerNames(pod) == ['wait', 'proxy']`,
		`containerNames(none) == []`,
		`container(pod, 'proxy').image == 'haproxy:3.0-alpine' && container(pod, 'nope') == null && container(none, 'x') == null`,
		`isInit(pod, 'wait') && !isSidecar(pod, 'wait') && isSidecar(pod, 'proxy') && !isSidecar(pod, 'nginx')`,
		`image(deployment, 'nginx') == 'nginx' && image(pod, 'nope') == ''`,
		`sameImage(image(pod, 'nginx'), 'nginx:1.29-alpine')`,
		`sameImage('busybox', 'docker.io/library/busybox:latest')`,
		`!sameImage('busybox:1.37', 'busybox:1.36') && !sameImage('evil.io/busybox:1.37', 'busybox:1.37') && !sameImage('', 'busybox')`,
		`mount(pod, 'nginx', '/www').name == 'html' && mount(pod, 'nginx', '/nope') == null`,
		`volumeAt(pod, 'writer', '/own/').name == 'own' && volumeAt(pod, 'writer', '/nope') == null && volume(pod, 'nope') == null`,
		`sharesVolume(pod, 'nginx', '/www', 'writer', '/out')`,
		`!sharesVolume(pod, 'nginx', '/www', 'writer', '/own')`,
		`!sharesVolume(pod, 'nginx', '/other', 'writer', '/out')`, // another subPath
		`!sharesVolume(pod, 'nginx', '/nope', 'writer', '/nope')`, // both missing is not the same
		`commandLine(pod, 'nginx') == 'nginx -g daemon off;' && commandLine(pod, 'writer') == ''`,
		`env(pod, 'nginx', 'A') == '1' && env(pod, 'nginx', 'B') == '' && env(none, 'x', 'y') == ''`,
		`running(pod, 'nginx') && ready(pod, 'nginx') && !terminated(pod, 'nginx') && !running(none, 'nginx')`,
		`terminated(pod, 'writer') && exitCode(pod, 'writer') == 128 && exitCode(pod, 'nginx') == -1`,
		`startedAt(pod, 'writer') == '' && finishedAt(pod, 'writer') == '2026-01-01T00:00:06Z'`, // 1970: never started
		`notAfter(finishedAt(pod, 'wait'), startedAt(pod, 'nginx'))`,
		`!notAfter(startedAt(pod, 'nginx'), startedAt(pod, 'wait'))`,
		`!notAfter('', '2026-01-01T00:00:06Z') && !notAfter('2026-01-01T00:00:06Z', none)`,
		`servicePort(service, 80).targetPort == 8080 && servicePort(service, 'metrics').port == 9113 && servicePort(service, '80').name == 'http'`,
		`servicePort(service, 81) == null && servicePort(none, 80) == null`,
		`selects(service, pod) && selects(service, deployment) && !selects(none, pod) && !selects(service, none)`,
		`quantityEqual('0.5', '500m') && quantityEqual(1, '1000m') && !quantityEqual('1', '2') && !quantityEqual('', '')`,
		`get(pod, 'spec.containers.1.name', '') == 'writer' && get(pod, 'spec.containers.9.name', 'no') == 'no' && get(none, 'a.b', 7) == 7`,
		`lines(' a \n\n b\n') == ['a', 'b']`,
		`quantity('250m') == 0.25 && quantity('64Mi') == 67108864.0 && quantity(2) == 2.0 && quantity('much') == 0.0 && quantity(none) == 0.0`,
		`includes({'a': 1, 'b': {'c': [1, 'x'], 'd': true}}, {'b': {'c': [1, 'x']}}) && includes(none, none) && includes({'a': 1}, {})`,
		`!includes({'a': 1}, {'a': 2}) && !includes({'a': 1}, {'b': 1}) && !includes({'a': [1, 2]}, {'a': [1]}) && !includes(none, {'a': 1}) && !includes({'a': 1}, {'a': '1'})`,
	} {
		ast, issues := env.Compile(expr)
		if issues.Err() != nil {
			t.Errorf("%s: %v", expr, issues.Err())
			continue
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := program.Eval(vars)
		if err != nil || got.Value() != true {
			t.Errorf("%s: got %v, %v", expr, got, err)
		}
	}
}

func TestMessages(t *testing.T) {
	env, err := cel.NewEnv(append(Library(), cel.Variable("x", cel.DynType))...)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		expr string
		want []content.Message
	}{
		{`say('a')`, []content.Message{{Key: "a"}}},
		{`say('a', {'n': 3, 'l': ['x', 'y'], 'none': null})`, []content.Message{content.Say("a", "n", "3", "l", "x, y", "none", "–")}},
		{`[1, 2].map(i, say('a', {'i': i})) + [say('b')]`,
			[]content.Message{content.Say("a", "i", "1"), content.Say("a", "i", "2"), {Key: "b"}}},
		{`x == 1 ? [say('a')] : [say('b'), say('c')]`, []content.Message{{Key: "b"}, {Key: "c"}}},
		{`[1, 2].filter(i, i > 2).map(i, say('a'))`, nil},
		{`[say('a'), 1]`, nil},
		{`x`, nil},
	}
	for _, tt := range tests {
		ast, issues := env.Compile(tt.expr)
		if issues.Err() != nil {
			t.Fatalf("%s: %v", tt.expr, issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		value, _, err := program.Eval(map[string]any{"x": 2})
		if err != nil {
			t.Fatalf("%s: %v", tt.expr, err)
		}
		got, err := Messages(value)
		if (err != nil) != (tt.expr == `x` || tt.expr == `[say('a'), 1]`) {
			t.Errorf("%s: error %v", tt.expr, err)
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.expr, got, tt.want)
			continue
		}
		for i := range got {
			en := content.Catalog{}
			if en.Render(got[i]) != en.Render(tt.want[i]) {
				t.Errorf("%s: got %v, want %v", tt.expr, got[i], tt.want[i])
			}
		}
	}
}
