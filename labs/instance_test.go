package labs_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
)

func tiny(t testing.TB, edits ...edit) *labs.Lab {
	t.Helper()
	l, err := load(t, minimal(t, edits...)).Lab("tiny")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func instance(t testing.TB, l *labs.Lab, params map[string]string) *labs.Instance {
	t.Helper()
	i, err := l.Instantiate("exam-7", params)
	if err != nil {
		t.Fatalf("Instantiate: %v", err)
	}
	return i
}

func TestInstantiateExpandsEverything(t *testing.T) {
	l := tiny(t)
	i := instance(t, l, map[string]string{"pod": "shop"})

	if i.Params["pod"] != "shop" || i.Namespace != "exam-7" {
		t.Errorf("params %v in namespace %s", i.Params, i.Namespace)
	}
	if got := i.Spec.Probes["pod"].Object.Name; got != "shop" {
		t.Errorf("probe looks for Pod %q, want shop", got)
	}
	if got := l.Probes["pod"].Object.Name; got != "{{.pod}}" {
		t.Errorf("the lab itself changed: its probe looks for %q", got)
	}
	if got := string(i.Setup[0].Data); !strings.Contains(got, `namespace: "exam-7"`) || !strings.Contains(got, `pod: "shop"`) {
		t.Errorf("setup is not expanded:\n%s", got)
	}
	if got := i.Files[0]; got.Name != "pod.yaml" || string(got.Data) != "kind: Pod # shop, unfinished\n" {
		t.Errorf("file %q: %q", got.Name, got.Data)
	}
	for _, a := range append(i.Solutions, i.Mutants...) {
		if !strings.Contains(string(a.Manifest.Data), "name: shop\n") {
			t.Errorf("answer %q is not expanded:\n%s", a.Name, a.Manifest.Data)
		}
	}
	side := i.Mutants[0]
	if got := string(side.Manifest.Data); !strings.Contains(got, "- name: side") || strings.Contains(got, "name: main") {
		t.Errorf("the mutant's edit was not made:\n%s", got)
	}
	if diff := cmp.Diff([]string{"container"}, side.Catch); diff != "" {
		t.Error(diff)
	}
	for _, lang := range content.Langs() {
		text := i.Text(lang)
		if !strings.Contains(text.Task, "shop") || text.Hints[1] != "kubectl run shop" || !strings.Contains(text.Checks["container"].Title, "shop") {
			t.Errorf("%s texts are not expanded: %+v", lang, text)
		}
	}
	if got := i.Text("fr").Title; got != "A tiny lab" {
		t.Errorf("Text of an unknown language has the title %q, want the English one", got)
	}
	if i.Program == nil {
		t.Error("no Program")
	}
}

func TestInstantiateParams(t *testing.T) {
	l := tiny(t)
	if got := instance(t, l, nil).Params; !maps.Equal(got, map[string]string{"pod": "web"}) {
		t.Errorf("params %v without any given, want the defaults", got)
	}
	_, err := l.Instantiate("n", map[string]string{"pdo": "x"})
	if err == nil || err.Error() != `lab tiny has no param "pdo": it has pod` {
		t.Errorf("unknown param: %v", err)
	}
}

// TestEditsAreMadeInTheExpandedManifest guards the documented order.
func TestEditsAreMadeInTheExpandedManifest(t *testing.T) {
	l := tiny(t, edit{"tiny/lab.yaml", `old: "name: main"`, `old: "name: {{.pod}}\nspec:"`},
		edit{"tiny/lab.yaml", `new: "name: side"`, `new: "name: {{.pod}}-2\nspec:"`})
	got := string(instance(t, l, map[string]string{"pod": "blog"}).Mutants[0].Manifest.Data)
	if !strings.Contains(got, "name: blog-2\nspec:") {
		t.Errorf("the edit was not made:\n%s", got)
	}
}

// A mutant takes the solution's steps unless it lists others, and its edits of
// a step's manifest leave the solution alone.
func TestSteps(t *testing.T) {
	const file = "tiny/lab.yaml"
	steps := edit{file, "    note: Nothing special.\n", `    steps:
      - passed: [image]
      - delete: {apiVersion: v1, kind: Pod, name: "{{.pod}}"}
      - apply: solutions/later.yaml
    note: Nothing special.
  - name: again
    manifest: solutions/plain.yaml
    note: Without steps.
`}
	edits := edit{file, "  - name: other-image\n", `  - name: not-deleted
    from: plain
    steps: []
    catch: [image]
    note: Stops too early.
  - name: other-later
    from: plain
    replace:
      - {in: solutions/later.yaml, old: "v: one", new: "v: two"}
    catch: [image]
    note: Goes on with something else.
  - name: other-image
`}
	later := edit{file: "tiny/solutions/later.yaml", new: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{.pod}}\"}\ndata: {v: one}\n"}
	i := instance(t, tiny(t, steps, edits, later), nil)

	plain := i.Solutions[0].Steps
	if len(plain) != 3 || plain[0].Passed[0] != "image" || plain[1].Delete.Name != "web" || !strings.Contains(string(plain[2].Apply.Data), "name: \"web\"") {
		t.Fatalf("the solution's steps are %+v", plain)
	}
	if got := plain[1].Delete.DeleteCommand(); got != "kubectl delete pod web" {
		t.Errorf("the command is %q", got)
	}
	if got := len(i.Solutions[1].Steps); got != 0 {
		t.Errorf("a solution without steps has %d", got)
	}
	for _, m := range i.Mutants {
		switch m.Name {
		case "other-name":
			if len(m.Steps) != 3 {
				t.Errorf("a mutant that lists no steps has %d, want the solution's", len(m.Steps))
			}
		case "not-deleted":
			if len(m.Steps) != 0 {
				t.Errorf("a mutant that lists none has %d steps", len(m.Steps))
			}
			if string(m.Manifest.Data) != string(i.Solutions[0].Manifest.Data) {
				t.Error("a mutant without edits has another manifest than its solution")
			}
		case "other-later":
			if got := string(m.Steps[2].Apply.Data); !strings.Contains(got, "v: two") {
				t.Errorf("the step was not edited:\n%s", got)
			}
		}
	}
	if got := string(i.Solutions[0].Steps[2].Apply.Data); !strings.Contains(got, "v: one") {
		t.Errorf("the edit of a mutant changed the solution:\n%s", got)
	}
}

