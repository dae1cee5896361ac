package purity

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// module is the root of podlab, seen from here.
const module = "../../.."

// rules are those of podlab's TUI.
func rules() Rules {
	return Rules{
		Roots: []string{
			"Init", "Update", "View", "SetSize", "SetUI", "Title", "Status", "Footer", "Help", "Leaving", "Close", "Render",
		},
		Pure: []string{
			"bufio", "bytes", "cmp", "context", "encoding/...", "errors", "fmt", "hash/...", "io", "iter", "maps", "math", "math/big",
			"math/bits",
			"path", "path/filepath", "reflect", "regexp", "slices", "sort", "strconv", "strings", "sync/atomic",
			"text/template", "time", "unicode", "unicode/...",

			"github.com/charmbracelet/bubbles/...", "github.com/charmbracelet/bubbletea",
			"github.com/charmbracelet/lipgloss", "github.com/charmbracelet/x/ansi", "github.com/muesli/termenv",
			"github.com/aymanbagabas/go-udiff", "github.com/rivo/uniseg", "github.com/yuin/goldmark/...",
			"k8s.io/api/...", "k8s.io/apimachinery/...", "sigs.k8s.io/yaml",
		},
		Impure: []string{
			"context.AfterFunc",
			"encoding/json.NewDecoder", // of what Update has at hand, there is Unmarshal
			"fmt.Print*", "fmt.Scan*",
			"io.Copy*", "io.ReadAll", "io.Pipe",
			"path/filepath.Abs", "path/filepath.EvalSymlinks", "path/filepath.Glob", "path/filepath.Walk*",
			"text/template.Parse*", "(*text/template.Template).ParseF*", "(*text/template.Template).ParseGlob",
			"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After*", "time.Tick", "time.NewT*", "time.LoadLocation",

			"(*github.com/charmbracelet/bubbletea.Program)*", "github.com/charmbracelet/bubbletea.LogTo*",
			"github.com/charmbracelet/lipgloss.HasDarkBackground", "github.com/charmbracelet/lipgloss.ColorProfile",
			"github.com/muesli/termenv.*", "(*github.com/muesli/termenv.Output)*", "(github.com/muesli/termenv.Output)*",
			"k8s.io/apimachinery/pkg/util/wait.*", "k8s.io/apimachinery/pkg/watch.*",
		},
		Later: []string{"github.com/charmbracelet/bubbletea"},
		Gates: []string{"podlab/tui/backend.*"},
		Quick: []string{
			"podlab/tui/backend.Asked.*", "podlab/tui/backend.Exercise.*", "podlab/tui/backend.Practice.WorkDir", "podlab/tui/backend.Cluster.Name",
		},
		Trusted: []string{
			"podlab/tui/ui.Env.Now", // tests set the clock
			// It decodes some embedded lines, once per language.
			"(*podlab/labs.Instance).catalog",
		},
	}
}

// TestTUI holds podlab's TUI to the rules. A package that is new to the TUI
// counts as impure until rules says otherwise.
func TestTUI(t *testing.T) {
	// What the TUI calls of the rest of podlab is looked into as well.
	p, err := Load(module, "./tui/...", "./content", "./cluster/...", "./labs/...", "./grader/...")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.roots("podlab/tui/...", rules().Roots)); n < 30 {
		t.Errorf("only %d methods of the TUI were looked at", n)
	}
	for _, f := range p.Impurities("podlab/tui/...", rules()) {
		t.Error(f)
	}
	for _, f := range p.Mutables("podlab/tui/...") {
		t.Error(f)
	}
}

// No file of the TUI is longer than a person reads in one go.
func TestFileLengths(t *testing.T) {
	const longest = 500
	files := 0
	err := filepath.WalkDir(module+"/tui", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		files++
		source, err := os.ReadFile(path)
		if n := bytes.Count(source, []byte("\n")); n > longest {
			t.Errorf("%s has %d lines, more than %d: what is in it that has a name of its own?", path, n, longest)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 30 {
		t.Errorf("only %d files were looked at", files)
	}
}

// TestExamples shows that the rules can fail, and do not fail too easily.
func TestExamples(t *testing.T) {
	for _, example := range []string{"bad", "good"} {
		t.Run(example, func(t *testing.T) {
			dir := "testdata/" + example
			p, err := Load(".", "./"+dir)
			if err != nil {
				t.Fatal(err)
			}
			pkg := "podlab/tui/internal/purity/" + dir
			r := rules()
			r.Gates, r.Quick = []string{pkg + ".Gate.*"}, []string{pkg + ".Gate.Quick"}
			r.Trusted = []string{pkg + ".model.now"}
			found := append(p.Impurities(pkg, r), p.Mutables(pkg)...)
			compare(t, dir, found)
		})
	}
}

var wantRE = regexp.MustCompile(`// want "(.*)"$`)

// compare compares findings with the comments in the files of dir.
func compare(t *testing.T, dir string, found []Finding) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		for n := 1; lines.Scan(); n++ {
			m := wantRE.FindStringSubmatch(lines.Text())
			if m == nil {
				continue
			}
			want, at := regexp.MustCompile(m[1]), fmt.Sprintf("%s:%d", path, n)
			i := slices.IndexFunc(found, func(f Finding) bool { return f.Position == at && want.MatchString(f.What) })
			if i < 0 {
				t.Errorf("%s: nothing found that matches %q", at, want)
				continue
			}
			found = slices.Delete(found, i, i+1)
		}
		_ = file.Close()
	}
	for _, f := range found {
		t.Errorf("found, but not wanted: %s", f)
	}
}

// A finding says how bubbletea gets there.
func TestPath(t *testing.T) {
	p, err := Load(".", "./testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Impurities("podlab/tui/internal/purity/testdata/bad", rules()) {
		if !strings.Contains(f.What, "os.Remove") {
			continue
		}
		path := strings.Join(f.Path, " ")
		for i, step := range []string{"Update", "press", "reload"} {
			if i >= len(f.Path) || !strings.Contains(f.Path[i], step) {
				t.Errorf("step %d is not %s: %s", i, step, path)
			}
		}
		return
	}
	t.Error("os.Remove was not found")
}
