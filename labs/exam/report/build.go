package report

import (
	"cmp"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/printable"
	"podlab/grader/report"
	"podlab/labs"
	"podlab/labs/exam"
)

// Bounds of the labs to practise: more is no advice.
const (
	maxNext           = 6
	maxNextPerPattern = 2
)

// Sources are what a report draws on beside the result.
type Sources struct {
	Catalog    *labs.Catalog
	Blueprints []exam.Blueprint
	// Solved reports whether a lab was solved in practice; nil for none.
	Solved func(*labs.Lab) bool
	// Zone is the time zone in which times are shown; nil for that of the
	// machine.
	Zone *time.Location
}

// Build says everything of a graded exam in lang. A task whose lab is gone, or
// was changed so that its params do not fit any more, is reported without its
// texts, and a note says so. The error is that of texts which cannot be read.
func Build(from Sources, r *exam.Result, lang content.Lang) (*Report, error) {
	words, err := loadTexts(lang)
	if err != nil {
		return nil, err
	}
	names, err := labs.PatternNames(lang)
	if err != nil {
		return nil, err
	}
	b := &builder{Sources: from, result: r, lang: lang, words: words, names: names}
	if b.Solved == nil {
		b.Solved = func(*labs.Lab) bool { return false }
	}
	out := &Report{
		ID: report.Line(r.ID), Blueprint: report.Line(r.Blueprint), Title: cmp.Or(exam.TitleOf(from.Blueprints, r.Blueprint, lang), words.Heading), Language: lang, Seed: r.Seed,
		Minutes: r.Minutes, UsedSeconds: int(r.EndedAt.Sub(r.StartedAt) / time.Second),
		StartedAt: r.StartedAt.UTC(), EndedAt: r.EndedAt.UTC(), GradedAt: r.GradedAt.UTC(), TimedOut: r.TimedOut, Late: r.Late,
		Score: exam.Percent(r.Tasks), PassMark: exam.PassMark, Passed: r.Passed(), Verified: exam.Verified(r.Tasks),
		Tasks: b.tasks(), Patterns: b.patterns(),
		words: words, zone: cmp.Or(from.Zone, time.Local),
	}
	out.Notes = b.notes(out)
	out.Practise = b.practise(out)
	return out, nil
}

type builder struct {
	Sources
	result *exam.Result
	lang   content.Lang
	words  texts
	names  content.Catalog
}

func (b *builder) pattern(p labs.Pattern) string {
	if name, ok := b.names[string(p)]; ok {
		return name
	}
	return report.Line(string(p))
}

func (b *builder) tasks() []Task {
	all := make([]Task, len(b.result.Tasks))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0)) // compiling the checks of a lab takes its time
	for i := range b.result.Tasks {
		g.Go(func() error {
			all[i] = b.task(i+1, &b.result.Tasks[i])
			return nil
		})
	}
	_ = g.Wait() // none fails
	return all
}

func (b *builder) task(number int, r *exam.TaskResult) Task {
	t := Task{
		Number: number, Lab: report.Line(r.Lab), Namespace: report.Line(r.Namespace),
		Pattern: labs.Pattern(report.Line(string(r.Pattern))), PatternName: b.pattern(r.Pattern), Level: r.Level,
		Weight: r.Weight, Minutes: r.Minutes, SpentSeconds: int(r.Spent / time.Second), Flagged: r.Flagged, Done: r.Done,
		Score: exam.Percent([]exam.TaskResult{*r}), Notes: []string{},
	}
	t.Title = t.Lab
	t.Points, t.MaxPoints, t.LeftOutPoints = r.Points()
	_, t.Judged = r.Share()
	t.Untouched = !r.Visited && t.Points == 0

	graded := &grader.Report{Namespace: r.Namespace, Results: r.Checks}
	inst, err := b.instance(r)
	if err != nil {
		b.note(&t, b.words.Notes.Unknown, "lab", t.Lab)
		t.Checks = report.Clean(bare(graded)).Checks
	} else {
		said := inst.Localize(graded, b.lang)
		t.Title = report.Line(said.Title)
		t.Text = printable.Text(strings.TrimSpace(inst.Text(b.lang).Task))
		t.Checks = report.Clean(said).Checks
		if changed(inst.Lab, r.Checks) {
			b.note(&t, b.words.Notes.Changed)
		}
	}
	for i := range t.Checks {
		t.Checks[i].Title = cmp.Or(t.Checks[i].Title, t.Checks[i].ID)
	}
	b.pointNotes(&t, r)
	return t
}

// instance is the lab as the task showed it. Params that the lab does not
// offer are refused: a result may come from elsewhere, and its values would
// become part of a text that is trusted.
func (b *builder) instance(r *exam.TaskResult) (*labs.Instance, error) {
	lab, err := b.Catalog.Lab(r.Lab)
	if err != nil {
		return nil, err
	}
	for _, p := range lab.Params {
		if value, ok := r.Params[p.Name]; ok && !slices.Contains(p.Values(), value) {
			return nil, fmt.Errorf("lab %s: param %s has no choice %q", r.Lab, p.Name, value)
		}
	}
	return lab.Instantiate(r.Namespace, r.Params)
}

// changed reports whether a lab has other checks than those that were graded.
func changed(lab *labs.Lab, graded []grader.Result) bool {
	if len(graded) == 0 {
		return false // the task could not be graded
	}
	return !slices.EqualFunc(lab.Checks, graded, func(c grader.Check, r grader.Result) bool {
		return c.ID == r.ID && c.Points == r.Points
	})
}

