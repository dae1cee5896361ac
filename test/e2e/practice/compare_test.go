package practice_test

import (
	"strings"
	"testing"

	"podlab/labs"
)

// One object of each kind that the API server fills in most, as a solution
// has it.
const solved = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: busybox:1.37
          command: [sleep, "3600"]
          resources: {limits: {cpu: 0.5, memory: 64Mi}}
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: busybox:1.37, command: ["true"]}]
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {user: kim}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: absent}
data: {a: b}
`

// Whatever the API server made of what a learner applied, exactly what
// they wrote differently is told from a solution.
func TestCompare(t *testing.T) {
	f := newFixture(t, "compare", nil)
	f.start(t, "start")
	mine, _, _ := strings.Cut(solved, "---\napiVersion: v1\nkind: ConfigMap")
	f.apply(t, mine)
	answer := labs.Answer{Name: "solved", Manifest: labs.Manifest{Name: "solved.yaml", Data: []byte(solved)}}
	same, err := f.Compare(t.Context(), f.id, answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range same {
		if c.Name == "absent" {
			if c.Mine != "" {
				t.Errorf("there is a ConfigMap that nobody made:\n%s", c.Mine)
			}
		} else if c.Mine != c.Solution {
			t.Errorf("%s %s differs from itself:\n%s\nand\n%s", c.Kind, c.Name, c.Mine, c.Solution)
		}
	}

	f.apply(t, strings.NewReplacer(
		"      volumes: [", "      initContainers: [{name: more, image: busybox:1.37, restartPolicy: Always, command: [sleep, '9'], startupProbe: {exec: {command: ['true']}}}]\n      volumes: [",
		"mountPath: /data", "mountPath: /data, readOnly: true",
		"port: 80", "port: 80, targetPort: 8080",
	).Replace(mine))
	want := map[string]string{
		"Deployment": `      initContainers:
      - name: more
        - "9"
        restartPolicy: Always
        startupProbe:
          exec:
            command:
            - "true"
          readOnly: true
`,
		"Service": "    targetPort: 8080\n",
	}
	changed, err := f.Compare(t.Context(), f.id, answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changed[:2] {
		if got := onlyIn(c.Mine, c.Solution); !sameLines(got, want[c.Kind]) {
			t.Errorf("only in the learner's %s:\n%s\nwant:\n%s", c.Kind, got, want[c.Kind])
		}
		if got := onlyIn(c.Solution, c.Mine); got != "" {
			t.Errorf("only in the solution's %s:\n%s", c.Kind, got)
		}
	}
}

// onlyIn returns the lines of a that b does not have.
func onlyIn(a, b string) string {
	known := map[string]bool{}
	for line := range strings.Lines(b) {
		known[line] = true
	}
	var out strings.Builder
	for line := range strings.Lines(a) {
		if !known[line] {
			out.WriteString(line)
		}
	}
	return out.String()
}

// sameLines compares texts whatever the order of their lines.
func sameLines(a, b string) bool { return onlyIn(a, b) == "" && onlyIn(b, a) == "" }
