// Package cli tries podlab's commands as a script or a classroom would, on the
// cluster that PODLAB_E2E_KUBECONFIG names, with the podlab that
// PODLAB_E2E_BIN names. hack/e2e sets both.
package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScript(t *testing.T) {
	podlab, kubeconfig := os.Getenv("PODLAB_E2E_BIN"), os.Getenv("PODLAB_E2E_KUBECONFIG")
	if podlab == "" || kubeconfig == "" {
		t.Skip("PODLAB_E2E_BIN and PODLAB_E2E_KUBECONFIG name no podlab and no cluster: run make e2e")
	}
	config, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			home, state := filepath.Join(env.WorkDir, "home"), filepath.Join(env.WorkDir, "state")
			for _, dir := range []string{home, filepath.Join(state, "clusters", "podlab")} {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					return err
				}
			}
			env.Setenv("HOME", home)
			env.Setenv("PODLAB_STATE", state)
			env.Setenv("PODLAB_LANG", "en")
			env.Setenv("PATH", filepath.Dir(podlab)+string(os.PathListSeparator)+"/usr/bin:/bin")
			return os.WriteFile(filepath.Join(state, "clusters", "podlab", "kubeconfig"), config, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitCode},
	})
}

// exitCode runs a command, whose exit code must be the first argument.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
