package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/grader"
)

// What one read of the terminal brings is many keys, unless it was pasted.
func TestKeysInOneRead(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows(d.say().Common.Share(50))
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/mc3")})
	d.shows("Search: mc3")
	d.lacks("The growing page")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" 反向"), Paste: true})
	d.shows("Search: mc3 反向")
	d.press("esc")
	d.shows("The growing page")
	d.press("home")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jj")})
	d.shows("─ init-ordering  Wait for the Services")
	before := d.view()
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q/L?"), Paste: true})
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true})
	if after := d.view(); after != before {
		t.Errorf("a paste was taken for keys:\n%s", after)
	}
	d.press("?")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/x"), Paste: true})
	d.shows("Everywhere")
}

func wheel(button tea.MouseButton, x, y int) tea.MouseMsg {
	return tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress}
}

func TestMouse(t *testing.T) {
	w := newWorld()
	d := start(t, w, 120, 40)
	d.shows(d.say().Common.Share(50))
	row := func(text string) int {
		t.Helper()
		for y, line := range strings.Split(d.view(), "\n") {
			if strings.Contains(line, text) {
				return y
			}
		}
		t.Fatalf("%q is not on the screen:\n%s", text, d.view())
		return 0
	}
	click := func(x, y int) { d.send(wheel(tea.MouseButtonLeft, x, y)) }
	click(10, row("init-ordering"))
	d.lacks("─ init-ordering")
	d.press("M")
	click(10, row("init-ordering"))
	d.shows("─ init-ordering")
	click(10, row("Shared network")) // a heading
	d.shows("─ init-ordering")
	d.send(wheel(tea.MouseButtonWheelUp, 10, 10))
	d.shows("─ mc1")
	click(10, row("A reverse proxy beside"))
	d.shows("─ mc3")
	click(10, row("A reverse proxy beside"))
	d.shows("12:34")
	d.until("a watch", func() bool { return w.practice.watches() > 0 })
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending))
	d.shows("✓✓✗…")
	click(80, row("A request to the Service"))
	d.shows("▸ ✗ A request")
	click(80, row("A request to the Service"))
	d.shows("Found")
	click(17, 1) // "Hints" in the border
	d.shows("[Hints 0/3]")
	click(4, 1)
	d.shows("[Task]")
	d.press("M")
	d.shows("Mouse off")
	click(17, 1)
	d.shows("[Task]")

	d.press("M", "?")
	click(4, 1) // the page of keys is in front
	d.shows("Everywhere")
}

func TestWheelScrolls(t *testing.T) {
	w := newWorld()
	w.practice.graded = verdicts(grader.Failed, grader.Failed, grader.Failed, grader.Errored)
	d := inLab(t, w, 80, 24)
	d.press("M", "g")
	d.shows("Not everything passed")
	d.lacks("one network namespace")
	for range 5 {
		d.send(wheel(tea.MouseButtonWheelDown, 10, 10))
	}
	d.shows("one network namespace")
	for range 5 {
		d.send(wheel(tea.MouseButtonWheelUp, 10, 10))
	}
	d.lacks("one network namespace")
}
