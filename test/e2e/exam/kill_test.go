package exam

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"podlab/labs/exam"
)

// rounds is how often a campaign kills.
func rounds(landing, nightly int) int {
	if os.Getenv("PODLAB_E2E_NIGHTLY") != "" {
		return nightly
	}
	return landing
}

// Processes of two terminals that work on an exam are killed at random points,
// and its proctor is. What podlab said it had done is done, nothing is half
// done, and time only goes on.
func TestKilledAtWork(t *testing.T) {
	const tasks = 8
	d := newDesk(t, "")
	d.sit(tasks)
	die := rand.New(rand.NewPCG(1, 2))
	began := time.Now()
	d.run(0, "exam", "list")
	took := time.Since(began)     // which on a busy machine is long
	var flagged, done [tasks]bool // what is known
	left := 60 * 60
	var acknowledged atomic.Int32
	for round := range rounds(20, 200) {
		// Each terminal has tasks of its own, so that their changes can be told.
		var wg sync.WaitGroup
		for terminal := range 2 {
			n := 1 + die.IntN(tasks/2) + terminal*tasks/2
			on, which := die.IntN(2) == 0, die.IntN(3)
			args := []string{"exam", []string{"flag", "done", "goto"}[which], strconv.Itoa(n)}
			if which < 2 && !on {
				args = append(args, "--off")
			}
			after := time.Duration(die.Int64N(int64(2 * took)))
			wg.Go(func() {
				ok := d.killLater(after, args...)
				task := d.load().Tasks[n-1]
				for i, mark := range []struct {
					is   bool
					know *bool
				}{{task.Flagged, &flagged[n-1]}, {task.Done, &done[n-1]}} {
					switch {
					case i == which && ok && mark.is != on:
						t.Errorf("round %d: podlab %v was done and is lost", round, args)
					case i != which && mark.is != *mark.know:
						t.Errorf("round %d: podlab %v changed another mark", round, args)
					}
					*mark.know = mark.is
				}
				if which == 2 && ok && !task.Visited {
					t.Errorf("round %d: podlab %v was done and is lost", round, args)
				}
				if ok {
					acknowledged.Add(1)
				}
			})
		}
		wg.Wait()

		s := d.load()
		for i, task := range s.Tasks {
			if task.Flagged != flagged[i] || task.Done != done[i] {
				t.Errorf("round %d: task %d has lost a mark: %+v", round, i+1, task)
			}
		}
		if die.IntN(4) == 0 {
			// A command finds the proctor gone, and there is a new one. What it
			// has noted of the time outlives it.
			d.status()
			await(t, "a proctor is at work", func() bool { return d.proctor() > 0 && d.load().SeenAt.After(s.SeenAt) })
			before := d.load().SeenAt
			d.killProctor()
			if after := d.load().SeenAt; after.Before(before) {
				t.Errorf("round %d: the clock went from %v to %v", round, before, after)
			}
		}
		now := d.status()
		if now.Phase != exam.Running || now.SecondsLeft > left {
			t.Errorf("round %d: %s, %d seconds left after %d", round, now.Phase, now.SecondsLeft, left)
		}
		left = now.SecondsLeft
	}
	t.Logf("%d of the commands were done before they were killed", acknowledged.Load())
	entries, err := os.ReadDir(filepath.Join(d.state, "exams", "current"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "damaged") {
			t.Errorf("there is %s", e.Name())
		}
	}
	if len(entries) > 12 {
		t.Errorf("files are left behind: %v", entries)
	}
}

// Start and submit are killed at random points; going on brings the exam to
// its end, with one result and no rights left.
func TestKilledOnTheCluster(t *testing.T) {
	d := newClusterDesk(t)
	die := rand.New(rand.NewPCG(3, 4))
	start := []string{"exam", "start", "--tasks", "3", "--level", "1", "--seed", "11", "--yes"}
	results := 0
	for round := range rounds(2, 10) {
		d.killLater(time.Duration(die.IntN(1500))*time.Millisecond, start...)
		if d.status().Phase == "" || d.status().Phase == "none" || !d.status().Phase.Open() {
			d.run(0, start...) // it was killed before there was an exam
		} else {
			d.run(3, start...) // there is one
			d.run(0, "exam", "resume")
		}
		d.run(0, "exam", "flag", "2")
		if now := d.status(); now.Phase != exam.Running || len(now.Tasks) != 3 || !now.Tasks[1].Flagged || now.SecondsLeft < 22*60 {
			t.Fatalf("round %d: %+v", round, now)
		}
		for _, task := range d.load().Tasks {
			d.run(0, "kubectl", "get", "rolebinding", "podlab-candidate", "-n", task.Namespace)
		}

		d.killLater(time.Duration(die.IntN(3000))*time.Millisecond, "exam", "submit", "--yes")
		out, _ := d.run(1, "exam", "submit", "--yes", "-o", "json")
		id := decode[struct{ ID string }](t, out).ID
		results++
		entries, err := os.ReadDir(filepath.Join(d.state, "exams", "results"))
		if err != nil || len(entries) != results {
			t.Errorf("round %d: results %v, %v", round, entries, err)
		}
		data, err := os.ReadFile(filepath.Join(d.state, "exams", "results", id, "result.json"))
		if err != nil {
			t.Fatal(err)
		}
		var r exam.Result
		if err := json.Unmarshal(data, &r); err != nil || len(r.Tasks) != 3 || !r.Tasks[1].Flagged {
			t.Errorf("round %d: result %+v, %v", round, r, err)
		}
		if left, _ := d.run(0, "kubectl", "get", "rolebindings", "-A", "-l", "podlab.dev/exam", "-o", "name"); left != "" {
			t.Errorf("round %d: rights are left: %s", round, left)
		}
	}
}

// Of two terminals that start an exam one is told how to go on, and joins.
func TestTwoTerminals(t *testing.T) {
	d := newClusterDesk(t)
	start := []string{"exam", "start", "--tasks", "3", "--level", "1", "--seed", "11", "--yes"}
	first := d.command(start...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the first exam is there", func() bool { _, err := d.store().Load(); return err == nil })
	_, complaint := d.run(3, start...)
	if !strings.Contains(complaint, "is under way") || !strings.Contains(complaint, "podlab exam resume") {
		t.Errorf("the second is told %q", complaint)
	}
	// It waits for what the first prepares.
	d.run(0, "exam", "resume")
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	if now := d.status(); now.Phase != exam.Running {
		t.Errorf("%+v", now)
	}
	// Both submit: one result, which both see.
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if out, err := d.command("exam", "submit", "--yes").Output(); !strings.Contains(string(out), "Not passed") {
				t.Errorf("submit: %v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if entries, err := os.ReadDir(filepath.Join(d.state, "exams", "results")); err != nil || len(entries) != 1 {
		t.Errorf("results %v, %v", entries, err)
	}
}
