// Package tui_test drives podlab in a real terminal, as a new user would.
package tui_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"podlab/content"
)

// patience is what the screen gets to show something. It takes a moment, or
// seconds with the cluster, but the machine may stand still for minutes.
const patience = 5 * time.Minute

// terminal is podlab in a tmux session of its own server.
type terminal struct {
	t      *testing.T
	socket string
	width  int
}

// open starts a command in a terminal of 80×24.
func open(t *testing.T, env []string, command ...string) *terminal {
	t.Helper()
	const width, height = 80, 24
	term := &terminal{t: t, socket: filepath.Join(t.TempDir(), "tmux"), width: width}
	args := []string{"-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height)}
	for _, e := range env {
		args = append(args, "-e", e)
	}
	quoted := make([]string, len(command))
	for i, word := range command {
		quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	// the session outlives the command, so that its last words can be read
	term.tmux(append(args, strings.Join(quoted, " ")+"; echo exit code $?; sleep 3600")...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", term.socket, "kill-server").Run() })
	return term
}

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-u", "-S", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// keys types keys, by tmux's names for them.
func (term *terminal) keys(keys ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys"}, keys...)...)
}

// line types a text and Enter.
func (term *terminal) line(text string) {
	term.t.Helper()
	term.tmux("send-keys", "-l", text)
	term.keys("Enter")
}

func (term *terminal) screen() string {
	term.t.Helper()
	return term.tmux("capture-pane", "-p")
}

// await waits until the screen shows all of the texts, and checks that no
// line is wider than the terminal.
func (term *terminal) await(texts ...string) string {
	term.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		screen := term.screen()
		missing := ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			for _, line := range strings.Split(screen, "\n") {
				if w := ansi.StringWidth(line); w > term.width {
					term.t.Errorf("a line of %d cells: %q", w, line)
				}
			}
			return screen
		}
		if time.Now().After(deadline) {
			term.t.Fatalf("after %v the screen does not show %q:\n%s", patience, missing, screen)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// promptRE matches a screen that ends with a shell's prompt.
var promptRE = regexp.MustCompile(`[#$]\s*$`)

// awaitPrompt waits until the last thing on the screen is a shell's prompt: what
// is typed before is lost.
func (term *terminal) awaitPrompt() {
	term.t.Helper()
	deadline := time.Now().Add(patience)
	for !promptRE.MatchString(term.screen()) {
		if time.Now().After(deadline) {
			term.t.Fatalf("after %v there is no prompt:\n%s", patience, term.screen())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// awaitGone waits until the screen does not show a text any more.
func (term *terminal) awaitGone(text string) {
	term.t.Helper()
	deadline := time.Now().Add(patience)
	for strings.Contains(term.screen(), text) {
		if time.Now().After(deadline) {
			term.t.Fatalf("after %v the screen still shows %q:\n%s", patience, text, term.screen())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// podlab returns the binary under test, or skips.
func podlab(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("PODLAB_E2E_BIN")
	if bin == "" {
		t.Skip("PODLAB_E2E_BIN names no podlab: run make e2e")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	return bin
}

// inLanguages runs a test in English, and in a nightly run in all languages.
func inLanguages(t *testing.T, run func(*testing.T, content.Lang)) {
	t.Helper()
	langs := []content.Lang{content.English}
	if os.Getenv("PODLAB_E2E_NIGHTLY") != "" {
		langs = content.Langs()
	}
	for _, lang := range langs {
		t.Run(string(lang), func(t *testing.T) { run(t, lang) })
	}
}
