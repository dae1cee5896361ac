package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"podlab/content"
	"podlab/grader"
	greport "podlab/grader/report"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/labs/history"
	"podlab/tui/backend"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// pass moves the clock; back, where d is negative.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fakeExams are exams in memory, with the state and the clock of real ones.
// Several models may share them, as several terminals share a directory.
type fakeExams struct {
	clock *clock

	mu      sync.Mutex
	state   *exam.State
	results []*exam.Result
	calls   []string
	// ready, where set, are the tasks that preparation sets up before it waits for
	// its end.
	ready []int
	// What the methods of that name answer.
	lookErr, startErr, resumeErr, overseeErr, finishErr error
	aside                                               string // of a damaged state
}

func (f *fakeExams) note(call string) { f.calls = append(f.calls, call) }

func (f *fakeExams) called(call string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, call)
}

// count says how often something was called.
func (f *fakeExams) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == call {
			n++
		}
	}
	return n
}

// set changes what the methods answer.
func (f *fakeExams) set(change func(*fakeExams)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func testBlueprints() []exam.Blueprint {
	title := func(en, de, zh, ko string) map[content.Lang]string {
		return map[content.Lang]string{content.English: en, content.German: de, content.Chinese: zh, content.Korean: ko}
	}
	return []exam.Blueprint{
		{ID: "full", Tasks: 15, Minutes: 120, Title: title("Full mock exam", "Vollständige Probeprüfung", "完整模拟考试", "전체 모의시험")},
		{ID: "init", Tasks: 6, Minutes: 60, Title: title("Exam: init containers", "Prüfung: Init-Container", "Init 容器专项考试", "초기화 컨테이너 모의시험")},
		{ID: "short", Tasks: 3, Minutes: 60, Title: title("Short mock exam", "Kurze Probeprüfung", "简短模拟考试", "짧은 모의시험")},
	}
}

func (f *fakeExams) Blueprints() ([]exam.Blueprint, error) { return testBlueprints(), nil }

func (f *fakeExams) NewSeed() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("seed")
	return 471100 + uint64(len(f.calls))
}

func (f *fakeExams) Look() (backend.ExamLook, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lookErr != nil {
		return backend.ExamLook{}, f.lookErr
	}
	look := backend.ExamLook{Recovered: f.aside != "", Aside: f.aside}
	f.aside = ""
	if f.state == nil {
		return look, nil
	}
	look.At, _ = f.state.Look(f.clock.now())
	look.State = f.copied()
	return look, nil
}

func (f *fakeExams) copied() *exam.State {
	s := *f.state
	s.Tasks = slices.Clone(s.Tasks)
	return &s
}

func (f *fakeExams) Asked(s *exam.State) ([]backend.Asked, error) {
	all := make([]backend.Asked, len(s.Tasks))
	for i, t := range s.Tasks {
		all[i] = fakeAsked{fakeExercise(t.Lab)}
	}
	return all, nil
}

type fakeAsked struct{ fakeExercise }

func (f fakeAsked) WorkDir() string {
	return "/home/kim/.local/state/podlab/exams/current/work/" + string(f.fakeExercise)
}

func (f fakeAsked) Links() []exam.Link {
	return []exam.Link{{Title: "Volumes", URL: "https://kubernetes.io/docs/concepts/storage/volumes/"}}
}

// compose makes an exam of the three labs.
func (f *fakeExams) compose(b exam.Blueprint, seed uint64) {
	f.state = &exam.State{
		Version: exam.StateVersion, ID: fmt.Sprintf("20260301-100000-%d", seed), Blueprint: b.ID, Seed: seed,
		Phase: exam.Preparing, Minutes: b.Minutes,
	}
	weights := []int{20, 34, 46}
	for i, lab := range testLabs() {
		f.state.Tasks = append(f.state.Tasks, exam.TaskState{
			Task:      exam.Task{Lab: lab.ID, Weight: weights[i], Minutes: lab.Minutes, Pattern: lab.Pattern, Level: lab.Level},
			Namespace: exam.Prefix + lab.ID,
		})
	}
}

func (f *fakeExams) Start(ctx context.Context, b exam.Blueprint, seed uint64, _ content.Lang, tell exam.Prepared) (*exam.State, error) {
	f.mu.Lock()
	f.note(fmt.Sprintf("start %s %d", b.ID, seed))
	switch {
	case f.startErr != nil:
		defer f.mu.Unlock()
		return nil, f.startErr
	case f.state != nil && f.state.Phase.Open():
		defer f.mu.Unlock()
		return f.state, exam.ErrOpen
	}
	f.compose(b, seed)
	f.mu.Unlock()
	return f.prepare(ctx, tell)
}

