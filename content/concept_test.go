package content

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

// maxCode is how many cells of code, and of diagrams, the smallest window shows
// in a line.
const maxCode = 74

// forEachPage calls f with every page in every language.
func forEachPage(t *testing.T, f func(t *testing.T, lang Lang, page Concept)) {
	for _, lang := range Langs() {
		pages, err := LoadConcepts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			t.Run(page.ID+"/"+string(lang), func(t *testing.T) { f(t, lang, page) })
		}
	}
}

// Every file below concepts is a page that is shown.
func TestConceptsAreComplete(t *testing.T) {
	var want []string
	for _, id := range ConceptIDs() {
		for _, lang := range Langs() {
			want = append(want, "concepts/"+id+"/"+string(lang)+".md")
		}
	}
	got, err := fs.Glob(files, "concepts/*/*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages in content/concepts (-want +got):\n%s", diff)
	}
}

// A page says the same in every language: it has the same blocks in the same
// order, and its code is the same, but for the words in diagrams.
func TestConceptTranslations(t *testing.T) {
	english, err := LoadConcepts(English)
	if err != nil {
		t.Fatal(err)
	}
	forEachPage(t, func(t *testing.T, lang Lang, page Concept) {
		base := english[slices.Index(ConceptIDs(), page.ID)]
		if diff := cmp.Diff(shape(base.Body), shape(page.Body)); diff != "" {
			t.Errorf("blocks (-en +%s):\n%s", lang, diff)
		}
		isDiagram := func(c Code) bool { return c.Language == "diagram" }
		if diff := cmp.Diff(slices.DeleteFunc(base.Code(), isDiagram), slices.DeleteFunc(page.Code(), isDiagram)); diff != "" {
			t.Errorf("code (-en +%s):\n%s", lang, diff)
		}
	})
}

// shape lists the kinds of the lines that begin a block of Markdown.
func shape(body string) []string {
	var kinds []string
	code, paragraph := false, false
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			if !code {
				kinds = append(kinds, line)
			}
			code, paragraph = !code, false
		case code:
		case line == "":
			paragraph = false
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "|"), strings.HasPrefix(line, "- "):
			kinds = append(kinds, line[:1])
			paragraph = true // a list item may go on
		case !paragraph:
			kinds = append(kinds, "paragraph")
			paragraph = true
		}
	}
	return kinds
}

// Every page has a diagram, a manifest and commands, as docs/concepts.md says,
// and no line of them is cut on the smallest screen.
func TestConceptCode(t *testing.T) {
	forEachPage(t, func(t *testing.T, _ Lang, page Concept) {
		count := map[string]int{}
		for _, code := range page.Code() {
			count[code.Language]++
			for line := range strings.Lines(code.Text) {
				if w := ansi.StringWidth(strings.TrimRight(line, "\n")); w > maxCode {
					t.Errorf("%d cells, more than %d: %s", w, maxCode, line)
				}
			}
		}
		apply := "podlab concept " + page.ID + " -o manifest | kubectl apply -f -\n"
		if !slices.Contains(page.Code(), Code{"sh", apply}) {
			t.Errorf("no block says how to apply the manifest: %s", apply)
		}
		if count["diagram"] != 1 || count["yaml"] != 1 || count["sh"] < 3 || len(count) != 3 {
			t.Errorf("blocks %v, want one diagram, one yaml, sh three times or more, and no others", count)
		}
	})
}

func TestConceptHeadlines(t *testing.T) {
	forEachPage(t, func(t *testing.T, _ Lang, page Concept) {
		if w := ansi.StringWidth(page.Title); w > 48 {
			t.Errorf("the title is %d cells wide: shorten it to 48", w)
		}
		// Three lines of the smallest screen, less what wrapping loses.
		if w := ansi.StringWidth(page.Summary); w > 200 {
			t.Errorf("the summary is %d cells wide: shorten it to 200", w)
		}
	})
}

// The lines of a frame meet: each character of a diagram finds the other half
// of its line beside, above or below it.
func TestDiagramsLineUp(t *testing.T) {
	forEachPage(t, func(t *testing.T, _ Lang, page Concept) {
		for _, code := range page.Code() {
			if code.Language != "diagram" {
				continue
			}
			for _, gap := range gaps(code.Text) {
				t.Errorf("%s\n%s", gap, code.Text)
			}
		}
	})
}

func TestGaps(t *testing.T) {
	tests := []struct {
		name, diagram string
		want          bool
	}{
		{"frame", "┌─ a ─┐\n│ b   │\n└─────┘", false},
		{"wide characters", "┌─ 卷 ─┐\n│ 볼륨 │\n└──────┘", false},
		{"counted in runes", "┌─ 卷 ┐\n│ 볼륨 │\n└─────┘", true},
		{"arrow", "┌─┐\n│a├──►\n└─┘", false},
		{"arrow down", "─┬─\n ▼", false},
		{"open below", "┌─┐\n│a│\n└──", true},
		{"ragged right", "┌──┐\n│ │\n└──┘", true},
		{"tee to nowhere", "─┬─\n x", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gaps(tt.diagram); (len(got) > 0) != tt.want {
				t.Errorf("gaps = %q, want some: %v", got, tt.want)
			}
		})
	}
}

func TestParseConcept(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"no front matter", "# Title\n", "p.md:1: begin with title and summary"},
		{"not closed", "---\ntitle: a\nsummary: b\n", "p.md:1: begin with title and summary"},
		{"unknown field", "---\ntitle: a\nauthor: b\n---\ntext\n", "p.md:3: field author not found"},
		{"no title", "---\nsummary: b\n---\ntext\n", "p.md: the page has no title"},
		{"no summary", "---\ntitle: a\n---\ntext\n", "p.md: the page has no summary"},
		{"no text", "---\ntitle: a\nsummary: b\n---\n", "p.md: the page has no text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseConcept("p.md", "p", []byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
