package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"podlab/content"
	"podlab/grader"
	"podlab/tui/theme"
)

// looks are the ways to draw that differ from the goldens of all languages,
// which are drawn as under NO_COLOR.
func looks() map[string]theme.Options {
	return map[string]theme.Options{
		"dark":  {Mode: theme.Dark, Profile: termenv.ANSI},
		"light": {Mode: theme.Light, Profile: termenv.ANSI},
		"ascii": {Profile: termenv.Ascii, ASCII: true},
	}
}

// goldenLooks keeps views of scenes in English at 80×24 for every look. Colours
// stand in them as tags, so that a change of them shows in a review.
func goldenLooks(t *testing.T, scenes []scene) {
	t.Helper()
	for _, scene := range scenes {
		for look, options := range looks() {
			name := fmt.Sprintf("%s/en-80x24-%s", scene.name, look)
			t.Run(name, func(t *testing.T) {
				w := newWorld()
				w.look = options
				d := scene.play(t, w, 80, 24)
				golden(t, name, tagged(t, d.m.View()))
				if options.ASCII {
					onlyASCII(t, d.view())
				}
			})
		}
	}
}

// goldenSizes keeps views of scenes in English on larger screens.
func goldenSizes(t *testing.T, scenes []scene) {
	t.Helper()
	for _, scene := range scenes {
		for _, size := range [][2]int{{100, 30}, {200, 60}} {
			name := fmt.Sprintf("%s/en-%dx%d", scene.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				golden(t, name, scene.play(t, newWorld(), size[0], size[1]).view())
			})
		}
	}
}

func TestGoldenSizes(t *testing.T) {
	main := []string{"offer", "provision", "catalog", "task", "checks", "report"}
	goldenSizes(t, slices.DeleteFunc(slices.Clone(scenes), func(s scene) bool { return !slices.Contains(main, s.name) }))
}

// onlyASCII fails when a view holds anything else but letters, in which the
// languages write their names, and the punctuation of what a container logs in
// Chinese.
func onlyASCII(t *testing.T, view string) {
	t.Helper()
	for n, line := range strings.Split(view, "\n") {
		if i := strings.IndexFunc(line, func(r rune) bool {
			han := r >= 0x3000 && r < 0x3040 || r >= 0xff00 && r < 0xfff0
			return r >= 0x80 && !unicode.IsLetter(r) && !han
		}); i >= 0 {
			t.Errorf("line %d is not ASCII from %q on: %s", n+1, line[i:], line)
		}
	}
}

// tagged writes the styles of a view as tags: <bold fg:14>…</>. It fails on
// anything else than text in the 16 colours of ANSI.
func tagged(t *testing.T, view string) string {
	t.Helper()
	var b strings.Builder
	var state byte
	p := ansi.NewParser()
	for view != "" {
		seq, _, n, next := ansi.DecodeSequence(view, state, p)
		view, state = view[n:], next
		switch {
		case seq == "\n" || !isControl(seq):
			b.WriteString(seq)
		case ansi.Cmd(p.Command()).Final() != 'm':
			t.Errorf("the view holds the control sequence %q", seq)
		default:
			b.WriteString(tag(t, p.Params()))
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func isControl(seq string) bool { return seq[0] < ' ' || seq[0] == 0x7f }

// tag writes the parameters of a style.
func tag(t *testing.T, params ansi.Params) string {
	t.Helper()
	var words []string
	params.ForEach(0, func(_, param int, _ bool) {
		switch {
		case param == 0:
			words = append(words, "/")
		case param == 1:
			words = append(words, "bold")
		case param == 2:
			words = append(words, "faint")
		case param == 7:
			words = append(words, "reverse")
		case 30 <= param && param <= 37:
			words = append(words, "fg:"+strconv.Itoa(param-30))
		case 90 <= param && param <= 97:
			words = append(words, "fg:"+strconv.Itoa(param-90+8))
		default:
			t.Errorf("the view uses style %d, which a terminal of 16 colours may not have", param)
		}
	})
	if len(words) == 0 {
		words = []string{"/"} // short for 0
	}
	return "<" + strings.Join(words, " ") + ">"
}

func TestTagged(t *testing.T) {
	got := tagged(t, "a \x1b[1;94mb\x1b[0m c  \n\x1b[7m检\x1b[m")
	if want := "a <bold fg:12>b</> c\n<reverse>检</>\n"; got != want {
		t.Errorf("tagged = %q, want %q", got, want)
	}
}

// What a colour says, a symbol or a word says as well.
func TestColourIsNeverAlone(t *testing.T) {
	tests := []struct {
		name string
		show func(d *driver, w *world) []func() // each leads to another state of the same view
	}{
		{"status of a check", func(d *driver, w *world) []func() {
			var all []func()
			for _, status := range []grader.Status{grader.Passed, grader.Failed, grader.Pending, grader.Unverifiable, grader.Errored} {
				all = append(all, func() {
					seen := d.streamed
					w.practice.sees(0, verdicts(status, grader.Passed, grader.Passed, grader.Passed))
					d.until("a report", func() bool { return d.streamed > seen })
				})
			}
			return all
		}},
		{"focus", func(d *driver, _ *world) []func() {
			return []func(){func() {}, func() { d.press("tab") }}
		}},
	}
	for _, tt := range tests {
		for look, options := range looks() {
			t.Run(tt.name+"/"+look, func(t *testing.T) {
				w := newWorld()
				w.look = options
				d := inLab(t, w, 120, 40)
				shown := map[string]string{} // by their view without colours
				for _, lead := range tt.show(d, w) {
					lead()
					// The footer says what can be pressed, not what is.
					bare := d.view()
					bare = bare[:strings.LastIndex(strings.TrimRight(bare, "\n"), "\n")]
					if before, ok := shown[bare]; ok {
						t.Errorf("without colours two states look the same:\n%s", before)
					}
					shown[bare] = bare
				}
			})
		}
	}
}

// The words and the symbols of verdicts are all different ones.
func TestVerdictsDiffer(t *testing.T) {
	statuses := []grader.Status{"", grader.Passed, grader.Failed, grader.Pending, grader.Unverifiable, grader.Errored}
	for look, options := range looks() {
		th, seen := theme.New(options), map[string]grader.Status{}
		for _, status := range statuses {
			symbol, _ := th.Status(status)
			if other, ok := seen[symbol]; ok {
				t.Errorf("%s: %q and %q have the same symbol %s", look, other, status, symbol)
			}
			seen[symbol] = status
		}
	}
	for _, lang := range content.Langs() {
		s, err := testSpeech(lang)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]grader.Status{}
		for _, status := range statuses {
			word := s.Texts.Common.Verdict(status)
			if other, ok := seen[word]; ok {
				t.Errorf("%s: %q and %q are both said as %s", lang, other, status, word)
			}
			seen[word] = status
		}
	}
}
