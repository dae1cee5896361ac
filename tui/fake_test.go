package tui

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/muesli/termenv"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/labs/practice"
	"podlab/labs/progress"
	"podlab/tui/backend"
	"podlab/tui/theme"
)

// fakeCluster is a cluster whose status and creation a test writes.
type fakeCluster struct {
	mu     sync.Mutex
	state  cluster.State
	err    error // of Status
	create func(ctx context.Context, listen cluster.Listener) error
	// plan is what a person must agree to first, and confirmed whether one did.
	plan      []content.Message
	confirmed bool
	// simulated makes it an embedded cluster, for which there is a reason.
	simulated bool
	// foreign makes it a cluster that was there.
	foreign bool
	// cleanUp, where set, is what Create waits for after it has failed.
	cleanUp chan struct{}
}

func (f *fakeCluster) Name() string {
	switch {
	case f.simulated:
		return "embedded"
	case f.foreign:
		return "existing"
	}
	return "kind"
}

func (f *fakeCluster) Status(context.Context) (cluster.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	status := cluster.Status{Provider: f.Name(), Name: "podlab", State: f.state, Plan: f.plan, RunsContainers: !f.simulated}
	if f.simulated {
		status.Choice = content.Say("auto.no-engine")
	}
	if f.foreign && f.state == cluster.Broken {
		status.Server, status.Detail = "https://team.example", "connection refused"
	}
	return status, f.err
}

// becomes changes the state while the interface runs.
func (f *fakeCluster) becomes(state cluster.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

func (f *fakeCluster) Create(ctx context.Context, o cluster.CreateOptions) error {
	f.mu.Lock()
	f.confirmed = o.Confirmed
	f.mu.Unlock()
	err := f.create(ctx, o.Listener)
	if err != nil && f.cleanUp != nil {
		<-f.cleanUp
	}
	return err
}

// fakeCatalog is a fixed list of labs.
type fakeCatalog []*labs.Lab

func (f fakeCatalog) Labs() []*labs.Lab { return f }

type fakeRecords struct {
	mu  sync.Mutex
	all map[string]progress.Record
	err error
}

func (f *fakeRecords) All() (map[string]progress.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all, f.err
}

type fakeSettings struct {
	mu    sync.Mutex
	saved Settings
	err   error // of Save
}

func (f *fakeSettings) Load() (Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.saved, nil
}

func (f *fakeSettings) Save(s Settings) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	f.saved = s
	return nil
}

// fakePractice is a cluster's labs; tests say what a watch sees.
type fakePractice struct {
	fakeLogs
	mu       sync.Mutex
	startErr error
	hold     chan struct{} // where set, what Start waits for
	edited   []string
	calls    []string
	watchers []grader.Observer
	// parting, where set, is what a watch still says after it was cancelled,
	// once release is closed.
	parting  *grader.Report
	release  chan struct{}
	graded   *grader.Report
	gradeErr error
	// What Compare answers.
	compared   []practice.Comparison
	compareErr error
}

func (f *fakePractice) note(call string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
}

func (f *fakePractice) called(call string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, call)
}

func (f *fakePractice) Exercise(id string) (backend.Exercise, error) { return fakeExercise(id), nil }
func (f *fakePractice) WorkDir(id string) string                     { return "/home/kim/podlab/work/" + id }

func (f *fakePractice) Start(_ context.Context, id string) error {
	f.note("start " + id)
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.startErr
}

func (f *fakePractice) Edited(string) ([]string, error) { return f.edited, nil }

func (f *fakePractice) Reset(_ context.Context, id string, replace bool) error {
	if len(f.edited) > 0 && !replace {
		return errors.New("edited files would be replaced")
	}
	f.note("reset " + id)
	return nil
}

func (f *fakePractice) Perform(_ context.Context, id string, a labs.Answer, _ time.Duration, _ bool) error {
	f.note("apply " + id + " " + a.Manifest.Name)
	return nil
}

func (f *fakePractice) Grade(ctx context.Context, _ string, _ time.Duration) (*grader.Report, error) {
	if f.graded == nil && f.gradeErr == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return f.graded, f.gradeErr
}

func (f *fakePractice) Watch(ctx context.Context, _ string, o grader.Observer) error {
	f.mu.Lock()
	f.watchers = append(f.watchers, o)
	f.mu.Unlock()
	<-ctx.Done()
	if f.parting != nil {
		<-f.release
		o.Report(f.parting)
	}
	return nil
}

func (f *fakePractice) RecordHint(id string, n int) error {
	f.note("hint " + id + " " + string(rune('0'+n)))
	return nil
}

func (f *fakePractice) RecordSolutionSeen(id string) error {
	f.note("solution " + id)
	return nil
}

func (f *fakePractice) Compare(_ context.Context, id string, a labs.Answer) ([]practice.Comparison, error) {
	f.note("compare " + id + " " + a.Name)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.compared, f.compareErr
}

// watches counts the watches that have begun.
func (f *fakePractice) watches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.watchers)
}

