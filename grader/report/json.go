package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes r as docs/json.md documents it, followed by a newline.
func JSON(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // "<none>" should stay readable
	enc.SetIndent("", "  ")
	if err := enc.Encode(Clean(r)); err != nil {
		return fmt.Errorf("write the report of %s as JSON: %w", r.Lab, err)
	}
	return nil
}

// JSONLine writes r as JSON on one line, for streams of reports.
func JSONLine(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(Clean(r)); err != nil {
		return fmt.Errorf("write the report of %s as JSON: %w", r.Lab, err)
	}
	return nil
}
