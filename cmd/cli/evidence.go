package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"podlab/labs/evidence"
)

// saveEvidence writes what a grading saw to path, whole or not at all.
func (a *App) saveEvidence(path string, g *evidence.Grading) error {
	var b bytes.Buffer
	if err := evidence.Write(&b, &evidence.File{
		Version: evidence.FormatVersion, Podlab: a.Version, Gradings: []evidence.Grading{*g},
	}); err != nil {
		return err
	}
	if err := renameio.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return a.cannotWrite(path, err)
	}
	return nil
}

// gradeFrom judges the evidence in path; lab may be empty where it holds one.
func (a *App) gradeFrom(ctx context.Context, path, lab, output string) error {
	file, err := a.readEvidence(path)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(file.Gradings, func(g evidence.Grading) bool { return g.Lab == lab })
	if lab == "" && len(file.Gradings) == 1 {
		i = 0
	}
	if i < 0 {
		var held []string
		for _, g := range file.Gradings {
			held = append(held, g.Lab)
		}
		return errors.New(a.say.Errors.EvidenceLab.with("file", path, "labs", strings.Join(held, ", ")))
	}
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	instance, graded, err := file.Gradings[i].Judge(ctx, catalog)
	if err != nil {
		return err
	}
	return a.printVerdicts(instance, graded, output)
}

func (a *App) readEvidence(path string) (*evidence.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, a.cannotRead(path, err)
	}
	defer f.Close() //nolint:errcheck // only read
	file, err := evidence.Read(f)
	say := a.say.Errors
	var unread *fs.PathError
	switch {
	case errors.As(err, &unread):
		return nil, a.cannotRead(path, err)
	case errors.Is(err, evidence.ErrNewer):
		return nil, errors.New(say.EvidenceNewer.with("file", path))
	case errors.Is(err, evidence.ErrTooLarge):
		return nil, errors.New(say.EvidenceLarge.with("file", path, "limit", strconv.Itoa(evidence.MaxBytes>>20)))
	case errors.Is(err, evidence.ErrDamaged):
		return nil, errors.New(say.EvidenceFile.with("file", path))
	}
	return file, err
}
