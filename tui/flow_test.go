package tui

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/tui/ui"
)

// From the first start to full marks.
func TestFirstStartToReport(t *testing.T) {
	w := newWorld()
	w.options.LangExplicit = false
	w.cluster.state = cluster.Absent
	w.cluster.create = func(_ context.Context, listen cluster.Listener) error {
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Running})
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Done})
		return nil
	}
	d := start(t, w, 80, 24)
	d.press("down")
	d.shows("Welche Sprache")
	d.press("enter")
	d.shows("Es gibt noch keinen Cluster")
	d.until("the language to be saved", func() bool {
		s, _ := w.settings.Load()
		return s.Lang == content.German
	})
	d.press("enter")
	d.shows(d.say().Common.Share(50))
	d.press("down", "n") // mc1 is solved, mc3 is not
	d.press("enter")
	d.shows("Lege den Pod")
	d.until("a watch", func() bool { return w.practice.watches() > 0 })
	d.press("tab")
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed))
	d.shows("nicht erfüllt")
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed))
	d.shows("Alle Prüfpunkte erfüllt")
	w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed)
	d.press("g")
	d.shows("Volle Punktzahl")
	d.press("end")
	d.shows("öffnet und schließt nichts")
	d.press("n")
	d.shows("init-ordering  Auf die Services warten")
	d.press("esc")
	d.shows("1 von 3 gelöst")
	d.press("q")
	d.until("the end", func() bool { return d.quit })
}

// What the watch of a lab still says after the lab was left changes nothing.
func TestStaleWatchIsDropped(t *testing.T) {
	w := newWorld()
	w.practice.parting = verdicts(grader.Errored, grader.Errored, grader.Errored, grader.Errored)
	w.practice.release = make(chan struct{})
	d := inLab(t, w, 80, 24)
	d.press("esc")
	d.shows("of 3 solved")
	d.press("enter")
	d.until("a second watch", func() bool { return w.practice.watches() == 2 })
	w.practice.sees(1, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Pending))
	d.shows("✓✓✓…")
	before := d.streamed
	close(w.practice.release)
	d.until("the stale message", func() bool { return d.streamed > before })
	d.shows("✓✓✓…")
	d.lacks("!!!!")
}

func TestLanguageSwitchKeepsThePlace(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.press("tab", "down", "down", "enter")
	d.shows("Found     nginx passes")
	d.press("L")
	d.shows("Gefunden  nginx reicht Anfragen")
	d.press("L")
	d.shows("nginx 把请求转发到端口 5001")
	d.press("L")
	d.shows("nginx가 요청을 5001번")
	d.press("L")
	d.shows("Found     nginx passes")
	d.shows("[Checks 2/4]")
}

// Pressed faster than texts load, the last choice wins.
func TestLanguageSwitchTwice(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.press("L", "L")
	d.shows("[任务]")
}

func TestErrorsStayUntilDismissed(t *testing.T) {
	w := newWorld()
	w.practice.startErr = noEngine()
	d := start(t, w, 80, 24)
	d.shows(d.say().Common.Share(50))
	d.press("enter")
	d.shows("mc3 could not be started")
	d.shows("No container engine answers. Install docker")
	d.press("e")
	d.shows("Is the docker daemon running?")
	d.press("esc", "down", "tab")
	d.shows("mc3 could not be started")
	d.press("L")
	d.shows("Keine Container-Engine antwortet")
	d.press("x")
	d.lacks("Keine Container-Engine antwortet")
	w.practice.mu.Lock()
	w.practice.startErr = nil
	w.practice.mu.Unlock()
	d.press("r")
	d.until("a watch", func() bool { return w.practice.watches() == 1 })
}

func TestSettingsThatCannotBeSaved(t *testing.T) {
	w := newWorld()
	w.settings.err = errors.New("settings.yaml: no space left on device")
	d := start(t, w, 80, 24)
	d.shows(d.say().Common.Share(50))
	d.press("L")
	d.shows("no space left on device")
}

func TestCancelledCreationAsksAgain(t *testing.T) {
	w := newWorld()
	d := provisioning(t, w, 80, 24)
	d.shows("345 MiB")
	d.press("esc")
	d.shows("will be removed")
	d.press("n")
	d.lacks("will be removed")
	d.press("esc")
	d.shows("will be removed")
	d.press("y")
	d.shows("Nothing was left behind")
	d.press("enter")
	d.shows("345 MiB")
}

// Quitting while a cluster is being created asks first, and waits until
// creation has cleaned up.
func TestQuitDuringCreation(t *testing.T) {
	w := newWorld()
	d := provisioning(t, w, 80, 24)
	cleaned := make(chan struct{})
	w.cluster.cleanUp = cleaned
	d.shows("345 MiB")
	d.press("q")
	d.shows("Quit podlab?")
	d.press("y")
	if d.quit {
		t.Error("podlab ended before the creation had cleaned up")
	}
	d.shows("cleaning up")
	close(cleaned)
	d.until("the end", func() bool { return d.quit })
}

func TestCreationFails(t *testing.T) {
	w := newWorld()
	w.cluster.state = cluster.Absent
	w.cluster.create = func(_ context.Context, listen cluster.Listener) error {
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Failed})
		return noEngine()
	}
	d := start(t, w, 80, 24)
	d.shows("Press Enter to create")
	d.press("enter")
	d.shows("No container engine answers")
	d.shows("✗ Start the node")
	d.lacks("Is the docker daemon running?")
	d.press("o")
	d.shows("Is the docker daemon running?")
	w.cluster.mu.Lock()
	w.cluster.state = cluster.Ready
	w.cluster.mu.Unlock()
	d.press("r")
	d.shows("of 3 solved")
}