func TestFurtherNamespaces(t *testing.T) {
	const file = "tiny/lab.yaml"
	l := tiny(t, edit{file, "setup:\n", "namespaces: [outside]\nsetup:\n"},
		edit{"tiny/en.yaml", "summary: One", "summary: Beside {{.outside}}, one"})
	i := instance(t, l, nil)
	if len(i.Namespaces) != 1 || i.Namespaces[0] != "exam-7-outside" {
		t.Errorf("namespaces %v, want exam-7-outside", i.Namespaces)
	}
	if got := i.Text(content.English).Summary; !strings.Contains(got, "exam-7-outside") {
		t.Errorf("the text does not name it: %s", got)
	}
}

func TestLocalize(t *testing.T) {
	i := instance(t, tiny(t), nil)
	graded := &grader.Report{
		Namespace: "exam-7",
		Duration:  150 * time.Millisecond,
		Results: []grader.Result{
			{ID: "container", Status: grader.Passed, Points: 1, Earned: 1, Duration: 2 * time.Millisecond},
			{ID: "image", Status: grader.Failed, Points: 2, Actual: []content.Message{
				content.Say("uses", "image", "evil\x1b[2J:1\x1b]0;title\x07"),
				content.Say("lacks", "have", strings.Repeat("line\n", 15)),
				content.Say("unheard-of", "a", "b"),
			}},
		},
	}
	want := &report.Report{
		Lab: "tiny", Title: "Eine winzige Übung", Namespace: "exam-7", Language: "de",
		Score: 33, Points: 1, MaxPoints: 3, VerifiablePoints: 3, DurationMS: 150,
		Checks: []report.Check{
			{ID: "container", Title: "Pod web hat seinen Container", Status: grader.Passed, Points: 1, Earned: 1,
				Expected: "Ein Container main", Why: "Er ist verlangt.", DurationMS: 2},
			{ID: "image", Title: "Das Image stimmt", Status: grader.Failed, Points: 2,
				Expected: "busybox:1.37", Why: "Auch das ist verlangt.",
				Actual: "Das Image ist evil:1\nEs gibt nur: " + strings.Repeat("line\n", 12) + "… (+3)\nunheard-of a=b"},
		},
	}
	if diff := cmp.Diff(want, i.Localize(graded, content.German)); diff != "" {
		t.Errorf("Localize (-want +got):\n%s", diff)
	}
}

