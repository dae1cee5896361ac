package history_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"podlab/grader"
	"podlab/labs"
	"podlab/labs/evidence"
	"podlab/labs/exam"
	"podlab/labs/history"
	"podlab/labs/progress"
)

var noon = time.Date(2031, 4, 5, 12, 0, 0, 0, time.UTC)

// result is a graded exam of two tasks, of which the first earned some of its
// four points and the second none of one.
func result(day, earned int) *exam.Result {
	at := noon.AddDate(0, 0, day)
	return &exam.Result{
		Version: exam.ResultVersion, ID: at.Format("20060102-150405") + "-7", Blueprint: "short", Seed: 7, Lang: "en", Minutes: 60,
		StartedAt: at, EndedAt: at.Add(time.Hour), GradedAt: at.Add(time.Hour),
		Tasks: []exam.TaskResult{
			{
				Task:   exam.Task{Lab: "mc1", Weight: 60, Minutes: 6, Pattern: labs.SharedVolume, Level: 1},
				Checks: []grader.Result{{ID: "a", Status: grader.Failed, Points: 4, Earned: earned}},
			},
			{
				Task:   exam.Task{Lab: "mc3", Weight: 40, Minutes: 10, Pattern: labs.Network, Level: 2},
				Checks: []grader.Result{{ID: "a", Status: grader.Failed, Points: 1}},
			},
		},
	}
}

