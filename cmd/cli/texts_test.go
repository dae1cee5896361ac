package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"podlab/content"
)

// TestTexts: every language has every text, with the same placeholders, and
// nothing else.
func TestTexts(t *testing.T) {
	t.Parallel()
	english := flatTexts(t, content.English)
	for _, lang := range content.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			if err := content.LoadTexts("cli", lang, &texts{}); err != nil {
				t.Fatal(err)
			}
			own := flatTexts(t, lang)
			keys := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
			if diff := cmp.Diff(keys(english), keys(own)); diff != "" {
				t.Fatalf("keys differ from the English ones (-en +%s):\n%s", lang, diff)
			}
			for key, text := range own {
				if diff := cmp.Diff(content.Placeholders(english[key]), content.Placeholders(text)); diff != "" {
					t.Errorf("%s: placeholders differ from the English ones (-en +%s):\n%s", key, lang, diff)
				}
			}
		})
	}
}

// flatTexts reads the texts of a language as the file has them, by path.
func flatTexts(t *testing.T, lang content.Lang) map[string]string {
	t.Helper()
	name := filepath.Join("..", "..", "content", "texts", fmt.Sprintf("cli.%s.yaml", lang))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := content.Decode(name, data, &tree); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for key, child := range node {
				walk(path+"."+key, child)
			}
		case string:
			flat[path] = node
		}
	}
	walk("", tree)
	return flat
}

// TestCommandsAreDescribed: every command and flag has its text, and
// docs/cli.md has every command as its help shows it.
func TestCommandsAreDescribed(t *testing.T) {
	t.Parallel()
	app := &App{Getenv: func(string) string { return "" }}
	if err := app.chooseLang(nil); err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		if cmd.Short == "" {
			t.Errorf("%s: no text says what it does", cmd.CommandPath())
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: no text says what --%s means", cmd.CommandPath(), f.Name)
			}
		})
		line := "`" + strings.ReplaceAll(cmd.UseLine(), "|", `\|`) + "`"
		if cmd.Name() != "help" && !cmd.Hidden && !cmd.HasAvailableSubCommands() && !strings.Contains(string(docs), line) {
			t.Errorf("docs/cli.md lacks %s", line)
		}
		for _, child := range cmd.Commands() {
			look(child)
		}
	}
	for _, cmd := range app.rootCmd().Commands() {
		look(cmd)
	}
}

// TestFlagsSayWhatTheyTake: the help names what a flag takes in the learner's
// language.
func TestFlagsSayWhatTheyTake(t *testing.T) {
	t.Parallel()
	for _, lang := range content.Langs() {
		app := &App{Getenv: func(string) string { return "" }}
		if err := app.chooseLang([]string{"--lang", string(lang)}); err != nil {
			t.Fatal(err)
		}
		var look func(*cobra.Command)
		look = func(cmd *cobra.Command) {
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				_, chosen := f.Value.(*choice)
				if !chosen && f.Value.Type() != "bool" && strings.Count(f.Usage, "`") != 2 {
					t.Errorf("%s: %s: the text of --%s does not name its value", lang, cmd.CommandPath(), f.Name)
				}
			})
			for _, child := range cmd.Commands() {
				look(child)
			}
		}
		look(app.rootCmd())
	}
}
