package shell_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"podlab/cmd/shell"
)

// gotoEnv is set for a process of this test binary that is to be "podlab exam
// goto 8"; it holds the directory to go to.
const gotoEnv = "PODLAB_TEST_GOTO"

func TestExamShell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bash", "zsh", "fish", "dash"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skipf("%s is not installed here", name)
			}
			w := newWorld(t)
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			other := filepath.Join(filepath.Dir(w.dir), "mc2")
			if err := os.MkdirAll(other, 0o755); err != nil {
				t.Fatal(err)
			}
			program := strings.Replace(program, "*) echo", `"exam goto") echo going; `+gotoEnv+`="`+other+`" exec "`+self+`" ;;
"exam fail") exit 7 ;;
*) echo`, 1)
			if err := os.WriteFile(w.podlab, []byte(program), 0o755); err != nil {
				t.Fatal(err)
			}
			w.exam = &shell.Exam{
				ID: "20310405-120000-7", Task: 3, While: w.kubeconfig, Ends: time.Now().Add(14*time.Minute + 30*time.Second), Minutes: 60,
				Prompt: "(task {task}, {minutes}' left) ", Over: "(time's up) ", Left: "Only {minutes} minutes!",
			}
			term := w.start(t, path)
			if name != "dash" { // whose prompt has no hook
				term.expect(`Only 15 minutes!\r?\n`)
			}
			term.expect(`\(task 3, 15' left\) `)
			term.send("echo $PODLAB_EXAM\n")
			term.expect(`20310405-120000-7\r?\n`)
			term.expect(`\(task 3, 15' left\) `)

			term.send("podlab exam goto 8\n")
			term.expect(`going.*\(task 8, 15' left\) `)
			term.send("pwd\n")
			term.expect(`work it's/mc2\r?\n`)
			term.send(`grep namespace: "$KUBECONFIG" | tr -d " "` + "\n")
			term.expect(`namespace:podlab-exam-mc2`)
			term.send("mine; k get deploy\n")
			term.expect(`from-my-rc.*stub-kubectl: get deploy`)
			status := "$?"
			if name == "fish" {
				status = "$status"
			}
			term.send("podlab exam fail; echo code-" + status + "\n")
			term.expect(`code-7`)
			term.send("exit\n")
			term.expect(`Goodbye from the lab`)
			if err := term.wait(); err != nil {
				t.Error(err)
			}
			w.checkUntouched(t)
		})
	}
}

func TestExamShellAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bash", "zsh", "fish", "dash"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skipf("%s is not installed here", name)
			}
			w := newWorld(t)
			running := filepath.Join(filepath.Dir(w.home), "running")
			if err := os.WriteFile(running, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			w.exam = &shell.Exam{Ends: time.Now().Add(time.Hour), While: running, Minutes: 90, Prompt: "(yes) ", Over: "(it's over) "}
			term := w.start(t, path)
			term.expect(`\(yes\) `)
			if err := os.Remove(running); err != nil { // submitted, elsewhere
				t.Fatal(err)
			}
			term.send("\n")
			term.expect(`\(it's over\) `)
			term.send("exit\n")
			if err := term.wait(); err != nil {
				t.Error(err)
			}

			w = newWorld(t)
			w.exam = &shell.Exam{Ends: time.Now().Add(-time.Second), While: w.kubeconfig, Prompt: "(yes) ", Over: "(it's over) "}
			term = w.start(t, path)
			term.expect(`\(it's over\) `)
			term.send("exit\n")
			if err := term.wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGotoOutsideOfAShell(t *testing.T) {
	t.Parallel()
	if err := shell.Goto(t.TempDir(), 1, "a", "/"); !errors.Is(err, shell.ErrNoShell) {
		t.Errorf("error %v", err)
	}
}

// runGoto is "podlab exam goto 8".
func runGoto(dir string) int {
	if err := shell.Goto(os.Getenv(shell.DirVar), 8, "podlab-exam-mc2", dir); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}