func seen(t *testing.T, lab string) []byte {
	t.Helper()
	var b bytes.Buffer
	f := &evidence.File{Version: 1, Gradings: []evidence.Grading{{Lab: lab, Seen: &grader.Evidence{Version: 1}}}}
	if err := evidence.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// machine is the history of a learner on one machine.
func machine(t *testing.T, records map[string]progress.Record, results ...*exam.Result) history.Place {
	t.Helper()
	dir := t.TempDir()
	place := history.Place{Exams: filepath.Join(dir, "exams"), Progress: progress.Open(filepath.Join(dir, "progress.yaml"))}
	for id, r := range records {
		if _, err := place.Progress.Update(id, func(x *progress.Record) { *x = r }); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range results {
		path, seenPath := exam.ResultFiles(place.Exams, r.ID)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{path: encode(t, r), seenPath: seen(t, "mc1")} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return place
}

func export(t *testing.T, from history.Place) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.tar.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only a test
	if _, err := history.Export(f, from, "v0.0.0-test", noon); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are the contents of all files below a place, but for locks.
func files(t *testing.T, p history.Place) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := filepath.Dir(p.Exams)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMoveToAnEmptyMachine(t *testing.T) {
	from := machine(t, map[string]progress.Record{"mc1": {Attempts: 2, BestPoints: 3, MaxPoints: 4, LastGraded: noon}}, result(0, 1), result(1, 4))
	into := machine(t, nil)
	done, err := history.Import(export(t, from), into)
	if err != nil {
		t.Fatal(err)
	}
	want := &history.Imported{Exams: []string{"20310405-120000-7", "20310406-120000-7"}, Labs: []string{"mc1"}}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(files(t, from), files(t, into)); diff != "" {
		t.Errorf("files (-from +into):\n%s", diff)
	}
}

// Both machines have something of their own, and something that both have.
func TestMergeLosesNothing(t *testing.T) {
	shared := result(1, 4)
	from := machine(t, map[string]progress.Record{
		"mc1": {Attempts: 1, BestPoints: 4, MaxPoints: 4},
		"mc2": {Attempts: 5, BestPoints: 1, MaxPoints: 4},
	}, result(0, 1), shared)
	mine := *shared
	mine.Blueprint = "changed here"
	into := machine(t, map[string]progress.Record{
		"mc1": {Attempts: 3, BestPoints: 2, MaxPoints: 4},
		"mc2": {Attempts: 9, BestPoints: 3, MaxPoints: 4},
		"mc3": {Attempts: 1, BestPoints: 1, MaxPoints: 4},
	}, &mine, result(2, 2))
	file := export(t, from)
	done, err := history.Import(file, into)
	if err != nil {
		t.Fatal(err)
	}
	want := &history.Imported{Exams: []string{"20310405-120000-7"}, Known: []string{shared.ID}, Labs: []string{"mc1"}, Unchanged: 1}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	records, err := into.Progress.All()
	if err != nil {
		t.Fatal(err)
	}
	wantRecords := map[string]progress.Record{
		"mc1": {Attempts: 3, BestPoints: 4, MaxPoints: 4},
		"mc2": {Attempts: 9, BestPoints: 3, MaxPoints: 4},
		"mc3": {Attempts: 1, BestPoints: 1, MaxPoints: 4},
	}
	if diff := cmp.Diff(wantRecords, records); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	e := exam.New(exam.Options{Root: into.Exams})
	if all, err := e.Results(); err != nil || len(all) != 3 {
		t.Errorf("%d exams, %v", len(all), err)
	}
	if r, err := e.Result(shared.ID); err != nil || r.Blueprint != "changed here" {
		t.Errorf("an exam that was there was overwritten: %+v, %v", r, err)
	}
	// A second time there is nothing new.
	before := files(t, into)
	if done, err = history.Import(file, into); err != nil || len(done.Exams)+len(done.Labs) != 0 {
		t.Errorf("imported again: %+v, %v", done, err)
	}
	if diff := cmp.Diff(before, files(t, into)); diff != "" {
		t.Errorf("imported again (-before +after):\n%s", diff)
	}
}

type entry struct {
	name string
	data []byte
}

func archive(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: 0o600, Size: int64(len(e.data)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(e.name, "@") {
			header.Typeflag, header.Linkname, header.Size = tar.TypeSymlink, "/etc/passwd", 0
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if header.Size > 0 {
			if _, err := w.Write(e.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadFilesChangeNothing(t *testing.T) {
	head := entry{"podlab-history.json", []byte(`{"version":1}`)}
	good := result(0, 1)
	in := func(name string) string { return "exams/" + good.ID + "/" + name }
	whole := entry{in("result.json"), encode(t, good)}
	broken := func(change func(*exam.Result)) entry {
		r := result(0, 1)
		change(r)
		return entry{in("result.json"), encode(t, r)}
	}
	practice := entry{"progress.yaml", []byte("version: 1\nlabs:\n  mc1: {attempts: 1, bestPoints: 4, maxPoints: 4, hintsUsed: 0}\n")}
	file := archive(t, head, practice, whole)
	flipped := slices.Clone(file)
	flipped[len(flipped)/2] ^= 0x40
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"a text", []byte("hello"), history.ErrDamaged},
		{"nothing", nil, history.ErrDamaged},
		{"an empty archive", archive(t), history.ErrDamaged},
		{"half a file", file[:len(file)/2], history.ErrDamaged},
		{"all but the end", file[:len(file)-4], history.ErrDamaged},
		{"a bit that was flipped", flipped, history.ErrDamaged},
		{"no manifest", archive(t, practice, whole), history.ErrDamaged},
		{"a later version", archive(t, entry{head.name, []byte(`{"version":2}`)}, practice), history.ErrNewer},
		{"a way out", archive(t, head, practice, entry{"exams/../../evil/result.json", whole.data}), history.ErrDamaged},
		{"an absolute path", archive(t, head, practice, entry{"/exams/" + good.ID + "/result.json", whole.data}), history.ErrDamaged},
		{"a link", archive(t, head, practice, entry{in("result.json") + "@", nil}), history.ErrDamaged},
		{"another file", archive(t, head, practice, entry{in("notes.txt"), []byte("x")}), history.ErrDamaged},
		{"the same twice", archive(t, head, practice, whole, whole), history.ErrDamaged},
		{"a result of another exam", archive(t, head, practice, entry{"exams/20310405-120001-7/result.json", whole.data}), history.ErrDamaged},
		{"a result of a later version", archive(t, head, practice, broken(func(r *exam.Result) { r.Version = 2 })), history.ErrNewer},
		{"weights that are none", archive(t, head, practice, broken(func(r *exam.Result) { r.Tasks[0].Weight = 99 })), history.ErrDamaged},
		{"more points than there are", archive(t, head, practice, broken(func(r *exam.Result) { r.Tasks[0].Checks[0].Earned = 5 })), history.ErrDamaged},
		{"a verdict that is none", archive(t, head, practice, broken(func(r *exam.Result) { r.Tasks[0].Checks[0].Status = "great" })), history.ErrDamaged},
		{"evidence alone", archive(t, head, practice, entry{in("evidence.json.gz"), seen(t, "mc1")}), history.ErrDamaged},
		{"evidence of another exam", archive(t, head, practice, whole, entry{in("evidence.json.gz"), seen(t, "mc2")}), history.ErrDamaged},
		{"evidence that is none", archive(t, head, practice, whole, entry{in("evidence.json.gz"), []byte("x")}), history.ErrDamaged},
		{"progress that is none", archive(t, head, whole, entry{practice.name, []byte("hello")}), history.ErrDamaged},
		{"progress of a later version", archive(t, head, whole, entry{practice.name, []byte("version: 9\n")}), history.ErrNewer},
		{"a lab with a control sequence", archive(t, head, entry{practice.name, []byte("version: 1\nlabs:\n  \"\\e[2J\": {attempts: 1}\n")}), history.ErrDamaged},
		{"a manifest without end", archive(t, entry{head.name, bytes.Repeat([]byte(" "), 1<<20)}), history.ErrTooLarge},
		{"a result without end", archive(t, head, practice, entry{in("result.json"), bytes.Repeat([]byte(" "), 5<<20)}), history.ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			into := machine(t, map[string]progress.Record{"mc1": {Attempts: 3, BestPoints: 2, MaxPoints: 4}}, result(2, 2))
			before := files(t, into)
			path := filepath.Join(t.TempDir(), "history.tar.gz")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := history.Import(path, into); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if diff := cmp.Diff(before, files(t, into)); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

// Where the progress file here is damaged, exams are not taken either.
func TestDamageHereStopsTheImport(t *testing.T) {
	file := export(t, machine(t, nil, result(0, 1)))
	into := machine(t, nil)
	if err := os.WriteFile(into.Progress.Path(), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := files(t, into)
	if _, err := history.Import(file, into); !errors.Is(err, progress.ErrDamaged) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, files(t, into)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func TestTrend(t *testing.T) {
	all := []*labs.Lab{
		{ID: "mc1", Pattern: labs.SharedVolume}, {ID: "mc3", Pattern: labs.Network},
		{ID: "side", Pattern: labs.Sidecar}, {ID: "other", Pattern: labs.Sidecar}, {ID: "new", Pattern: labs.Init},
	}
	records := map[string]progress.Record{
		"side": {BestPoints: 4, MaxPoints: 4}, "other": {BestPoints: 1, MaxPoints: 4},
		"new": {Attempts: 0}, // started, never graded
		"mc1": {BestPoints: 4, MaxPoints: 4},
	}
	unjudged := result(3, 0)
	unjudged.Tasks[0].Checks = nil
	got := history.Trend(all, []*exam.Result{unjudged, result(2, 3), result(0, 1)}, records) // the newest first
	want := []history.Pattern{
		{Pattern: labs.Network, Labs: 1, Practice: -1, Exams: []history.Mark{
			{Exam: "20310405-120000-7"}, {Exam: "20310407-120000-7"}, {Exam: "20310408-120000-7"},
		}},
		{Pattern: labs.Sidecar, Labs: 2, Tried: 2, Solved: 1, Practice: 62},
		{Pattern: labs.SharedVolume, Labs: 1, Tried: 1, Solved: 1, Practice: 100, Exams: []history.Mark{
			{Exam: "20310405-120000-7", Score: 25}, {Exam: "20310407-120000-7", Score: 75},
		}},
		{Pattern: labs.Init, Labs: 1, Practice: -1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if change, known := got[2].Change(); change != 50 || !known {
		t.Errorf("change %d, known %v", change, known)
	}
	if _, known := got[1].Change(); known {
		t.Error("a change without exams")
	}
}
