package labs

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// Defaults returns the values of the lab's params for practice.
func (l *Lab) Defaults() map[string]string {
	values := make(map[string]string, len(l.Params))
	for _, p := range l.Params {
		values[p.Name] = p.Default
	}
	return values
}

// Seeded returns the values of the lab's params that seed chooses; the same
// on every machine and with every version of Go, so that an exam can be
// repeated from its seed.
//
// Each param has a generator of its own, so that adding a param to a lab does
// not change the others: a PCG seeded with the first 16 bytes of the SHA-256
// of "<lab id>\n<seed, decimal>\n<param name>". Its first value v picks entry
// floor(v*n/2^64) of the default followed by the choices.
func (l *Lab) Seeded(seed uint64) map[string]string {
	values := make(map[string]string, len(l.Params))
	for _, p := range l.Params {
		all := p.Values()
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s", l.ID, seed, p.Name))
		pcg := rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))
		// Not rand.IntN: only the sequence of the PCG itself is fixed.
		i, _ := bits.Mul64(pcg.Uint64(), uint64(len(all)))
		values[p.Name] = all[i]
	}
	return values
}

// Values returns the default and, after it, the choices.
func (p Param) Values() []string {
	return append([]string{p.Default}, p.Choices...)
}
