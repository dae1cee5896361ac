package labs_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"podlab/labs"
)

// edit damages one file of the minimal lab.
type edit struct {
	file string
	// old must occur in the file and is replaced by new; an empty old
	// replaces the whole file, or removes it where new is empty too.
	old, new string
}

// minimal returns testdata/minimal.txtar as a source, after the edits.
func minimal(t testing.TB, edits ...edit) labs.Source {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/minimal.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range archive.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for _, e := range edits {
		switch {
		case e.old == "" && e.new == "":
			delete(fsys, e.file)
		case e.old == "":
			fsys[e.file] = &fstest.MapFile{Data: []byte(e.new)}
		default:
			before := string(fsys[e.file].Data)
			if !strings.Contains(before, e.old) {
				t.Fatalf("%s does not contain %q", e.file, e.old)
			}
			fsys[e.file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(before, e.old, e.new))}
		}
	}
	return labs.Source{Dir: "L", FS: fsys}
}

func load(t testing.TB, sources ...labs.Source) *labs.Catalog {
	t.Helper()
	c, err := labs.Load(sources...)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func TestLoadReportsProblems(t *testing.T) {
	const lab = "tiny/lab.yaml"
	tests := []struct {
		name  string
		edits []edit
		want  string // lines of problems
	}{
		{
			name:  "unknown field",
			edits: []edit{{lab, "minutes: 5", "minuts: 5"}},
			want:  `L/tiny/lab.yaml:5: unknown field "minuts": check its spelling and its place, docs/labs.md lists all`,
		},
		{
			name:  "unknown field of a probe",
			edits: []edit{{lab, `name: "{{.pod}}"}`, `nam: "{{.pod}}"}`}},
			want:  `L/tiny/lab.yaml:19: unknown field "nam": check its spelling and its place, docs/labs.md lists all`,
		},
		{
			name:  "unknown fields of lab and texts at once",
			edits: []edit{{lab, "minutes: 5", "minuts: 5"}, {"tiny/de.yaml", "debrief:", "debrif:"}},
			want: `L/tiny/de.yaml:21: unknown field "debrif": check its spelling and its place, docs/labs.md lists all
L/tiny/lab.yaml:5: unknown field "minuts": check its spelling and its place, docs/labs.md lists all`,
		},
		{
			name:  "wrong type",
			edits: []edit{{lab, "minutes: 5", "minutes: soon"}},
			want:  "L/tiny/lab.yaml:5: the value `soon` does not fit here: write a whole number",
		},
		{
			name:  "no YAML",
			edits: []edit{{lab, "level: 1", "level: ]"}},
			want:  `L/tiny/lab.yaml:4: did not find expected node content: correct the YAML, here or on the lines around`,
		},
		{
			name:  "bad duration",
			edits: []edit{{lab, "    points: 1\n", "    points: 1\n    grace: soon\n"}},
			want:  `L/tiny/lab.yaml:26: duration "soon": write it as 250ms or 2s`,
		},
		{
			name:  "other version",
			edits: []edit{{lab, "version: 1", "version: 2\nfuture: field"}},
			want:  `L/tiny/lab.yaml:1: version 2 of the lab format: this podlab reads version 1`,
		},
		{
			name:  "step of two kinds",
			edits: []edit{{lab, "    note: Nothing special.", "    steps: [{passed: [image], apply: solutions/plain.yaml}]\n    note: Nothing special."}},
			want:  `L/tiny/lab.yaml:37: solution "plain": a step has exactly one of passed, delete and apply`,
		},
		{
			name:  "step that waits for nothing known",
			edits: []edit{{lab, "    note: Nothing special.", "    steps: [{passed: [imag]}]\n    note: Nothing special."}},
			want:  `L/tiny/lab.yaml:37: solution "plain": there is no check "imag": name one of the lab's`,
		},
		{
			name:  "step that deletes half a thing",
			edits: []edit{{lab, "    note: Nothing special.", "    steps: [{delete: {kind: Pod, name: web}}]\n    note: Nothing special."}},
			want:  `L/tiny/lab.yaml:37: solution "plain": write apiVersion, kind and name of the object to delete`,
		},
		{
			name: "edit of a step that is not there",
			edits: []edit{{lab, `      - old: "name: main"`, `      - in: solutions/later.yaml
        old: "name: main"`}},
			want: `L/tiny/lab.yaml:42: mutant "other-name": no step applies "solutions/later.yaml": name a manifest of its steps, or leave it out to edit the solution's own`,
		},
		{
			name:  "namespace with the name of a param",
			edits: []edit{{lab, "setup:\n", "namespaces: [pod, Out]\nsetup:\n"}},
			want: `L/tiny/lab.yaml:13: namespace "Out": use at most 12 lower-case letters and digits, but not "namespace"
L/tiny/lab.yaml:13: namespace "pod" is the name of a param, or there twice: choose another name`,
		},
		{
			name:  "no version",
			edits: []edit{{lab, "version: 1\n", ""}},
			want:  `L/tiny/lab.yaml:1: version is missing: write version: 1`,
		},
		{
			name:  "no lab.yaml",
			edits: []edit{{file: lab}},
			want:  `L/tiny/lab.yaml: missing: a lab's folder needs one, see docs/labs.md`,
		},
		{
			name:  "missing language",
			edits: []edit{{file: "tiny/ko.yaml"}},
			want:  `L/tiny/ko.yaml: missing: every lab speaks en, de, zh and ko: add it`,
		},
		{
			name:  "id is not the folder's name",
			edits: []edit{{lab, "id: tiny", "id: other"}},
			want:  `L/tiny/lab.yaml:2: id "other": write "tiny", the name of the folder`,
		},
		{
			name: "head",
			edits: []edit{{lab, "pattern: shared-volume", "pattern: magic"}, {lab, "level: 1", "level: 4"},
				{lab, "minutes: 5", "minutes: 0"}, {lab, "source: Multi-container Pods\n", ""}},
			want: `L/tiny/lab.yaml:1: source is missing: name the document as docs/documents.md does
L/tiny/lab.yaml:3: pattern "magic": use one of shared-volume, ipc, network, sidecar, ambassador, adapter, init, troubleshooting
L/tiny/lab.yaml:4: level 4: use 1 (warm-up), 2 (exam) or 3 (exam-hard)
L/tiny/lab.yaml:5: minutes 0: write the target time, at least 1`,
		},
		{
			name:  "check without texts",
			edits: []edit{{"tiny/de.yaml", "  image:\n    title", "  imag:\n    title"}},
			want: `L/tiny/de.yaml:14: texts for check "imag", which lab.yaml does not have: remove them or correct the id
L/tiny/lab.yaml:29: check "image" has no texts in de.yaml: add them there under checks`,
		},
		{
			name:  "duplicate check id",
			edits: []edit{{lab, "id: image", "id: container"}},
			want: `L/tiny/de.yaml:14: texts for check "image", which lab.yaml does not have: remove them or correct the id
L/tiny/en.yaml:14: texts for check "image", which lab.yaml does not have: remove them or correct the id
L/tiny/ko.yaml:14: texts for check "image", which lab.yaml does not have: remove them or correct the id
L/tiny/lab.yaml:29: check id "container" is used twice: choose another
L/tiny/lab.yaml:48: mutant "other-image": there is no check "image": name one of the lab's
L/tiny/zh.yaml:14: texts for check "image", which lab.yaml does not have: remove them or correct the id`,
		},
		{
			name:  "param name",
			edits: []edit{{lab, "name: pod\n", "name: namespace\n"}},
			want:  `L/tiny/lab.yaml:10: param "namespace" is always there: choose another name`,
		},
		{
			name:  "param without default",
			edits: []edit{{lab, "default: web\n", "default: ''\n"}},
			want:  `L/tiny/lab.yaml:11: param "pod" has no default: write the value that practice uses`,
		},
		{
			name:  "listed file is missing",
			edits: []edit{{file: "tiny/setup/config.yaml"}},
			want:  `L/tiny/lab.yaml:14: there is no file "setup/config.yaml" in the lab's folder: add it or correct the name`,
		},
		{
			name:  "file in the wrong place",
			edits: []edit{{lab, "solutions/plain.yaml", "solutions/../plain.yaml"}},
			want:  `L/tiny/lab.yaml:36: file "solutions/../plain.yaml": write solutions/<name> and put it there`,
		},
		{
			name:  "mutant of no solution",
			edits: []edit{{lab, "from: plain", "from: fancy"}},
			want:  `L/tiny/lab.yaml:40: mutant "other-name": there is no solution "fancy": name one of the lab's`,
		},
		{
			name:  "mutant with neither",
			edits: []edit{{lab, "    manifest: mutants/other-image.yaml\n", ""}},
			want:  `L/tiny/lab.yaml:46: mutant "other-image": write either from and replace, or manifest`,
		},
		{
			name:  "mutant that changes nothing",
			edits: []edit{{lab, `"name: side"`, `"name: main"`}},
			want:  `L/tiny/lab.yaml:42: mutant "other-name": old and new are the same: make a mistake`,
		},
		{
			name:  "mutant that catches nothing",
			edits: []edit{{lab, "catch: [image]", "catch: []"}},
			want:  `L/tiny/lab.yaml:46: mutant "other-image": catch is empty: name the checks that must not pass`,
		},
		{
			name:  "edit that does not fit",
			edits: []edit{{lab, `old: "name: main"`, `old: "name:"`}},
			want:  `L/tiny/lab.yaml:42: mutant "other-name": old occurs 2 times in solutions/plain.yaml: quote a part that occurs exactly once`,
		},
		{
			name:  "template with an unknown param in a block of text",
			edits: []edit{{"tiny/en.yaml", "  that uses", "  {{.nmae}} uses"}},
			want:  `L/tiny/en.yaml:5: the template uses {{.nmae}}, which is no param: declare it under params, or use one of namespace, pod`,
		},
		{
			name:  "bad template in a manifest",
			edits: []edit{{"tiny/solutions/plain.yaml", "{{.pod}}", "{{.pod | shout}}"}},
			want:  `L/tiny/solutions/plain.yaml:4: bad template: function "shout" not defined: for braces that are meant as such write {{"{{"}}`,
		},
		{
			name:  "uncompilable expression",
			edits: []edit{{lab, "expr: sameImage(", "expr: sameImag("}},
			want:  `L/tiny/lab.yaml:31: CEL: undeclared reference to 'sameImag' (in container '') (at 1:9 of the expression)`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := labs.Load(minimal(t, tt.edits...))
			if err == nil {
				t.Fatalf("Load found no problem, want:\n%s", tt.want)
			}
			if err.Error() != tt.want {
				t.Errorf("Load found:\n%v\nwant:\n%s", err, tt.want)
			}
		})
	}
}

