package written

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// podServer behaves like an API server does for Pods, as far as these tests
// go: it fills in defaults, adds a token and a Pod's tolerations, and refuses
// containers without an image.
func podServer(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	o = o.DeepCopy()
	spec := o.Object["spec"].(map[string]any)
	fill := func(m map[string]any, defaults map[string]any) {
		for key, value := range defaults {
			if _, ok := m[key]; !ok {
				m[key] = value
			}
		}
	}
	fill(spec, map[string]any{
		"restartPolicy": "Always", "securityContext": map[string]any{},
		"tolerations": []any{map[string]any{"key": "node.kubernetes.io/not-ready", "tolerationSeconds": int64(300)}},
	})
	var missing field.ErrorList
	containers, _ := spec["containers"].([]any)
	for i, c := range containers {
		c := c.(map[string]any)
		at := field.NewPath("spec", "containers").Index(i)
		if c["image"] == nil {
			missing = append(missing, field.Required(at.Child("image"), ""))
		}
		if probe, ok := c["readinessProbe"].(map[string]any); ok && probe["httpGet"] == nil {
			missing = append(missing, field.Required(at.Child("readinessProbe"), "must specify a handler type"))
		}
		fill(c, map[string]any{"imagePullPolicy": "IfNotPresent", "resources": map[string]any{}})
		if probe, ok := c["readinessProbe"].(map[string]any); ok {
			fill(probe, map[string]any{"periodSeconds": int64(10)})
		}
		if limits, ok := c["resources"].(map[string]any)["limits"].(map[string]any); ok {
			if limits["cpu"] == "0.5" || limits["cpu"] == 0.5 {
				limits["cpu"] = "500m"
			}
			fill(c["resources"].(map[string]any), map[string]any{"requests": maps.Clone(limits)})
		}
		mounts, _ := c["volumeMounts"].([]any)
		c["volumeMounts"] = append(mounts, map[string]any{"name": "kube-api-access-x", "mountPath": "/var/run/secrets"})
	}
	if len(missing) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "", missing)
	}
	volumes, _ := spec["volumes"].([]any)
	for _, v := range volumes {
		if v := v.(map[string]any); len(v) == 1 {
			v["emptyDir"] = map[string]any{}
		}
	}
	spec["volumes"] = append(volumes, map[string]any{"name": "kube-api-access-x", "projected": map[string]any{}})
	spec["nodeName"] = "node"
	o.Object["status"] = map[string]any{"phase": "Running"}
	o.SetUID("1")
	o.SetCreationTimestamp(metav1.Now())
	return o, nil
}

func decode(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return o
}

