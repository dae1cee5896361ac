package clipboard

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// writes keeps each Write.
type writes struct{ all []string }

func (w *writes) Write(p []byte) (int, error) {
	w.all = append(w.all, string(p))
	return len(p), nil
}

func environ(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

// The text arrives whole in one Write, whatever its size and language.
func TestCopyToTerminal(t *testing.T) {
	for _, text := range []string{"", "kubectl get pods\n", "卷\x1b]", strings.Repeat("long ", 10_000)} {
		var w writes
		if err := New(&w, environ("", "")).Copy(text); err != nil {
			t.Fatal(err)
		}
		want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"
		if len(w.all) != 1 || w.all[0] != want {
			t.Errorf("Copy of %d bytes wrote %.80q, want it in one Write", len(text), w.all)
		}
	}
}

// GNU screen passes the contents of device control strings on, up to 768
// bytes of each.
func TestCopyThroughScreen(t *testing.T) {
	text := strings.Repeat("0123456789", 50)
	var w writes
	if err := New(&w, environ("STY", "1.tty")).Copy(text); err != nil {
		t.Fatal(err)
	}
	if len(w.all) != 1 {
		t.Fatalf("%d Writes, want one", len(w.all))
	}
	var passed strings.Builder
	for part := range strings.SplitSeq(strings.TrimSuffix(w.all[0], "\x1b\\"), "\x1b\\") {
		inner, ok := strings.CutPrefix(part, "\x1bP")
		if !ok || len(inner) > 768 {
			t.Errorf("%q is no short device control string", part)
		}
		passed.WriteString(inner)
	}
	if want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"; passed.String() != want {
		t.Errorf("screen passes on %.80q", passed.String())
	}
}

// In tmux the text goes to tmux; one that is too old for that gets the
// sequence.
func TestCopyThroughTmux(t *testing.T) {
	var w writes
	c := New(&w, environ("TMUX", "/tmp/tmux,1,0"))
	got := ""
	c.buffer = func(text string) error { got = text; return nil }
	if err := c.Copy("a"); err != nil || got != "a" || len(w.all) != 0 {
		t.Errorf("Copy: %v; tmux got %q, the terminal %q", err, got, w.all)
	}
	c.buffer = func(string) error { return errors.New("unknown flag -w") }
	if err := c.Copy("a"); err != nil || len(w.all) != 1 || w.all[0] != "\x1b]52;c;YQ==\a" {
		t.Errorf("Copy: %v; the terminal got %q", err, w.all)
	}
}