func TestLoadReportsAllLabsAtOnce(t *testing.T) {
	one := minimal(t, edit{"tiny/lab.yaml", "level: 1", "level: 9"})
	files := one.FS.(fstest.MapFS)
	files["second/README.md"] = &fstest.MapFile{Data: []byte("not yet")}
	_, err := labs.Load(one)
	want := `L/second/lab.yaml: missing: a lab's folder needs one, see docs/labs.md
L/tiny/lab.yaml:4: level 9: use 1 (warm-up), 2 (exam) or 3 (exam-hard)`
	if err == nil || err.Error() != want {
		t.Errorf("Load found:\n%v\nwant:\n%s", err, want)
	}
}

func TestLaterSourceReplacesLab(t *testing.T) {
	base := minimal(t, edit{"tiny/lab.yaml", "level: 1", "level: 9"}) // broken, but replaced
	over := minimal(t, edit{"tiny/lab.yaml", "minutes: 5", "minutes: 7"})
	over.Dir = "mine"
	c := load(t, base, over)
	if got := len(c.Labs()); got != 1 {
		t.Fatalf("%d labs, want the two to be one", got)
	}
	l, err := c.Lab("tiny")
	if err != nil {
		t.Fatal(err)
	}
	if l.Minutes != 7 {
		t.Errorf("minutes %d: the first source won, want 7 of the second", l.Minutes)
	}
	if got := l.Path("en.yaml"); got != "mine/tiny/en.yaml" {
		t.Errorf("Path = %q, want the second source's", got)
	}
}

