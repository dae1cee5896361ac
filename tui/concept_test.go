package tui

import (
	"strconv"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/content"
	"podlab/tui/texts"
)

// inConcept opens the page of the lab mc3: network.
func inConcept(t *testing.T, w *world, width, height int) *driver {
	t.Helper()
	d := inLab(t, w, width, height)
	d.press("i")
	d.showsPage(4)
	return d
}

// showsPage delivers messages until the concept page with that number is shown.
func (d *driver) showsPage(n int) {
	d.t.Helper()
	d.shows(texts.Fill(d.say().Concept.PageOf, "n", strconv.Itoa(n), "all", strconv.Itoa(len(content.ConceptIDs()))))
}

var conceptScenes = []scene{
	{"concept", func(t *testing.T, w *world, width, height int) *driver {
		return inConcept(t, w, width, height)
	}},
	{"concept-code", func(t *testing.T, w *world, width, height int) *driver {
		d := inConcept(t, w, width, height)
		d.press("pgdown", "pgdown")
		return d
	}},
	{"concept-table", func(t *testing.T, w *world, width, height int) *driver {
		d := inConcept(t, w, width, height)
		d.press("right", "pgdown")
		return d
	}},
	{"concept-list", func(t *testing.T, w *world, width, height int) *driver {
		d := inConcept(t, w, width, height)
		d.press("i", "down", "down", "down")
		return d
	}},
}

func TestGoldenConcept(t *testing.T) { goldenScenes(t, conceptScenes) }

func TestGoldenConceptASCII(t *testing.T) {
	w := newWorld()
	w.look.ASCII = true
	d := start(t, w, 80, 24)
	d.shows(d.say().Common.Share(50))
	d.press("i")
	d.showsPage(4)
	golden(t, "concept/en-ascii-80x24", d.view())
}

// The page of a lab's pattern opens from the lab and from the list of labs,
// and leaving it leads back to where the learner was.
func TestConceptOpensAndCloses(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.press("tab", "down", "enter")
	inLabBefore := d.view()
	d.press("i")
	d.shows("One network for all containers")
	d.showsPage(4)
	d.press("esc")
	d.shows("[Checks 2/4]")
	if after := d.view(); after != inLabBefore {
		t.Errorf("the lab looks different after the page:\n%s\nbefore:\n%s", after, inLabBefore)
	}
	d.press("esc")
	d.shows("of 3 solved")
	d.press("end", "i") // init-ordering
	d.shows("Init containers")
	d.showsPage(8)
	d.press("esc", "enter")
	d.shows("init-ordering  ")
}

func TestConceptPages(t *testing.T) {
	d := inConcept(t, newWorld(), 80, 24)
	d.press("end")
	d.shows("When to use it")
	d.press("tab")
	d.showsPage(5)
	d.shows("starts before the application") // from its beginning
	for range 5 {
		d.press("right")
	}
	d.showsPage(1)
	d.press("left")
	d.showsPage(9)
	d.press("i")
	d.shows("All pages")
	d.press("home", "down")
	d.shows("carries files between containers") // the summary
	d.showsPage(9)
	d.press("enter")
	d.showsPage(2)
	d.press("i", "end", "esc") // closes the list alone
	d.showsPage(2)
	d.shows("carries files between containers")
}

// What the learner reads stays on the screen in the next language and in
// another width, although it is at another line there.
func TestConceptKeepsThePlace(t *testing.T) {
	d := inConcept(t, newWorld(), 80, 24)
	for range 100 {
		if strings.HasPrefix(firstLine(d), "Ports 80 and 5000") {
			break
		}
		d.press("down")
	}
	d.press("L")
	d.shows("│ Die Ports 80 und 5000")
	d.send(tea.WindowSizeMsg{Width: 120, Height: 30})
	d.shows("│ Die Ports 80 und 5000")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.press("L", "L", "L")
	d.shows("Ports 80 and 5000")
	if got := firstLine(d); !strings.HasPrefix(got, "Ports 80 and 5000") {
		t.Errorf("the first line is %q", got)
	}
}

// firstLine returns the first line inside the frame.
func firstLine(d *driver) string {
	return strings.Trim(strings.Split(d.view(), "\n")[2], "│ ")
}

// A lab of a pattern that has no page opens the first one.
func TestConceptOfUnknownPattern(t *testing.T) {
	w := newWorld()
	labs := testLabs()
	labs[1].Pattern = "unheard-of"
	w.options.Catalog = labs
	d := inLab(t, w, 80, 24)
	d.press("i")
	d.showsPage(1)
}

// Every page fits every window in every language; the driver checks frames.
func TestConceptFits(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {109, 30}, {110, 24}, {200, 60}} {
		for _, lang := range content.Langs() {
			w := newWorld()
			w.options.Lang = lang
			d := inConcept(t, w, size[0], size[1])
			for range d.m.ui.Concepts {
				d.press("pgdown", "end", "i", "end", "esc", "tab")
			}
			d.showsPage(4)
		}
	}
}
