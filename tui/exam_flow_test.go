package tui

import (
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"podlab/content"
	"podlab/labs/exam"
	"podlab/tui/texts"
)

// What is said about exams stands on one line: none of it may be cut off on
// the smallest screen, beside the keys for errors.
func TestExamNoticesFit(t *testing.T) {
	for _, lang := range content.Langs() {
		s, err := testSpeech(lang)
		if err != nil {
			t.Fatal(err)
		}
		e := s.Texts.Exam
		notices := []string{
			e.UnderWay, texts.Fill(e.Closed, "lab", "ambassador-tls-termination"), texts.Fill(e.SetBack, "time", "1:00:00"), e.Restored,
			e.HalfTime, e.FifteenMinutes, e.FiveMinutes, e.OneMinute, e.GradedNotice, e.AbortedNotice,
			e.Start.Stopped, e.Start.BusyNow, e.Sitting.AskTask, e.Sitting.NotNow, e.Sitting.TimeUp, e.Result.AllSolved,
		}
		for _, notice := range notices {
			if width := ansi.StringWidth(notice); width > minWidth-2 {
				t.Errorf("%s: %q is %d cells wide", lang, notice, width)
			}
		}
		for _, doing := range []string{
			e.WhileLook, e.WhileStart, e.WhileResume, e.WhileWatch, e.WhileChange, e.WhileFinish, e.WhileAbort, e.WhileShell,
			e.WhileResult, e.Recovered,
		} {
			if width := ansi.StringWidth(doing); width > 53 {
				t.Errorf("%s: %q is %d cells wide", lang, doing, width)
			}
		}
		for _, rule := range []string{e.Start.Different, e.Start.Help, e.Start.End, e.Start.Leave} {
			if width := ansi.StringWidth(rule); width > 56 { // an item of a dialog
				t.Errorf("%s: %q is %d cells wide", lang, rule, width)
			}
		}
	}
}

// The seed is podlab's until digits are typed; it decides what is asked.
func TestExamSeed(t *testing.T) {
	w := newWorld()
	d := onExams(t, w, 80, 24)
	d.shows("471101_")
	d.press("r")
	d.shows("471102_")
	d.press("1", "2", "3")
	d.shows(" 123_")
	d.send(tea.KeyMsg{Type: tea.KeyBackspace})
	d.shows(" 12_")
	d.press(strings.Split(strings.Repeat("9", 30), "")...) // no seed is that long
	d.press("up", "enter")
	d.shows("Start the exam?")
	seed := "12" + strings.Repeat("9", 17)
	d.shows(seed)
	d.press("y")
	d.until("the start", func() bool { return w.exams.called("start init " + seed) })
}

func TestExamWithoutSeed(t *testing.T) {
	w := newWorld()
	d := onExams(t, w, 80, 24)
	for range 7 {
		d.send(tea.KeyMsg{Type: tea.KeyBackspace})
	}
	d.press("enter")
	d.until("what is missing", func() bool { return strings.Count(d.view(), "A seed is a number") == 2 })
	d.lacks(d.say().Exam.Start.AskTitle)
}

// A whole exam: tasks are gone to, flagged and marked, time is booked, and the
// summary before submission tells what is open.
func TestExamFlow(t *testing.T) {
	w := newWorld()
	d := inExam(t, w, 80, 24)
	if !w.exams.called("oversee") {
		t.Error("nobody oversees the exam")
	}
	d.press("g")
	d.shows("[Task 1]")
	w.clock.pass(5 * time.Minute)
	d.press("x")
	d.until("the mark", func() bool { return w.exams.called("done 1 true") })
	d.press(" ") // scrolls, in a text
	d.press("f")
	d.until("the flag", func() bool { return w.exams.called("flag 1 true") })
	d.press("esc")
	d.shows("5:00 / 8 min")
	d.shows("1/3 done  ·  flagged: 1")
	d.press("f")
	d.until("no flag", func() bool { return w.exams.called("flag 1 false") })
	d.press("down", " ")
	d.until("the second mark", func() bool { return w.exams.called("done 2 true") })
	if w.exams.called("done 1 false") {
		t.Error("Space took back a mark where it scrolls")
	}
	d.press("down", "enter")
	d.shows("Wait for the Services")
	d.shows("podlab-exam-init-ordering")
	w.clock.pass(time.Minute)
	d.look()
	d.press("u")
	d.shows("There are still 54:00 left")
	d.shows("Begun, not marked as done: 3")
	d.lacks("Untouched")
	d.press("n")
	d.lacks("There are still")
	d.press("u")
	d.shows("Submit the exam?")
	d.press("y")
	d.shows("Not passed")
	d.shows("Ended by  your submission")
	if d.shows("6:00 of 60 min"); w.exams.count("submit") != 1 {
		t.Errorf("submitted %d times", w.exams.count("submit"))
	}
	d.press("n") // practise what the report names first
	d.shows("podlab-init-ordering")
}