// bare is a report in no language: ids and values.
func bare(r *grader.Report) *report.Report {
	out := &report.Report{}
	for _, c := range r.Results {
		actual := make([]string, len(c.Actual))
		for i, message := range c.Actual {
			actual[i] = content.Catalog{}.Render(message)
		}
		out.Checks = append(out.Checks, report.Check{
			ID: c.ID, Status: c.Status, Points: c.Points, Earned: c.Earned, Actual: strings.Join(actual, "\n"),
			DurationMS: c.Duration.Milliseconds(),
		})
	}
	return out
}

// pointNotes say which points of the task are not counted, and why.
func (b *builder) pointNotes(t *Task, r *exam.TaskResult) {
	unverifiable, errored, shown := 0, 0, 0
	for _, c := range r.Checks {
		shown += c.Earned
		switch c.Status {
		case grader.Unverifiable:
			unverifiable += c.Points
		case grader.Errored:
			errored += c.Points
		}
	}
	say := b.words.Notes
	if r.Fault != "" {
		b.note(t, say.Fault, "reason", report.Block(r.Fault))
	}
	if unverifiable > 0 {
		b.note(t, say.Unverifiable, "points", strconv.Itoa(unverifiable))
	}
	if errored > 0 {
		b.note(t, say.Errored, "points", strconv.Itoa(errored))
	}
	if given := shown - t.Points; given > 0 {
		b.note(t, say.Given, "points", strconv.Itoa(given))
	}
	if !t.Judged {
		b.note(t, say.Unjudged, "weight", b.words.percent(t.Weight))
	}
}

func (b *builder) note(t *Task, text string, namesAndValues ...string) {
	t.Notes = append(t.Notes, content.Fill(text, namesAndValues...))
}

// notes are those on the whole exam.
func (b *builder) notes(r *Report) []string {
	notes := []string{}
	say := b.words.Notes
	if r.Late {
		notes = append(notes, content.Fill(say.Late, "delay", Clock(int(b.result.GradedAt.Sub(b.result.EndedAt)/time.Second))))
	}
	var unjudged []string
	weight, left := 0, 0
	for _, t := range r.Tasks {
		left += t.LeftOutPoints
		if !t.Judged {
			unjudged = append(unjudged, strconv.Itoa(t.Number))
			weight += t.Weight
		}
	}
	if left > 0 {
		notes = append(notes, content.Fill(say.LeftOut, "points", strconv.Itoa(left)))
	}
	if len(unjudged) > 0 {
		notes = append(notes, content.Fill(say.UnjudgedTasks, "tasks", b.words.list(unjudged), "weight", b.words.percent(weight)))
	}
	return notes
}

// patterns sums the tasks up by pattern.
func (b *builder) patterns() []Pattern {
	byPattern := map[labs.Pattern][]exam.TaskResult{}
	numbers := map[labs.Pattern][]int{}
	for i, t := range b.result.Tasks {
		byPattern[t.Pattern] = append(byPattern[t.Pattern], t)
		numbers[t.Pattern] = append(numbers[t.Pattern], i+1)
	}
	var all []Pattern
	exact := map[labs.Pattern]*big.Rat{}
	for p, tasks := range byPattern {
		sum := Pattern{Pattern: labs.Pattern(report.Line(string(p))), Name: b.pattern(p), Tasks: numbers[p], Score: exam.Percent(tasks)}
		exact[sum.Pattern] = exam.ScoreOf(tasks)
		for _, t := range tasks {
			sum.Weight += t.Weight
			_, judged := t.Share()
			sum.Judged = sum.Judged || judged
		}
		all = append(all, sum)
	}
	slices.SortFunc(all, func(x, y Pattern) int {
		if x.Judged != y.Judged {
			return map[bool]int{true: -1, false: 1}[x.Judged]
		}
		return cmp.Or(
			exact[x.Pattern].Cmp(exact[y.Pattern]),
			cmp.Compare(y.Weight, x.Weight),
			cmp.Compare(slices.Index(labs.Patterns(), x.Pattern), slices.Index(labs.Patterns(), y.Pattern)),
			cmp.Compare(x.Pattern, y.Pattern),
		)
	})
	return all
}

// practise names labs of the weakest patterns, the easiest first: those that
// the exam asked for and were not solved in it, and those that neither it nor
// practice has seen solved. Where nothing was lost it names one more lab.
func (b *builder) practise(r *Report) []Next {
	asked := map[string]*Task{}
	for i := range r.Tasks {
		asked[r.Tasks[i].Lab] = &r.Tasks[i]
	}
	all := b.Catalog.Labs()
	done := map[string]bool{} // named already, or nothing to gain
	for _, lab := range all {
		t := asked[lab.ID]
		switch {
		case t != nil && t.Judged:
			done[lab.ID] = t.Full()
		default:
			done[lab.ID] = b.Solved(lab)
		}
	}
	next := []Next{}
	take := func(of []*labs.Lab, most int) {
		for range most {
			lab := labs.Suggest(of, func(l *labs.Lab) bool { return done[l.ID] })
			if lab == nil || len(next) == maxNext {
				return
			}
			done[lab.ID] = true
			title, _ := lab.Headline(b.lang)
			n := Next{
				Lab: lab.ID, Title: report.Line(title), Pattern: lab.Pattern, PatternName: b.pattern(lab.Pattern),
				Level: lab.Level, Minutes: lab.Minutes,
			}
			if t := asked[lab.ID]; t != nil {
				n.Asked = t.Number
			}
			next = append(next, n)
		}
	}
	for _, p := range r.Patterns {
		if !p.Judged || p.Score == 100 {
			continue
		}
		take(slices.DeleteFunc(slices.Clone(all), func(l *labs.Lab) bool { return l.Pattern != p.Pattern }), maxNextPerPattern)
	}
	if len(next) == 0 {
		take(all, 1)
	}
	return next
}

// Clock shows a time of some seconds as 4:05 or 1:04:05.
func Clock(seconds int) string {
	seconds = max(seconds, 0)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
