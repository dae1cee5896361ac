package tui

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/teatest"
	"github.com/creack/pty"

	tea "github.com/charmbracelet/bubbletea"

	"podlab/cluster"
	"podlab/grader"
)

// The same program as Run's, with bubbletea's own loop and renderer: from the
// first start through the shell, in which the learner solves the lab, to the
// report.
func TestProgram(t *testing.T) {
	w := newWorld()
	w.options.LangExplicit = false
	w.cluster.state = cluster.Absent
	w.cluster.create = func(_ context.Context, listen cluster.Listener) error {
		listen(cluster.Progress{Step: cluster.StepNode, State: cluster.Done})
		return nil
	}
	inShell := filepath.Join(t.TempDir(), "in-shell")
	w.options.Shell = func(lab string) (*exec.Cmd, error) {
		// While the shell has the terminal, the watch goes on.
		w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed))
		return exec.Command("touch", inShell), nil
	}
	w.practice.graded = verdicts(grader.Passed, grader.Passed, grader.Passed, grader.Passed)

	d := start(t, w, 80, 24) // only to make the model
	tm := teatest.NewTestModel(t, freshModel(t, d), teatest.WithInitialTermSize(80, 24))
	shows := func(text string) {
		t.Helper()
		teatest.WaitFor(t, tm.Output(), func(out []byte) bool { return bytes.Contains(out, []byte(text)) },
			teatest.WithDuration(patience))
	}
	shows("Which language")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	shows("There is no cluster yet")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	shows("50 %")
	tm.Send(tea.KeyMsg{Type: tea.KeyEnter})
	shows("12:34")
	for deadline := time.Now().Add(patience); w.practice.watches() == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	w.practice.sees(0, verdicts(grader.Passed, grader.Passed, grader.Failed, grader.Passed))
	shows("✓✓✗✓")
	tm.Type("s")
	shows("✓✓✓✓")
	if _, err := os.Stat(inShell); err != nil {
		t.Errorf("the shell did not run: %v", err)
	}
	tm.Type("g")
	shows("Full marks")
	tm.Type("q")
	tm.WaitFinished(t, teatest.WithFinalTimeout(patience))
}

// freshModel makes another model like the driver's, which nobody drives yet.
func freshModel(t *testing.T, d *driver) *model {
	t.Helper()
	m := newModel(d.m.options, d.m.env, d.m.ui, d.m.look, d.m.settings)
	m.speech = testSpeech
	return m
}

// Run on a terminal: the first frame comes without the cluster's answer, and
// Ctrl-C ends it.
func TestRunOnTerminal(t *testing.T) {
	master, terminal, screen := openTerminal(t)
	w := newWorld()
	answer := make(chan struct{})
	w.options.Cluster = silentCluster{w.cluster, answer}
	w.options.Input, w.options.Output = terminal, terminal
	ended := make(chan error, 1)
	go func() { ended <- Run(context.Background(), w.options) }()

	waitFor(t, "the first frame", func() bool { return screen.contains("Looking for your cluster") })
	close(answer)
	waitFor(t, "the list of labs", func() bool { return screen.contains("The growing page") })
	if _, err := master.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(patience):
		t.Error("Run did not end")
	}
}

// When the context ends, a creation is cancelled, and Run returns after it
// has cleaned up.
func TestRunEndsWithContext(t *testing.T) {
	w := newWorld()
	w.cluster.state = cluster.Absent
	cleaned := false
	begun := make(chan struct{})
	w.cluster.create = func(ctx context.Context, _ cluster.Listener) error {
		close(begun)
		<-ctx.Done()
		cleaned = true
		return ctx.Err()
	}
	keys, terminal, screen := openTerminal(t)
	w.options.Input, w.options.Output = terminal, terminal
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, w.options) }()
	waitFor(t, "the offer", func() bool { return screen.contains("Press Enter to create") })
	if _, err := keys.WriteString("\r"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the creation", func() bool {
		select {
		case <-begun:
			return true
		default:
			return false
		}
	})
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Run did not end")
	}
	if !cleaned {
		t.Error("Run ended before the creation did")
	}
}

// openTerminal makes a terminal of 80x24 cells: its user's side, the program's,
// and what was shown on it.
func openTerminal(t *testing.T) (user, program *os.File, screen *safeBuffer) {
	t.Helper()
	user, program, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal here: %v", err)
	}
	t.Cleanup(func() { _, _ = program.Close(), user.Close() })
	if err := pty.Setsize(program, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	screen = &safeBuffer{}
	go func() { _, _ = io.Copy(screen, user) }()
	return user, program, screen
}

// silentCluster answers only when it is told to.
type silentCluster struct {
	*fakeCluster
	answer chan struct{}
}

func (s silentCluster) Status(ctx context.Context) (cluster.Status, error) {
	<-s.answer
	return s.fakeCluster.Status(ctx)
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) contains(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.buf.Bytes(), []byte(text))
}
