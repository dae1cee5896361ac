package texts

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"podlab/content"
)

// Every language has every text, none is empty, and all use the same
// {placeholders}.
func TestLanguagesAreComplete(t *testing.T) {
	base := read(t, content.English)
	for _, lang := range content.Langs() {
		if _, err := Load(lang); err != nil {
			t.Errorf("Load(%s): %v", lang, err)
		}
		own := read(t, lang)
		for _, key := range slices.Sorted(maps.Keys(base)) {
			text, ok := own[key]
			switch {
			case !ok:
				t.Errorf("%s: no text for %s", lang, key)
			case text == "":
				t.Errorf("%s: the text for %s is empty", lang, key)
			case !slices.Equal(content.Placeholders(text), content.Placeholders(base[key])):
				t.Errorf("%s: %s has placeholders %v, English has %v", lang, key,
					content.Placeholders(text), content.Placeholders(base[key]))
			}
		}
		for key := range own {
			if _, ok := base[key]; !ok {
				t.Errorf("%s: %s is not in the English texts", lang, key)
			}
		}
	}
}

// read returns the texts of one language alone, by dotted keys.
func read(t *testing.T, lang content.Lang) map[string]string {
	t.Helper()
	name := fmt.Sprintf("../../content/texts/tui.%s.yaml", lang)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := content.Decode(name, data, &tree); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	flatten(flat, "", tree)
	return flat
}

func flatten(flat map[string]string, prefix string, tree map[string]any) {
	for key, value := range tree {
		if sub, ok := value.(map[string]any); ok {
			flatten(flat, prefix+key+".", sub)
			continue
		}
		flat[prefix+key] = fmt.Sprint(value)
	}
}

func TestFill(t *testing.T) {
	if got, want := Fill("{n} of {all}", "n", "1", "all", "3"), "1 of 3"; got != want {
		t.Errorf("Fill = %q, want %q", got, want)
	}
}
