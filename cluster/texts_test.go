package cluster_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"podlab/cluster"
	"podlab/content"
)

// ownCatalog reads the texts of one language without English under them, so
// that a missing translation shows.
func ownCatalog(t *testing.T, lang content.Lang) content.Catalog {
	t.Helper()
	name := filepath.Join("..", "content", "texts", "cluster."+string(lang)+".yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := content.Catalog{}
	if err := content.Decode(name, data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTextsAreCompleteInEveryLanguage(t *testing.T) {
	english := ownCatalog(t, content.English)
	for _, lang := range content.Langs() {
		own := ownCatalog(t, lang)
		for key, text := range english {
			other, ok := own[key]
			switch {
			case !ok:
				t.Errorf("%s: no text for %s", lang, key)
			case strings.TrimSpace(other) == "":
				t.Errorf("%s: the text for %s is empty", lang, key)
			case !slices.Equal(content.Placeholders(text), content.Placeholders(other)):
				t.Errorf("%s: %s has placeholders %v, English has %v", lang, key, content.Placeholders(other), content.Placeholders(text))
			}
		}
		for key := range own {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s is not in English", lang, key)
			}
		}
	}
}

// TestKeysInCodeHaveTexts reads the sources below this directory: each key that
// they say must have its texts, with just the values that the code gives, and
// each text must be said somewhere.
func TestKeysInCodeHaveTexts(t *testing.T) {
	english := ownCatalog(t, content.English)
	used := map[string]bool{}
	need := func(key string) {
		used[key] = true
		if _, ok := english[key]; !ok {
			t.Errorf("no text for %s", key)
		}
	}
	fail := regexp.MustCompile(`Fail\(\s*"([^"]+)"`)
	variable := regexp.MustCompile(`\bkey :?= "([^"]+)"`)
	say := regexp.MustCompile(`content\.Say\("((?:doctor|auto|existing)\.[^"]+)"`)
	step := regexp.MustCompile(`\bStepID\s*=\s*"([^"]+)"`)
	troubled := regexp.MustCompile(`trouble\([^\n]*content\.Say\("([^"]+)"`)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, re := range []*regexp.Regexp{fail, variable} {
			for _, m := range re.FindAllStringSubmatch(string(data), -1) {
				need("error." + m[1])
				need("remedy." + m[1])
			}
		}
		for _, m := range say.FindAllStringSubmatch(string(data), -1) {
			need(m[1])
		}
		for _, m := range troubled.FindAllStringSubmatch(string(data), -1) {
			need(m[1] + ".remedy")
		}
		for _, m := range step.FindAllStringSubmatch(string(data), -1) {
			need("step." + m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range english {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
	}
}

func TestErrorSaysProblemAndRemedy(t *testing.T) {
	cause := errors.New("exit status 1")
	err := cluster.Fail("bundle-arch", cause, "", "dir", "/media/usb", "bundle", "arm64", "engine", "docker", "arch", "amd64")
	want := "The bundle in /media/usb is for arm64, but docker runs on amd64. Use a bundle made for amd64."
	if err.Error() != want {
		t.Errorf("Error() = %q, want %q", err.Error(), want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	german, loadErr := content.LoadCatalog("cluster", content.German)
	if loadErr != nil {
		t.Fatal(loadErr)
	}
	problem, remedy := err.Say(german)
	if !strings.Contains(problem, "ist für arm64") || remedy != "Ein Bundle für amd64 verwenden." {
		t.Errorf("in German: %q, %q", problem, remedy)
	}
}