func TestResetAsksTwiceWhenFilesWereEdited(t *testing.T) {
	w := newWorld()
	w.practice.edited = []string{"nginx.conf"}
	d := inLab(t, w, 80, 24)
	d.press("r")
	d.shows("Reset the lab?")
	d.press("y")
	d.shows("• nginx.conf")
	d.press("n")
	d.shows("Namespace")
	if w.practice.called("reset mc3") {
		t.Error("the lab was reset although the learner said no")
	}
	d.press("r")
	d.shows("Reset the lab?")
	d.press("y")
	d.shows("• nginx.conf")
	d.press("y")
	d.shows("initial state")
	if !w.practice.called("reset mc3") {
		t.Error("the lab was not reset")
	}
}

func TestHintsAndSolutionAreRecorded(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 80, 24)
	d.press("h")
	d.shows("Hint 1 of 3")
	d.lacks("Hint 2 of 3")
	d.until("the hint to be recorded", func() bool { return w.practice.called("hint mc3 1") })
	d.press("p")
	d.shows("Show a solution first")
	d.press("a")
	d.shows("projected")
	d.press("down", "enter")
	d.shows("Variant: projected")
	d.until("the solution to be recorded", func() bool { return w.practice.called("solution mc3") })
	d.press("p")
	d.shows("Apply this solution?")
	d.press("y")
	d.shows("has been applied")
	if !w.practice.called("apply mc3 projected.yaml") {
		t.Errorf("calls: %v", w.practice.calls)
	}
	w.practice.graded = verdicts(grader.Passed, grader.Failed, grader.Passed, grader.Passed)
	d.press("g")
	d.shows("1 of 3 used")
	d.shows("Solution seen  yes")
}

func TestGradingCanBeCancelled(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24) // this grading never ends by itself
	d.press("g")
	d.shows("Grading")
	d.press("g")
	d.shows("Please wait")
	d.press("esc")
	d.lacks("Grading")
	d.shows("[Task]")
}

func TestTroubleComesAndGoes(t *testing.T) {
	w := newWorld()
	d := inLab(t, w, 120, 40)
	w.practice.trouble(0, errors.New("connection refused"))
	d.shows("The cluster does not answer")
	w.practice.trouble(0, nil)
	d.until("an end of the trouble", func() bool {
		return !strings.Contains(d.view(), "does not answer")
	})
}

func TestQuitFromLabAsks(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.press("q")
	d.shows("Quit podlab?")
	d.press("n")
	d.lacks("Quit podlab?")
	d.press("ctrl+c")
	d.shows("Quit podlab?")
	d.press("ctrl+c")
	d.until("the end", func() bool { return d.quit })
}

func TestTooSmallTakesNoKeys(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.send(tea.WindowSizeMsg{Width: 79, Height: 24})
	d.shows("at least 80×24")
	d.press("tab", "h", "?")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.shows("[Task]")
	d.shows("Hints 0/3")
}

// Whatever the size, no frame is broken: the driver checks each.
func TestResize(t *testing.T) {
	w := newWorld()
	w.options.Lang = content.Chinese
	d := inLab(t, w, 80, 24)
	d.press("tab", "down", "down", "enter")
	for _, open := range [][]string{nil, {"tab"}, {"?"}} {
		d.press(open...)
		for width := minWidth; width < 160; width += 3 {
			d.send(tea.WindowSizeMsg{Width: width, Height: minHeight + width%25})
		}
	}
}

func TestShellErrorIsShown(t *testing.T) {
	w := newWorld()
	w.options.Shell = func(string) (*exec.Cmd, error) { return nil, errors.New("write kubeconfig: permission denied") }
	d := inLab(t, w, 80, 24)
	d.press("s")
	d.shows("The shell for mc3 did not work")
	d.shows("permission denied")
}

func TestEveryKeyIsExplained(t *testing.T) {
	d := inLab(t, newWorld(), 80, 24)
	d.press("?")
	for _, item := range ui.HelpItems(d.m.top().Help()) {
		d.shows(item[0])
		d.shows(item[1])
	}
}

// A learner finds a lab by words of its title, summary or pattern, in the
// language of the moment, and typing reaches no other key.
func TestSearchInTheCatalogue(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows(d.say().Common.Share(50))
	d.press("/", "q", "z")
	d.shows("Search: qz")
	d.shows("No lab matches")
	d.press("esc")
	d.shows("The growing page")
	d.press("/", "n", "e", "t", "w", "o", "r", "k", " ", "p", "r", "o", "x", "y", "enter")
	d.lacks("The growing page")
	d.shows("A reverse proxy")
	d.press("enter")
	d.shows("Namespace")
	d.press("esc")
	d.shows("Search: network proxy")
	d.press("esc")
	d.shows("The growing page")
}

// The cursor begins at the easiest lab that is not solved, and the summary
// says so.
func TestSuggestedLab(t *testing.T) {
	d := start(t, newWorld(), 80, 24)
	d.shows("Suggested next")
	d.press("down")
	d.lacks("Suggested next")
	d.press("n")
	d.shows("Suggested next")
}
