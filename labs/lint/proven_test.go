package lint

import (
	"strings"
	"testing"
	"testing/fstest"

	"podlab/labs"
)

// labOf makes a lab of its files; it need not be sound.
func labOf(t *testing.T, files map[string]string) *labs.Lab {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys["x/"+name] = &fstest.MapFile{Data: []byte(data)}
	}
	all, _ := labs.Inspect(labs.Source{Dir: "L", FS: fsys})
	if len(all) != 1 {
		t.Fatalf("got %d labs", len(all))
	}
	return all[0]
}

func TestDigest(t *testing.T) {
	files := map[string]string{"lab.yaml": "version: 1\nid: x\n", "en.yaml": "title: X\n", "solutions/a.yaml": "a"}
	base := Digest(labOf(t, files))
	change := func(name, data string) string {
		changed := map[string]string{name: data}
		for other, before := range files {
			if other != name {
				changed[other] = before
			}
		}
		return Digest(labOf(t, changed))
	}
	if change("en.yaml", "title: Y\n") != base {
		t.Error("a text changed the digest, though no proof depends on it")
	}
	for name, data := range map[string]string{"lab.yaml": "version: 1\nid: x\nlevel: 2\n", "solutions/a.yaml": "b", "solutions/b.yaml": "a", "files/de.yaml": ""} {
		if change(name, data) == base {
			t.Errorf("a change of %s left the digest as it was", name)
		}
	}
}

func TestProven(t *testing.T) {
	l := labOf(t, map[string]string{"lab.yaml": "version: 1\nid: x\n"})
	var out strings.Builder
	if err := (Proven{"x": Digest(l), "gone": "1"}).Write(&out); err != nil {
		t.Fatal(err)
	}
	p, err := ReadProven(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Holds(l) {
		t.Errorf("what was written does not hold:\n%s", out.String())
	}
	if p["x"] = "other"; p.Holds(l) {
		t.Error("another digest holds")
	}
	if _, err := ReadProven(strings.NewReader("x\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line without a digest: %v", err)
	}
}
