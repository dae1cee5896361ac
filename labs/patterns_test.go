package labs_test

import (
	"testing"

	"podlab/content"
	"podlab/labs"
)

func TestPatternsHaveNames(t *testing.T) {
	for _, lang := range content.Langs() {
		own, err := content.LoadCatalog("patterns", lang)
		if err != nil {
			t.Fatal(err)
		}
		if len(own) != len(labs.Patterns()) {
			t.Errorf("%s: %d names for %d patterns", lang, len(own), len(labs.Patterns()))
		}
		for _, p := range labs.Patterns() {
			if own[string(p)] == "" {
				t.Errorf("%s: pattern %s has no name", lang, p)
			}
		}
	}
}
