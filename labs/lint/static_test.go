package lint_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"podlab/labs"
	"podlab/labs/lint"
)

// edit replaces old by new in a file of the minimal lab; an empty old adds
// the file.
type edit struct{ file, old, new string }

func minimal(t testing.TB, edits ...edit) labs.Source {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/minimal.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range archive.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for _, e := range edits {
		if e.old == "" {
			fsys[e.file] = &fstest.MapFile{Data: []byte(e.new)}
			continue
		}
		before := string(fsys[e.file].Data)
		if !strings.Contains(before, e.old) {
			t.Fatalf("%s does not contain %q", e.file, e.old)
		}
		fsys[e.file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(before, e.old, e.new))}
	}
	return labs.Source{Dir: "L", FS: fsys}
}

func TestStaticFindsNothingInAGoodLab(t *testing.T) {
	if problems := lint.Static(lint.StaticOptions{Images: []string{"docker.io/library/busybox:1.37"}}, minimal(t)); problems != nil {
		t.Errorf("problems of the minimal lab:\n%v", problems)
	}
}

func TestStatic(t *testing.T) {
	const lab, en, de, zh = "tiny/lab.yaml", "tiny/en.yaml", "tiny/de.yaml", "tiny/zh.yaml"
	tests := []struct {
		name  string
		edits []edit
		want  string
	}{
		{
			name:  "what Load refuses",
			edits: []edit{{lab, "minutes: 5", "minuts: 5"}},
			want:  `L/tiny/lab.yaml:5: unknown field "minuts": check its spelling and its place, docs/labs.md lists all`,
		},
		{
			name:  "what Load refuses, and more",
			edits: []edit{{lab, "minutes: 5", "minutes: 0"}, {en, "title: A tiny lab", "title: ''"}},
			want: `L/tiny/en.yaml:1: title is empty: write it
L/tiny/lab.yaml:5: minutes 0: write the target time, at least 1`,
		},
		{
			name:  "unstated name",
			edits: []edit{{de, "Container `main` an", "Container an"}},
			want:  `L/tiny/de.yaml:3: the task does not state "main", which check "container" grades: state it, or list it under notGraded of the check`,
		},
		{
			name:  "name that is not graded",
			edits: []edit{{lab, "expr: main != null", "expr: main != null || pod.status.phase == 'Running'\n    notGraded: [Running]"}},
		},
		{
			name:  "notGraded without use",
			edits: []edit{{lab, "expr: main != null", "expr: main != null\n    notGraded: [Running]"}},
			want:  `L/tiny/lab.yaml:27: notGraded lists "Running", which check "container" does not use: remove it`,
		},
		{
			name:  "task that states the default only",
			edits: []edit{{zh, "创建 Pod {{.pod}}", "创建 Pod web"}},
			want:  `L/tiny/zh.yaml:3: the task does not state "shop", which check "container" grades: state it, or list it under notGraded of the check (with the params pod=shop)`,
		},
		{
			name: "choice that breaks an expression",
			edits: []edit{{lab, "choices: [shop, blog]", "choices: [a-b]"},
				{lab, "expr: sameImage(", "expr: pod.metadata.labels.{{.pod}} == '' && sameImage("}},
			want: `L/tiny/lab.yaml:31: CEL: undeclared reference to 'b' (in container '') (at 1:23 of the expression) (with the params pod=a-b)`,
		},
		{
			name:  "undeclared image in a solution",
			edits: []edit{{"tiny/solutions/plain.yaml", "busybox:1.37", "busybox:1.38"}},
			want:  `L/tiny/solutions/plain.yaml:8: image "docker.io/library/busybox:1.38" is not declared: add it to images in lab.yaml, or use one that is there`,
		},
		{
			name: "undeclared image deep in setup",
			edits: []edit{{"tiny/setup/config.yaml", "apiVersion: v1\n", `apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: i, image: alpine}]}}}}}
---
apiVersion: v1
`}},
			want: `L/tiny/setup/config.yaml:5: image "alpine" is not declared: add it to images in lab.yaml, or use one that is there`,
		},
		{
			name:  "unused image",
			edits: []edit{{lab, "  - busybox:1.37", "  - busybox:1.37\n  - nginx:1.29-alpine"}},
			want:  `L/tiny/lab.yaml:9: image "nginx:1.29-alpine" is used by no setup, file or solution: remove it`,
		},
		{
			name:  "too few hints",
			edits: []edit{{de, "  - Lies die Aufgabe.\n", ""}},
			want: `L/tiny/de.yaml:6: 1 hints where en.yaml has 2: write as many
L/tiny/de.yaml:6: 1 hints: write at least 2, from gentle to plain`,
		},
		{
			name:  "empty and overlong texts",
			edits: []edit{{en, "summary: One container in one Pod.", "summary: |\n  One.\n  Two."}, {en, "why: It is asked for.", "why: ' '"}, {en, "  - Read the task.", "  - ''"}},
			want: `L/tiny/en.yaml:2: summary has several lines: write one
L/tiny/en.yaml:9: hint 1 is empty: write it
L/tiny/en.yaml:15: why is empty: write it`,
		},
		{
			name:  "characters",
			edits: []edit{{en, "Create a", "⚠️ Create\ta"}, {de, "Übung", "U\u0308bung"}, {zh, "就这些。", "就这些。\u202e"}},
			want: `L/tiny/de.yaml:1: the text is not NFC, so that terminals misplace it: save it with composed characters
L/tiny/en.yaml:4: a tab, which terminals show in different widths: write blanks
L/tiny/en.yaml:4: the emoji '\u26a0' differs in width between terminals: write a word, or one of ✓ ✗ ● ○
L/tiny/zh.yaml:21: a control character or invalid UTF-8: remove it`,
		},
		{
			name:  "message without a translation",
			edits: []edit{{de, "  uses: \"Das Image ist {image}\"\n", ""}},
			want: `L/tiny/de.yaml:18: message "uses" is missing, en.yaml has it: translate it
L/tiny/lab.yaml:32: a check says "uses", for which de.yaml has no text: add it there under messages`,
		},
		{
			name:  "message with another placeholder",
			edits: []edit{{zh, "{image}", "{img}"}},
			want: `L/tiny/lab.yaml:32: a check says "uses" without a value for {img}, which zh.yaml shows: give it one
L/tiny/zh.yaml:20: message "uses" has the placeholders {img} where en.yaml has {image}: use the same`,
		},
		{
			name:  "message that nobody says",
			edits: []edit{{lab, "say('uses', {'image': image(pod, 'main')})", "say('lacks', {'have': 'none'})"}},
			want: `L/tiny/de.yaml:20: no check says the message "uses": remove it
L/tiny/en.yaml:20: no check says the message "uses": remove it
L/tiny/ko.yaml:20: no check says the message "uses": remove it
L/tiny/zh.yaml:20: no check says the message "uses": remove it`,
		},
		{
			name:  "untranslated text",
			edits: []edit{{de, "debrief: Das war alles.", "debrief: That was all."}},
			want:  `L/tiny/de.yaml:21: debrief is the same as in en.yaml: translate it`,
		},
		{
			name:  "check that catches no mutant",
			edits: []edit{{lab, "catch: [image]", "catch: [container]"}},
			want:  `L/tiny/lab.yaml:29: check "image" catches no mutant: add the mistake that it is there for`,
		},
		{
			name:  "answer without a note",
			edits: []edit{{lab, "    note: Nothing special.\n", ""}},
			want:  `L/tiny/lab.yaml:35: solution "plain": write one line as its note, what is special about it`,
		},
		{
			name:  "params",
			edits: []edit{{lab, "choices: [shop, blog]", "choices: [shop, web, '']\n  - name: idle\n    default: x"}},
			want: `L/tiny/lab.yaml:12: param "pod": "web" is there twice (the default is a choice already): remove one
L/tiny/lab.yaml:12: param "pod": a choice is empty: remove it
L/tiny/lab.yaml:13: param "idle" is not used: use it as {{.idle}} or remove it`,
		},
		{
			name:  "stray file",
			edits: []edit{{"tiny/solutions/old.yaml", "", "kind: Pod"}},
			want:  `L/tiny/solutions/old.yaml:1: lab.yaml does not list this file: list it or remove it`,
		},
		{
			name:  "manifest that is no YAML",
			edits: []edit{{"tiny/setup/config.yaml", "  name: config", "  name: config\n  name: twice"}},
			want:  `L/tiny/setup/config.yaml:6: no valid YAML: key "name" already set in map: correct it`,
		},
		{
			name:  "manifest without a name",
			edits: []edit{{"tiny/setup/config.yaml", "  name: config\n", ""}},
			want:  `L/tiny/setup/config.yaml:2: no Kubernetes object: write apiVersion, kind and metadata.name`,
		},
		{
			name:  "manifest in a namespace of its own",
			edits: []edit{{"tiny/setup/config.yaml", `"{{.namespace}}"`, "podlab-tiny"}},
			want:  `L/tiny/setup/config.yaml:2: ConfigMap config names the namespace "podlab-tiny": leave it out, or write {{.namespace}}`,
		},
		{
			name:  "mutant that is no manifest",
			edits: []edit{{lab, `new: "name: side"`, `new: "name: [side"`}},
			want:  `L/tiny/lab.yaml:39: mutant "other-name", line 7 of its manifest: no valid YAML: did not find expected ',' or ']': correct it`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems := lint.Static(lint.StaticOptions{}, minimal(t, tt.edits...))
			if got := problems.Error(); got != tt.want {
				t.Errorf("Static found:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestStaticImagesOfTheBundle(t *testing.T) {
	problems := lint.Static(lint.StaticOptions{Images: []string{"nginx:1.29-alpine", "debian:13-slim"}}, minimal(t))
	want := `L/tiny/lab.yaml:8: image "busybox:1.37" is not in the bundle: use one of nginx:1.29-alpine, debian:13-slim`
	if got := problems.Error(); got != want {
		t.Errorf("Static found:\n%s\nwant:\n%s", got, want)
	}
}

// TestEmbeddedLabs holds the labs that podlab brings along to all that
// podlab lint asks for. The images are those of the offline bundle.
func TestEmbeddedLabs(t *testing.T) {
	bundle := []string{
		"busybox:1.37", "alpine:3.22", "debian:13-slim", "nginx:1.29-alpine", "httpd:2.4-alpine", "redis:8.0-alpine",
		"haproxy:3.0-alpine", "nginx/nginx-prometheus-exporter:1.4.1", "curlimages/curl:8.14.1",
	}
	for _, p := range lint.Static(lint.StaticOptions{Images: bundle}, labs.Embedded()) {
		t.Error(p)
	}
}