func (f *fakeExams) prepare(ctx context.Context, tell exam.Prepared) (*exam.State, error) {
	f.mu.Lock()
	ready, tasks := f.ready, f.state.Tasks
	f.mu.Unlock()
	for _, n := range ready {
		tell(tasks[n-1], nil)
	}
	if ready != nil {
		<-ctx.Done()
		return nil, fmt.Errorf("prepare the exam: %w", ctx.Err())
	}
	for _, t := range tasks {
		tell(t, nil)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Begin(f.clock.now())
	return f.copied(), nil
}

func (f *fakeExams) Resume(ctx context.Context, tell exam.Prepared) (*exam.State, error) {
	f.mu.Lock()
	f.note("resume")
	if f.resumeErr != nil {
		defer f.mu.Unlock()
		return nil, f.resumeErr
	}
	if f.state.Phase == exam.Preparing {
		f.mu.Unlock()
		return f.prepare(ctx, tell)
	}
	defer f.mu.Unlock()
	return f.copied(), nil
}

func (f *fakeExams) Oversee(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note("oversee")
	return f.overseeErr
}

func (f *fakeExams) change(call string, change func(*exam.State, time.Time) error) (*exam.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(call)
	at, _ := f.state.Look(f.clock.now())
	if err := change(f.state, at); err != nil {
		return nil, err
	}
	return f.copied(), nil
}

func (f *fakeExams) Goto(n int) (*exam.State, error) {
	return f.change(fmt.Sprintf("goto %d", n), func(s *exam.State, at time.Time) error { return s.Goto(n, at) })
}

func (f *fakeExams) Flag(n int, on bool) (*exam.State, error) {
	return f.change(fmt.Sprintf("flag %d %t", n, on), func(s *exam.State, at time.Time) error { return s.Flag(n, on, at) })
}

func (f *fakeExams) MarkDone(n int, on bool) (*exam.State, error) {
	return f.change(fmt.Sprintf("done %d %t", n, on), func(s *exam.State, at time.Time) error { return s.MarkDone(n, on, at) })
}

func (f *fakeExams) Submit(context.Context) (*exam.Result, error) {
	if _, err := f.change("submit", func(s *exam.State, at time.Time) error { return s.End(at) }); err != nil {
		return nil, err
	}
	return f.grade()
}

func (f *fakeExams) Finish(context.Context) (*exam.Result, error) {
	f.mu.Lock()
	f.note("finish")
	at, _ := f.state.Look(f.clock.now())
	switch {
	case f.state.Phase == exam.Ended:
	case !f.state.Over(at):
		f.mu.Unlock()
		return nil, exam.ErrNotRunning
	default:
		_ = f.state.End(at)
	}
	f.mu.Unlock()
	return f.grade()
}

// grade gives the first task full marks and two checks of the second one.
func (f *fakeExams) grade() (*exam.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.finishErr != nil {
		return nil, f.finishErr
	}
	s := f.state
	s.Phase = exam.Graded
	r := &exam.Result{
		Version: exam.ResultVersion, ID: s.ID, Blueprint: s.Blueprint, Seed: s.Seed, Minutes: s.Minutes,
		StartedAt: s.StartedAt, EndedAt: s.EndedAt, GradedAt: s.EndedAt, TimedOut: !s.EndedAt.Before(s.EndsAt),
	}
	outcomes := [][]grader.Status{
		{grader.Passed, grader.Passed, grader.Passed, grader.Passed},
		{grader.Passed, grader.Passed, grader.Failed, grader.Pending},
		{grader.Failed, grader.Failed, grader.Failed, grader.Failed},
	}
	for i, t := range s.Tasks {
		r.Tasks = append(r.Tasks, exam.TaskResult{
			Task: t.Task, Namespace: t.Namespace, Flagged: t.Flagged, Done: t.Done, Visited: t.Visited, Spent: t.Spent,
			Checks: verdicts(outcomes[i]...).Results,
		})
	}
	f.results = append([]*exam.Result{r}, f.results...)
	return r, nil
}

func (f *fakeExams) Abort(context.Context) error {
	_, err := f.change("abort", func(s *exam.State, at time.Time) error {
		s.Phase, s.EndedAt = exam.Aborted, at
		return nil
	})
	return err
}

func (f *fakeExams) Result(id string) (*exam.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.results {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, exam.ErrNoResult
}

func (f *fakeExams) Results() ([]*exam.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.results), nil
}

// Report says a result with the texts of the test labs. How reports are built
// is tested where that is done.
func (f *fakeExams) Report(r *exam.Result, lang content.Lang) (*report.Report, error) {
	names, err := labs.PatternNames(lang)
	if err != nil {
		return nil, err
	}
	none, err := labs.Load() // the labs stand in no catalog
	if err != nil {
		return nil, err
	}
	out, err := report.Build(report.Sources{Catalog: none, Blueprints: testBlueprints(), Zone: time.UTC}, r, lang)
	if err != nil {
		return nil, err
	}
	out.Tasks, out.Patterns, out.Practise = nil, nil, nil
	for i := range r.Tasks {
		t := &r.Tasks[i]
		said := fakeExercise(t.Lab).Localize(&grader.Report{Results: t.Checks}, lang)
		share, judged := t.Share()
		task := report.Task{
			Number: i + 1, Lab: t.Lab, Title: said.Title, Weight: t.Weight, Minutes: t.Minutes,
			SpentSeconds: int(t.Spent / time.Second), Flagged: t.Flagged, Done: t.Done, Judged: judged, Score: int(100 * share),
			Checks: slices.Clone(said.Checks),
		}
		task.Points, task.MaxPoints, task.LeftOutPoints = t.Points()
		task.Untouched = !t.Visited && task.Points == 0
		for j := range task.Checks {
			if task.Checks[j].Title == "" {
				task.Checks[j] = withTitle(task.Checks[j])
			}
		}
		out.Tasks = append(out.Tasks, task)
		out.Patterns = append(out.Patterns, report.Pattern{Name: names[string(t.Pattern)], Judged: judged, Score: task.Score})
	}
	slices.Reverse(out.Patterns)
	for _, i := range []int{2, 1} {
		out.Practise = append(out.Practise, report.Next{Lab: r.Tasks[i].Lab, Title: out.Tasks[i].Title, Asked: i + 1})
	}
	return out, nil
}

func withTitle(c greport.Check) greport.Check {
	c.Title = c.ID
	return c
}

func (f *fakeExams) Trend(results []*exam.Result) ([]history.Pattern, error) {
	return history.Trend(testLabs(), results, nil), nil
}

// noAnswer is the error of a cluster that does not answer.
func noAnswer() error {
	return errors.New("dial tcp 127.0.0.1:6443: connect: connection refused")
}
