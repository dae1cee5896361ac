package tui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/tui/plain"
)

// creating begins to create a cluster that never gets ready; cleaned lets its
// clean-up end.
func creating(t *testing.T, w *world) (c *talk, cleaned chan struct{}) {
	t.Helper()
	cleaned = make(chan struct{})
	w.cluster.state = cluster.Absent
	w.cluster.cleanUp = cleaned
	w.cluster.create = func(ctx context.Context, listen cluster.Listener) error {
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Running})
		<-ctx.Done()
		return ctx.Err()
	}
	c = converse(t, w)
	c.answers("yes")
	c.hears("Start the node: begins.")
	return c, cleaned
}

// Ctrl-C cancels the creation, which cleans up, and the question comes again.
func TestPlainCreationIsCancelled(t *testing.T) {
	c, cleaned := creating(t, newWorld())
	c.ctrlC()
	c.hears("Cancelling and cleaning up")
	if strings.Contains(c.transcript(), "Nothing was left behind") {
		t.Error("it was said to be cleaned up before it was")
	}
	close(cleaned)
	c.hears("Nothing was left behind")
	c.answers("no")
	c.ends()
}

// A second Ctrl-C does not wait for a clean-up that hangs.
func TestPlainSecondCtrlCLeaves(t *testing.T) {
	c, cleaned := creating(t, newWorld())
	defer close(cleaned)
	c.ctrlC()
	c.hears("Cancelling and cleaning up")
	c.ctrlC()
	c.hears("Goodbye")
	c.ends()
}

// Ctrl-C at a question leaves: nothing is lost.
func TestPlainCtrlCAtAQuestion(t *testing.T) {
	c := inPlainLab(t, newWorld())
	c.ctrlC()
	c.hears("Goodbye")
	c.ends()
}

// Wherever the input ends, podlab ends as well, and says so.
func TestPlainInputEndsAtEachQuestion(t *testing.T) {
	for _, answers := range [][]string{
		{},                                 // which language
		{"1"},                              // create
		{"1", "1"},                         // the labs
		{"1", "1", "2"},                    // the list
		{"1", "1", "3"},                    // what to search for
		{"1", "1", "L"},                    // the language again
		{"1", "1", "mc3"},                  // the lab
		{"1", "1", "mc3", "3"},             // which check
		{"1", "1", "mc3", "2"},             // while listening
		{"1", "1", "mc3", "6"},             // show a solution
		{"1", "1", "mc3", "6", "1"},        // which one
		{"1", "1", "mc3", "6 1", "1", "7"}, // apply it
		{"1", "1", "mc3", "9"},             // which log
		{"1", "1", "mc3", "11"},            // reset
		{"1", "1", "mc3", "11", "1"},       // and the files
	} {
		t.Run(strings.Join(answers, ","), func(t *testing.T) {
			w := newWorld()
			w.options.LangExplicit = false
			w.cluster.state = cluster.Absent
			w.cluster.create = func(context.Context, cluster.Listener) error { return nil }
			w.practice.edited = []string{"pod.yaml"}
			c := converse(t, w)
			for i, answer := range answers {
				c.answers(answer)
				if answer == "mc3" && i+1 < len(answers) { // what follows needs a report
					c.watches(1)
					w.practice.holds(0, labObjects())
					w.practice.sees(0, verdicts(grader.Passed, grader.Failed))
				}
			}
			_ = c.input.Close()
			c.hears("The input has ended.")
			c.ends()
		})
	}
}

// Answers may be words, beginnings of words, or in capitals; what may mean two
// things is asked for again.
func TestPlainAnswers(t *testing.T) {
	c := inPlainLab(t, newWorld())
	c.answers("re")
	c.hears("“re” may mean reset, report")
	c.answers("EXPL 2")
	c.hears("2. passed: nginx.conf")
	c.answers("nonsense\x1b[2J")
	c.hears("“nonsense” is no choice here")
	c.answers("0")
	c.hears("“0” is no choice here")
	c.answers("")
	c.hears("Your choice")
	c.answers("q", "Q")
	c.ends()
}

// The language changes anywhere, at once, and is remembered.
func TestPlainLanguage(t *testing.T) {
	w := newWorld()
	c := inPlainLab(t, w)
	c.answers("L", "deutsch")
	c.hears("1. prüfen")
	if s, _ := w.settings.Load(); s.Lang != content.German {
		t.Errorf("the settings hold %q", s.Lang)
	}
	c.answers("L", "q", "1")
	c.hears("3. nicht erfüllt")
}

