package content

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Concept is a page that explains a pattern, in one language.
// docs/concepts.md says what a page holds.
type Concept struct {
	// ID is the pattern's, where the page is about one.
	ID string `yaml:"-"`
	// Title and Summary are plain text; a summary is one or two sentences.
	Title   string `yaml:"title"`
	Summary string `yaml:"summary"`
	// Body is Markdown. A fenced block of the language "diagram" is a drawing.
	Body string `yaml:"-"`
}

// ConceptIDs returns the ids of all pages in the order in which they are best
// read.
func ConceptIDs() []string {
	return []string{
		"shared-namespaces", "shared-volume", "ipc", "network",
		"sidecar", "ambassador", "adapter", "init", "troubleshooting",
	}
}

// LoadConcepts reads all pages of a language, in the order of ConceptIDs.
func LoadConcepts(lang Lang) ([]Concept, error) {
	pages := make([]Concept, 0, len(ConceptIDs()))
	for _, id := range ConceptIDs() {
		page, err := loadConcept(id, lang)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

func loadConcept(id string, lang Lang) (Concept, error) {
	name := fmt.Sprintf("concepts/%s/%s.md", id, lang)
	data, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Concept{}, fmt.Errorf("no page %q in language %q: add content/%s: %w", id, lang, name, err)
	}
	if err != nil {
		return Concept{}, fmt.Errorf("read %s: %w", name, err)
	}
	return parseConcept("content/"+name, id, data)
}

// frontMatter encloses title and summary at the beginning of a page.
const frontMatter = "---\n"

// parseConcept reads a page; name is used in errors.
func parseConcept(name, id string, data []byte) (Concept, error) {
	head, body, ok := strings.Cut(strings.TrimPrefix(string(data), frontMatter), "\n"+frontMatter)
	if !ok || !strings.HasPrefix(string(data), frontMatter) {
		return Concept{}, fmt.Errorf("%s:1: begin with title and summary between two lines %q", name, strings.TrimSpace(frontMatter))
	}
	page := Concept{ID: id, Body: strings.TrimSpace(body)}
	// With the first line left in, errors name the lines of the file.
	if err := Decode(name, []byte(frontMatter+head), &page); err != nil {
		return Concept{}, err
	}
	switch {
	case strings.TrimSpace(page.Title) == "":
		return Concept{}, fmt.Errorf("%s: the page has no title: add it", name)
	case strings.TrimSpace(page.Summary) == "":
		return Concept{}, fmt.Errorf("%s: the page has no summary: add it", name)
	case page.Body == "":
		return Concept{}, fmt.Errorf("%s: the page has no text: add it below the summary", name)
	}
	return page, nil
}

// Code is a fenced block of a page.
type Code struct {
	// Language is what stands behind the fence: "yaml", "sh", "diagram".
	Language string
	Text     string // ends with a newline
}

// Code returns the fenced blocks of the page in order.
func (c Concept) Code() []Code {
	const fence = "```"
	var all []Code
	inside := false
	for line := range strings.Lines(c.Body) {
		language, isFence := strings.CutPrefix(line, fence)
		switch {
		case isFence && inside:
			inside = false
		case isFence:
			inside = true
			all = append(all, Code{Language: strings.TrimSpace(language)})
		case inside:
			all[len(all)-1].Text += line
		}
	}
	return all
}

// Manifest returns the page's example: all its YAML blocks as one manifest.
func (c Concept) Manifest() string {
	var blocks []string
	for _, code := range c.Code() {
		if code.Language == "yaml" {
			blocks = append(blocks, code.Text)
		}
	}
	return strings.Join(blocks, "---\n")
}
