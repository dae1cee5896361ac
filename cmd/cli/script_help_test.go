package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"podlab/grader"
	"podlab/labs/evidence"
)

// cutPath splits the first directory off a PATH.
func cutPath(path string) (first, rest string, found bool) {
	return strings.Cut(path, string(os.PathListSeparator))
}

// exitCode runs a command and compares its exit code with the first argument.
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

// emptyEvidence writes a file of evidence as an exam that nobody worked on
// would leave it.
func emptyEvidence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: evidence FILE LAB…")
	}
	file := &evidence.File{Version: evidence.FormatVersion}
	for _, lab := range args[1:] {
		seen := &grader.Evidence{Version: grader.EvidenceVersion, Namespace: "podlab-exam-" + lab, RunsContainers: true}
		for _, r := range []string{"v1/pods", "v1/services", "v1/events", "v1/configmaps", "v1/secrets", "apps/v1/deployments"} {
			seen.Objects = append(seen.Objects, grader.ObjectEvidence{Resource: r})
		}
		file.Gradings = append(file.Gradings, evidence.Grading{Lab: lab, Seen: seen})
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(evidence.Write(f, file))
	ts.Check(f.Close())
}
