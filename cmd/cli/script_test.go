package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"podlab/cmd/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"podlab":  func() { os.Exit(cli.Main("v0.0.0-test")) },
		"kubectl": func() { os.Exit(cli.Main("v0.0.0-test")) },
	})
}

// TestScript runs what works without a cluster, as processes of their own.
// The home of each script is empty, and no container engine is on its PATH.
func TestScript(t *testing.T) {
	t.Parallel()
	registry := serveImages(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			if err := os.MkdirAll(home, 0o755); err != nil {
				return err
			}
			env.Setenv("HOME", home)
			// testscript puts the commands above first on the PATH; engines and
			// a kubectl of this machine come later.
			commands, _, _ := cutPath(env.Getenv("PATH"))
			env.Setenv("PATH", commands+string(os.PathListSeparator)+"/usr/bin:/bin")
			env.Setenv("COMMANDS", commands)
			env.Setenv("PODLAB_LANG", "en")
			labs, err := filepath.Abs(filepath.Join("..", "..", "content", "labs"))
			if err != nil {
				return err
			}
			env.Setenv("LABS", labs)
			result, err := filepath.Abs(filepath.Join("..", "..", "labs", "exam", "report", "testdata", "result.json"))
			if err != nil {
				return err
			}
			env.Setenv("RESULT", result)
			env.Setenv("REGISTRY", registry)
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// absent PATH: nothing must be there.
			"absent": func(ts *testscript.TestScript, neg bool, args []string) {
				for _, name := range args {
					_, err := os.Lstat(ts.MkAbs(name))
					if gone := os.IsNotExist(err); gone == neg {
						ts.Fatalf("%s: exists is %v", name, !gone)
					}
				}
			},
			// code N COMMAND…: the command must end with that exit code.
			"code": exitCode,
			// evidence FILE LAB…: writes the evidence of empty namespaces.
			"evidence": emptyEvidence,
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
