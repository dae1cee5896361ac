package exam_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"podlab/labs/exam"
)

var noon = time.Date(2031, 4, 5, 12, 0, 0, 0, time.UTC)

func newState(phase exam.Phase) *exam.State {
	return &exam.State{
		Version: exam.StateVersion, ID: "2031-04-05-1200", Blueprint: "short", Seed: 7, Lang: "en", Phase: phase, Minutes: 60,
		Tasks: []exam.TaskState{
			{Task: exam.Task{Lab: "mc1", Weight: 60, Minutes: 6, Pattern: "shared-volume", Level: 1}, Namespace: "exam-mc1"},
			{Task: exam.Task{Lab: "mc3", Weight: 40, Minutes: 10, Pattern: "network", Level: 2}, Namespace: "exam-mc3"},
		},
	}
}

func running() *exam.State {
	s := newState(exam.Preparing)
	s.Begin(noon)
	return s
}

func TestTimeIsBookedOnTasks(t *testing.T) {
	s := running()
	for _, step := range []struct {
		after time.Duration
		task  int
	}{{time.Minute, 1}, {5 * time.Minute, 2}, {8 * time.Minute, 1}} {
		if err := s.Goto(step.task, noon.Add(step.after)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.SpentOn(1, noon.Add(10*time.Minute)); got != 6*time.Minute {
		t.Errorf("task 1: %v", got)
	}
	// Time after the end belongs to nobody.
	if err := s.End(noon.Add(3 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if s.EndedAt != noon.Add(time.Hour) || s.Tasks[0].Spent != 4*time.Minute+52*time.Minute || s.Tasks[1].Spent != 3*time.Minute {
		t.Errorf("ended at %v, spent %v and %v", s.EndedAt, s.Tasks[0].Spent, s.Tasks[1].Spent)
	}
}

func TestNothingChangesAfterTheEnd(t *testing.T) {
	late := noon.Add(time.Hour)
	s := running()
	before := *s
	for name, change := range map[string]func() error{
		"goto": func() error { return s.Goto(1, late) },
		"flag": func() error { return s.Flag(1, true, late) },
		"done": func() error { return s.MarkDone(1, true, late) },
	} {
		if err := change(); !errors.Is(err, exam.ErrNotRunning) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(before, *s); diff != "" {
		t.Error(diff)
	}
	if err := s.Goto(3, noon); !errors.Is(err, exam.ErrNoTask) {
		t.Errorf("task 3 of 2: %v", err)
	}
}

// A clock that is set back gives no time back.
func TestClockSetBack(t *testing.T) {
	s := running()
	at, back := s.Look(noon.Add(40 * time.Minute))
	if back != 0 || s.Left(at) != 20*time.Minute {
		t.Errorf("left %v, back %v", s.Left(at), back)
	}
	at, back = s.Look(noon.Add(-time.Hour))
	if back != 100*time.Minute || s.Left(at) != 20*time.Minute {
		t.Errorf("set back: left %v, back %v", s.Left(at), back)
	}
	// From there it goes on, and once more.
	if at, back = s.Look(noon.Add(-50 * time.Minute)); back != 0 || s.Left(at) != 10*time.Minute {
		t.Errorf("ten minutes later: left %v, back %v", s.Left(at), back)
	}
	if at, back = s.Look(noon.Add(-55 * time.Minute)); back != 5*time.Minute || s.Left(at) != 10*time.Minute {
		t.Errorf("set back again: left %v, back %v", s.Left(at), back)
	}
}

func TestStore(t *testing.T) {
	s := exam.OpenStore(filepath.Join(t.TempDir(), "exam"), nil)
	if _, err := s.Load(); !errors.Is(err, exam.ErrNoExam) {
		t.Fatalf("of nothing: %v", err)
	}
	if _, err := s.Update(func(*exam.State) error { return nil }); !errors.Is(err, exam.ErrNoExam) {
		t.Fatalf("change of nothing: %v", err)
	}
	if _, err := s.Create(running()); err != nil {
		t.Fatal(err)
	}
	if there, err := s.Create(newState(exam.Preparing)); !errors.Is(err, exam.ErrOpen) || there.Phase != exam.Running {
		t.Errorf("a second exam: %v", err)
	}
	written, err := s.Update(func(state *exam.State) error {
		if err := state.Flag(2, true, noon.Add(time.Minute)); err != nil {
			return err
		}
		return state.Goto(2, noon.Add(time.Minute))
	})
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written, read); diff != "" || !read.Tasks[1].Flagged {
		t.Errorf("written and read differ:\n%s", diff)
	}
	// What fails changes nothing.
	if _, err := s.Update(func(state *exam.State) error { state.Minutes = 1; return exam.ErrNoTask }); !errors.Is(err, exam.ErrNoTask) {
		t.Errorf("error %v", err)
	}
	if again, _ := s.Load(); again.Minutes != 60 {
		t.Error("a change that failed was kept")
	}
}

// Peek reads what can be read and leaves the damage to one who can tell of it.
func TestStorePeek(t *testing.T) {
	dir := t.TempDir()
	told := 0
	s := exam.OpenStore(dir, func(string) { told++ })
	if _, err := s.Peek(); !errors.Is(err, exam.ErrNoExam) {
		t.Fatalf("of nothing: %v", err)
	}
	if _, err := s.Create(running()); err != nil {
		t.Fatal(err)
	}
	whole, err := s.Peek()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "exam.yaml")
	for name, harm := range map[string]func() error{
		"missing": func() error { return os.Remove(path) },
		"damaged": func() error { return os.WriteFile(path, []byte("version: [\n"), 0o600) },
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		told = 0
		peeked, err := s.Peek()
		if err != nil || !cmp.Equal(peeked, whole) || told != 0 {
			t.Errorf("%s: Peek told %d times, error %v:\n%s", name, told, err, cmp.Diff(whole, peeked))
		}
		if _, err := s.Load(); err != nil || told != 1 {
			t.Errorf("%s: Load told %d times, error %v", name, told, err)
		}
	}
}

func TestStoreOfManyWriters(t *testing.T) {
	dir := t.TempDir()
	if _, err := exam.OpenStore(dir, nil).Create(running()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s := exam.OpenStore(dir, nil)
			for range 10 {
				if _, err := s.Update(func(state *exam.State) error { state.Tasks[0].Spent += time.Second; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s, err := exam.OpenStore(dir, nil).Load(); err != nil || s.Tasks[0].Spent != 40*time.Second {
		t.Errorf("40 changes of a second came to %v, %v", s.Tasks[0].Spent, err)
	}
}

func TestDamagedState(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"empty", ""}, {"half", "version: 1\nid: x\ntas"}, {"no state", "hello: [1"}, {"a field of nobody", "version: 1\ncolour: red\n"},
		{"weights that do not add up", "version: 1\nid: x\nphase: running\nminutes: 5\ntasks: [{lab: mc1, weight: 3, namespace: a}]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, aside := t.TempDir(), ""
			s := exam.OpenStore(dir, func(path string) { aside = path })
			if _, err := s.Create(running()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Update(func(state *exam.State) error { return state.Flag(1, true, noon) }); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Update(func(state *exam.State) error { return state.Goto(2, noon) }); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "exam.yaml"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			state, err := s.Load()
			if err != nil {
				t.Fatal(err)
			}
			if !state.Tasks[0].Flagged || state.Current != 2 {
				t.Errorf("a change was lost: %+v", state)
			}
			if kept, err := os.ReadFile(aside); err != nil || string(kept) != c.text {
				t.Errorf("the damaged file was not kept: %q, %v", aside, err)
			}
		})
	}
}

// A state file that is gone, as after a repair of the disk, or a copy that is
// damaged, costs nothing either.
func TestOneFileIsEnough(t *testing.T) {
	dir := t.TempDir()
	told := 0
	s := exam.OpenStore(dir, func(aside string) {
		if told++; aside != "" {
			t.Errorf("set aside: %s", aside)
		}
	})
	if _, err := s.Create(running()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(func(state *exam.State) error { return state.Flag(1, true, noon) }); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "exam.yaml")); err != nil {
		t.Fatal(err)
	}
	if state, err := s.Load(); err != nil || !state.Tasks[0].Flagged || told != 1 {
		t.Errorf("without the file: %v, %v, told %d times", state, err, told)
	}
	if err := os.WriteFile(filepath.Join(dir, "exam.copy.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if state, err := s.Update(func(state *exam.State) error { return state.Flag(2, true, noon) }); err != nil || !state.Tasks[0].Flagged || told != 1 {
		t.Errorf("without the copy: %v, %v, told %d times", state, err, told)
	}
}

// Ticks count as if they were in the state.
func TestTick(t *testing.T) {
	dir := t.TempDir()
	s := exam.OpenStore(dir, nil)
	if _, err := s.Create(running()); err != nil {
		t.Fatal(err)
	}
	if err := s.Tick(noon.Add(20 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	state, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if at, back := state.Look(noon.Add(5 * time.Minute)); back != 15*time.Minute || state.Left(at) != 40*time.Minute {
		t.Errorf("left %v, back %v", state.Left(at), back)
	}
	// Half a tick is none.
	if err := os.WriteFile(filepath.Join(dir, "clock"), []byte("2031-04-05T1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if state, err := s.Load(); err != nil || !state.SeenAt.Equal(noon) {
		t.Errorf("seen at %v, %v", state.SeenAt, err)
	}
}

func TestStateOfANewerPodlab(t *testing.T) {
	dir := t.TempDir()
	const text = "version: 2\nsomething: new\n"
	if err := os.WriteFile(filepath.Join(dir, "exam.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exam.OpenStore(dir, nil).Load(); !errors.Is(err, exam.ErrNewer) {
		t.Errorf("error %v", err)
	}
	if kept, _ := os.ReadFile(filepath.Join(dir, "exam.yaml")); string(kept) != text {
		t.Error("the file was touched")
	}
}

func TestBothStatesDamaged(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"exam.yaml", "exam.copy.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := exam.OpenStore(dir, nil).Load(); !errors.Is(err, exam.ErrDamaged) || !strings.Contains(err.Error(), "exam.yaml") {
		t.Errorf("error %v", err)
	}
}
