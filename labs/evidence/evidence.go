// Package evidence keeps what gradings saw in one compressed file, so that a
// disputed verdict can be examined, and a corrected check tried, without the
// cluster. The file is JSON, compressed with gzip.
package evidence

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"podlab/grader"
	"podlab/labs"
)

// FormatVersion is the version of the file that this podlab reads and writes.
const FormatVersion = 1

// MaxBytes is the most that a file may hold before compression. Each log,
// output and body is bounded already, see probe.MaxOutput.
const MaxBytes = 64 << 20

// Errors that say why a file cannot be used; they are wrapped.
var (
	// ErrDamaged: the file is no evidence, or not whole.
	ErrDamaged = errors.New("this is no evidence that podlab wrote, or it is damaged")
	// ErrNewer: a newer podlab wrote the file.
	ErrNewer = errors.New("the evidence was written by a newer podlab")
	// ErrTooLarge: the file holds more than MaxBytes.
	ErrTooLarge = fmt.Errorf("the evidence is larger than %d MiB", MaxBytes>>20)
)

// File is what a file holds: one grading per lab.
type File struct {
	Version int `json:"version"`
	// Podlab is the version of the podlab that graded.
	Podlab   string    `json:"podlab"`
	Gradings []Grading `json:"gradings"`
}

// Grading is what the grading of one lab saw.
type Grading struct {
	Lab    string            `json:"lab"`
	Params map[string]string `json:"params,omitempty"`
	Seen   *grader.Evidence  `json:"seen"`
}

// Write writes f. The error is ErrTooLarge, or that of w.
func Write(w io.Writer, f *File) error {
	data, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	if len(data) > MaxBytes {
		return ErrTooLarge
	}
	z := gzip.NewWriter(w)
	if _, err := z.Write(data); err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	return nil
}

// Read reads what Write wrote. The error is one of this package's, or that of
// r.
func Read(r io.Reader) (*File, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case len(data) > MaxBytes:
		return nil, ErrTooLarge
	}
	var head struct {
		Version int `json:"version"`
	}
	switch err := json.Unmarshal(data, &head); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case head.Version > FormatVersion:
		return nil, ErrNewer
	}
	f := &File{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if f.Version < 1 || len(f.Gradings) == 0 {
		return nil, ErrDamaged
	}
	for _, g := range f.Gradings {
		if g.Lab == "" || g.Seen == nil {
			return nil, ErrDamaged
		}
	}
	return f, nil
}

// Judge grades the evidence by the lab of catalog. The instance says the
// report in words.
func (g *Grading) Judge(ctx context.Context, catalog *labs.Catalog) (*labs.Instance, *grader.Report, error) {
	lab, err := catalog.Lab(g.Lab)
	if err != nil {
		return nil, nil, err
	}
	inst, err := lab.Instantiate(g.Seen.Namespace, g.Params)
	if err != nil {
		return nil, nil, err
	}
	report, err := inst.Program.Judge(ctx, g.Seen)
	if err != nil {
		return nil, nil, fmt.Errorf("judge lab %s by the evidence: %w", g.Lab, err)
	}
	return inst, report, nil
}
