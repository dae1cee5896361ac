package logview

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"podlab/tui/texts"
	"podlab/tui/theme"
	"podlab/tui/wrap"
)

func newTheme() *theme.Theme { return theme.New(theme.Options{Profile: termenv.Ascii}) }

// view makes a View of a size that holds lines.
func view(width, height int, lines ...string) *View {
	v := New(Options{MaxLines: 100, MaxBytes: 1 << 20})
	v.SetSize(width, height, 0)
	v.Append(plain(lines...)...)
	return v
}

func plain(texts ...string) []Line {
	lines := make([]Line, len(texts))
	for i, t := range texts {
		lines[i] = Line{Text: t}
	}
	return lines
}

func numbered(from, to int) []string {
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf("line %d", i))
	}
	return out
}

func shows(t *testing.T, v *View, want ...string) {
	t.Helper()
	var got []string
	for _, row := range v.Render(newTheme(), nil) {
		got = append(got, strings.TrimRight(ansi.Strip(row), " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("window (-want +got):\n%s", diff)
	}
}

func TestFollowing(t *testing.T) {
	v := view(20, 3, numbered(1, 5)...)
	shows(t, v, "line 3", "line 4", "line 5")
	v.Append(plain("line 6")...)
	shows(t, v, "line 4", "line 5", "line 6")
	if above, below := v.More(); !above || below || v.Below() != 0 {
		t.Errorf("more above %v, below %v (%d lines)", above, below, v.Below())
	}

	v.press(t, "up")
	v.Append(plain("line 7", "line 8")...)
	shows(t, v, "line 3", "line 4", "line 5")
	if _, below := v.More(); v.Following() || !below || v.Below() != 3 {
		t.Errorf("following %v, below %v (%d lines)", v.Following(), below, v.Below())
	}

	v.press(t, "end")
	shows(t, v, "line 6", "line 7", "line 8")
	if !v.Following() {
		t.Error("the end does not follow")
	}
	v.SetFollowing(false)
	v.Append(plain("line 9")...)
	shows(t, v, "line 6", "line 7", "line 8")
}

// Where everything is in the window there is nothing to scroll, and scrolling
// must not end following unseen.
func TestScrollingAShortLogGoesOnFollowing(t *testing.T) {
	v := view(20, 4, "one", "two")
	v.press(t, "up", "pgup", "home", "down")
	v.Append(plain("three", "four", "five")...)
	shows(t, v, "two", "three", "four", "five")
}

func TestOldLinesGiveWay(t *testing.T) {
	v := New(Options{MaxLines: 4, MaxBytes: 100})
	v.SetSize(20, 10, 0)
	v.Append(plain(numbered(1, 6)...)...)
	shows(t, v, numbered(3, 6)...)
	v.Append(plain(strings.Repeat("x", 90))...)
	if v.Len() != 2 {
		t.Errorf("%d lines are kept", v.Len())
	}
	v.Append(plain(strings.Repeat("y", 200))...)
	if v.Len() != 1 || v.ring.bytes != 200 {
		t.Errorf("%d lines with %d bytes", v.Len(), v.ring.bytes)
	}
}

// A window that stands still moves only when its lines are no longer there.
func TestStandingStillWhileOldLinesGo(t *testing.T) {
	v := New(Options{MaxLines: 6, MaxBytes: 1 << 20})
	v.SetSize(20, 2, 0)
	v.Append(plain(numbered(1, 6)...)...)
	v.press(t, "home", "down", "down")
	shows(t, v, "line 3", "line 4")
	v.Append(plain("line 7", "line 8")...)
	shows(t, v, "line 3", "line 4")
	v.Append(plain("line 9", "line 10")...)
	shows(t, v, "line 5", "line 6")
}

func TestOpenLineIsReplaced(t *testing.T) {
	v := view(20, 4, "one")
	v.Append(Line{Text: "Your na", Open: true})
	shows(t, v, "one", "Your na")
	v.Search("na")
	v.Append(Line{Text: "Your name?"}, Line{Text: "two"})
	v.Search("")
	shows(t, v, "one", "Your name?", "two")
}

func TestRemarksSpeakTheLanguage(t *testing.T) {
	v := view(40, 3, "one")
	v.SetTexts(&texts.Texts{Logs: texts.Logs{Restarted: "restarted"}})
	v.Append(Line{Say: func(t *texts.Texts) string { return t.Logs.Restarted }})
	shows(t, v, "one", "── restarted ──")
	v.SetTexts(&texts.Texts{Logs: texts.Logs{Restarted: "neu gestartet"}})
	shows(t, v, "one", "── neu gestartet ──")
}

func TestTabsAndWrapping(t *testing.T) {
	v := view(12, 3, "a\tb\t容器\tc")
	shows(t, v, "a       b", "    容器", "c")
	v.SetWrapped(false)
	shows(t, v, "a       b  …")
	v.press(t, "right")
	shows(t, v, "  b        …")
	v.press(t, "right", "right", "right")
	shows(t, v, "   容器    c")
	v.press(t, "left", "left", "left")
	shows(t, v, "a       b  …")
}

func TestResizingKeepsTheTextAtTheTop(t *testing.T) {
	v := view(10, 2, "0123456789abcdefghijABCDEFGHIJ", "next", "last")
	v.press(t, "home", "down")
	shows(t, v, "abcdefghij", "ABCDEFGHIJ")
	v.SetSize(5, 2, 0)
	shows(t, v, "abcde", "fghij")
	v.SetSize(20, 2, 0)
	shows(t, v, "0123456789abcdefghij", "ABCDEFGHIJ")
}

func TestHeadsStandBeforeTheFirstRow(t *testing.T) {
	v := view(0, 0, "0123456789")
	v.SetSize(9, 2, 3)
	got := v.Render(newTheme(), func(Line) string { return "7s" })
	if diff := cmp.Diff([]string{"7s 012345", "   6789"}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Whatever is done: the window shows what laying out every line from the first
// to the last would show, and follows while it should.
func TestWindowIsWhatEverythingLaidOutShows(t *testing.T) {
	th := newTheme()
	words := []string{"nginx", "容器启动失败", "컨테이너가", "error", " ", "\t", "ü", "👩‍👩‍👧", "/var/log/app.log", "a\u0301", "x"}
	keys := []string{"up", "down", "pgup", "pgdown", "home", "end"}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		v := New(Options{MaxLines: 40, MaxBytes: 3000})
		v.SetSize(20, 5, 0)
		done := ""
		for range 150 {
			before := v.flat().offset
			following := v.Following()
			switch n := r.IntN(12); n {
			case 0, 1, 2:
				done = "append"
				for range r.IntN(8) {
					var b strings.Builder
					for range r.IntN(15) {
						b.WriteString(words[r.IntN(len(words))])
					}
					v.Append(Line{Text: b.String(), Open: r.IntN(9) == 0})
				}
			case 3, 4, 5, 6:
				done = keys[r.IntN(len(keys))]
				v.press(t, done)
				v.checkScrolled(t, done, before)
			case 7:
				done = "size"
				v.SetSize(2+r.IntN(60), 1+r.IntN(12), r.IntN(2))
			case 8:
				done = "wrap"
				v.SetWrapped(!v.Wrapped())
			case 9:
				done = "search"
				v.Search([]string{"", "e", "ERR", "容器", "x"}[r.IntN(5)])
			case 10:
				done = "match"
				v.NextMatch()
			default:
				done = "match before"
				v.PrevMatch()
			}
			all := v.flat()
			if all.offset < 0 || all.offset > all.last {
				t.Fatalf("seed %d, %s: the window begins at row %d of %d", seed, done, all.offset, len(all.rows))
			}
			if v.Following() && all.offset != all.last {
				t.Fatalf("seed %d, %s: follows at row %d, the end is at %d", seed, done, all.offset, all.last)
			}
			if done == "append" && v.Following() != following {
				t.Fatalf("seed %d: new lines changed following to %v", seed, v.Following())
			}
			var want []string
			for _, r := range all.rows[all.offset:min(all.offset+v.height, len(all.rows))] {
				want = append(want, v.draw(th, r))
			}
			got := v.Render(th, nil)
			for _, r := range got {
				if w := ansi.StringWidth(r); w > max(v.width, v.headWidth+2+markWidth) {
					t.Fatalf("seed %d, %s: a row is %d cells wide, the window %d: %q", seed, done, w, v.width, r)
				}
			}
			if !slices.Equal(want, got) {
				t.Fatalf("seed %d, %s (-naive +got):\n%s", seed, done, cmp.Diff(want, got))
			}
			v.checkMatches(t, seed, done)
		}
	}
}

// everything is every row of a view, where its window begins, and where it
// would at the end.
type everything struct {
	rows         []row
	offset, last int
}

type row struct {
	line uint64
	wrap.Span
}

// flat lays out everything, without what the View has worked out.
func (v *View) flat() everything {
	all := everything{offset: -1}
	for n := v.ring.first; n < v.ring.next; n++ {
		text := v.ring.at(n).Text
		spans := []wrap.Span{{Start: 0, End: len(text)}}
		if !v.cut {
			spans = wrap.HardLine(text, v.textWidth())
		}
		for i, s := range spans {
			if (place{n, i}) == v.top {
				all.offset = len(all.rows)
			}
			all.rows = append(all.rows, row{n, s})
		}
	}
	if len(all.rows) == 0 && v.top == (place{v.ring.next, 0}) {
		all.offset = 0
	}
	all.last = max(len(all.rows)-v.height, 0)
	return all
}

// draw draws a row; how it looks has tests of its own.
func (v *View) draw(th *theme.Theme, r row) string {
	matches := v.search.needle.find(v.ring.at(r.line).Text)
	return v.mark(th, r.line, matches, r.Span) + strings.Repeat(" ", v.headWidth) + v.row(th, r.line, matches, r.Span)
}

func (v *View) checkScrolled(t *testing.T, key string, before int) {
	t.Helper()
	all := v.flat()
	page := max(v.height-1, 1)
	want := map[string]int{
		"up": before - 1, "down": before + 1, "pgup": before - page, "pgdown": before + page, "home": 0, "end": all.last,
	}[key]
	if want = min(max(want, 0), all.last); all.offset != want {
		t.Fatalf("%s from row %d led to %d instead of %d", key, before, all.offset, want)
	}
}

// checkMatches compares what is found with what a plain search finds.
func (v *View) checkMatches(t *testing.T, seed uint64, done string) {
	t.Helper()
	want := 0
	for n := v.ring.first; n < v.ring.next && v.search.text != ""; n++ {
		want += strings.Count(strings.ToLower(v.ring.at(n).Text), strings.ToLower(v.search.text))
	}
	if at, all := v.Matches(); all != want || at > all {
		t.Fatalf("seed %d, %s: match %d of %d, there are %d", seed, done, at, all, want)
	}
}
