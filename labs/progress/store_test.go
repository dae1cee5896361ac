package progress

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// workerFile names the environment variable that turns the test binary into a
// process that updates a progress file.
const workerFile = "PODLAB_TEST_PROGRESS_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(workerFile); path != "" {
		os.Exit(worker(path, os.Args[1]))
	}
	os.Exit(m.Run())
}

// worker adds attempts to lab "counter", each confirmed on stdout after it is
// on disk: as many as times says, without end for 0.
func worker(path, times string) int {
	n, err := strconv.Atoi(times)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	store := Open(path)
	for i := 0; n == 0 || i < n; i++ {
		r, err := store.Update("counter", func(r *Record) { r.Attempts++ })
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(r.Attempts)
	}
	return 0
}

func workerCmd(t *testing.T, path string, times int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], strconv.Itoa(times))
	cmd.Env = append(os.Environ(), workerFile+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

func attempts(t *testing.T, s *Store) int {
	t.Helper()
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	return all["counter"].Attempts
}

func TestUpdateRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "progress.yaml")
	s := Open(path)
	if all, err := s.All(); err != nil || len(all) != 0 {
		t.Fatalf("All of a file that does not exist: %v, %v", all, err)
	}

	want := map[string]Record{
		"mc1": {Attempts: 2, BestPoints: 7, MaxPoints: 10, HintsUsed: 1, SolutionSeen: true,
			StartedAt: time.Date(2031, 4, 5, 6, 7, 8, 0, time.UTC), AttemptGraded: true,
			BestTime: 272 * time.Second, LastGraded: time.Date(2031, 4, 5, 6, 9, 0, 0, time.UTC)},
		"mc2": {Attempts: 1, MaxPoints: 8},
	}
	for id, record := range want {
		got, err := s.Update(id, func(r *Record) { *r = record })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(record, got); diff != "" {
			t.Errorf("Update(%s) returned (-want +got):\n%s", id, diff)
		}
	}
	got, err := Open(path).All()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"version: 2", "  mc1:", "    bestPoints: 7", "    bestTime: 4m32s", "    startedAt: 2031-04-05T06:07:08Z"} {
		if !strings.Contains(string(data), line+"\n") {
			t.Errorf("the file lacks the line %q:\n%s", line, data)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file: %v, %v; want 0600", info.Mode(), err)
	}
}

func TestUpdateKeepsSymlink(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "dotfiles", "p.yaml")
	link := filepath.Join(dir, "progress.yaml")
	if _, err := Open(target).Update("mc1", func(r *Record) { r.Attempts = 1 }); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link).Update("mc1", func(r *Record) { r.Attempts++ }); err != nil {
		t.Fatal(err)
	}
	all, err := Open(target).All()
	if err != nil {
		t.Fatal(err)
	}
	if all["mc1"].Attempts != 2 {
		t.Errorf("the target of the link says %+v, want 2 attempts", all["mc1"])
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced by a file: %v, %v", info, err)
	}
}

func TestUnusableFiles(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       error
		says       []string
	}{
		{"empty", "", ErrDamaged, []string{"the file is empty", "move it away"}},
		{"no YAML", "version: 1\nlabs: {mc1: [\n", ErrDamaged, []string{"move it away"}},
		{"binary", "\x00\x01\x02", ErrDamaged, nil},
		{"cut off", "version: 1\nlabs:\n  mc1:\n    attem", ErrDamaged, nil},
		{"a list", "- version: 1\n", ErrDamaged, nil},
		{"no version", "labs: {}\n", ErrDamaged, []string{`version ""`}},
		{"version is no number", "version: one\n", ErrDamaged, []string{`version "one"`}},
		{"unknown field", "version: 1\nlabs:\n  mc1:\n    atempts: 1\n", ErrDamaged, []string{":4", "atempts"}},
		{"wrong type", "version: 1\nlabs:\n  mc1:\n    attempts: many\n", ErrDamaged, []string{":4", "many"}},
		{"negative", "version: 1\nlabs:\n  mc1:\n    attempts: -1\n", ErrDamaged, []string{"lab mc1", "attempts is negative"}},
		{"more verified than all", "version: 2\nlabs:\n  mc1:\n    verifiedPoints: 5\n    verifiedOf: 4\n", ErrDamaged, []string{"verifiedPoints 5"}},
		{"more than all points", "version: 1\nlabs:\n  mc1:\n    bestPoints: 5\n    maxPoints: 4\n", ErrDamaged, []string{"bestPoints 5"}},
		{"newer", "version: 3\nlearners: {}\n", ErrNewer, []string{"version 3", "newer podlab"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "progress.yaml")
			if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			s := Open(path)
			_, readErr := s.All()
			_, updateErr := s.Update("mc1", func(r *Record) { r.Attempts++ })
			for call, err := range map[string]error{"All": readErr, "Update": updateErr} {
				if !errors.Is(err, tt.want) {
					t.Fatalf("%s: error %v, want one that is %v", call, err, tt.want)
				}
				for _, part := range append(tt.says, path) {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%s: error %q does not say %q", call, err, part)
					}
				}
			}
			if data, err := os.ReadFile(path); err != nil || string(data) != tt.file {
				t.Errorf("the file was changed: %q, %v", data, err)
			}
		})
	}
}

func TestConcurrentUpdates(t *testing.T) {
	const goroutines, processes, each = 8, 3, 20
	path := filepath.Join(t.TempDir(), "progress.yaml")
	s := Open(path)

	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				if _, err := s.Update("counter", func(r *Record) { r.Attempts++ }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range processes {
		cmd := workerCmd(t, path, each)
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	// Other labs' records must survive as well.
	for i := range each {
		if _, err := s.Update(fmt.Sprintf("lab-%d", i), func(r *Record) { r.HintsUsed = i }); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()

	if got, want := attempts(t, s), (goroutines+processes)*each; got != want {
		t.Errorf("%d updates arrived, want %d", got, want)
	}
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != each+1 {
		t.Errorf("%d records, want %d", len(all), each+1)
	}
}

// TestKilledWriters kills processes that write without end. Whatever they
// confirmed must be in the file, which must be readable at every moment.
func TestKilledWriters(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "progress.yaml")
	s := Open(path)
	last := 0
	for round := range 25 {
		cmd := workerCmd(t, path, 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		confirmed := last
		lines := bufio.NewScanner(out)
		// Each round kills at another point of the writer's work.
		for i := 0; i <= round%5 && lines.Scan(); i++ {
			if now := attempts(t, s); now < confirmed {
				t.Fatalf("round %d: the file went back from %d to %d", round, confirmed, now)
			}
			if confirmed, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(round) * 173 * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if confirmed, err = strconv.Atoi(lines.Text()); err != nil {
				break // the last line may be cut
			}
		}
		_ = cmd.Wait() // it was killed
		if confirmed <= last {
			t.Fatalf("round %d: the writer confirmed nothing beyond %d", round, last)
		}
		if last = attempts(t, s); last < confirmed {
			t.Fatalf("round %d: the file says %d, the writer confirmed %d", round, last, confirmed)
		}
	}

	// A killed writer's lock is free and its temporary file goes with the next
	// change.
	if _, err := s.Update("counter", func(*Record) {}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "progress.yaml" && e.Name() != "progress.yaml.lock" {
			t.Errorf("left over: %s", e.Name())
		}
	}
}

func TestUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "progress.yaml")
	_, err := Open(path).Update("mc1", func(*Record) {})
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "mc1") {
		t.Errorf("error %v, want one that names the lab and %s", err, path)
	}
}
