package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"

	"podlab/cluster"
	"podlab/content"
	"podlab/grader/printable"
	"podlab/labs"
	"podlab/labs/practice"
)

// The exit codes, as docs/cli.md promises them.
const (
	exitDone    = 0
	exitNotFull = 1 // graded, and not full marks
	exitUsage   = 2 // wrong arguments
	exitTrouble = 3 // the cluster, the grader or podlab is at fault
)

// What is shown of an engine's own words at most.
const (
	maxOutputLines = 60
	maxOutputRunes = 400
)

// wrongCalls are the keys of cluster errors that are mistakes in how podlab was
// called.
var wrongCalls = []string{
	"unknown-provider", "bad-name", "context-without-existing", "existing-no-context", "existing-unknown-context",
}

// usageError is a mistake in how podlab was called.
type usageError struct {
	err error
	// usage is the usage line of the command, if there is one to show.
	usage string
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// exitError ends podlab with a code after everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// fail prints err, once, and returns the exit code for it.
func (a *App) fail(err error) int {
	var exit exitError
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage):
		a.complain(a.problem(usage.err))
		if usage.usage != "" {
			a.note(a.say.Help.Usage.with("usage", usage.usage))
		}
		return exitUsage
	}
	var trouble *cluster.Error
	if errors.As(err, &trouble) {
		a.complainCluster(trouble)
		if slices.Contains(wrongCalls, trouble.Problem.Key) {
			return exitUsage
		}
		return exitTrouble
	}
	a.complain(a.problem(err))
	if unreachable(err) {
		a.note(a.silent())
	}
	return exitTrouble
}

// silent says what to do about a cluster that does not answer.
func (a *App) silent() string {
	status := a.command("status")
	if p, err := a.provider(); err != nil || !p.Capabilities().Foreign {
		return a.say.Errors.Unreachable.with("status", status, "up", a.command("up"))
	}
	return a.say.Errors.ExistingSilent.with("status", status) + "\n" + a.clusterText("doctor.existing.broken.remedy")
}

// clusterText is a text of package cluster in the learner's language.
func (a *App) clusterText(key string) string {
	catalog, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		return err.Error()
	}
	return catalog.Render(content.Say(key))
}

// problem says what a learner can meet in the learner's language, and every
// other error as it is.
func (a *App) problem(err error) string {
	var (
		noLab      *labs.UnknownError
		noLang     *content.UnknownLangError
		notStarted *practice.NotStartedError
		foreign    *practice.ForeignError
		refused    *practice.CannotStartError
	)
	switch {
	case errors.As(err, &noLab):
		return a.noLab(noLab)
	case errors.As(err, &noLang):
		return a.say.Errors.NoLang.with("source", noLang.Source, "lang", noLang.Lang, "langs", langs())
	case errors.Is(err, errNoPlace):
		return a.say.Errors.NoPlace.with()
	case errors.As(err, &notStarted):
		return a.notStarted(notStarted.Lab).Error()
	case errors.As(err, &refused):
		return a.say.Errors.CannotStart[string(refused.Refused)].with("lab", refused.Lab, "reason", refused.Reason)
	case errors.As(err, &foreign) && foreign.Podlab:
		return a.say.Errors.ForeignPodlab.with("namespace", foreign.Namespace)
	case errors.As(err, &foreign):
		return a.say.Errors.Foreign.with("namespace", foreign.Namespace,
			"delete", a.command("kubectl delete namespace "+foreign.Namespace))
	}
	if message := a.examProblem(err); message != "" {
		return message
	}
	return err.Error()
}

// complain prints a message to stderr behind podlab's name, further lines
// indented.
func (a *App) complain(message string) {
	printLines(a.Stderr, "podlab: ", printable.Text(strings.TrimSpace(message)))
}

// note prints a line to stderr that belongs to what was said before.
func (a *App) note(message string) {
	printLines(a.Stderr, "        ", message)
}

func (a *App) complainCluster(e *cluster.Error) {
	catalog, err := content.LoadCatalog("cluster", a.lang)
	if err != nil {
		a.complain(e.Error())
		return
	}
	problem, remedy := e.Say(catalog)
	a.complain(problem)
	if remedy != "" {
		a.note(remedy)
	}
	if output := strings.TrimSpace(e.Output); output != "" {
		text, more := printable.Lines(output, maxOutputLines, maxOutputRunes)
		a.note(a.say.Errors.EngineSaid.with())
		printLines(a.Stderr, "          ", text)
		if more > 0 {
			a.note(fmt.Sprintf("  … +%d", more))
		}
	}
}

// printLines prints text with prefix before the first line and as many blanks
// before the others. A terminal that is gone is no one to tell about it.
func printLines(w io.Writer, prefix, text string) {
	for line := range strings.Lines(text) {
		_, _ = fmt.Fprintf(w, "%s%s\n", prefix, strings.TrimRight(line, "\n"))
		prefix = strings.Repeat(" ", len(prefix))
	}
}

// unreachable reports whether err means that nobody listens where the
// kubeconfig points.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// remark prints a line to stderr that is no complaint: what a script that
// reads stdout must not get.
func (a *App) remark(message string) { printLines(a.Stderr, "", message) }

// notStarted is the error of work on a lab that was not started.
func (a *App) notStarted(id string) error {
	return errors.New(a.say.Errors.NotStarted.with("lab", id, "start", a.command("start "+id)))
}

// noLab says that there is no such lab, and which one may have been meant.
func (a *App) noLab(e *labs.UnknownError) string {
	say := a.say.Errors
	switch {
	case e.Empty:
		return say.NoLabs.with("lab", e.Lab)
	case len(e.Near) > 0:
		return say.SimilarLab.with("lab", e.Lab, "labs", strings.Join(e.Near, ", "))
	}
	return say.NoLab.with("lab", e.Lab, "list", a.command("list"))
}

// langs lists the languages that podlab speaks.
func langs() string {
	var all []string
	for _, l := range content.Langs() {
		all = append(all, string(l))
	}
	return strings.Join(all, ", ")
}

// cannotRead says that the file at path, which the learner named, could not be
// read because of err.
func (a *App) cannotRead(path string, err error) error {
	return a.file(a.say.Errors.CannotRead, path, err)
}

// cannotWrite is cannotRead for a file that was to be written.
func (a *App) cannotWrite(path string, err error) error {
	return a.file(a.say.Errors.CannotWrite, path, err)
}

func (a *App) file(message phrase, path string, err error) error {
	return errors.New(message.with("file", path, "error", a.reason(err)))
}

// reason says in the learner's language why the system refused a file, without
// the operation and the path that its errors repeat.
func (a *App) reason(err error) string {
	for _, known := range []struct {
		err error
		key string
	}{
		{fs.ErrNotExist, "not-exist"}, {fs.ErrPermission, "permission"}, {syscall.EISDIR, "directory"},
		{syscall.ENOTDIR, "no-directory"}, {syscall.ENOSPC, "full"},
	} {
		if errors.Is(err, known.err) {
			return a.say.Errors.Reasons[known.key].with()
		}
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