func TestLoadOfOneLabsFolder(t *testing.T) {
	inside := labs.Source{Dir: "L/tiny", FS: os.DirFS("testdata/nothing")}
	if _, err := labs.Load(inside); err == nil || !strings.Contains(err.Error(), "name a directory that holds lab folders") {
		t.Errorf("missing directory: %v", err)
	}
	inside.FS = fstest.MapFS{"lab.yaml": {Data: []byte("version: 1")}}
	if _, err := labs.Load(inside); err == nil || !strings.Contains(err.Error(), "name the directory that holds it") {
		t.Errorf("a lab's own folder: %v", err)
	}
}

func TestUnknownLabNamesClosest(t *testing.T) {
	source := labs.Source{Dir: "L", FS: fstest.MapFS{}}
	for _, id := range []string{"mc1", "mc2", "init-ordering"} {
		one := minimal(t).FS.(fstest.MapFS)
		for name, f := range one {
			data := strings.Replace(string(f.Data), "id: tiny", "id: "+id, 1)
			source.FS.(fstest.MapFS)[id+strings.TrimPrefix(name, "tiny")] = &fstest.MapFile{Data: []byte(data)}
		}
	}
	c := load(t, source)
	for id, want := range map[string]string{
		"mc":            `no lab "mc": did you mean mc1 or mc2?`,
		"m1c":           `no lab "m1c": did you mean mc1?`,
		"MC2":           `no lab "MC2": did you mean mc2 or mc1?`,
		"init":          `no lab "init": did you mean init-ordering?`,
		"init-orderign": `no lab "init-orderign": did you mean init-ordering?`,
		"sidecar":       `no lab "sidecar": podlab list shows all`,
	} {
		if _, err := c.Lab(id); err == nil || err.Error() != want {
			t.Errorf("Lab(%q): %v, want %s", id, err, want)
		}
	}
}
