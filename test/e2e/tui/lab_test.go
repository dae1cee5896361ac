package tui_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"podlab/content"
	"podlab/labs"
	"podlab/tui/texts"
)

// TestLab works through a lab on every screen: in English, and in a nightly
// run in all languages.
func TestLab(t *testing.T) {
	bin := podlab(t)
	inLanguages(t, func(t *testing.T, lang content.Lang) { workThroughLab(t, bin, lang) })
}

// workThroughLab solves log-sidecar and looks at it on all screens.
func workThroughLab(t *testing.T, bin string, lang content.Lang) {
	t.Helper()
	const id = "log-sidecar"
	say, err := texts.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	lab := labOf(t, id)
	cluster, env := existing(t)
	env = append(env, "PODLAB_LANG="+string(lang))
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(bin, append([]string{"--name", cluster}, args...)...)
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("podlab %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	t.Cleanup(func() { run("stop", id) })

	term := open(t, env, bin, "--name", cluster)
	term.await(say.Catalog.Title)
	term.keys("/")
	term.await(say.Catalog.Search)
	term.line(id) // typed at once, with Enter
	term.keys("Enter")
	term.await("["+say.Lab.Task+"]", id, "✗✗✗") // set up, and looked at

	// The background of the pattern, and back.
	term.keys("i")
	term.await(say.Concept.Title)
	term.keys("Escape")
	term.await("[" + say.Lab.Task + "]")

	// Before there is a Pod, the drawing and the logs say so.
	term.keys("d")
	term.await(firstWords(say.Picture.Empty))
	term.keys("o")
	term.await(firstWords(say.Logs.NoPods))
	term.keys("Escape")
	term.await("[" + say.Picture.Title + "]")

	// A solution, from the confirmation to full marks.
	term.keys("a")
	term.await(say.Lab.SolutionTitle)
	term.keys("Enter")
	term.await("apiVersion: v1")
	term.keys("v")
	term.await(say.Diff.Pane)
	term.keys("p")
	term.await(say.Lab.ApplyTitle)
	term.keys("y")
	term.await(strings.Repeat("✓", len(lab.Checks)))
	term.await(say.Diff.AllEqual)

	// The Pod is drawn as it is, and its logs can be read.
	term.keys("d")
	term.await("Running", "━")
	term.keys("t")
	term.await("▇")
	term.keys("o")
	term.await("log-app/log-reader")
	term.keys("Tab") // to the second container; the first one prints nothing
	term.await("log-app/log-reader · " + say.Logs.Following)
	term.keys("Tab")
	term.await("Scheduled")
	term.keys("Escape")
	term.await("[" + say.Picture.Title + " ●]")
	term.keys("B")
	term.await("██", say.Common.Passed)
	term.keys("Escape")
	term.await("[" + say.Picture.Title + " ●]")

	if lang == content.English {
		pause(t, term, cluster, say)
	}

	// L switches the language and keeps the place.
	next, err := texts.Load(lang.Next())
	if err != nil {
		t.Fatal(err)
	}
	term.keys("L")
	term.await(next.Lab.Checks)
	for range len(content.Langs()) - 1 {
		term.keys("L")
		time.Sleep(300 * time.Millisecond)
	}
	term.await(say.Lab.Checks)

	term.keys("g")
	term.await(say.Report.Full, say.Report.Title)
	term.keys("q")
	term.await("exit code 0")
}

// pause stops the node for a while: the screen says so, goes on answering to
// keys, and recovers by itself.
func pause(t *testing.T, term *terminal, cluster string, say *texts.Texts) {
	t.Helper()
	node := cluster + "-control-plane"
	docker := func(command string) {
		t.Helper()
		if out, err := exec.Command("docker", command, node).CombinedOutput(); err != nil {
			t.Fatalf("docker %s: %v\n%s", command, err, out)
		}
	}
	if exec.Command("docker", "info").Run() != nil {
		t.Log("docker does not answer: the node is not paused")
		return
	}
	docker("pause")
	paused := true
	defer func() {
		if paused {
			docker("unpause")
		}
	}()
	term.keys("d") // a pane with the checks beside it in the tabs
	for range 4 {  // to the checks, wherever the focus was
		if strings.Contains(term.screen(), "["+say.Lab.Checks) {
			break
		}
		term.keys("Tab")
		time.Sleep(200 * time.Millisecond)
	}
	term.await(firstWords(say.Lab.Trouble))
	term.keys("?")
	term.await(say.Common.KeysAnywhere)
	term.keys("Escape")
	term.awaitGone(say.Common.KeysAnywhere)
	term.keys("i")
	term.await(say.Concept.Title)
	term.keys("Escape")
	term.await("[" + say.Lab.Checks)
	docker("unpause")
	paused = false
	term.awaitGone(firstWords(say.Lab.Trouble))
}

// firstWords is as much of a text as surely stands on one line.
func firstWords(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 14)])
}

// existing returns the cluster of this run, and the environment of a learner
// who uses it.
func existing(t *testing.T) (cluster string, env []string) {
	t.Helper()
	path := os.Getenv("PODLAB_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("PODLAB_E2E_KUBECONFIG names no cluster: run make e2e")
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cluster = strings.TrimPrefix(config.CurrentContext, "kind-")
	home := t.TempDir()
	dir := filepath.Join(home, "state", "clusters", cluster)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := clientcmd.WriteToFile(*config, filepath.Join(dir, "kubeconfig")); err != nil {
		t.Fatal(err)
	}
	return cluster, []string{
		"HOME=" + home, "PODLAB_STATE=" + filepath.Join(home, "state"), "PODLAB_BUNDLE=" + os.Getenv("PODLAB_BUNDLE"),
		"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "KUBECONFIG=", "SHELL=/bin/bash", "PODLAB_SHELL=",
	}
}

func labOf(t *testing.T, id string) *labs.Lab {
	t.Helper()
	catalog, err := labs.Load(labs.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	lab, err := catalog.Lab(id)
	if err != nil {
		t.Fatal(err)
	}
	return lab
}
