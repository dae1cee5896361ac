package tui

import (
	"errors"
	"strings"
	"testing"

	"podlab/grader"
	"podlab/labs/practice"
)

// comparisons are a Pod with differences, a Service that is right, and a
// ConfigMap that is not there.
func comparisons() []practice.Comparison {
	const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: mc3\n"
	const pod = `apiVersion: v1
kind: Pod
metadata:
  name: mc3
  labels:
    app: mc3
spec:
  containers:
  - name: webapp
    image: busybox:1.37
    command:
    - httpd
    - -f
    - -p
    - "5000"
  - name: nginx
    image: nginx:1.29-alpine
    volumeMounts:
    - name: conf
      mountPath: /etc/nginx/nginx.conf
      readOnly: true
      subPath: nginx.conf
`
	mine := strings.NewReplacer(
		"      readOnly: true\n      subPath: nginx.conf\n", "",
		"/etc/nginx/nginx.conf", "/etc/nginx",
	).Replace(pod) + "  restartPolicy: Never\n"
	return []practice.Comparison{
		{Kind: "Pod", Name: "mc3", Mine: mine, Solution: pod},
		{Kind: "Service", Name: "mc3", Mine: service, Solution: service},
		{Kind: "ConfigMap", Name: "mc3-nginx-conf", Solution: "kind: ConfigMap\n"},
	}
}

// inSolution opens the first solution of mc3.
func inSolution(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	d.press("a")
	d.shows("projected")
	d.press("enter")
	d.shows("apiVersion")
	return d
}

func comparing(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	w.practice.compared = comparisons()
	d := inSolution(t, w, width, height)
	d.press("v")
	d.shows("Service mc3")
	return d
}

// v is of no use before a solution was asked for; then it goes back and
// forth, and what the learner changes shows at once.
func TestCompare(t *testing.T) {
	w := newWorld()
	w.practice.compared = comparisons()
	d := inLab(t, w, 80, 24)
	d.press("v")
	d.shows("Show a solution first")
	d.lacks("only in the solution")
	if w.practice.called("compare mc3 subpath") {
		t.Error("compared with a solution that nobody asked for")
	}
	d.press("a")
	d.shows("projected")
	d.press("enter")
	d.shows("Variant: subpath")
	d.press("v")
	d.shows("- only in yours")
	d.shows("-       mountPath: /etc/nginx")
	d.press("end")
	d.shows("-   restartPolicy: Never")
	d.shows("ConfigMap mc3-nginx-conf: you have not created it yet")

	w.practice.mu.Lock()
	w.practice.compared = comparisons()[1:2]
	w.practice.mu.Unlock()
	w.practice.holds(0, grader.Objects{})
	d.shows("Your objects match the solution")
	d.press("y")
	d.shows("Copied: the comparison")
	d.press("v")
	d.shows("Variant: subpath")
	d.press("tab", "v") // from another pane it leads there
	d.shows("Your objects match the solution")
}

func TestCompareFails(t *testing.T) {
	w := newWorld()
	w.practice.compareErr = errors.New("connection refused")
	d := inSolution(t, w, 80, 24)
	d.press("v")
	d.shows("Your objects for mc3 could not be compared")
	d.shows("Variant: subpath")
}
