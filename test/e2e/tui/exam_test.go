package tui_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"podlab/content"
	"podlab/labs/exam"
	"podlab/tui/texts"
)

// TestExam sits two exams of one task: one until the clock ends it while its
// candidate watches, one until it is submitted.
func TestExam(t *testing.T) {
	bin := podlab(t)
	inLanguages(t, func(t *testing.T, lang content.Lang) { sitExams(t, bin, lang) })
}

func sitExams(t *testing.T, bin string, lang content.Lang) {
	t.Helper()
	say, err := texts.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	blueprints, err := exam.Blueprints(content.Exams())
	if err != nil {
		t.Fatal(err)
	}
	_, length, _ := strings.Cut(texts.Fill(say.Exam.Sitting.Left, "minutes", "10"), "{time}")
	title := exam.TitleOf(blueprints, "ipc", lang)
	cluster, env := existing(t)
	env = append(env, "PODLAB_LANG="+string(lang))
	store := exam.StoreBelow(filepath.Join(stateOf(t, env), "exams"), nil)
	t.Cleanup(func() {
		cmd := exec.Command(bin, "--name", cluster, "exam", "abort", "--yes")
		cmd.Env = append(os.Environ(), env...)
		_ = cmd.Run() // there is none to abort where all went well
		cmd = exec.Command(bin, "--name", cluster, "exam", "clean")
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("podlab exam clean: %v\n%s", err, out)
		}
	})

	term := open(t, env, bin, "--name", cluster)
	term.await(say.Catalog.Title)
	begin := func() *exam.State {
		t.Helper()
		term.keys("E")
		term.await(say.Exam.Start.Title, title)
		chosen := regexp.MustCompile("▸ " + regexp.QuoteMeta(title))
		for range len(blueprints) {
			if chosen.MatchString(term.screen()) {
				break
			}
			term.keys("Down")
			time.Sleep(100 * time.Millisecond) // for the frame that answers the key
		}
		term.keys("Enter")
		term.await(say.Exam.Start.AskTitle, firstWords(title))
		term.keys("y")
		term.await("["+say.Exam.Sitting.Tasks+"]", "○", length)
		state, err := store.Load()
		if err != nil {
			t.Fatal(err)
		}
		return state
	}

	state := begin()
	term.keys("Enter")
	term.await(state.Tasks[0].Namespace)
	term.keys("s")
	term.awaitPrompt()
	term.line("kubectl auth whoami -o jsonpath='who={.status.userInfo.username}'")
	term.await("who=system:serviceaccount:podlab-exam:candidate")
	term.line("kubectl get namespace default || echo kept out")
	term.await("kept out")
	term.line("exit")
	term.await(state.Tasks[0].Namespace, say.Exam.Sitting.Weight)
	term.keys("f")
	term.await(texts.Fill(say.Exam.Sitting.Flags, "n", "1"))
	term.keys("Tab")
	term.await("["+say.Exam.Sitting.Tasks+"]", "… ⚑")

	// Of the ten minutes, three seconds are left.
	if _, err := store.Update(func(s *exam.State) error {
		s.EndsAt = time.Now().Add(3 * time.Second)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	term.await("["+say.Exam.Result.Title+"]", say.Exam.Result.Failed, say.Exam.Result.ByClock, "⚑")
	term.keys("Escape")
	term.await(say.Catalog.Title)
	time.Sleep(time.Second) // Escape and a key at once would be Alt and that key

	state = begin()
	term.keys("x")
	term.await("✓")
	term.keys("u")
	term.await(say.Exam.Sitting.SubmitTitle)
	term.keys("y")
	term.await("["+say.Exam.Result.Title+"]", say.Exam.Result.ByYou)
	term.keys("Tab")
	term.await("[" + say.Exam.Result.Missed)
	time.Sleep(100 * time.Millisecond)
	term.keys("Escape")
	term.await(say.Catalog.Title)
	if graded, err := store.Load(); err != nil || graded.Phase != exam.Graded || graded.ID != state.ID {
		t.Errorf("the exam is %+v, error %v", graded, err)
	}
}

// stateOf returns podlab's state directory of an environment.
func stateOf(t *testing.T, env []string) string {
	t.Helper()
	for _, e := range env {
		if dir, ok := strings.CutPrefix(e, "PODLAB_STATE="); ok {
			return dir
		}
	}
	t.Fatal("the environment names no state directory")
	return ""
}
