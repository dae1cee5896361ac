package shell

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"k8s.io/client-go/tools/clientcmd"
)

// Environment variables of an exam's shell.
const (
	// ExamVar holds the id of the exam.
	ExamVar = "PODLAB_EXAM"
	// DirVar holds the directory of the shell, for Goto.
	DirVar = "PODLAB_EXAM_SHELL"
)

// Names of files in the directory of an exam's shell.
const (
	taskFile = "task" // the number of the task, which the prompt shows
	moveFile = "move" // the directory where the shell goes next
)

// Exam is what makes a shell that of an exam. The texts may hold {task} and
// {minutes}.
type Exam struct {
	// ID of the exam, and the number of the Task that the shell begins with.
	ID   string
	Task int
	// Ends is when the time is up, by the machine's clock. While is a file that
	// goes when the exam ends before that.
	Ends  time.Time
	While string
	// Minutes is the length of the exam: at half of it, and when 15, 5 and 1 are
	// left, the shell prints Left.
	Minutes int
	// Prompt is the mark of the prompt while the exam runs, Over the one
	// afterwards.
	Prompt, Over, Left string
}

// ErrNoShell means that Goto was called outside of an exam's shell.
var ErrNoShell = errors.New("this is no shell of an exam")

// Goto moves the shell whose directory is dir, as DirVar says, to a task: its
// own kubeconfig gets the namespace, and the shell itself goes to workDir.
func Goto(dir string, task int, namespace, workDir string) error {
	path := filepath.Join(dir, "kubeconfig")
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoShell, err)
	}
	current := config.Contexts[config.CurrentContext]
	if current == nil {
		return fmt.Errorf("%w: %s has no current context", ErrNoShell, path)
	}
	current.Namespace = namespace
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("move the exam shell to task %d: %w", task, err)
	}
	for name, text := range map[string]string{taskFile: strconv.Itoa(task), moveFile: workDir} {
		if err := renameio.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600, renameio.WithTempDir(dir)); err != nil {
			return fmt.Errorf("move the exam shell to task %d: %w", task, err)
		}
	}
	return nil
}

// enter writes what the shell begins with into its directory.
func (e *Exam) enter(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, taskFile), []byte(strconv.Itoa(e.Task)+"\n"), 0o600); err != nil {
		return fmt.Errorf("prepare the exam shell: %w", err)
	}
	return nil
}

func (e *Exam) env(dir string) []string { return []string{ExamVar + "=" + e.ID, DirVar + "=" + dir} }

// rc is what the rc files need; nil for nil.
func (e *Exam) rc(dir string) map[string]any {
	if e == nil {
		return nil
	}
	return map[string]any{
		"Task": filepath.Join(dir, taskFile), "Move": filepath.Join(dir, moveFile), "While": e.While,
		"Ends": e.Ends.Unix(), "Few": e.few(),
		"Prompt": words(e.Prompt), "Left": words(e.Left), "Over": e.Over,
	}
}

// few lists the minutes at which the shell says how many are left.
func (e *Exam) few() string {
	var few []string
	for _, minutes := range []int{1, 5, 15, (e.Minutes + 1) / 2} {
		if minutes < e.Minutes {
			few = append(few, strconv.Itoa(minutes))
		}
	}
	return strings.Join(few, " ")
}

// words makes a word of a shell of text, with the variables of the rc files for
// its placeholders.
func words(text string) string {
	const mark = "\x00"
	marked := strings.NewReplacer("{task}", mark+"__podlab_task"+mark, "{minutes}", mark+"__podlab_left"+mark).Replace(text)
	var b strings.Builder
	for i, part := range strings.Split(marked, mark) {
		if i%2 == 0 {
			b.WriteString(quote(part))
		} else {
			b.WriteString(`"$` + part + `"`)
		}
	}
	return b.String()
}
