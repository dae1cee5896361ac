package tui

import (
	"testing"
	"time"

	"podlab/labs/exam"
	"podlab/tui/texts"
	"podlab/tui/ui"
)

// onExams opens the screen on which exams are started.
func onExams(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	d := start(t, w, width, height)
	d.shows("1/1") // the list, whether or not the exam closes its labs
	d.press("E")
	d.shows("4711")
	return d
}

// inExam starts an exam and waits for its tasks.
func inExam(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	d := onExams(t, w, width, height)
	d.press("enter")
	d.shows(d.say().Exam.Start.AskTitle)
	d.press("y")
	d.shows(texts.Fill(d.say().Exam.Sitting.Left, "time", "1:00:00", "minutes", "60"))
	d.shows(fakeExercise("mc1").Text(d.m.ui.Lang).Title)
	return d
}

// look has the model look at the exam now, not only at the next second.
func (d *driver) look() {
	d.t.Helper()
	d.send(ui.LookAtExamMsg{})
	d.until("a look at the exam", func() bool { return !d.m.exams.looking })
}

// midExam is an exam after twelve minutes, with marks of all kinds.
func midExam(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	f, c := w.exams, w.clock
	d := inExam(t, w, width, height)
	f.act(func() error { _, err := f.Goto(1); return err })
	c.pass(9 * time.Minute)
	f.act(func() error { _, err := f.MarkDone(1, true); return err })
	f.act(func() error { _, err := f.Goto(2); return err })
	f.act(func() error { _, err := f.Flag(2, true); return err })
	c.pass(3 * time.Minute)
	d.look()
	d.shows("48:00")
	return d
}

// act does something as another terminal would.
func (f *fakeExams) act(do func() error) {
	if err := do(); err != nil {
		panic(err)
	}
}

var examScenes = []scene{
	{"exam-start", func(t *testing.T, w *world, width, height int) *driver {
		return onExams(t, w, width, height)
	}},
	{"exam-ask", func(t *testing.T, w *world, width, height int) *driver {
		d := onExams(t, w, width, height)
		d.press("enter")
		d.shows(d.say().Exam.Start.AskTitle)
		return d
	}},
	{"exam-preparing", func(t *testing.T, w *world, width, height int) *driver {
		f := w.exams
		f.ready = []int{1, 3}
		d := onExams(t, w, width, height)
		d.press("enter")
		d.shows(d.say().Exam.Start.AskTitle)
		d.press("y")
		d.until("the preparation", func() bool { return f.called("start short 471101") })
		d.look()
		d.shows("2/3")
		return d
	}},
	{"exam-open", func(t *testing.T, w *world, width, height int) *driver {
		f, c := w.exams, w.clock
		f.compose(testBlueprints()[2], 7)
		f.state.Begin(c.now().Add(-20 * time.Minute))
		d := start(t, w, width, height)
		d.shows("1/1") // the list, whether or not the exam closes its labs
		d.press("E")
		d.shows("40:00")
		d.shows(testBlueprints()[2].Title[d.m.ui.Lang])
		d.press("k") // ends the notice
		return d
	}},
	{"exam-list", func(t *testing.T, w *world, width, height int) *driver {
		return midExam(t, w, width, height)
	}},
	{"exam-task", func(t *testing.T, w *world, width, height int) *driver {
		d := midExam(t, w, width, height)
		d.press("down", "enter")
		return d
	}},
	{"exam-short", func(t *testing.T, w *world, width, height int) *driver {
		f := w.exams
		d := midExam(t, w, width, height)
		f.clock.pass(44 * time.Minute)
		d.look()
		d.shows("4:00")
		return d
	}},
	{"exam-submit", func(t *testing.T, w *world, width, height int) *driver {
		d := midExam(t, w, width, height)
		d.press("u")
		d.shows(d.say().Exam.Sitting.SubmitTitle)
		return d
	}},
	{"exam-time-up", func(t *testing.T, w *world, width, height int) *driver {
		f, c := w.exams, w.clock
		d := midExam(t, w, width, height)
		f.set(func(f *fakeExams) { f.finishErr = noAnswer() })
		c.pass(time.Hour)
		d.look()
		d.shows("connection refused")
		return d
	}},
	{"exam-result", func(t *testing.T, w *world, width, height int) *driver {
		return graded(t, w, width, height)
	}},
	{"exam-missed", func(t *testing.T, w *world, width, height int) *driver {
		d := graded(t, w, width, height)
		d.press("tab")
		return d
	}},
	{"exam-history", func(t *testing.T, w *world, width, height int) *driver {
		f := w.exams
		f.results = append(f.results, earlier(f))
		d := graded(t, w, width, height)
		d.press("esc")
		d.shows(d.say().Catalog.Columns.Level)
		d.press("E")
		d.shows(d.say().Exam.Start.Rules)
		d.press("h")
		d.shows("2026-02-20")
		return d
	}},
	{"exam-catalog", func(t *testing.T, w *world, width, height int) *driver {
		d := midExam(t, w, width, height)
		d.press("esc")
		d.shows(d.say().Catalog.Title)
		return d
	}},
}

// graded submits the exam after twelve minutes.
func graded(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	d := midExam(t, w, width, height)
	d.press("u")
	d.shows(d.say().Exam.Sitting.SubmitTitle)
	d.press("y")
	d.shows(d.say().Common.Share(37))
	return d
}

// earlier is the result of an exam nine days before.
func earlier(f *fakeExams) *exam.Result {
	c := &clock{at: testClock.AddDate(0, 0, -9)}
	g := &fakeExams{clock: c}
	g.compose(testBlueprints()[0], 12)
	g.state.ID = "20260220-100000-12"
	g.state.Begin(c.now())
	c.pass(2 * time.Hour)
	f.act(func() error { return g.state.End(c.now()) })
	r, err := g.grade()
	if err != nil {
		panic(err)
	}
	return r
}

func TestGoldenExam(t *testing.T) { goldenScenes(t, examScenes) }

// tickOf is the next second of the watch over exams.
func tickOf(d *driver) ui.TickMsg { return ui.TickMsg{ID: d.m.exams.id} }
