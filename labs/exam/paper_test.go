package exam_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"podlab/content"
	"podlab/labs"
	"podlab/labs/exam"
)

func catalog(t *testing.T) []*labs.Lab {
	t.Helper()
	c, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return c.Labs()
}

func blueprints(t *testing.T) []exam.Blueprint {
	t.Helper()
	all, err := exam.Blueprints(content.Exams())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every blueprint can be composed, whatever the seed; its tasks differ from
// each other, its weights make a hundred, and its time is enough for them.
func TestBlueprintsCompose(t *testing.T) {
	all := catalog(t)
	for _, b := range blueprints(t) {
		for seed := range uint64(200) {
			tasks, err := exam.Compose(all, b, seed)
			if err != nil {
				t.Fatalf("%s, seed %d: %v", b.ID, seed, err)
			}
			var ids []string
			weight, minutes := 0, 0
			for _, task := range tasks {
				if slices.Contains(ids, task.Lab) {
					t.Errorf("%s, seed %d: %s twice", b.ID, seed, task.Lab)
				}
				ids = append(ids, task.Lab)
				weight += task.Weight
				minutes += task.Minutes
			}
			if len(tasks) != b.Tasks || weight != 100 {
				t.Errorf("%s, seed %d: %d tasks, weights sum up to %d", b.ID, seed, len(tasks), weight)
			}
			// Target times are for those who learn; an exam may ask for more speed.
			if b.Minutes*5 < minutes*3 || b.Minutes > minutes*3/2+5 {
				t.Errorf("%s, seed %d: %d minutes for tasks of %d", b.ID, seed, b.Minutes, minutes)
			}
		}
	}
}

// The full exam asks of every pattern and of every level.
func TestComposeIsStratified(t *testing.T) {
	all := catalog(t)
	full := blueprints(t)[slices.IndexFunc(blueprints(t), func(b exam.Blueprint) bool { return b.ID == "full" })]
	for seed := range uint64(50) {
		tasks, err := exam.Compose(all, full, seed)
		if err != nil {
			t.Fatal(err)
		}
		patterns, levels := map[labs.Pattern]int{}, map[int]int{}
		for _, task := range tasks {
			patterns[task.Pattern]++
			levels[task.Level]++
		}
		if len(patterns) != 8 {
			t.Errorf("seed %d: patterns %v", seed, patterns)
		}
		for level := 1; level <= 3; level++ {
			if levels[level] < 3 {
				t.Errorf("seed %d: levels %v", seed, levels)
			}
		}
	}
}

func TestComposeIsRepeatable(t *testing.T) {
	all := catalog(t)
	b := blueprints(t)[0]
	b.Tasks, b.Patterns = 8, nil
	first, err := exam.Compose(all, b, 7)
	if err != nil {
		t.Fatal(err)
	}
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	again, err := exam.Compose(reversed, b, 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the order of the labs changes the exam:\n%s", diff)
	}
	other, err := exam.Compose(all, b, 8)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(first, other) {
		t.Error("two seeds give the same exam")
	}
}

func TestComposeTooFew(t *testing.T) {
	b := exam.Blueprint{Tasks: 3, Patterns: []labs.Pattern{labs.IPC}}
	if _, err := exam.Compose(catalog(t), b, 1); !errors.Is(err, exam.ErrTooFew) {
		t.Errorf("error %v", err)
	}
}
