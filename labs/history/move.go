package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"podlab/labs/exam"
	"podlab/labs/progress"
	"podlab/labs/statefile"
)

// Place is where a learner's history is.
type Place struct {
	// Exams is the Root of exam.Options.
	Exams    string
	Progress *progress.Store
}

// Exported is what Export wrote.
type Exported struct {
	Exams, Labs int
}

// Export writes all exams and the progress of practice to w, as Import reads
// them. Podlab is the version, now the time. A result that cannot be read is an
// error: what is moved must be whole.
func Export(w io.Writer, from Place, podlab string, now time.Time) (Exported, error) {
	done, err := export(w, from, podlab, now)
	if err != nil {
		return Exported{}, fmt.Errorf("export the history: %w", err)
	}
	return done, nil
}

func export(w io.Writer, from Place, podlab string, now time.Time) (Exported, error) {
	records, err := from.Progress.All()
	if err != nil {
		return Exported{}, err
	}
	results, err := exam.New(exam.Options{Root: from.Exams}).Results()
	if err != nil {
		return Exported{}, err
	}
	now = now.UTC().Truncate(time.Second)
	out := newWriter(w)
	head, err := json.Marshal(manifest{Version: FormatVersion, Podlab: podlab, CreatedAt: now})
	if err != nil {
		return Exported{}, err
	}
	if err := out.add(manifestName, now, head); err != nil {
		return Exported{}, err
	}
	if len(records) > 0 {
		data, err := progress.Format(records)
		if err != nil {
			return Exported{}, err
		}
		if err := out.add(progressName, now, data); err != nil {
			return Exported{}, err
		}
	}
	for _, r := range slices.Backward(results) { // the oldest first
		if err := exportExam(out, from.Exams, r); err != nil {
			return Exported{}, err
		}
	}
	return Exported{Exams: len(results), Labs: len(records)}, out.close()
}

func exportExam(out *writer, root string, r *exam.Result) error {
	resultPath, evidencePath := exam.ResultFiles(root, r.ID)
	data, err := os.ReadFile(resultPath)
	if err != nil {
		return err
	}
	if err := out.add(path.Join(examsDir, r.ID, resultName), r.GradedAt, data); err != nil {
		return err
	}
	data, err = os.ReadFile(evidencePath)
	switch {
	case errors.Is(err, fs.ErrNotExist): // no task could be graded
		return nil
	case err != nil:
		return err
	}
	return out.add(path.Join(examsDir, r.ID, evidenceName), r.GradedAt, data)
}

// Imported is what Import took, and what was there already.
type Imported struct {
	// Exams are the ids of those that are new, Known of those that were there.
	Exams, Known []string
	// Labs are those whose progress changed, Unchanged how many others the file
	// knows.
	Labs      []string
	Unchanged int
}

// lockWait is how long Import waits for another one.
const lockWait = 20 * time.Second

// Import merges the history in the file at name into a place, losing and
// overwriting nothing: exams that are there stay as they are, and progress is
// merged lab by lab, see progress.Record.Merge. The file is read to its end and
// checked before anything is changed; the error is one of this package's,
// wrapped, or that of the disk. An import that was interrupted is completed by
// the next one.
func Import(name string, into Place) (*Imported, error) {
	done, err := importFile(name, into)
	if err != nil {
		return nil, fmt.Errorf("import the history in %s: %w", name, err)
	}
	return done, nil
}

func importFile(name string, into Place) (*Imported, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	h, err := survey(f)
	if err != nil {
		return nil, err
	}
	// A progress file here that cannot be read would stop the import halfway.
	if _, err := into.Progress.All(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	unlock, err := statefile.Lock(ctx, filepath.Join(into.Exams, "import.lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()

	done := &Imported{}
	isNew := map[string]bool{}
	for _, id := range h.ids {
		result, _ := exam.ResultFiles(into.Exams, id)
		switch _, err := os.Stat(result); {
		case err == nil:
			done.Known = append(done.Known, id)
		case errors.Is(err, fs.ErrNotExist):
			done.Exams = append(done.Exams, id)
			isNew[id] = true
		default:
			return nil, err
		}
	}
	if err := copyExams(f, into.Exams, isNew); err != nil {
		return nil, err
	}
	if done.Labs, err = into.Progress.Merge(h.records); err != nil {
		return nil, err
	}
	done.Unchanged = len(h.records) - len(done.Labs)
	return done, nil
}

// holdings is what a file holds, but for its evidence.
type holdings struct {
	ids     []string
	records map[string]progress.Record
}

// survey checks a file from its beginning to its end.
func survey(f io.Reader) (*holdings, error) {
	h := &holdings{}
	results := map[string]*exam.Result{}
	err := read(f, visitor{
		progress: func(records map[string]progress.Record) error {
			h.records = records
			return nil
		},
		result: func(r *exam.Result, _ []byte) error {
			h.ids = append(h.ids, r.ID)
			results[r.ID] = r
			return nil
		},
		evidence: func(id string, data []byte) error {
			if results[id] == nil {
				return damaged(fmt.Errorf("evidence of exam %s without its result", id))
			}
			return checkEvidence(results[id], data)
		},
	})
	return h, err
}

// copyExams writes the exams that are new: of each the evidence and then the
// result, which says that the exam is there.
func copyExams(f io.ReadSeeker, root string, isNew map[string]bool) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	results := map[string][]byte{}
	err := read(f, visitor{
		progress: func(map[string]progress.Record) error { return nil },
		result: func(r *exam.Result, data []byte) error {
			if isNew[r.ID] {
				results[r.ID] = data
			}
			return nil
		},
		evidence: func(id string, data []byte) error {
			if !isNew[id] {
				return nil
			}
			_, path := exam.ResultFiles(root, id)
			return put(path, data)
		},
	})
	if err != nil {
		return err
	}
	for id, data := range results {
		path, _ := exam.ResultFiles(root, id)
		if err := put(path, data); err != nil {
			return err
		}
	}
	return nil
}

func put(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return statefile.Replace(path, data)
}
