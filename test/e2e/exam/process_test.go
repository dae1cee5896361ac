package exam

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"podlab/labs"
	"podlab/labs/exam"
)

// desk is a state directory on which processes of the podlab that
// $PODLAB_E2E_BIN names work.
type desk struct {
	t          *testing.T
	bin, state string
}

// newDesk is a desk whose cluster has this kubeconfig; empty for none.
func newDesk(t *testing.T, kubeconfig string) *desk {
	t.Helper()
	bin := os.Getenv("PODLAB_E2E_BIN")
	if bin == "" {
		t.Skip("PODLAB_E2E_BIN names no podlab: run make e2e")
	}
	d := &desk{t: t, bin: bin, state: t.TempDir()}
	if kubeconfig != "" {
		config, err := os.ReadFile(kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(d.state, "clusters", "podlab")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), config, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A proctor writes until its exam is closed.
	t.Cleanup(func() {
		_ = d.command("exam", "abort", "--yes").Run() // there may be none
		_ = d.command("exam", "clean").Run()
		d.endProctor()
	})
	return d
}

// newClusterDesk is a desk on the cluster of the tests.
func newClusterDesk(t *testing.T) *desk {
	t.Helper()
	kubeconfig := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if kubeconfig == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG names no cluster: run make e2e")
	}
	return newDesk(t, kubeconfig)
}

func (d *desk) store() *exam.Store {
	return exam.StoreBelow(filepath.Join(d.state, "exams"), func(aside string) { d.t.Errorf("the state was damaged: %s", aside) })
}

// load is the state as another process reads it.
func (d *desk) load() *exam.State {
	d.t.Helper()
	s, err := d.store().Load()
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// sit makes a desk's exam of all sorts of labs run, without a cluster.
func (d *desk) sit(tasks int) {
	d.t.Helper()
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		d.t.Fatal(err)
	}
	chosen, err := exam.Compose(catalog.Labs(), exam.Blueprint{Tasks: tasks}, 3)
	if err != nil {
		d.t.Fatal(err)
	}
	s := &exam.State{
		Version: exam.StateVersion, ID: "20310405-120000-3", Blueprint: "short", Seed: 3, Lang: "en", Phase: exam.Preparing,
		Place: exam.Place{Cluster: "podlab"}, Minutes: 60,
	}
	for _, t := range chosen {
		s.Tasks = append(s.Tasks, exam.TaskState{Task: t, Namespace: exam.Prefix + t.Lab})
	}
	s.Begin(time.Now())
	if _, err := d.store().Create(s); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) command(args ...string) *exec.Cmd {
	cmd := exec.Command(d.bin, args...)
	cmd.Env = append(os.Environ(), "PODLAB_STATE="+d.state, "PODLAB_LANG=en", "PODLAB_NAME=podlab", "PODLAB_LABS=", "PODLAB_PROVIDER=")
	return cmd
}

// run runs podlab, wants this exit code and returns what it printed.
func (d *desk) run(code int, args ...string) (stdout, stderr string) {
	d.t.Helper()
	var out, complaints bytes.Buffer
	cmd := d.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		d.t.Fatalf("podlab %v ended with %d, want %d\n%s%s", args, got, code, &out, &complaints)
	}
	return out.String(), complaints.String()
}

// decode reads JSON that podlab printed.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// status is what of "podlab exam status -o json" the tests look at.
type status struct {
	Phase       exam.Phase
	SecondsLeft int
	Tasks       []struct{ Flagged, Done bool }
}

func (d *desk) status() status {
	d.t.Helper()
	out, _ := d.run(0, "exam", "status", "-o", "json")
	return decode[status](d.t, out)
}

// killLater starts podlab and kills it after a while; whether it had ended
// with success before that, it has said so.
func (d *desk) killLater(after time.Duration, args ...string) (succeeded bool) {
	d.t.Helper()
	cmd := d.command(args...)
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended
	return cmd.Wait() == nil
}

// proctor is the process id of the proctor, as its log has it; 0 for none.
func (d *desk) proctor() int {
	log, err := os.ReadFile(filepath.Join(d.state, "exams", "current", "proctor.log"))
	if err != nil {
		return 0
	}
	all := regexp.MustCompile(`proctor, process (\d+)`).FindAllSubmatch(log, -1)
	if len(all) == 0 {
		return 0
	}
	pid, err := strconv.Atoi(string(all[len(all)-1][1]))
	if err != nil {
		return 0
	}
	command, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil || !bytes.Contains(command, []byte("proctor")) {
		return 0 // it has ended
	}
	return pid
}

// killProctor kills the proctor, as the end of the machine would.
func (d *desk) killProctor() {
	if pid := d.proctor(); pid > 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// endProctor waits until the proctor is gone.
func (d *desk) endProctor() {
	for deadline := time.Now().Add(5 * time.Minute); d.proctor() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.t.Error("the proctor of a closed exam does not end")
			d.killProctor()
			return
		}
	}
}

// await waits until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within five minutes: %s", what)
		}
	}
}
