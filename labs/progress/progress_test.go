package progress

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecord(t *testing.T) {
	start := time.Date(2031, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	whole := func(seconds int) time.Time { return at(seconds).Truncate(time.Second) }

	for _, tt := range []struct {
		name string
		life func(*Record)
		want Record
	}{
		{"started but never graded counts nothing", func(r *Record) {
			r.Begin(at(0))
		}, Record{StartedAt: whole(0)}},
		{"one attempt, graded often, counts once", func(r *Record) {
			r.Begin(at(0))
			r.Grade(at(10), 2, 5)
			r.Grade(at(20), 4, 5)
			r.Grade(at(30), 3, 5)
		}, Record{Attempts: 1, BestPoints: 4, MaxPoints: 5, StartedAt: whole(0), AttemptGraded: true, LastGraded: whole(30)}},
		{"solved where not all could be verified", func(r *Record) {
			r.Begin(at(0))
			r.Grade(at(10), 4, 10)
			r.SolveInPart(4, 10)
			r.Grade(at(20), 5, 10) // elsewhere, and not solved there
		}, Record{Attempts: 1, BestPoints: 5, MaxPoints: 10, VerifiedPoints: 4, VerifiedOf: 10,
			StartedAt: whole(0), AttemptGraded: true, LastGraded: whole(20)}},
		{"the most that was verified counts", func(r *Record) {
			r.SolveInPart(4, 10)
			r.SolveInPart(6, 10)
			r.SolveInPart(2, 10)
		}, Record{VerifiedPoints: 6, VerifiedOf: 10}},
		{"full marks are more than a part, before and after", func(r *Record) {
			r.SolveInPart(4, 10)
			r.Grade(at(10), 10, 10)
			r.SolveInPart(6, 10)
		}, Record{BestPoints: 10, MaxPoints: 10, LastGraded: whole(10)}},
		{"a part from another machine", func(r *Record) {
			r.Merge(Record{BestPoints: 4, MaxPoints: 10, VerifiedPoints: 4, VerifiedOf: 10})
		}, Record{BestPoints: 4, MaxPoints: 10, VerifiedPoints: 4, VerifiedOf: 10}},
		{"full marks from another machine", func(r *Record) {
			r.SolveInPart(4, 10)
			r.Merge(Record{BestPoints: 10, MaxPoints: 10})
		}, Record{BestPoints: 10, MaxPoints: 10}},
		{"zero points are a score", func(r *Record) {
			r.Begin(at(0))
			r.Grade(at(10), 0, 5)
		}, Record{Attempts: 1, MaxPoints: 5, StartedAt: whole(0), AttemptGraded: true, LastGraded: whole(10)}},
		{"the time of an attempt ends with full marks", func(r *Record) {
			r.Begin(at(0))
			r.Grade(at(90), 5, 5)
			r.Grade(at(200), 5, 5)
		}, Record{Attempts: 1, BestPoints: 5, MaxPoints: 5, StartedAt: whole(0), AttemptGraded: true, BestTime: 90 * time.Second, LastGraded: whole(200)}},
		{"a second attempt is timed on its own and forgets hints", func(r *Record) {
			r.Begin(at(0))
			r.HintsUsed = 2
			r.Grade(at(90), 5, 5)
			r.Begin(at(100))
			r.Grade(at(130), 5, 5)
			r.Grade(at(140), 1, 5)
			r.End()
		}, Record{Attempts: 2, BestPoints: 5, MaxPoints: 5, BestTime: 30 * time.Second, LastGraded: whole(140)}},
		{"grading outside an attempt scores but neither counts nor times", func(r *Record) {
			r.Grade(at(5), 5, 5)
		}, Record{BestPoints: 5, MaxPoints: 5, LastGraded: whole(5)}},
		{"full marks within a second are not never", func(r *Record) {
			r.Begin(at(0))
			r.Grade(at(0), 5, 5)
		}, Record{Attempts: 1, BestPoints: 5, MaxPoints: 5, StartedAt: whole(0), AttemptGraded: true, BestTime: time.Second, LastGraded: whole(0)}},
		{"a lab that became worth more keeps the better share", func(r *Record) {
			r.Grade(at(0), 4, 5)
			r.Grade(at(1), 6, 10)
		}, Record{BestPoints: 4, MaxPoints: 5, LastGraded: whole(1)}},
		{"an equal share is shown in today's points", func(r *Record) {
			r.Grade(at(0), 5, 5)
			r.Grade(at(1), 10, 10)
		}, Record{BestPoints: 10, MaxPoints: 10, LastGraded: whole(1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Record
			tt.life(&got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordMerge(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2031, 1, 2, hour, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name              string
		here, there, want Record
	}{
		{"nothing there", Record{Attempts: 2, BestPoints: 3, MaxPoints: 5}, Record{}, Record{Attempts: 2, BestPoints: 3, MaxPoints: 5}},
		{"nothing here: an attempt that is open there is not taken over",
			Record{}, Record{Attempts: 1, BestPoints: 3, MaxPoints: 5, HintsUsed: 2, StartedAt: at(1), AttemptGraded: true, LastGraded: at(2)},
			Record{Attempts: 1, BestPoints: 3, MaxPoints: 5, LastGraded: at(2)}},
		{"each the best of both",
			Record{Attempts: 5, BestPoints: 3, MaxPoints: 5, StartedAt: at(1), HintsUsed: 1, LastGraded: at(3)},
			Record{Attempts: 2, BestPoints: 5, MaxPoints: 5, BestTime: time.Minute, LastGraded: at(2)},
			Record{Attempts: 5, BestPoints: 5, MaxPoints: 5, BestTime: time.Minute, StartedAt: at(1), HintsUsed: 1, LastGraded: at(3)}},
		{"shares are compared, not points",
			Record{BestPoints: 4, MaxPoints: 5}, Record{BestPoints: 7, MaxPoints: 10}, Record{BestPoints: 4, MaxPoints: 5}},
		{"full marks with a solution do not spoil those without",
			Record{BestPoints: 5, MaxPoints: 5}, Record{BestPoints: 5, MaxPoints: 5, SolutionSeen: true}, Record{BestPoints: 5, MaxPoints: 5}},
		{"full marks from there bring what was shown there",
			Record{BestPoints: 1, MaxPoints: 5}, Record{BestPoints: 5, MaxPoints: 5, SolutionSeen: true}, Record{BestPoints: 5, MaxPoints: 5, SolutionSeen: true}},
		{"without full marks a solution that was seen was seen",
			Record{BestPoints: 2, MaxPoints: 5}, Record{SolutionSeen: true}, Record{BestPoints: 2, MaxPoints: 5, SolutionSeen: true}},
		{"the shorter time", Record{BestTime: time.Hour}, Record{BestTime: time.Minute}, Record{BestTime: time.Minute}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.here
			got.Merge(tt.there)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again := got
			again.Merge(tt.there)
			if again != got {
				t.Errorf("merged again it changes: %+v", again)
			}
		})
	}
}