// The keys of the list of tasks copy nothing that is not there.
func TestExamCopiesTheTask(t *testing.T) {
	w := newWorld()
	d := inExam(t, w, 80, 24)
	d.press("y")
	d.shows("nothing to copy")
	d.press("down", "enter")
	d.shows("[Task 2]")
	d.press("y")
	d.until("a copy", func() bool { return w.clipboard.holds() == fakeExercise("mc3").Text(content.English).Task })
}

// s opens the shell of the task at the cursor, or of the one whose text is
// read.
func TestExamShell(t *testing.T) {
	w := newWorld()
	opened := make(chan int, 3)
	w.options.ExamShell = func(n int) (*exec.Cmd, error) {
		opened <- n
		return nil, errors.New("no shell here")
	}
	d := midExam(t, w, 80, 24)
	d.press("up", "s") // the cursor has followed to task 2
	d.shows("no shell here")
	d.press("tab", "s")
	d.until("two shells", func() bool { return len(opened) == 2 })
	if first, second := <-opened, <-opened; first != 1 || second != 2 {
		t.Errorf("shells of tasks %d and %d, want 1 and 2", first, second)
	}
	d.press("S")
	d.shows("S needs tmux")
}

// Each warning is said once, and stays beside the clock.
func TestExamWarnings(t *testing.T) {
	w := newWorld()
	d := inExam(t, w, 80, 24)
	d.lacks(d.say().Exam.HalfTime)
	for _, step := range []struct {
		left    time.Duration
		warning string
	}{
		{30 * time.Minute, d.say().Exam.HalfTime},
		{15 * time.Minute, d.say().Exam.FifteenMinutes},
		{5 * time.Minute, d.say().Exam.FiveMinutes},
		{time.Minute, d.say().Exam.OneMinute},
	} {
		w.clock.pass(w.exams.state.EndsAt.Sub(w.clock.now()) - step.left)
		d.look()
		if n := strings.Count(d.view(), step.warning); n != 2 {
			t.Errorf("%s left: the warning is there %d times, want it beside the clock and below:\n%s", step.left, n, d.view())
		}
		d.press("j")
		w.clock.pass(time.Second)
		d.look()
		if n := strings.Count(d.view(), step.warning); n != 1 {
			t.Errorf("%s left: the warning is there %d times, want it beside the clock:\n%s", step.left, n, d.view())
		}
	}
}

// A learner who practises something else is warned too, and sees the clock.
func TestExamWarningsElsewhere(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	d.press("esc")
	d.shows("Exam 48:00")
	w.clock.pass(44 * time.Minute)
	d.look()
	d.shows(d.say().Exam.FiveMinutes)
	d.shows("Exam 4:00")
	w.clock.pass(time.Hour)
	d.look()
	d.shows(d.say().Exam.GradedNotice)
	d.press("E")
	d.shows("Ended by  the clock")
	d.press("esc")
	d.shows(d.say().Exam.Start.Rules) // the result is shown once
}

