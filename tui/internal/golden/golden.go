// Package golden compares views with files that a person has looked at.
package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Compare fails where got is not what the file testdata/golden/<name>.txt
// holds. With update it writes the file instead.
func Compare(t *testing.T, name, got string, update bool) {
	t.Helper()
	path := filepath.Join("testdata", "golden", filepath.FromSlash(name)+".txt")
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the tests of this package with -update and look at the result", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