// Whatever Pods and checks print, nothing but text reaches the terminal, and
// no line but code and logs is longer than the terminal is wide.
func TestPlainIsPlain(t *testing.T) {
	w := newWorld()
	w.practice.graded = verdicts(grader.Failed, grader.Errored)
	w.practice.graded.Results[0].Actual = []content.Message{
		content.Say("found", "port", "80\x1b]52;c;cm0=\x07\x1b[31m\u202egnp"),
	}
	c := inPlainLab(t, w)
	c.answers("12", "pods", "logs 4", "logs 3")
	c.hears("End of the log")
	for line := range strings.SplitSeq(c.transcript(), "\n") {
		if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u202e' }); i >= 0 {
			t.Errorf("a control character in %q", line)
		}
		if w := ansi.StringWidth(line); w > 80 && !strings.HasPrefix(line, "xxx") {
			t.Errorf("%d cells: %q", w, line)
		}
	}
}

// On a narrow line, lines are shorter.
func TestPlainWidth(t *testing.T) {
	for _, lang := range content.Langs() {
		w := newWorld()
		var heard strings.Builder
		err := plain.Run(context.Background(), plain.Options{
			Lang: lang, LangExplicit: true, Cluster: w.cluster, Catalog: w.options.Catalog, Records: w.records,
			Settings: w.settings, Open: w.options.Open, Shell: w.options.Shell,
			Input: strings.NewReader("2\n3\nq\nq\n"), Output: &heard, Echo: true, Width: func() int { return 40 },
		})
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(heard.String(), "\n") {
			if w := ansi.StringWidth(line); w > 40 {
				t.Errorf("%s: %d cells: %q", lang, w, line)
			}
		}
	}
}

// A last line without a newline is an answer as well.
func TestPlainLastLine(t *testing.T) {
	w := newWorld()
	var heard strings.Builder
	err := plain.Run(context.Background(), plain.Options{
		Lang: content.English, LangExplicit: true, Cluster: w.cluster, Catalog: w.options.Catalog, Records: w.records,
		Settings: w.settings, Open: w.options.Open, Shell: w.options.Shell,
		Input: iotest.OneByteReader(strings.NewReader("q")), Output: &heard,
	})
	if err != nil || !strings.Contains(heard.String(), "Goodbye") {
		t.Errorf("Run: %v\n%s", err, heard.String())
	}
}

// An output that is gone ends podlab.
func TestPlainOutputFails(t *testing.T) {
	w := newWorld()
	read, write := io.Pipe()
	_ = read.Close()
	err := plain.Run(context.Background(), plain.Options{
		Lang: content.English, LangExplicit: true, Cluster: w.cluster, Catalog: w.options.Catalog, Records: w.records,
		Settings: w.settings, Open: w.options.Open, Shell: w.options.Shell,
		Input: strings.NewReader(strings.Repeat("?\n", 1000)), Output: write,
	})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Run: %v", err)
	}
}

// What the learner does reaches the lab and the records.
func TestPlainActsOnTheLab(t *testing.T) {
	w := newWorld()
	c := inPlainLab(t, w)
	c.answers("hint", "hint", "solution", "n", "solution 2", "y", "apply", "y", "reset", "y")
	c.hears("initial state")
	want := []string{"start mc3", "hint mc3 1", "hint mc3 2", "solution mc3", "apply mc3 projected.yaml", "reset mc3"}
	w.practice.mu.Lock()
	got := slices.Clone(w.practice.calls)
	w.practice.mu.Unlock()
	if !slices.Equal(got, want) {
		t.Errorf("calls: %q, want %q", got, want)
	}
}

// Full marks seen live end the clock: the report has the time of that moment.
func TestPlainTimeEndsAtFullMarks(t *testing.T) {
	w := newWorld()
	now := testClock
	w.options.Now = func() time.Time { return now }
	c := inPlainLab(t, w)
	full := verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed)
	c.answers("watch")
	c.hears("Each change")
	w.practice.sees(0, full)
	c.hears("Everything passed")
	c.answers("")
	c.hears("Your choice") // from here on podlab waits, and reads no clock
	now = now.Add(time.Hour)
	w.practice.graded = full
	c.answers("report")
	c.hears("Full marks!")
	c.hears("Time: 12:34")
}

// A check that is looked at anew for a moment, and ends as it was, is no news;
// what a pending check waits for is none either, but a new mistake is.
func TestPlainTellsOnlyNews(t *testing.T) {
	w := newWorld()
	c := enterLab(converseSettling(t, w, time.Hour)) // Enter tells what has settled
	c.answers("watch")
	c.hears("Each change")
	w.practice.sees(0, verdicts(grader.Pending, grader.Passed, grader.Failed, grader.Pending))
	now := verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Pending)
	now.Results[2].Actual = []content.Message{content.Say("found", "port", "5002")}
	now.Results[3].Actual = []content.Message{content.Say("found", "port", "5003")}
	w.practice.sees(0, now)
	c.answers("")
	c.hears("no longer hear")
	_, heard, _ := strings.Cut(c.transcript(), "Enter ends this.\n")
	want := "Check 3, A request to the Service reaches webapp: still failed.\n" +
		"Found: nginx passes requests on to port 5002, where nobody listens.\nYou no longer hear changes.\n"
	if got, _, _ := strings.Cut(heard, "mc3."); got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}
