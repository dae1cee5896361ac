package tui_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"podlab/content"
	"podlab/labs"
)

// words are what a new user reads on the way, in one language.
type words struct {
	welcome, create, catalog, failed, full string
}

var spoken = map[content.Lang]words{
	content.English: {"Welcome", "Press Enter to create", "Labs", "failed", "passed"},
}

// The first start of a new user, from the choice of the language to the
// report: the cluster is created, mc3 is solved with a mistake in proxy_pass,
// seen failing for that reason, corrected, and earns full marks.
func TestFirstStart(t *testing.T) {
	bin := podlab(t)
	const name = "podlab-e2e-tui"
	home := t.TempDir()
	env := []string{
		"HOME=" + home, "PODLAB_STATE=" + filepath.Join(home, "state"),
		"PODLAB_BUNDLE=" + os.Getenv("PODLAB_BUNDLE"),
		"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "PODLAB_LANG=", "KUBECONFIG=", "SHELL=/bin/bash", "PODLAB_SHELL=",
	}
	t.Cleanup(func() {
		down := exec.Command(bin, "--name", name, "down", "--yes")
		down.Env = append(os.Environ(), env...)
		if out, err := down.CombinedOutput(); err != nil {
			t.Errorf("podlab down: %v\n%s", err, out)
		}
	})
	wrong, right := answers(t)
	say := spoken[content.English]

	term := open(t, env, bin, "--name", name)
	term.await("English", "Deutsch", "简体中文", "한국어")
	term.keys("Enter")
	term.await(say.welcome, say.create)
	term.keys("Enter")
	term.await(say.catalog, "mc1")

	openLab(term, "mc3")

	// In the shell, the learner applies a manifest whose proxy_pass leads
	// nowhere.
	term.keys("s")
	term.await("podlab-mc3")
	term.line("k apply -f " + wrong + " && k wait --for=condition=Ready pod/mc3 --timeout=300s")
	term.await("condition met")
	term.line("exit")
	term.await("✓✓✗✓✓")
	term.keys("Tab", "Down", "Down", "Enter")
	term.await("502 Bad Gateway", say.failed)

	term.keys("s")
	term.await("podlab-mc3")
	term.line("k delete pod mc3 --now && k apply -f " + right + " && k wait --for=condition=Ready pod/mc3 --timeout=300s")
	term.await("condition met")
	term.line("exit")
	term.await("Everything passed")

	term.keys("g")
	term.await("10", say.full)
	term.keys("q")
	term.await("y yes")
	term.keys("y")
	screen := term.await("exit code 0")
	if _, err := os.Stat(filepath.Join(home, ".kube")); !os.IsNotExist(err) {
		t.Errorf("podlab touched the learner's ~/.kube: %v\n%s", err, screen)
	}
}

// openLab searches the list for a lab by its id and opens it.
func openLab(term *terminal, id string) {
	term.t.Helper()
	term.keys("/")
	term.await("Search:")
	term.keys(id)
	term.await("Search: "+id, id+"  ") // below the list
	term.keys("Enter", "Enter")
	term.await("[Task]", id, "✗✗✗")
}

// answers writes mc3's first solution to a file, and the mutant of it whose
// port is wrong to another.
func answers(t *testing.T) (wrong, right string) {
	t.Helper()
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	lab, err := catalog.Lab("mc3")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := lab.Instantiate("podlab-mc3", lab.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right = write("right.yaml", instance.Solutions[0].Manifest.Data)
	for _, m := range instance.Mutants {
		if m.Name == "wrong-port" {
			return write("wrong.yaml", m.Manifest.Data), right
		}
	}
	t.Fatal("mc3 has no mutant wrong-port")
	return "", ""
}
