// Package history says how a learner does over time, from exams and practice
// (Trend), and moves both from one machine to another (Export, Import).
package history

import (
	"cmp"
	"math/big"
	"slices"

	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/progress"
)

// Pattern is how a learner does in a pattern.
type Pattern struct {
	Pattern labs.Pattern
	// Exams are the scores of its tasks, the oldest exam first; those in which
	// nothing of it could be judged are left out.
	Exams []Mark
	// Labs of the pattern, those that practice has graded, and those solved.
	Labs, Tried, Solved int
	// Practice is the mean of the best shares of the labs tried, in percent,
	// rounded down; -1 where none was.
	Practice int
}

// Mark is the score of a pattern in an exam, in percent, rounded down.
type Mark struct {
	Exam  string
	Score int
}

// Score is what is known best of the pattern: its score in the latest exam
// that asked for it, else that of practice; -1 for neither.
func (p *Pattern) Score() int {
	if n := len(p.Exams); n > 0 {
		return p.Exams[n-1].Score
	}
	return p.Practice
}

// Change is by how many percent the latest exam was better than the one
// before; known is false where there are not two.
func (p *Pattern) Change() (change int, known bool) {
	n := len(p.Exams)
	if n < 2 {
		return 0, false
	}
	return p.Exams[n-1].Score - p.Exams[n-2].Score, true
}

// Trend says how a learner does in each pattern that has labs or was asked for,
// the weakest first; those of which nothing is known come last.
func Trend(all []*labs.Lab, results []*exam.Result, records map[string]progress.Record) []Pattern {
	byPattern := map[labs.Pattern]*Pattern{}
	of := func(p labs.Pattern) *Pattern {
		if byPattern[p] == nil {
			byPattern[p] = &Pattern{Pattern: p, Practice: -1}
		}
		return byPattern[p]
	}
	shares := map[labs.Pattern]*big.Rat{}
	for _, lab := range all {
		p := of(lab.Pattern)
		p.Labs++
		r, ok := records[lab.ID]
		if !ok || r.MaxPoints == 0 {
			continue
		}
		p.Tried++
		if r.FullMarks() {
			p.Solved++
		}
		if shares[lab.Pattern] == nil {
			shares[lab.Pattern] = new(big.Rat)
		}
		shares[lab.Pattern].Add(shares[lab.Pattern], big.NewRat(int64(r.BestPoints), int64(r.MaxPoints)))
	}
	for pattern, sum := range shares {
		p := of(pattern)
		sum.Quo(sum, big.NewRat(int64(p.Tried), 100))
		p.Practice = int(new(big.Int).Quo(sum.Num(), sum.Denom()).Int64())
	}

	oldestFirst := slices.Clone(results)
	slices.SortFunc(oldestFirst, func(a, b *exam.Result) int { return cmp.Compare(a.ID, b.ID) }) // ids begin with the time
	for _, r := range oldestFirst {
		tasks := map[labs.Pattern][]exam.TaskResult{}
		for _, t := range r.Tasks {
			if _, judged := t.Share(); judged {
				tasks[t.Pattern] = append(tasks[t.Pattern], t)
			}
		}
		for pattern, these := range tasks {
			p := of(pattern)
			p.Exams = append(p.Exams, Mark{Exam: r.ID, Score: exam.Percent(these)})
		}
	}

	trend := make([]Pattern, 0, len(byPattern))
	for _, p := range byPattern {
		trend = append(trend, *p)
	}
	slices.SortFunc(trend, func(a, b Pattern) int {
		known := func(p Pattern) int {
			if p.Score() < 0 {
				return 1
			}
			return 0
		}
		return cmp.Or(
			cmp.Compare(known(a), known(b)),
			cmp.Compare(a.Score(), b.Score()),
			cmp.Compare(a.Practice, b.Practice),
			cmp.Compare(slices.Index(labs.Patterns(), a.Pattern), slices.Index(labs.Patterns(), b.Pattern)),
			cmp.Compare(a.Pattern, b.Pattern),
		)
	})
	return trend
}
