package exam_test

import (
	"strings"
	"testing"

	"podlab/content"
	"podlab/labs/exam"
)

// Every task has pages that may be read, and all are of the documentation that
// the real exam allows.
func TestLinks(t *testing.T) {
	links, err := exam.Links(content.Exams())
	if err != nil {
		t.Fatal(err)
	}
	for _, lab := range catalog(t) {
		if len(links[lab.Pattern]) == 0 {
			t.Errorf("there are none for %s, the pattern of %s", lab.Pattern, lab.ID)
		}
	}
	for pattern, pages := range links {
		for _, p := range pages {
			if p.Title == "" || !strings.HasPrefix(p.URL, "https://kubernetes.io/docs/") || !strings.HasSuffix(p.URL, "/") {
				t.Errorf("%s: %+v", pattern, p)
			}
		}
	}
}