// TestLocalizeUsesTheGradersMessages needs the lab's own messages to lie over
// the grader's, not instead of them.
func TestLocalizeUsesTheGradersMessages(t *testing.T) {
	i := instance(t, tiny(t), nil)
	graded := &grader.Report{Results: []grader.Result{
		{ID: "image", Status: grader.Failed, Actual: []content.Message{content.Say("image", "container", "main", "image", "nginx:1")}},
	}}
	for _, lang := range content.Langs() {
		got := i.Localize(graded, lang).Checks[0].Actual
		if !strings.Contains(got, "nginx:1") || strings.Contains(got, "container=main") {
			t.Errorf("%s: the grader's message reads %q", lang, got)
		}
	}
}

// TestSeededIsStable pins values: a change would alter the exams of those who
// kept a seed.
func TestSeededIsStable(t *testing.T) {
	l := &labs.Lab{ID: "pinned", Params: []labs.Param{
		{Name: "pod", Default: "a", Choices: []string{"b", "c", "d"}},
		{Name: "port", Default: "80", Choices: []string{"8080", "9090"}},
		{Name: "fixed", Default: "only"},
	}}
	for seed, want := range map[uint64]string{
		1: "a 8080 only", 2: "a 80 only", 3: "d 8080 only", 1 << 63: "c 9090 only",
	} {
		v := l.Seeded(seed)
		if got := v["pod"] + " " + v["port"] + " " + v["fixed"]; got != want {
			t.Errorf("Seeded(%d) = %s, want %s", seed, got, want)
		}
	}
	seen := map[string]int{}
	for seed := range uint64(4000) {
		seen[l.Seeded(seed)["pod"]]++
	}
	for _, v := range []string{"a", "b", "c", "d"} {
		if seen[v] < 850 || seen[v] > 1150 {
			t.Errorf("%q was chosen %d times in 4000, want about 1000", v, seen[v])
		}
	}
}

// TestSeededIsIndependent: a param that is added later changes no other.
func TestSeededIsIndependent(t *testing.T) {
	one := labs.Param{Name: "pod", Default: "a", Choices: []string{"b", "c", "d"}}
	other := labs.Param{Name: "port", Default: "80", Choices: []string{"8080"}}
	for seed := range uint64(50) {
		alone := (&labs.Lab{ID: "x", Params: []labs.Param{one}}).Seeded(seed)["pod"]
		both := (&labs.Lab{ID: "x", Params: []labs.Param{other, one}}).Seeded(seed)["pod"]
		if alone != both {
			t.Fatalf("seed %d: %s alone, %s beside another param", seed, alone, both)
		}
	}
}

func TestEmbeddedLabsLoad(t *testing.T) {
	embedded := labs.Embedded()
	// As a source from disk, so that Load also instantiates each lab.
	c := load(t, labs.Source{Dir: embedded.Dir, FS: embedded.FS})
	for _, id := range []string{"mc1", "mc2", "mc3", "init-ordering"} {
		if _, err := c.Lab(id); err != nil {
			t.Error(err)
		}
	}
}

func TestLabsAreInOrder(t *testing.T) {
	var got []string
	for _, l := range load(t, labs.Embedded()).Labs() {
		got = append(got, string(l.Pattern))
	}
	rank := map[string]int{"shared-volume": 0, "ipc": 1, "network": 2, "sidecar": 3, "ambassador": 4, "adapter": 5, "init": 6, "troubleshooting": 7}
	for n := 1; n < len(got); n++ {
		if rank[got[n-1]] > rank[got[n]] {
			t.Errorf("pattern %s is offered before %s", got[n-1], got[n])
		}
	}
}

func BenchmarkLoadEmbedded(b *testing.B) {
	for b.Loop() {
		load(b, labs.Embedded())
	}
}

func BenchmarkInstantiate(b *testing.B) {
	l, err := load(b, labs.Embedded()).Lab("mc3")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		instance(b, l, nil)
	}
}
