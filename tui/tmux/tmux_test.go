package tmux

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOutsideOfTmux(t *testing.T) {
	if c := New(func(string) string { return "" }); c != nil {
		t.Errorf("New = %v without $TMUX, want nil", c)
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name, size string
		want       []string // how the pane is split
	}{
		{"wide", "200 40", []string{"-h"}},
		{"just wide enough", "160 24", []string{"-h"}},
		{"high", "120 60", []string{"-v", "-l", "30"}},
		{"podlab keeps its lines", "159 40", []string{"-v", "-l", "15"}},
		{"just high enough", "80 33", []string{"-v", "-l", "8"}},
		{"too small", "159 32", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls [][]string
			c := &Client{pane: "%7", run: func(_ string, args ...string) (string, error) {
				calls = append(calls, args)
				return tt.size + "\n", nil
			}}
			cmd := exec.Command("/bin/podlab", "shell", "mc1")
			cmd.Dir, cmd.Env = "/work dir", []string{"A=1", "TMUX=x", "TERM=xterm"}
			err := c.Split(cmd)
			if tt.want == nil {
				if !errors.Is(err, ErrNoRoom) || len(calls) != 1 {
					t.Errorf("Split: %v after %q, want ErrNoRoom and no split", err, calls)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Concat([]string{"split-window"}, tt.want,
				[]string{"-t", "%7", "-c", "/work dir", "-e", "A=1", "--", "/bin/podlab", "shell", "mc1"})
			if diff := cmp.Diff(want, calls[1]); diff != "" {
				t.Errorf("tmux (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnvironmentStaysSmall(t *testing.T) {
	environ := []string{"HUGE=" + strings.Repeat("x", maxEntry)}
	for range 100 {
		environ = append(environ, "V="+strings.Repeat("x", 500))
	}
	got := environment(environ)
	if len(got) == 0 || len(strings.Join(got, "")) > maxEnviron || slices.Contains(got, environ[0]) {
		t.Errorf("environment takes %d entries of %d bytes", len(got), len(strings.Join(got, "")))
	}
}

// With a real tmux: a shell in a pane beside, with its directory and
// environment, and a text that becomes a tmux buffer.
func TestRealTmux(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	socket := filepath.Join(t.TempDir(), "s")
	tmux := func(stdin string, args ...string) (string, error) {
		return run(stdin, append([]string{"-S", socket, "-f", os.DevNull}, args...)...)
	}
	must := func(out string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	must(tmux("", "new-session", "-d", "-x", "160", "-y", "40", "sleep", "600"))
	t.Cleanup(func() { _, _ = tmux("", "kill-server") })
	c := &Client{pane: must(tmux("", "list-panes", "-F", "#{pane_id}")), run: tmux}

	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `printf '%s in %s' "$WHAT" "$PWD" > said; exec sleep 600`)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "WHAT=two words; $HOME"}
	if err := c.Split(cmd); err != nil {
		t.Fatal(err)
	}
	if got := must(tmux("", "list-panes", "-F", "#{pane_width}x#{pane_height}")); got != "80x40\n79x40" {
		t.Errorf("panes are %q, want podlab's to keep 80 columns", got)
	}
	said := ""
	for deadline := time.Now().Add(10 * time.Second); said == "" && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		data, _ := os.ReadFile(filepath.Join(dir, "said"))
		said = string(data)
	}
	if real, err := filepath.EvalSymlinks(dir); err != nil || said != "two words; $HOME in "+real {
		t.Errorf("the pane said %q", said)
	}

	const text = "kind: Pod\n# 卷\n"
	if err := c.SetClipboard(text); err != nil {
		t.Fatal(err)
	}
	if got, err := tmux("", "show-buffer"); err != nil || got != text {
		t.Errorf("the buffer holds %q, %v", got, err)
	}
}