func encode(t *testing.T, o map[string]any) string {
	t.Helper()
	text, err := YAML(o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const solution = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: nginx
    image: nginx
    resources:
      limits:
        cpu: 500m
    volumeMounts:
    - name: data
      mountPath: /data
  - name: app
    image: busybox
    imagePullPolicy: IfNotPresent
  volumes:
  - name: data
    emptyDir: {}
`

func TestCanonical(t *testing.T) {
	for _, cpu := range []string{"0.5", `"0.5"`} { // a number becomes a text
		manifest := decode(t, strings.Replace(solution, "500m", cpu, 1))
		if diff := cmp.Diff(solution, encode(t, Canonical(t.Context(), manifest, podServer))); diff != "" {
			t.Errorf("with cpu: %s (-want +got):\n%s", cpu, diff)
		}
	}
	refuses := func(context.Context, *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		return nil, errors.New("exceeded quota")
	}
	manifest := decode(t, strings.Replace(solution, "500m", `"0.5"`, 1))
	got := encode(t, Canonical(t.Context(), manifest, refuses))
	if !strings.Contains(got, `cpu: "0.5"`) {
		t.Errorf("what the API server refuses is not as it was written:\n%s", got)
	}
}

func TestCanonicalSecret(t *testing.T) {
	o := decode(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: x}\n")
	echo := func(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		return o, nil
	}
	want := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  a: eA==\n"
	if diff := cmp.Diff(want, encode(t, Canonical(t.Context(), o, echo))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a learner wrote, in another order and partly with the defaults written
// out, comes back from the cluster as the lines that differ.
func TestReduce(t *testing.T) {
	for _, tt := range []struct{ name, wrote, want string }{
		{"the same", solution, solution},
		{
			"another order, and defaults where the solution has none",
			`
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Always
  containers:
  - {name: app, image: busybox}
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
    resources: {limits: {cpu: "0.5"}}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
`, solution,
		},
		{
			"another value, another container, another volume",
			`
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {a/b: c}}
spec:
  restartPolicy: Never
  containers:
  - {name: more, image: redis, readinessProbe: {httpGet: {path: /, port: 80}}}
  - {name: nginx, image: nginx:2}
  volumes: [{name: other, emptyDir: {}}, {name: data, emptyDir: {medium: Memory}}]
`, `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    a/b: c
spec:
  containers:
  - name: nginx
    image: nginx:2
  - name: more
    image: redis
    readinessProbe:
      httpGet:
        path: /
        port: 80
  restartPolicy: Never
  volumes:
  - name: data
    emptyDir:
      medium: Memory
  - name: other
    emptyDir: {}
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live, err := podServer(t.Context(), decode(t, tt.wrote))
			if err != nil {
				t.Fatal(err)
			}
			got := Reduce(t.Context(), live, decode(t, solution).Object, podServer)
			if diff := cmp.Diff(tt.want, encode(t, got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An API server that refuses for another reason costs the learner only that
// defaults are shown.
func TestReduceWithoutAnswers(t *testing.T) {
	live, err := podServer(t.Context(), decode(t, solution))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	refuses := func(context.Context, *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		asked++
		return nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("exceeded quota"))
	}
	got := Reduce(t.Context(), live, decode(t, solution).Object, refuses)
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
	text := encode(t, got)
	for _, want := range []string{"restartPolicy: Always", "image: nginx"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"status", "uid", "kube-api-access", "nodeName"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("there is %q in\n%s", unwanted, text)
		}
	}
}

// What the cluster allocates is no choice of the learner's, unless the
// solution makes it one.
func TestAllocated(t *testing.T) {
	const service = `
apiVersion: v1
kind: Service
metadata: {name: s}
spec:
  clusterIP: 10.96.0.7
  clusterIPs: [10.96.0.7]
  ports: [{port: 80, nodePort: 30080}, {port: 81, nodePort: 30081}]
`
	taken := func(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
		spec := o.Object["spec"].(map[string]any)
		if spec["clusterIP"] != nil || spec["clusterIPs"] != nil || strings.Contains(encode(t, o.Object), "nodePort") {
			return nil, errors.New("already allocated")
		}
		return o, nil
	}
	like := decode(t, "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 81, nodePort: 30099}]}\n")
	got := Reduce(t.Context(), decode(t, service), like.Object, taken)
	want := maps.Clone(like.Object)
	want["spec"] = map[string]any{"ports": []any{
		map[string]any{"port": int64(81), "nodePort": int64(30081)},
		map[string]any{"port": int64(80)},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Texts stay as they were written, and what looks like a number or a boolean
// stays a text.
func TestYAML(t *testing.T) {
	long := strings.Repeat("word ", 40) + "end"
	o := map[string]any{
		"data": map[string]any{"n": "1", "b": "yes", "long": long, "script": "#!/bin/sh\necho 卷\n"},
		"kind": "ConfigMap", "empty": []any{}, "n": int64(3),
	}
	want := "kind: ConfigMap\ndata:\n  b: \"yes\"\n  long: " + long +
		"\n  \"n\": \"1\"\n  script: |\n    #!/bin/sh\n    echo 卷\nempty: []\n\"n\": 3\n"
	if diff := cmp.Diff(want, encode(t, o)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
