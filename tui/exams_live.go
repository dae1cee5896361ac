package tui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/exam/report"
	"podlab/labs/history"
	"podlab/tui/backend"
)

// maxSeed is the greatest seed that podlab thinks of: short enough to be told
// to a friend.
const maxSeed = 999_999

// LiveExams makes the TUI's Exams of the real ones; Recovered of o is replaced.
// Records are those of practice, which tell what to practise next. Oversee, if not nil, makes sure that the exam that is under way ends at its
// time even if podlab is closed.
func LiveExams(o exam.Options, records Records, oversee func(context.Context, *exam.Exam) error) Exams {
	l := &liveExams{catalog: o.Catalog, records: records, cluster: o.Place.Cluster, oversee: oversee}
	o.Recovered = l.recovered
	l.Exam = exam.New(o)
	return l
}

type liveExams struct {
	*exam.Exam
	catalog *labs.Catalog
	records Records
	cluster string
	oversee func(context.Context, *exam.Exam) error

	mu    sync.Mutex
	found bool // a damaged state, since the last look
	aside string
}

func (l *liveExams) recovered(aside string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found, l.aside = true, aside
}

func (l *liveExams) Blueprints() ([]exam.Blueprint, error) { return exam.Blueprints(content.Exams()) }

func (l *liveExams) NewSeed() uint64 { return 1 + rand.Uint64N(maxSeed) }

func (l *liveExams) Look() (backend.ExamLook, error) {
	s, at, err := l.State()
	if err != nil && !errors.Is(err, exam.ErrNoExam) {
		return backend.ExamLook{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	look := backend.ExamLook{State: s, At: at, Recovered: l.found, Aside: l.aside}
	l.found, l.aside = false, ""
	return look, nil
}

// here fails where the exam is sat on another cluster than the one that this
// podlab works with: it was begun elsewhere while podlab ran.
func (l *liveExams) here() error {
	s, _, err := l.State()
	if err == nil && s.Phase.Open() && s.Cluster != "" && s.Cluster != l.cluster {
		return fmt.Errorf("the exam is sat on cluster %q: leave podlab and start it again to go there", s.Cluster)
	}
	return nil // what is wrong otherwise, the exam says
}

func (l *liveExams) Resume(ctx context.Context, tell exam.Prepared) (*exam.State, error) {
	if err := l.here(); err != nil {
		return nil, err
	}
	return l.Exam.Resume(ctx, tell)
}

func (l *liveExams) Submit(ctx context.Context) (*exam.Result, error) {
	if err := l.here(); err != nil {
		return nil, err
	}
	return l.Exam.Submit(ctx)
}

func (l *liveExams) Finish(ctx context.Context) (*exam.Result, error) {
	if err := l.here(); err != nil {
		return nil, err
	}
	return l.Exam.Finish(ctx)
}

func (l *liveExams) Abort(ctx context.Context) error {
	if err := l.here(); err != nil {
		return err
	}
	return l.Exam.Abort(ctx)
}

func (l *liveExams) Asked(s *exam.State) ([]backend.Asked, error) {
	links, err := exam.Links(content.Exams())
	if err != nil {
		return nil, err
	}
	all := make([]backend.Asked, len(s.Tasks))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0)) // compiling the checks of a lab takes its time
	for i, t := range s.Tasks {
		g.Go(func() error {
			inst, err := l.Instance(s, i+1)
			if err != nil {
				return err
			}
			all[i] = asked{Instance: inst, workDir: l.WorkDir(t.Lab), links: links[t.Pattern]}
			return nil
		})
	}
	return all, g.Wait()
}

func (l *liveExams) Oversee(ctx context.Context) error {
	if l.oversee == nil {
		return nil
	}
	return l.oversee(ctx, l.Exam)
}

func (l *liveExams) Report(r *exam.Result, lang content.Lang) (*report.Report, error) {
	blueprints, err := l.Blueprints()
	if err != nil {
		return nil, err
	}
	records, err := l.records.All()
	if err != nil {
		return nil, err
	}
	solved := func(lab *labs.Lab) bool {
		record := records[lab.ID]
		return record.FullMarks()
	}
	return report.Build(report.Sources{Catalog: l.catalog, Blueprints: blueprints, Solved: solved}, r, lang)
}

func (l *liveExams) Trend(results []*exam.Result) ([]history.Pattern, error) {
	records, err := l.records.All()
	if err != nil {
		return nil, err
	}
	return history.Trend(l.catalog.Labs(), results, records), nil
}

type asked struct {
	*labs.Instance
	workDir string
	links   []exam.Link
}

func (a asked) WorkDir() string    { return a.workDir }
func (a asked) Links() []exam.Link { return a.links }
