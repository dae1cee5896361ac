package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"podlab/tui/theme"
)

func folded(n int) string { return fmt.Sprintf("%d equal lines", n) }

func TestEqualTexts(t *testing.T) {
	if lines := Lines("a: 1\n", "a: 1\n"); lines != nil {
		t.Errorf("Lines = %v", lines)
	}
}

// A difference is shown with what it is inside of; the rest is folded.
func TestLines(t *testing.T) {
	const mine = `kind: Pod
metadata:
  labels:
    a: b
    c: d
  name: web
spec:
  containers:
  - args:
    - one
    - two
    - three
    - four
    image: nginx:1
    name: nginx
  - image: busybox
    name: app
    env: []
    tty: true
    stdin: true
`
	theirs := strings.Replace(mine, "nginx:1", "nginx:2", 1)
	const want = `@@ 6 equal lines @@
 spec:
   containers:
   - args:
     - one
     - two
     - three
     - four
-    image: nginx:1
+    image: nginx:2
     name: nginx
   - image: busybox
     name: app
@@ 3 equal lines @@
`
	got := Text(Lines(mine, theirs), folded)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is missing at the end of an element is shown there.
func TestOrder(t *testing.T) {
	const mine = "spec:\n  mounts:\n  - name: a\n  restartPolicy: Never\n"
	const theirs = "spec:\n  mounts:\n  - name: a\n    readOnly: true\n    subPath: b\n  tty: true\n"
	const want = ` spec:
   mounts:
   - name: a
+    readOnly: true
+    subPath: b
-  restartPolicy: Never
+  tty: true
`
	if diff := cmp.Diff(want, Text(Lines(mine, theirs), folded)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The signs say everything where there are no colours, and no line is wider
// than it may be.
func TestRender(t *testing.T) {
	th := theme.New(theme.Options{Profile: termenv.ANSI})
	lines := Lines("a: 1\nlong: "+strings.Repeat("卷", 30)+"\n", "a: 2\n")
	out := Render(lines, th, 20, folded)
	for _, line := range out {
		if w := ansi.StringWidth(line); w > 20 {
			t.Errorf("%q is %d cells wide", line, w)
		}
	}
	text := ansi.Strip(strings.Join(out, "\n"))
	if !strings.HasPrefix(text, "- a: 1\n- long: 卷") || !strings.HasSuffix(text, "+ a: 2") {
		t.Errorf("Render:\n%s", text)
	}
	if colours := strings.Join(Render(Lines("a\n", "b\n"), th, 20, folded), ""); !strings.Contains(colours, "\x1b[") {
		t.Errorf("%q has no colours", colours)
	}
}
