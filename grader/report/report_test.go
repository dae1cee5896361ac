package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"podlab/content"
	"podlab/grader"
)

func sample() *Report {
	return &Report{
		Lab: "mc3", Title: "nginx reverse proxy", Namespace: "podlab-mc3", Language: "en",
		Score: 28, Points: 2, MaxPoints: 7, VerifiablePoints: 6, DurationMS: 123,
		Checks: []Check{
			{ID: "pod", Title: "Pod mc3 runs both containers", Status: grader.Passed, Points: 2, Earned: 2, Expected: "both run", Why: "w", DurationMS: 5},
			{ID: "proxy", Title: "nginx passes requests on", Status: grader.Failed, Points: 2, Expected: "webapp logs the path", Actual: "nginx answered 502\n<connect() failed>", Why: "proxy_pass must name a port that somebody listens on."},
			{ID: "service", Title: "Service answers", Status: grader.Pending, Points: 1, Expected: "200", Actual: "no endpoints yet"},
			{ID: "sim", Title: "Needs containers", Status: grader.Unverifiable, Points: 1},
			{ID: "broken", Title: "Needs the cluster", Status: grader.Errored, Points: 1, Actual: "the API server answered 500"},
		},
	}
}

func texts(t *testing.T, lang content.Lang) Texts {
	t.Helper()
	tx, err := LoadTexts(lang)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, sample(), TableOptions{Texts: texts(t, content.English), Width: 60}); err != nil {
		t.Fatal(err)
	}
	want := `mc3 · nginx reverse proxy

✓ passed          2/2  Pod mc3 runs both containers
✗ failed          0/2  nginx passes requests on
    expected  webapp logs the path
    found     nginx answered 502
              <connect() failed>
    why       proxy_pass must name a port that somebody
              listens on.
○ pending         0/1  Service answers
    expected  200
    found     no endpoints yet
? not verifiable  0/1  Needs containers
! error           0/1  Needs the cluster
    found     the API server answered 500

2 of 7 points (28 %)
Verified on this cluster: 6 of 7 points. The checks that are
not verifiable say why.
Checks that could not be judged because podlab or the
cluster failed, which is not your mistake: 1.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTableFitsItsWidthInEveryLanguage(t *testing.T) {
	long := map[content.Lang]string{
		content.English: "The container nginx forwards every request to 127.0.0.1:5000/averylongpathwithoutanyblankinitthatcannotbebroken",
		content.German:  "Der Container nginx leitet jede Anfrage an 127.0.0.1:5000 weiter, und zwar ausnahmslos.",
		content.Chinese: "容器 nginx 必须把每个请求都转发到 127.0.0.1:5000，并且 webapp 的日志中必须出现该路径；否则，检查不会通过。",
		content.Korean:  "컨테이너 nginx는 모든 요청을 127.0.0.1:5000으로 전달해야 하며 webapp 로그에 그 경로가 나타나야 합니다.",
	}
	for _, lang := range content.Langs() {
		for _, width := range []int{30, 60, 80} {
			r := sample()
			r.Language = string(lang)
			for i := range r.Checks {
				r.Checks[i].Title, r.Checks[i].Actual, r.Checks[i].Why = long[lang], long[lang], long[lang]
			}
			var b bytes.Buffer
			if err := Table(&b, r, TableOptions{Texts: texts(t, lang), Width: width}); err != nil {
				t.Fatal(err)
			}
			for l := range strings.SplitSeq(b.String(), "\n") {
				if got := uniseg.StringWidth(l); got > width {
					t.Errorf("%s, width %d: %d cells: %q", lang, width, got, l)
				}
				if trimmed := strings.TrimSpace(l); strings.HasPrefix(trimmed, "，") || strings.HasPrefix(trimmed, "。") {
					t.Errorf("%s, width %d: a line starts with punctuation: %q", lang, width, l)
				}
			}
		}
	}
}

func TestColourIsOnlyAddedWhenAskedFor(t *testing.T) {
	var plain, coloured bytes.Buffer
	tx := texts(t, content.English)
	if err := Table(&plain, sample(), TableOptions{Texts: tx}); err != nil {
		t.Fatal(err)
	}
	if err := Table(&coloured, sample(), TableOptions{Texts: tx, Color: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("a table without colour holds escape sequences")
	}
	if !strings.Contains(coloured.String(), "\x1b[31m✗ failed") {
		t.Errorf("a failed check is not red:\n%q", coloured.String())
	}
}

func TestControlSequencesDoNotReachTheOutput(t *testing.T) {
	r := sample()
	r.Checks[1].Title = "title\x1b]0;evil\x07"
	r.Checks[1].Actual = "log: \x1b[2J\u202eevil\x9b1m\n" + strings.Repeat("line\n", 500)
	write := map[string]func(*bytes.Buffer) error{
		"table": func(b *bytes.Buffer) error { return Table(b, r, TableOptions{Texts: texts(t, content.English)}) },
		"json":  func(b *bytes.Buffer) error { return JSON(b, r) },
		"junit": func(b *bytes.Buffer) error { return JUnit(b, r) },
	}
	for name, f := range write {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\x07\u202e\u009b") || strings.Contains(b.String(), "u001b") {
			t.Errorf("%s holds control sequences", name)
		}
		if n := strings.Count(b.String(), "line"); n > maxLines {
			t.Errorf("%s shows %d lines of a log", name, n)
		}
	}
	if !strings.Contains(r.Checks[1].Title, "\x1b") {
		t.Error("the caller's report was changed")
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), &back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if !strings.Contains(b.String(), "<connect() failed>") {
		t.Error("angle brackets are escaped")
	}
	b.Reset()
	if err := JSON(&b, &Report{Lab: "x"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"checks": []`) {
		t.Errorf("no checks must be an empty list: %s", b.String())
	}
}

