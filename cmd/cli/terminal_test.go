package cli_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// onTerminal runs podlab on a terminal that answers nothing, and returns what
// it wrote there.
func onTerminal(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"podlab"}, args...) // see TestMain
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "PODLAB_STATE=", "XDG_STATE_HOME=", "PODLAB_LANG=en", "TERM=xterm", "CI=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	data, _ := io.ReadAll(tty) // ends with an error when the other side is closed
	_ = cmd.Wait()
	return string(data), cmd.ProcessState.ExitCode()
}

// TestTerminalIsNotAsked: a command writes to a terminal what it has to say
// and nothing else. Libraries like to ask for the background colour.
func TestTerminalIsNotAsked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"list"}, {"kubectl", "version", "--client"}} {
		output, code := onTerminal(t, args...)
		if code != 0 || strings.Contains(output, "\x1b") {
			t.Errorf("podlab %s: exit code %d, output %q", strings.Join(args, " "), code, output)
		}
	}
}

// TestTextFitsTerminal: the task is laid out for the terminal it is read on.
func TestTextFitsTerminal(t *testing.T) {
	t.Parallel()
	output, code := onTerminal(t, "show", "mc1", "--lang", "en")
	if code != 0 || !strings.Contains(output, "•") {
		t.Fatalf("exit code %d, output:\n%s", code, output)
	}
	_, task, _ := strings.Cut(output, "\r\n\r\n")
	for line := range strings.SplitSeq(task, "\r\n") {
		if strings.Contains(line, "podlab") || strings.Contains(line, " · ") {
			continue // facts and commands are not wrapped: they get copied
		}
		if n := len([]rune(plain(line))); n > 60 {
			t.Errorf("%d columns on a terminal of 60: %q", n, line)
		}
	}
}

// plain strips colours.
func plain(s string) string {
	for {
		before, rest, found := strings.Cut(s, "\x1b[")
		if !found {
			return s
		}
		_, after, _ := strings.Cut(rest, "m")
		s = before + after
	}
}
