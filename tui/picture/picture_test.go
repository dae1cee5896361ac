package picture

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"github.com/rivo/uniseg"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"podlab/content"
	"podlab/grader"
	views "podlab/tui/internal/golden"
	"podlab/tui/texts"
	"podlab/tui/theme"
)

var update = flag.Bool("update", false, "write the golden views anew")

// scenario is what a namespace held at a moment, as a cluster said it.
type scenario struct {
	Now      metav1.Time       `json:"now"`
	Pods     []*corev1.Pod     `json:"pods"`
	Services []*corev1.Service `json:"services"`
	Events   []*corev1.Event   `json:"events"`
}

func load(t testing.TB, name string) *scenario {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s := &scenario{}
	if err := yaml.UnmarshalStrict(data, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scenario) model() *Model {
	return Of(grader.Objects{Pods: s.Pods, Services: s.Services, Events: s.Events})
}

func (s *scenario) options(t testing.TB, lang content.Lang, width int, ascii bool) Options {
	t.Helper()
	said, err := texts.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Lang: lang, Texts: said, Theme: theme.New(theme.Options{Profile: termenv.Ascii, ASCII: ascii}),
		Now: s.Now.UTC(), Width: width,
	}
}

// The patterns of the labs, and what else may happen in a namespace.
var scenarios = []string{
	"shared-volume", "ipc", "network", "sidecar-classic", "sidecar-native", "ambassador", "adapter", "init",
	"troubleshooting", "deployment", "rollout", "extras",
}

// The widths of the pane: on a wide window beside the checks, on the smallest
// window, and on a very wide one.
var widths = []int{56, 76, 116}

func TestGolden(t *testing.T) {
	for _, name := range scenarios {
		for _, width := range widths {
			golden(t, name, content.English, width, false)
		}
	}
	golden(t, "sidecar-native", content.German, 76, false)
	golden(t, "init", content.Chinese, 76, false)
	golden(t, "troubleshooting", content.Korean, 76, false)
	golden(t, "network", content.Korean, 56, false)
	golden(t, "extras", content.Chinese, 116, false)
	golden(t, "sidecar-native", content.English, 76, true)
	golden(t, "adapter", content.English, 76, true)
}

func golden(t *testing.T, name string, lang content.Lang, width int, ascii bool) {
	t.Helper()
	s := load(t, name)
	o := s.options(t, lang, width, ascii)
	if width == 76 { // in a window of 80×24
		o.Height = 20
	}
	suffix := fmt.Sprintf("%s-%d", lang, width)
	if ascii {
		suffix = "ascii-" + suffix
	}
	picture, _ := s.model().Draw(o)
	compare(t, name+"/picture-"+suffix, picture)
	timeline, _ := s.model().Timeline(o)
	compare(t, name+"/timeline-"+suffix, timeline)
}

func compare(t *testing.T, name string, lines []string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		views.Compare(t, name, strings.Join(lines, "\n")+"\n", *update)
	})
}

// TestJoints draws every scenario at every width in every language, and looks
// at each line: none is wider than it may be, and none ends in the open.
func TestJoints(t *testing.T) {
	for _, name := range scenarios {
		s := load(t, name)
		m := s.model()
		for _, lang := range content.Langs() {
			o := s.options(t, lang, 0, false)
			for _, o.Width = range []int{40, 56, 76, 116} {
				for _, o.Height = range []int{0, 20} {
					for _, o.All = range []bool{false, true} {
						what := fmt.Sprintf("%s in %s at %d×%d", name, lang, o.Width, o.Height)
						picture, _ := m.Draw(o)
						timeline, _ := m.Timeline(o)
						checkWidths(t, what, picture, o.Width)
						checkWidths(t, what+", timeline", timeline, o.Width)
						checkJoints(t, what, picture)
						if t.Failed() {
							return
						}
					}
				}
			}
		}
	}
}

// glyphArms says in which directions the lines of a character lead.
var glyphArms = map[string]arms{}

func init() {
	for _, b := range []lipgloss.Border{lipgloss.RoundedBorder(), lipgloss.ThickBorder()} {
		for _, a := range []arms{
			across, upright, right | down, left | down, right | up, left | up,
			upright | right, upright | left, across | down, across | up, across | upright,
		} {
			glyphArms[joint(b, a)] = a
		}
	}
	glyphArms["┥"], glyphArms["┝"], glyphArms["┿"] = upright|left, upright|right, upright|across
}

func checkWidths(t *testing.T, what string, lines []string, width int) {
	t.Helper()
	for y, l := range lines {
		if w := ansi.StringWidth(l); w > width {
			t.Errorf("%s: line %d is %d cells wide: %s", what, y+1, w, l)
		}
	}
}

func checkJoints(t *testing.T, what string, lines []string) {
	t.Helper()
	grid := make([][]string, len(lines))
	for y, l := range lines {
		for g := uniseg.NewGraphemes(l); g.Next(); {
			grid[y] = append(grid[y], g.Str())
			for range ansi.StringWidth(g.Str()) - 1 {
				grid[y] = append(grid[y], g.Str())
			}
		}
	}
	at := func(x, y int) string {
		if y < 0 || y >= len(grid) || x < 0 || x >= len(grid[y]) {
			return " "
		}
		return grid[y][x]
	}
	for y := range grid {
		for x := range grid[y] {
			a := glyphArms[at(x, y)]
			blank := func(dx, dy int) bool { return at(x+dx, y+dy) == " " }
			// A blank lies between a line and its label.
			open := a&up != 0 && blank(0, -1) || a&down != 0 && blank(0, 1) ||
				a&left != 0 && blank(-1, 0) && blank(-2, 0) || a&right != 0 && blank(1, 0) && blank(2, 0)
			if open {
				t.Errorf("%s: %q at line %d, column %d leads nowhere:\n%s", what, at(x, y), y+1, x+1, strings.Join(lines, "\n"))
				return
			}
		}
	}
}