func TestJSONLineIsOneLine(t *testing.T) {
	var b bytes.Buffer
	for range 2 {
		if err := JSONLine(&b, sample()); err != nil {
			t.Fatal(err)
		}
	}
	if lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"); len(lines) != 2 || !json.Valid([]byte(lines[1])) {
		t.Errorf("want two lines of JSON, got %q", b.String())
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := JUnit(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if suites.Tests != 5 || suites.Failures != 2 || suites.Errors != 1 || suites.Suites[0].Skipped != 1 {
		t.Errorf("counts: %+v", suites)
	}
	cases := suites.Suites[0].Cases
	if c := cases[0]; c.Name != "pod" || c.Failure != nil || c.Error != nil || c.Skipped != nil || c.Time != "0.005" {
		t.Errorf("passed check: %+v", c)
	}
	if f := cases[1].Failure; f == nil || f.Message != "nginx passes requests on: nginx answered 502" || f.Type != "failed" ||
		!strings.Contains(f.Text, "expected: webapp logs the path") || !strings.Contains(f.Text, "<connect() failed>") {
		t.Errorf("failed check: %+v", f)
	}
	if f := cases[2].Failure; f == nil || f.Type != "pending" {
		t.Errorf("pending check: %+v", f)
	}
	if cases[3].Skipped == nil || cases[4].Error == nil {
		t.Errorf("unverifiable or broken check: %+v", cases[3:])
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		lang  content.Lang
		text  string
		width int
		want  []string
	}{
		{content.English, "", 10, []string{""}},
		{content.English, "short", 10, []string{"short"}},
		{content.English, "two words", 5, []string{"two", "words"}},
		{content.English, "a /path/that-is-long b", 10, []string{"a", "/path/that", "-is-long b"}},
		{content.Korean, "컨테이너 이름", 9, []string{"컨테이너", "이름"}},
		{content.Chinese, "检查通过，很好。", 8, []string{"检查通", "过，很", "好。"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Wrap(test.lang, test.text, test.width)); diff != "" {
			t.Errorf("Wrap(%s, %q, %d) (-want +got):\n%s", test.lang, test.text, test.width, diff)
		}
	}
}

func TestTextsAreCompleteAndKeepTheirPlaceholders(t *testing.T) {
	base := texts(t, content.English)
	for _, lang := range content.Langs() {
		own, err := content.LoadCatalog("report", lang)
		if err != nil {
			t.Fatal(err)
		}
		english, err := content.LoadCatalog("report", content.English)
		if err != nil {
			t.Fatal(err)
		}
		for key, text := range english {
			if diff := cmp.Diff(content.Placeholders(text), content.Placeholders(own[key])); diff != "" {
				t.Errorf("%s, %s: placeholders (-en +%s):\n%s", lang, key, lang, diff)
			}
			if lang != content.English && own[key] == text {
				t.Errorf("%s, %s: not translated", lang, key)
			}
		}
		tx := texts(t, lang)
		for _, s := range []grader.Status{grader.Passed, grader.Failed, grader.Pending, grader.Unverifiable, grader.Errored} {
			if tx.Status(s) == "" || (lang != content.English && tx.Status(s) == base.Status(s)) {
				t.Errorf("%s: no word for %s", lang, s)
			}
			if uniseg.StringWidth(Symbol(s)) != 1 {
				t.Errorf("the sign of %s is not one cell wide", s)
			}
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsAreReported(t *testing.T) {
	for name, err := range map[string]error{
		"table": Table(brokenWriter{}, sample(), TableOptions{Texts: texts(t, content.English)}),
		"json":  JSON(brokenWriter{}, sample()),
		"junit": JUnit(brokenWriter{}, sample()),
	} {
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
