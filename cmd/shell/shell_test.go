package shell_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"podlab/cmd/shell"
)

// helperEnv holds the Options, as JSON, of a process of this test binary that
// is to be a lab shell.
const helperEnv = "PODLAB_TEST_SHELL_OPTIONS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(gotoEnv); dir != "" {
		os.Exit(runGoto(dir))
	}
	if text := os.Getenv(helperEnv); text != "" {
		os.Exit(runHelper(text))
	}
	os.Exit(m.Run())
}

func runHelper(text string) int {
	var o shell.Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	o.Environ = os.Environ()
	o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := shell.Run(o); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: kind-podlab
  cluster: {server: "https://127.0.0.1:1"}
- name: another
  cluster: {server: "https://127.0.0.1:2"}
contexts:
- name: kind-podlab
  context: {cluster: kind-podlab, user: me}
users:
- name: me
  user: {token: secret}
current-context: kind-podlab
`

// program stands in for podlab and for kubectl: it says what it was asked, and
// its completion knows one word.
const program = `#!/bin/sh
case "$1 $2" in
"completion bash") echo '__start_kubectl() { COMPREPLY=(pods); }; complete -F __start_kubectl kubectl' ;;
"completion zsh") echo 'compdef _kubectl kubectl; _kubectl() { compadd pods; }' ;;
"completion fish") echo 'complete -c kubectl -f -a pods' ;;
*) echo "stub-$(basename "$0"): $*" ;;
esac
`

// world is a machine with a home and a lab.
type world struct {
	home, root, dir, kubeconfig, podlab string
	exam                                *shell.Exam // nil for a lab
}

func newWorld(t *testing.T) world {
	t.Helper()
	base := t.TempDir()
	w := world{
		home: filepath.Join(base, "home"), root: filepath.Join(base, "state", "shells"),
		dir: filepath.Join(base, "work it's", "mc1"), kubeconfig: filepath.Join(base, "kubeconfig"),
		podlab: filepath.Join(base, "program"),
	}
	for _, dir := range []string{filepath.Join(w.home, ".config", "fish"), w.dir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The learner's own files: an alias, and a KUBECONFIG that must not win.
	rc := "alias mine='echo from-my-rc'\nexport KUBECONFIG=/mine\nPROMPT_COMMAND='true;'\n"
	for name, text := range map[string]string{
		w.kubeconfig:                                      kubeconfig,
		filepath.Join(w.home, ".bashrc"):                  rc,
		filepath.Join(w.home, ".zshrc"):                   rc,
		filepath.Join(w.home, "shinit"):                   rc,
		filepath.Join(w.home, ".bash_history"):            "old\n",
		filepath.Join(w.home, ".zsh_history"):             "old\n",
		filepath.Join(w.home, ".config/fish/config.fish"): "alias mine='echo from-my-rc'\nset -gx KUBECONFIG /mine\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(w.podlab, []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// start starts a lab shell on a terminal. The PATH holds the tools of the
// system, but neither kubectl nor podlab.
func (w world) start(t *testing.T, sh string, env ...string) *terminal {
	t.Helper()
	bin := filepath.Join(filepath.Dir(w.home), "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"sh", "bash", "zsh", "fish", "grep", "tr", "cat", "basename", "sed", "uname", "mkdir", "rm", "ls", "date"} {
		if path, err := exec.LookPath(tool); err == nil {
			if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
				t.Fatal(err)
			}
		}
	}
	options, err := json.Marshal(shell.Options{
		Name: "mc1", Root: w.root, Kubeconfig: w.kubeconfig, Namespace: "podlab-mc1", Exam: w.exam, Dir: w.dir, Podlab: w.podlab,
		Banner: "Welcome to the lab", Goodbye: "Goodbye from the lab", Extra: []string{"PODLAB_NAME=class"},
	})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append([]string{
		"HOME=" + w.home, "PATH=" + bin, "SHELL=" + sh, "TERM=xterm", "LANG=C.UTF-8", "ENV=" + filepath.Join(w.home, "shinit"),
		"KUBECONFIG=/parent", helperEnv + "=" + string(options),
	}, env...)
	return newTerminal(t, cmd)
}

func TestShell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bash", "zsh", "fish", "dash"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skipf("%s is not installed here", name)
			}
			w := newWorld(t)
			term := w.start(t, path)
			term.expect(`Welcome to the lab`)
			term.expect(`\(mc1\) `)

			term.send(`grep namespace: "$KUBECONFIG" | tr -d " "` + "\n")
			term.expect(`namespace:podlab-mc1`)
			term.send("k get deploy\n")
			term.expect(`stub-kubectl: get deploy`)
			term.send("podlab grade\n")
			term.expect(`stub-podlab: grade`)
			term.send("echo $PODLAB_SHELL-$PODLAB_NAME; pwd\n")
			term.expect(`mc1-class\r?\n.*work it's/mc1`)
			term.send("mine\n")
			term.expect(`from-my-rc`)
			if name != "dash" { // which has no completion
				term.send("k get po\t\n")
				term.expect(`stub-kubectl: get pods`)
			}
			w.checkCopy(t)

			term.send("exit 7\n")
			term.expect(`Goodbye from the lab`)
			if err := term.wait(); err != nil {
				t.Errorf("the exit code of the shell became an error: %v", err)
			}
			if left := w.shells(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			w.checkUntouched(t)
		})
	}
}