// When time is up the exam is graded, as soon as the cluster lets it.
func TestExamTimeUp(t *testing.T) {
	w := newWorld()
	w.exams.finishErr = noAnswer()
	d := midExam(t, w, 80, 24)
	d.press("u")
	d.shows(d.say().Exam.Sitting.SubmitTitle)
	w.clock.pass(time.Hour)
	d.look()
	d.shows("The cluster does not answer.")
	d.lacks(d.say().Exam.Sitting.SubmitTitle) // it asks what nobody can answer any more
	d.press("x")                              // dismissed; the error does not come back
	d.press("f")
	d.shows(d.say().Exam.Sitting.NotNow)
	for range finishPause + 1 {
		d.send(tickOf(d))
	}
	d.until("another attempt", func() bool { return w.exams.count("finish") > 1 })
	d.lacks("connection refused")
	w.exams.set(func(f *fakeExams) { f.finishErr = nil })
	for range finishPause + 1 {
		d.send(tickOf(d))
	}
	d.shows("Ended by  the clock")
	if w.exams.called("flag 1 true") {
		t.Error("a task was changed after the end")
	}
}

// The background process may have graded already: that is no error.
func TestExamFinishedElsewhere(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	w.clock.pass(time.Hour)
	w.exams.act(func() error { _, err := w.exams.Finish(t.Context()); return err })
	d.look()
	d.shows("Ended by  the clock")
	if len(d.m.errors) > 0 {
		t.Errorf("errors: %v", d.m.errors)
	}
}

// Two terminals on one exam: each shows what the other does.
func TestExamInTwoTerminals(t *testing.T) {
	w, v := newWorld(), newWorld()
	v.exams, v.clock, v.options.Exams = w.exams, w.clock, w.exams
	v.options.Now = w.clock.now
	second := inLab(t, v, 80, 24)
	first := midExam(t, w, 80, 24)
	second.look()
	second.shows("mc3 is a task of your exam") // its lab is closed
	second.shows(second.say().Catalog.Columns.Level)
	second.press("enter")
	second.shows("mc3 is a task of your exam")
	second.press("E")
	second.shows("Enter takes you to it")
	second.press("enter")
	second.shows("flagged: 1")

	first.press("f") // the cursor has followed to task 2
	first.until("the flag", func() bool { return w.exams.called("flag 2 false") })
	second.look()
	second.lacks("flagged: 1")
	second.press("u")
	second.shows("Submit the exam?")
	second.press("y")
	second.shows("Ended by  your submission")
	first.look()
	first.shows("Ended by  your submission")
}

// An exam that another terminal gives up ends here too.
func TestExamAborted(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	d.press("A")
	d.shows(d.say().Exam.Sitting.AbortTitle)
	d.press("y")
	d.shows(d.say().Exam.AbortedNotice)
	d.shows("1/1") // the list, whether or not the exam closes its labs
	d.press("E")
	d.shows(d.say().Exam.Start.Rules)
}

// A preparation that was stopped can be gone on with.
func TestExamPreparationStopped(t *testing.T) {
	w := newWorld()
	w.exams.ready = []int{2}
	d := onExams(t, w, 80, 24)
	d.press("enter")
	d.shows("Start the exam?")
	d.press("y")
	d.until("the preparation", func() bool { return w.exams.called("start short 471101") })
	d.look()
	d.shows("1/3")
	d.press("x") // nothing else can be done meanwhile
	d.shows(d.say().Exam.Start.BusyNow)
	d.press("esc")
	d.shows(d.say().Exam.Start.Stopped)
	d.shows("not prepared completely")
	w.exams.set(func(f *fakeExams) { f.ready = nil })
	d.press("enter")
	d.shows("1:00:00 left")
}

func TestExamTroubleAtStart(t *testing.T) {
	w := newWorld()
	w.exams.startErr = noAnswer()
	d := onExams(t, w, 80, 24)
	d.press("enter")
	d.shows("Start the exam?")
	d.press("y")
	d.shows("connection refused")
	d.shows(d.say().Exam.WhileStart)
	d.shows(d.say().Exam.Start.Rules)

	w = newWorld()
	w.exams.overseeErr = errors.New("fork/exec: no space left on device")
	d = inExam(t, w, 80, 24)
	d.shows(d.say().Exam.WhileWatch)
}

