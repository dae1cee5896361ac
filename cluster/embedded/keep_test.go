package embedded

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"podlab/cluster"
)

// stand is the variable that makes the test a podlab-kube. Its value names a file
// that says how far it gets: the last phase.
const stand = "PODLAB_TEST_KUBE"

func TestMain(m *testing.M) {
	if file := os.Getenv(stand); file != "" {
		os.Exit(standIn(file, os.Args[2]))
	}
	os.Exit(m.Run())
}

// standIn does with its data and its state what podlab-kube does.
func standIn(file, data string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	last, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "no space left on device")
		return 1
	}
	lock := flock.New(filepath.Join(data, "lock"))
	if held, err := lock.TryLockContext(ctx, time.Millisecond); err != nil || !held {
		return 3
	}
	state := func(phase string, pid int) {
		if err := os.WriteFile(filepath.Join(data, "state.json"), fmt.Appendf(nil, `{"phase":%q,"pid":%d}`, phase, pid), 0o600); err != nil {
			panic(err)
		}
	}
	state(string(last), os.Getpid())
	<-ctx.Done()
	state("stopped", 0)
	return 0
}

// A start that fails, or does not become ready, is tried again until the process
// runs. A cluster that is deleted is not kept.
func TestKeepTriesAgain(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "phase")
	t.Setenv(stand, file)
	for name, phase := range map[string]string{"fails": "", "hangs": "api-server"} {
		t.Run(name, func(t *testing.T) {
			set := func(phase string) {
				t.Helper()
				if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
				if phase == "" {
					return
				}
				if err := os.WriteFile(file, []byte(phase), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p := newProvider(t, map[string]string{"PODLAB_KUBE": self})
			t.Cleanup(func() { _ = p.Delete(context.Background()) })
			set("ready")
			if err := p.Create(t.Context(), cluster.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			p.startTimeout = time.Second
			trouble, ended := make(chan error, 10), make(chan error, 1)
			go func() { ended <- p.Keep(t.Context(), func(err error) { trouble <- err }) }()
			before, err := p.state()
			if err != nil {
				t.Fatal(err)
			}
			set(phase)
			if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-trouble:
				t.Log(err)
			case err := <-ended:
				t.Fatalf("Keep ends: %v", err)
			}
			set("ready")
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
				if s, err := p.state(); err == nil && s.Phase == phaseReady && s.PID != before.PID {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("it does not come back")
				}
			}
			if err := p.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err != nil {
				t.Errorf("Keep of a cluster that was deleted: %v", err)
			}
		})
	}
}
