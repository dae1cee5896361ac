package lint

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"podlab/content"
	"podlab/labs"
)

// Proven lists labs that were proven on a cluster with all their variants, by
// id, with the Digest that each had then. A lab that is not listed, or has
// changed, is due for a whole proof.
type Proven map[string]string

// Digest identifies what a proof of the lab depends on: all its files but the
// texts that people read.
func Digest(l *labs.Lab) string {
	hash := sha256.New()
	for _, name := range l.RawNames() {
		if slices.ContainsFunc(content.Langs(), func(lang content.Lang) bool { return name == textFile(lang) }) {
			continue
		}
		data := l.Raw(name)
		fmt.Fprintf(hash, "%s %d\n", name, len(data)) //nolint:errcheck // a hash takes everything
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

// Holds reports whether the lab was proven as it is.
func (p Proven) Holds(l *labs.Lab) bool { return p[l.ID] == Digest(l) }

// ReadProven reads what Write wrote: a line per lab, "id digest". Lines that
// begin with # are comments.
func ReadProven(r io.Reader) (Proven, error) {
	p := Proven{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Fields(text)
		if len(fields) != 2 {
			return nil, fmt.Errorf("line %d: %q: want an id and a digest", n, text)
		}
		p[fields[0]] = fields[1]
	}
	return p, lines.Err()
}

// Write writes the list, sorted.
func (p Proven) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Labs proven with all solutions and mutants, with the digest of what was proven.\n" +
		"# Written by make nightly. The others are proven in full by make e2e.\n")
	for _, id := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&b, "%s %s\n", id, p[id])
	}
	_, err := io.WriteString(w, b.String())
	return err
}