// checkCopy looks at the kubeconfig of the shell that runs.
func (w world) checkCopy(t *testing.T) {
	t.Helper()
	shells := w.shells(t)
	if len(shells) != 1 {
		t.Fatalf("directories of shells: %v, want one", shells)
	}
	path := filepath.Join(shells[0], "kubeconfig")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the copy of the kubeconfig has mode %o, want 600", mode)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("another")) {
		t.Error("the copy holds a cluster that is not the current one")
	}
}

// checkUntouched looks at what belongs to the learner and to podlab.
func (w world) checkUntouched(t *testing.T) {
	t.Helper()
	for name, want := range map[string]string{
		w.kubeconfig:                           kubeconfig,
		filepath.Join(w.home, ".bash_history"): "old\n",
		filepath.Join(w.home, ".zsh_history"):  "old\n",
	} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s was changed to:\n%s", name, got)
		}
	}
}

func (w world) shells(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.root, "shell-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestInterruptIsForTheShell(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed here")
	}
	w := newWorld(t)
	term := w.start(t, bash)
	term.expect(`\(mc1\) `)
	term.send("cat\n")
	term.expect(`cat\r\n`)
	term.send("\x03") // ends cat, not the lab shell
	term.expect(`\^C`)
	term.send("echo still-$PODLAB_SHELL\n")
	term.expect(`still-mc1`)
	term.send("\x04") // Ctrl-D
	term.expect(`Goodbye from the lab`)
	if err := term.wait(); err != nil {
		t.Error(err)
	}
}

func TestKilledShellIsSweptAway(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed here")
	}
	w := newWorld(t)
	first := w.start(t, bash)
	first.expect(`\(mc1\) `)
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.wait()
	if len(w.shells(t)) != 1 {
		t.Fatalf("a killed process leaves its directory, but there are: %v", w.shells(t))
	}
	abandoned := w.shells(t)[0]

	again := newWorld(t)
	again.root = w.root
	second := again.start(t, bash)
	second.expect(`\(mc1\) `)
	if _, err := os.Stat(abandoned); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory of a dead shell is still there: %v", err)
	}
	third := newWorld(t)
	third.root = w.root
	other := third.start(t, bash)
	other.expect(`\(mc1\) `)
	if got := len(w.shells(t)); got != 2 {
		t.Errorf("two shells live, but there are %d directories", got)
	}
	for _, term := range []*terminal{second, other} {
		term.send("exit\n")
		if err := term.wait(); err != nil {
			t.Error(err)
		}
	}
}

func TestNested(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "shells")
	err := shell.Run(shell.Options{Root: root, Environ: []string{shell.Guard + "=mc1"}})
	if !errors.Is(err, shell.ErrNested) {
		t.Errorf("got %v, want ErrNested", err)
	}
	if _, err := os.Stat(root); !errors.Is(err, os.ErrNotExist) {
		t.Error("a refused shell made its directory")
	}
}

// terminal is a process on a pseudo-terminal.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan struct{} // the process has closed the terminal

	mu   sync.Mutex
	seen []byte // output that no expect has passed yet
}

func newTerminal(t *testing.T, cmd *exec.Cmd) *terminal {
	t.Helper()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, tty: tty, done: make(chan struct{})}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
	})
	go func() {
		defer close(term.done)
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			term.mu.Lock()
			term.seen = append(term.seen, buf[:n]...)
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return term
}

func (term *terminal) send(s string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(s); err != nil {
		term.t.Fatal(err)
	}
}

// expect waits until the output, without the colours of prompts, matches.
func (term *terminal) expect(pattern string) {
	term.t.Helper()
	want := regexp.MustCompile(`(?s)` + pattern)
	escapes := regexp.MustCompile(`\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[=>()][A-Z0-9]?)`)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		term.mu.Lock()
		plain := escapes.ReplaceAll(slices.Clone(term.seen), nil)
		at := want.FindIndex(plain)
		if at != nil {
			term.seen = slices.Clone(plain[at[1]:])
		}
		term.mu.Unlock()
		if at != nil {
			return
		}
	}
	term.mu.Lock()
	defer term.mu.Unlock()
	term.t.Fatalf("did not see %s in:\n%s", pattern, strings.ReplaceAll(string(term.seen), "\x1b", "\\e"))
}

func (term *terminal) wait() error {
	term.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- term.cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		term.t.Fatal("the shell did not end")
		return nil
	}
}
