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
