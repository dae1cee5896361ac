package logview

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"

	"podlab/tui/keymap"
	"podlab/tui/texts"
	"podlab/tui/wrap"
)

var keyTypes = map[string]tea.KeyType{
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
}

func (v *View) press(t *testing.T, names ...string) {
	t.Helper()
	keys := keymap.New(&texts.Texts{})
	for _, name := range names {
		if !v.Update(tea.KeyMsg{Type: keyTypes[name]}, keys) {
			t.Errorf("%s is no key of the view", name)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		needle, text string
		want         []wrap.Span
	}{
		{"err", "no match", nil},
		{"err", "Error: ERR err", []wrap.Span{{Start: 0, End: 3}, {Start: 7, End: 10}, {Start: 11, End: 14}}},
		{"aa", "aaaaa", []wrap.Span{{Start: 0, End: 2}, {Start: 2, End: 4}}},
		{"ÜBER", "über Über", []wrap.Span{{Start: 0, End: 5}, {Start: 6, End: 11}}},
		{"容器", "启动容器和容", []wrap.Span{{Start: 6, End: 12}}},
		{"a b", "xa bA B", []wrap.Span{{Start: 1, End: 4}, {Start: 4, End: 7}}},
		{"ab", "a", nil},
		{"x", "", nil},
		{"", "anything", nil},
	} {
		if diff := cmp.Diff(tt.want, newNeedle(tt.needle).find(tt.text)); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", tt.needle, tt.text, diff)
		}
	}
}

// Searching goes to the newest match, n and N go round, and what arrives
// meanwhile counts.
func TestSearch(t *testing.T) {
	v := view(30, 3, "error one", "fine", "error two, error three", "fine", "fine", "fine")
	at := func(want ...int) {
		t.Helper()
		if n, all := v.Matches(); n != want[0] || all != want[1] {
			t.Errorf("match %d of %d, want %d of %d", n, all, want[0], want[1])
		}
	}
	v.Search("ERROR")
	at(3, 3)
	shows(t, v, "  fine", "▸ error two, error three", "  fine")
	if v.Following() {
		t.Error("the window follows although the match is not at the end")
	}
	v.NextMatch()
	at(1, 3)
	shows(t, v, "▸ error one", "  fine", "• error two, error three")
	v.PrevMatch()
	at(3, 3)
	v.PrevMatch()
	at(2, 3)
	v.Append(plain("another error")...)
	at(2, 4)
	v.NextMatch()
	v.NextMatch()
	at(4, 4)
	shows(t, v, "  fine", "  fine", "▸ another error")

	v.Search("nothing")
	at(0, 0)
	if v.NextMatch() || v.PrevMatch() {
		t.Error("a next match of none")
	}
	v.Search("")
	shows(t, v, "fine", "fine", "another error")
}

// Matches that gave way with their lines are no longer counted.
func TestSearchForgetsOldLines(t *testing.T) {
	v := New(Options{MaxLines: 3, MaxBytes: 1 << 20})
	v.SetSize(20, 3, 0)
	v.Append(plain("hit 1", "hit 2", "hit 3")...)
	v.Search("hit")
	v.PrevMatch()
	v.PrevMatch()
	v.Append(plain("hit 4")...)
	if at, all := v.Matches(); at != 0 || all != 3 {
		t.Errorf("match %d of %d", at, all)
	}
	v.NextMatch()
	if at, all := v.Matches(); at != 3 || all != 3 {
		t.Errorf("then match %d of %d", at, all)
	}
}

// A match far to the right of a line that is cut is brought into the window.
func TestSearchScrollsSideways(t *testing.T) {
	v := view(20, 1, "0123456789012345678901234567890123456789needle in a haystack")
	v.SetWrapped(false)
	v.Search("needle")
	shows(t, v, "▸ 456789needle in a…")
}

func TestReplaceKeepsThePlace(t *testing.T) {
	v := view(30, 2, numbered(1, 6)...)
	v.press(t, "home", "down")
	v.Replace(plain(append(numbered(1, 6), "line 7")...))
	shows(t, v, "line 2", "line 3")
	v.SetFollowing(true)
	v.Replace(plain(numbered(1, 8)...))
	shows(t, v, "line 7", "line 8")
	v.Search("line 7")
	v.Replace(plain(numbered(1, 8)...))
	if at, all := v.Matches(); at != 1 || all != 1 {
		t.Errorf("match %d of %d", at, all)
	}
	v.Clear()
	shows(t, v)
}
