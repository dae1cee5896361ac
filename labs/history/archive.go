package history

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"podlab/grader/printable"
	"podlab/labs/evidence"
	"podlab/labs/exam"
	"podlab/labs/progress"
)

// FormatVersion is the version of the file that this podlab reads and writes.
const FormatVersion = 1

// Names in the file, a tar compressed with gzip: the manifest comes first,
// then practice, then result and evidence of each exam.
const (
	manifestName = "podlab-history.json"
	progressName = "progress.yaml"
	examsDir     = "exams"
	resultName   = "result.json"
	evidenceName = "evidence.json.gz"
)

// Bounds of what is read.
const (
	maxManifest = 64 << 10
	maxText     = 4 << 20           // progress, and the result of an exam
	maxEvidence = evidence.MaxBytes // that of an exam, compressed
	maxEntries  = 2000
	maxTotal    = 1 << 30
	maxID       = 100       // runes of the id of a lab
	maxPoints   = 1_000_000 // of a lab
)

// Errors that say why a file cannot be read; they are wrapped.
var (
	// ErrDamaged: the file is no history, or not whole.
	ErrDamaged = errors.New("this is no history that podlab wrote, or it is damaged")
	// ErrNewer: a newer podlab wrote the file, or a part of it.
	ErrNewer = errors.New("the history was written by a newer podlab")
	// ErrTooLarge: the file holds more than podlab reads.
	ErrTooLarge = errors.New("the history is larger than podlab reads")
)

// manifest says what a file is.
type manifest struct {
	Version int    `json:"version"`
	Podlab  string `json:"podlab"`
	// CreatedAt is when the file was written.
	CreatedAt time.Time `json:"createdAt"`
}

// writer writes the entries of a file.
type writer struct {
	zip *gzip.Writer
	tar *tar.Writer
}

func newWriter(w io.Writer) *writer {
	z := gzip.NewWriter(w)
	return &writer{zip: z, tar: tar.NewWriter(z)}
}

func (w *writer) add(name string, at time.Time, data []byte) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: at, Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

func (w *writer) close() error { return errors.Join(w.tar.Close(), w.zip.Close()) }

// visitor is told what a file holds, in the order of the file.
type visitor struct {
	progress func(map[string]progress.Record) error
	result   func(*exam.Result, []byte) error
	evidence func(id string, data []byte) error
}

// read reads a whole file and tells v of everything in it, after it was
// checked. The error is one of this package's, that of r, or that of v.
func read(r io.Reader, v visitor) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return damaged(err)
	}
	bounded := &io.LimitedReader{R: z, N: maxTotal + 1}
	t := tar.NewReader(bounded)
	seen := map[string]bool{}
	for {
		header, err := t.Next()
		if bounded.N == 0 || len(seen) > maxEntries {
			return ErrTooLarge
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return damaged(err)
		}
		name := header.Name
		switch {
		case header.Typeflag != tar.TypeReg || seen[name]:
			return damaged(fmt.Errorf("entry %s", printable.Line(name, maxID)))
		case len(seen) == 0 && name != manifestName:
			return damaged(fmt.Errorf("it begins with %s", printable.Line(name, maxID)))
		}
		seen[name] = true
		if err := v.entry(name, header.Size, t); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		return ErrDamaged
	}
	// What follows the end of the tar is checked by gzip: the file is whole.
	if _, err := io.Copy(io.Discard, bounded); err != nil {
		return damaged(err)
	}
	if bounded.N == 0 {
		return ErrTooLarge
	}
	return nil
}

// entry reads one entry.
func (v visitor) entry(name string, size int64, r io.Reader) error {
	dir, base := path.Split(name)
	id, inExams := strings.CutPrefix(path.Clean(dir), examsDir+"/")
	limit := int64(maxText)
	switch {
	case name == manifestName:
		limit = maxManifest
	case name == progressName:
	case !inExams || !exam.IsID(id) || path.Join(examsDir, id, base) != name:
		return damaged(fmt.Errorf("entry %s", printable.Line(name, maxID)))
	case base == evidenceName:
		limit = maxEvidence
	case base != resultName:
		return damaged(fmt.Errorf("entry %s", printable.Line(name, maxID)))
	}
	if size > limit {
		return fmt.Errorf("%w: %s", ErrTooLarge, name)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return damaged(err)
	}
	switch {
	case name == manifestName:
		return checkManifest(data)
	case name == progressName:
		records, err := parseProgress(data)
		if err != nil {
			return err
		}
		return v.progress(records)
	case base == resultName:
		result, err := exam.ParseResult(data)
		switch {
		case errors.Is(err, exam.ErrNewer):
			return fmt.Errorf("%w: %s: %w", ErrNewer, name, err)
		case err != nil:
			return damaged(fmt.Errorf("%s: %w", name, err))
		case result.ID != id:
			return damaged(fmt.Errorf("%s is of exam %s", name, result.ID))
		}
		return v.result(result, data)
	default:
		return v.evidence(id, data)
	}
}

func checkManifest(data []byte) error {
	var m manifest
	switch err := json.Unmarshal(data, &m); {
	case err != nil:
		return damaged(err)
	case m.Version > FormatVersion:
		return fmt.Errorf("%w: it has version %d, this podlab knows version %d", ErrNewer, m.Version, FormatVersion)
	case m.Version < 1:
		return damaged(fmt.Errorf("version %d", m.Version))
	}
	return nil
}

func parseProgress(data []byte) (map[string]progress.Record, error) {
	records, err := progress.Parse(progressName, data)
	switch {
	case errors.Is(err, progress.ErrNewer):
		return nil, fmt.Errorf("%w: %s: its version is not known", ErrNewer, progressName)
	case err != nil:
		// What the progress file advises does not apply to a copy of it.
		return nil, damaged(errors.New(progressName))
	}
	for id, r := range records {
		if id == "" || printable.Line(id, maxID) != id || r.MaxPoints > maxPoints {
			return nil, damaged(fmt.Errorf("%s: lab %s", progressName, printable.Line(id, maxID)))
		}
	}
	return records, nil
}

// checkEvidence reports whether data is the evidence of tasks of r.
func checkEvidence(r *exam.Result, data []byte) error {
	f, err := evidence.Read(bytes.NewReader(data))
	switch {
	case errors.Is(err, evidence.ErrNewer):
		return fmt.Errorf("%w: %w", ErrNewer, err)
	case errors.Is(err, evidence.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case err != nil:
		return damaged(err)
	}
	asked := map[string]bool{}
	for _, t := range r.Tasks {
		asked[t.Lab] = true
	}
	for _, g := range f.Gradings {
		if !asked[g.Lab] {
			return damaged(fmt.Errorf("the evidence of exam %s is of another one", r.ID))
		}
	}
	return nil
}

func damaged(err error) error { return fmt.Errorf("%w: %w", ErrDamaged, err) }
