package practice

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podlab/labs"
)

// desk is a work directory of a lab with one file.
type desk struct {
	t   *testing.T
	p   *Practice
	dir string
}

func newDesk(t *testing.T) desk {
	p := New(Options{WorkRoot: filepath.Join(t.TempDir(), "work")})
	return desk{t, p, p.WorkDir("mc1")}
}

func labFiles(text string) []labs.File { return []labs.File{{Name: "pod.yaml", Data: []byte(text)}} }

func (d desk) handOut(text string, replaceEdited bool) {
	d.t.Helper()
	if err := d.p.handOut("mc1", labFiles(text), replaceEdited); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) remove(name string) {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Join(d.dir, name)); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) want(name, text string) {
	d.t.Helper()
	data, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil || string(data) != text {
		d.t.Errorf("%s holds %q, %v; want %q", name, data, err, text)
	}
}

func (d desk) wantEdited(text string, want ...string) {
	d.t.Helper()
	got, err := d.p.edited("mc1", labFiles(text))
	if err != nil || !slices.Equal(got, want) {
		d.t.Errorf("edited: %q, %v; want %q", got, err, want)
	}
}

func TestHandOut(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(desk)
	}{
		{"nothing handed out, nothing edited", func(d desk) {
			d.wantEdited("a")
		}},
		{"handed out as it is, for its owner only", func(d desk) {
			d.handOut("a", false)
			d.want("pod.yaml", "a")
			d.wantEdited("a")
			for path, mode := range map[string]os.FileMode{d.dir: 0o700, filepath.Join(d.dir, "pod.yaml"): 0o644} {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
					d.t.Errorf("mode of %s: %v, %v; want %v", path, info.Mode(), err, mode)
				}
			}
		}},
		{"edits stay until they may be replaced", func(d desk) {
			d.handOut("a", false)
			d.write("pod.yaml", "mine")
			d.wantEdited("a", "pod.yaml")
			d.handOut("a", false)
			d.want("pod.yaml", "mine")
			d.handOut("a", true)
			d.want("pod.yaml", "a")
			d.want("pod.yaml.old", "mine")
			d.wantEdited("a")
		}},
		{"what is kept is never lost", func(d desk) {
			for _, text := range []string{"first", "second", "third"} {
				d.handOut("a", true)
				d.write("pod.yaml", text)
			}
			d.handOut("a", true)
			d.want("pod.yaml.old", "first")
			d.want("pod.yaml.old.2", "second")
			d.want("pod.yaml.old.3", "third")
		}},
		{"a deleted file is listed, and comes back", func(d desk) {
			d.handOut("a", false)
			d.remove("pod.yaml")
			d.wantEdited("a", "pod.yaml")
			d.handOut("a", false)
			d.want("pod.yaml", "a")
		}},
		{"a newer podlab's file replaces one that was not edited", func(d desk) {
			d.handOut("a", false)
			d.wantEdited("b")
			d.handOut("b", false)
			d.want("pod.yaml", "b")
		}},
		{"a newer podlab's file does not replace one that was", func(d desk) {
			d.handOut("a", false)
			d.write("pod.yaml", "mine")
			d.handOut("b", false)
			d.want("pod.yaml", "mine")
			d.wantEdited("b", "pod.yaml")
		}},
		{"without a memory whatever differs is the learner's", func(d desk) {
			d.handOut("a", false)
			d.remove(handedOutName)
			d.wantEdited("a")
			d.wantEdited("b", "pod.yaml")
			d.write(handedOutName, "{{{")
			d.wantEdited("b", "pod.yaml")
			d.handOut("b", true)
			d.want("pod.yaml.old", "a")
		}},
		{"a directory in the file's place is kept too", func(d desk) {
			d.handOut("a", false)
			d.remove("pod.yaml")
			if err := os.Mkdir(filepath.Join(d.dir, "pod.yaml"), 0o755); err != nil {
				d.t.Fatal(err)
			}
			d.write("pod.yaml/inner", "mine")
			d.wantEdited("a", "pod.yaml")
			d.handOut("a", true)
			d.want("pod.yaml", "a")
			d.want("pod.yaml.old/inner", "mine")
		}},
		{"the learner's own files are left alone", func(d desk) {
			d.handOut("a", false)
			d.write("notes.txt", "mine")
			d.wantEdited("a")
			d.handOut("a", true)
			d.want("notes.txt", "mine")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.do(newDesk(t)) })
	}
}

func TestTypedErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		is   error
		says string
	}{
		{&EditedError{Lab: "mc1", Dir: "/w", Files: []string{"a.yaml", "b.yaml"}}, ErrEdited, "a.yaml, b.yaml"},
		{&NotStartedError{Lab: "mc1", Namespace: "podlab-mc1"}, ErrNotStarted, "podlab start mc1"},
		{&ForeignError{Lab: "mc1", Namespace: "podlab-mc1"}, ErrForeign, "kubectl delete namespace podlab-mc1"},
	} {
		if !errors.Is(tt.err, tt.is) {
			t.Errorf("%v is not %v", tt.err, tt.is)
		}
		if !strings.Contains(tt.err.Error(), tt.says) {
			t.Errorf("%q does not say %q", tt.err, tt.says)
		}
	}
}
