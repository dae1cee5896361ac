package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"podlab/content"
	"podlab/grader"
	"podlab/labs"
	"podlab/labs/exam"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// result is an exam with a task of each kind: full marks, some, none, never
// opened, in part unverifiable, and one that could not be graded. One container
// printed what is meant to do harm.
func result(t *testing.T) *exam.Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := exam.ParseResult(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sources(t *testing.T) Sources {
	t.Helper()
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	blueprints, err := exam.Blueprints(content.Exams())
	if err != nil {
		t.Fatal(err)
	}
	return Sources{Catalog: catalog, Blueprints: blueprints, Zone: time.UTC}
}

func build(t *testing.T, r *exam.Result, lang content.Lang) *Report {
	t.Helper()
	report, err := Build(sources(t), r, lang)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestGolden(t *testing.T) {
	for _, lang := range content.Langs() {
		r := build(t, result(t), lang)
		golden(t, "table."+string(lang)+".txt", func(w io.Writer) error { return Table(w, r, TableOptions{}) })
		golden(t, "report."+string(lang)+".md", func(w io.Writer) error { return Markdown(w, r) })
		golden(t, "report."+string(lang)+".html", func(w io.Writer) error { return HTML(w, r) })
		if lang == content.English {
			golden(t, "report.en.json", func(w io.Writer) error { return JSON(w, r) })
			golden(t, "table.narrow.txt", func(w io.Writer) error { return Table(w, r, TableOptions{Width: 48, Texts: true}) })
		}
	}
}

// The figures, computed by hand: of the maximum of 100 the task of weight 11
// is taken out. Earned are 9 (date-adapter), 13*7/11 (log-tail-deployment),
// 17*7/13 (apache-two-sidecars), 9 (mc2) and 7 (pod-isolation, of which 3 of 9
// points are taken out): 42.43 of 89.
func TestFigures(t *testing.T) {
	r := build(t, result(t), content.English)
	if r.Score != 47 || r.Passed || r.PassMark != 66 {
		t.Errorf("score %d, passed %v, pass mark %d", r.Score, r.Passed, r.PassMark)
	}
	type figures struct {
		Judged, Untouched               bool
		Score, Points, Most, Left, Note int
	}
	want := []figures{
		{true, false, 0, 0, 12, 0, 1}, // what was given does not count
		{true, false, 100, 10, 10, 0, 0},
		{true, false, 63, 7, 11, 0, 0},
		{true, false, 53, 7, 13, 0, 0},
		{true, false, 100, 10, 10, 0, 0},
		{true, true, 0, 0, 11, 0, 0},
		{true, false, 100, 6, 6, 3, 2},
		{false, false, 0, 0, 0, 0, 2},
	}
	for i, task := range r.Tasks {
		got := figures{task.Judged, task.Untouched, task.Score, task.Points, task.MaxPoints, task.LeftOutPoints, len(task.Notes)}
		if got != want[i] {
			t.Errorf("task %d: %+v, want %+v", i+1, got, want[i])
		}
		if task.Text == "" || strings.Contains(task.Text, "{{") {
			t.Errorf("task %d: text %q", i+1, task.Text)
		}
	}
	if !strings.Contains(r.Tasks[1].Text, "stamper") {
		t.Error("the task is not shown with the exam's params")
	}
	var order []string
	for _, p := range r.Patterns {
		order = append(order, string(p.Pattern))
	}
	wantOrder := []string{"ambassador", "init", "troubleshooting", "sidecar", "network", "ipc", "adapter", "shared-volume"}
	if slices.Sort(order[4:7]); !slices.Equal(order[:4], wantOrder[:4]) || order[7] != "shared-volume" {
		t.Errorf("patterns %v", order)
	}
}

func TestPractise(t *testing.T) {
	from := sources(t)
	from.Solved = func(l *labs.Lab) bool { return l.ID == "redis-ambassador" }
	r, err := Build(from, result(t), content.English)
	if err != nil {
		t.Fatal(err)
	}
	per := map[labs.Pattern]int{}
	for i, n := range r.Practise {
		per[n.Pattern]++
		if n.Lab == "redis-ambassador" || n.Lab == "date-adapter" || n.Lab == "mc2" {
			t.Errorf("%s is solved", n.Lab)
		}
		if asked := map[string]int{"tls-ambassador": 1}[n.Lab]; n.Asked != asked {
			t.Errorf("%s was asked in task %d, not %d", n.Lab, asked, n.Asked)
		}
		if i == 0 && n.Pattern != labs.Ambassador {
			t.Errorf("first %s of %s: the weakest pattern is ambassador", n.Lab, n.Pattern)
		}
	}
	if per[labs.Ambassador] != maxNextPerPattern || len(r.Practise) != maxNext || per[labs.IPC] > 0 {
		t.Errorf("practise %+v", r.Practise)
	}
	// Nothing was lost, nothing is left.
	full := result(t)
	for i := range full.Tasks {
		full.Tasks[i].Fault = ""
		full.Tasks[i].Checks = []grader.Result{{ID: "x", Status: grader.Passed, Points: 1, Earned: 1}}
	}
	from.Solved = func(*labs.Lab) bool { return true }
	if r, err = Build(from, full, content.English); err != nil || len(r.Practise) != 0 || r.Score != 100 {
		t.Errorf("practise %+v, %v, score %d", r.Practise, err, r.Score)
	}
}

// A lab that is gone, that has other checks now, or that never offered a
// param, is reported by what the result says.
func TestLabsThatChanged(t *testing.T) {
	x := result(t)
	x.Tasks[0].Lab = "gone"
	x.Tasks[1].Checks[0].ID = "renamed"
	x.Tasks[2].Params["app"] = "![x](http://example.com/track.png)"
	r := build(t, x, content.German)
	if task := r.Tasks[0]; task.Title != "gone" || task.Text != "" || task.Checks[1].Title != "proxy" ||
		!strings.Contains(task.Checks[1].Actual, "front") || len(task.Notes) != 2 {
		t.Errorf("a lab that is gone: %+v", task)
	}
	if task := r.Tasks[1]; task.Checks[0].Title != "renamed" || len(task.Notes) != 1 {
		t.Errorf("a lab that was changed: %+v", task)
	}
	if task := r.Tasks[2]; task.Text != "" || len(task.Notes) != 1 || task.Points != 7 {
		t.Errorf("a param that the lab does not offer: %+v", task)
	}
}

// What a container printed does nothing in any format.
func TestNothingDoesHarm(t *testing.T) {
	r := build(t, result(t), content.English)
	for name, write := range map[string]func(io.Writer) error{
		"table":    func(w io.Writer) error { return Table(w, r, TableOptions{Texts: true}) },
		"markdown": func(w io.Writer) error { return Markdown(w, r) },
		"json":     func(w io.Writer) error { return JSON(w, r) },
		"html":     func(w io.Writer) error { return HTML(w, r) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u009b\u202e") || strings.Contains(b.String(), `\u001b`) {
			t.Errorf("%s holds control sequences", name)
		}
		if !strings.Contains(b.String(), "alert(1)") {
			t.Errorf("%s does not show what was printed", name)
		}
	}
}

func TestTableFitsItsWidth(t *testing.T) {
	for _, lang := range content.Langs() {
		r := build(t, result(t), lang)
		for _, width := range []int{40, 60, 80, 100, 132} {
			var b strings.Builder
			if err := Table(&b, r, TableOptions{Width: width, Texts: true}); err != nil {
				t.Fatal(err)
			}
			for l := range strings.SplitSeq(b.String(), "\n") {
				if got := uniseg.StringWidth(l); got > width {
					t.Errorf("%s, width %d: %d cells: %q", lang, width, got, l)
				}
			}
		}
	}
}

func TestColourIsOnlyAddedWhenAskedFor(t *testing.T) {
	r := build(t, result(t), content.English)
	var plain, coloured strings.Builder
	if err := Table(&plain, r, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := Table(&coloured, r, TableOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b[1;31m✗ Not passed") {
		t.Errorf("colour:\n%q", coloured.String())
	}
}

func TestTextsAreComplete(t *testing.T) {
	read := func(lang content.Lang) map[string]string {
		name := filepath.Join("..", "..", "..", "content", "texts", "examreport."+string(lang)+".yaml")
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := content.Decode(name, data, &tree); err != nil {
			t.Fatal(err)
		}
		flat := map[string]string{}
		for key, value := range tree {
			if text, ok := value.(string); ok {
				flat[key] = text
				continue
			}
			for inner, text := range value.(map[string]any) {
				flat[key+"."+inner] = text.(string)
			}
		}
		return flat
	}
	english := read(content.English)
	for _, lang := range content.Langs() {
		own := read(lang)
		if len(own) != len(english) {
			t.Errorf("%s: %d texts, English has %d", lang, len(own), len(english))
		}
		for key, text := range english {
			if own[key] == "" || !slices.Equal(content.Placeholders(own[key]), content.Placeholders(text)) {
				t.Errorf("%s: %s: %q for %q", lang, key, own[key], text)
			}
		}
	}
}
