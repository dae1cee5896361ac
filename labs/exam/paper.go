package exam

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"

	"podlab/labs"
)

// ErrTooFew means that a blueprint asks for more tasks than there are labs.
var ErrTooFew = errors.New("there are not enough labs")

// Task is one lab of an exam.
type Task struct {
	// Lab is its id, Params the values that the exam's seed chose.
	Lab    string            `yaml:"lab" json:"lab"`
	Params map[string]string `yaml:"params,omitempty" json:"params,omitempty"`
	// Weight is its share of the exam in percent; those of all tasks add up to
	// 100.
	Weight int `yaml:"weight" json:"weight"`
	// Minutes is the target time of the lab.
	Minutes int          `yaml:"minutes" json:"minutes"`
	Pattern labs.Pattern `yaml:"pattern" json:"pattern"`
	Level   int          `yaml:"level" json:"level"`
}

// Compose chooses the tasks of an exam. The same labs, blueprint and seed give
// the same tasks, in the same order, with the same params, on every machine
// and with every version of Go.
//
// The choice is stratified: each task comes from the pattern that has been
// considered least for the number of its labs, and there from the level that
// the exam has fewest tasks of.
func Compose(all []*labs.Lab, b Blueprint, seed uint64) ([]Task, error) {
	var pool []*labs.Lab
	for _, lab := range all {
		if b.admits(lab) {
			pool = append(pool, lab)
		}
	}
	if len(pool) < b.Tasks {
		return nil, fmt.Errorf("%w: %d are asked for, %d match", ErrTooFew, b.Tasks, len(pool))
	}
	slices.SortFunc(pool, func(a, b *labs.Lab) int { return cmp.Compare(a.ID, b.ID) })
	d := newDie(seed)
	d.shuffle(pool) // ties are broken by this order

	size, patterns, levels := map[labs.Pattern]int{}, map[labs.Pattern]int{}, map[int]int{}
	for _, lab := range pool {
		size[lab.Pattern]++
	}
	var chosen []*labs.Lab
	for range b.Tasks {
		next := slices.MinFunc(pool, func(x, y *labs.Lab) int {
			return cmp.Or(
				// taken/size, without fractions
				cmp.Compare(patterns[x.Pattern]*size[y.Pattern], patterns[y.Pattern]*size[x.Pattern]),
				cmp.Compare(levels[x.Level], levels[y.Level]),
			)
		})
		chosen = append(chosen, next)
		patterns[next.Pattern]++
		levels[next.Level]++
		pool = slices.DeleteFunc(pool, func(lab *labs.Lab) bool { return lab == next })
	}
	d.shuffle(chosen)

	tasks := make([]Task, len(chosen))
	for i, lab := range chosen {
		tasks[i] = Task{
			Lab: lab.ID, Params: lab.Seeded(seed), Minutes: lab.Minutes, Pattern: lab.Pattern, Level: lab.Level,
		}
	}
	weigh(tasks)
	return tasks, nil
}

// weigh gives each task its share of 100, by its target time: what takes
// longer is worth more. What rounding leaves goes to the largest remainders.
func weigh(tasks []Task) {
	total, left := 0, 100
	for _, t := range tasks {
		total += t.Minutes
	}
	order := make([]int, len(tasks))
	for i := range tasks {
		order[i] = i
		tasks[i].Weight = 100 * tasks[i].Minutes / total
		left -= tasks[i].Weight
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(100*tasks[b].Minutes%total, 100*tasks[a].Minutes%total)
	})
	for _, i := range order[:left] {
		tasks[i].Weight++
	}
}

// die is a generator whose numbers depend on nothing but the seed.
type die struct{ pcg *rand.PCG }

func newDie(seed uint64) die {
	sum := sha256.Sum256(fmt.Appendf(nil, "exam\n%d", seed))
	return die{rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))}
}

// shuffle is Fisher and Yates'. Not rand.Shuffle: only the sequence of the PCG
// itself is the same in every version of Go.
func (d die) shuffle(all []*labs.Lab) {
	for i := len(all) - 1; i > 0; i-- {
		j, _ := bits.Mul64(d.pcg.Uint64(), uint64(i+1))
		all[i], all[j] = all[j], all[i]
	}
}
