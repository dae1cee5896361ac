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
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write the report of exam %s as JSON: %w", r.ID, err)
	}
	return nil
}