// sees makes the n-th watch report.
func (f *fakePractice) sees(n int, r *grader.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[n].Report(r)
}

func (f *fakePractice) trouble(n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[n].Trouble(err)
}

// holds tells the n-th watch what the namespace holds.
func (f *fakePractice) holds(n int, o grader.Objects) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[n].Objects(o)
}

// fakeExercise is a lab by its id.
type fakeExercise string

func (f fakeExercise) Text(lang content.Lang) *labs.Text { return testTexts[string(f)][lang] }

func (f fakeExercise) In() string { return "podlab-" + string(f) }

func (f fakeExercise) Answers() []labs.Answer {
	return []labs.Answer{
		{Name: "subpath", Manifest: labs.Manifest{Name: "subpath.yaml", Data: []byte(testManifest)}},
		{Name: "projected", Manifest: labs.Manifest{Name: "projected.yaml", Data: []byte("apiVersion: v1\n")}},
	}
}

func (f fakeExercise) Localize(r *grader.Report, lang content.Lang) *report.Report {
	text := f.Text(lang)
	out := &report.Report{Lab: string(f), Title: text.Title, Namespace: r.Namespace, Language: string(lang)}
	out.Points, out.MaxPoints = r.Score()
	out.Score = 100 * out.Points / out.MaxPoints
	for _, c := range r.Results {
		words := text.Checks[c.ID]
		check := report.Check{
			ID: c.ID, Title: words.Title, Status: c.Status, Points: c.Points, Earned: c.Earned,
			Expected: words.Expected, Why: words.Why,
		}
		for _, m := range c.Actual {
			check.Actual += text.Messages.Render(m)
		}
		out.Checks = append(out.Checks, check)
	}
	return out
}

var checkIDs = []string{"pod-running", "config-mounted", "proxied", "closed"}

// verdicts makes a report of the statuses of the checks of mc3.
func verdicts(statuses ...grader.Status) *grader.Report {
	r := &grader.Report{Namespace: "podlab-mc3"}
	for i, s := range statuses {
		c := grader.Result{ID: checkIDs[i], Status: s, Points: 5}
		if s == grader.Passed {
			c.Earned = 5
		} else {
			c.Actual = []content.Message{content.Say("found", "port", "5001")}
		}
		r.Results = append(r.Results, c)
	}
	return r
}

// testLabs are three labs in two patterns.
func testLabs() fakeCatalog {
	var all fakeCatalog
	for _, l := range []struct {
		id      string
		pattern labs.Pattern
		level   int
		minutes int
	}{
		{"mc1", labs.SharedVolume, 1, 8},
		{"mc3", labs.Network, 2, 15},
		{"init-ordering", labs.Init, 3, 20},
	} {
		lab := &labs.Lab{ID: l.id, Pattern: l.pattern, Level: l.level, Minutes: l.minutes, Texts: testTexts[l.id]}
		for _, id := range checkIDs {
			lab.Checks = append(lab.Checks, grader.Check{ID: id, Points: 5})
		}
		all = append(all, lab)
	}
	return all
}

var testClock = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// fakeClipboard keeps what is copied.
type fakeClipboard struct {
	mu   sync.Mutex
	text string
	err  error
}

func (f *fakeClipboard) Copy(text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = text
	return f.err
}

func (f *fakeClipboard) holds() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text
}

// world is everything that a model under test lives in.
type world struct {
	cluster  *fakeCluster
	records  *fakeRecords
	settings *fakeSettings
	practice *fakePractice
	options  Options
	// clipboard holds what was copied last.
	clipboard *fakeClipboard
	look      theme.Options
	exams     *fakeExams
	clock     *clock
}

func newWorld() *world {
	w := &world{
		cluster: &fakeCluster{state: cluster.Ready},
		records: &fakeRecords{all: map[string]progress.Record{
			"mc1": {Attempts: 2, BestPoints: 20, MaxPoints: 20, LastGraded: testClock},
			"mc3": {Attempts: 1, BestPoints: 10, MaxPoints: 20, StartedAt: testClock.Add(-754 * time.Second)},
		}},
		settings: &fakeSettings{},
		practice: &fakePractice{}, clipboard: &fakeClipboard{},
		look: theme.Options{Profile: termenv.Ascii}, // as under NO_COLOR
	}
	w.options = Options{
		Lang: content.English, LangExplicit: true,
		Cluster: w.cluster, Create: cluster.CreateOptions{BundleDir: "/media/usb/podlab-bundle"},
		Catalog: testLabs(), Records: w.records, Settings: w.settings,
		Open:      func(context.Context) (Practice, error) { return w.practice, nil },
		Shell:     func(string) (*exec.Cmd, error) { return exec.Command("true"), nil },
		Clipboard: w.clipboard,
	}
	w.clock = &clock{at: testClock}
	w.exams = &fakeExams{clock: w.clock}
	w.options.Now, w.options.Exams = w.clock.now, w.exams
	w.options.ExamShell = func(int) (*exec.Cmd, error) { return exec.Command("true"), nil }
	return w
}