// An exam whose clock runs is shown even if the cluster does not answer.
func TestExamResumedWithoutCluster(t *testing.T) {
	w := newWorld()
	w.exams.compose(testBlueprints()[2], 7)
	w.exams.state.Begin(testClock.Add(-20 * time.Minute))
	w.exams.resumeErr = noAnswer()
	d := start(t, w, 80, 24)
	d.shows("1/1") // the list, whether or not the exam closes its labs
	d.shows(d.say().Exam.UnderWay)
	d.press("E")
	d.shows("Enter takes you to it")
	d.press("enter")
	d.shows("40:00 left")
	d.shows(d.say().Exam.WhileResume)
}

// A clock that is set back is noticed; the exam's goes on.
func TestExamClockSetBack(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	w.clock.pass(-time.Hour)
	d.look()
	d.shows("set back by 1:00:00")
	d.shows("48:00 left")
	w.clock.pass(time.Minute)
	d.look()
	d.shows("47:00 left")
}

// Trouble with the state is said once, and the clock goes on when it is over.
func TestExamStateTrouble(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	w.exams.set(func(f *fakeExams) { f.lookErr = exam.ErrDamaged })
	d.look()
	d.shows(exam.ErrDamaged.Error())
	d.press("x")
	d.look()
	d.lacks(exam.ErrDamaged.Error())
	w.exams.set(func(f *fakeExams) { f.lookErr, f.aside = nil, "/state/exams/current/exam.damaged-7.yaml" })
	d.look()
	d.shows(d.say().Exam.Recovered)
	d.shows("exam.damaged-7.yaml")
	d.shows("48:00 left")
}

// E leads back from wherever the learner practises.
func TestExamReturn(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	w.exams.set(func(f *fakeExams) { f.state.Tasks = slices.Delete(f.state.Tasks, 1, 2) }) // mc3 is no task
	d.press("esc")
	d.shows(d.say().Catalog.Columns.Level)
	d.look()
	d.press("enter")
	d.shows("24:34")
	d.press("?")
	d.shows("timed exam")
	d.press("esc", "E")
	d.shows("48:00 left")
}

// Quitting says that the clock does not stop.
func TestExamQuit(t *testing.T) {
	w := newWorld()
	d := midExam(t, w, 80, 24)
	d.press("q")
	d.shows("The clock of your exam goes on")
	d.press("y")
	d.until("the end", func() bool { return d.quit })
	if w.exams.state.Phase != exam.Running {
		t.Errorf("the exam is %s", w.exams.state.Phase)
	}
}

// The report follows the language.
func TestExamResultInAnotherLanguage(t *testing.T) {
	w := newWorld()
	d := graded(t, w, 120, 40)
	d.press("L")
	d.shows("wo niemand lauscht")
}

// No size breaks a frame, whatever is shown; the driver looks at each.
func TestExamResize(t *testing.T) {
	for _, scene := range examScenes {
		for _, lang := range []content.Lang{content.German, content.Chinese} {
			t.Run(scene.name+"/"+string(lang), func(t *testing.T) {
				w := newWorld()
				w.options.Lang = lang
				d := scene.play(t, w, 80, 24)
				for width := minWidth; width < 220; width += 9 {
					d.send(tea.WindowSizeMsg{Width: width, Height: minHeight + width%37})
				}
			})
		}
	}
}

// An exam of 15 tasks fits the smallest screen, with marks in ASCII.
func TestExamOfFifteenTasks(t *testing.T) {
	w := newWorld()
	w.look.ASCII = true
	w.exams.compose(testBlueprints()[0], 7)
	for i := range 12 {
		w.exams.state.Tasks = append(w.exams.state.Tasks, w.exams.state.Tasks[i%3])
	}
	w.exams.state.Begin(testClock)
	w.exams.act(func() error { _, err := w.exams.Goto(15); return err })
	w.exams.act(func() error { _, err := w.exams.Flag(15, true); return err })
	d := start(t, w, 80, 24)
	d.shows("1/1") // the list, whether or not the exam closes its labs
	d.press("E")
	d.shows("under way. Time left")
	d.press("enter")
	d.shows("The growing page")
	for n := range 15 {
		d.shows(" " + strconv.Itoa(n+1) + " ")
	}
	golden(t, "exam-15/en-80x24-ascii", d.view())
}
