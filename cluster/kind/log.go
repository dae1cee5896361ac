package kind

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kind/pkg/exec"
	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/engine"
)

// stepLogger turns the status lines that kind logs (" • Preparing nodes …",
// " ✓ …", " ✗ …") into steps.
type stepLogger struct {
	steps *cluster.Steps
	// began is told of each status that begins, by its step.
	began func(cluster.StepID)
}

// stepOf maps kind's status to a step. Writing the configuration belongs to
// the node; the node image is a step of podlab's own that is over by then.
func stepOf(status string) (cluster.StepID, bool) {
	for _, known := range []struct {
		prefix string
		step   cluster.StepID
	}{
		{"Preparing nodes", cluster.StepNode},
		{"Writing configuration", cluster.StepNode},
		{"Starting control-plane", cluster.StepControl},
		{"Installing CNI", cluster.StepNetwork},
		{"Installing StorageClass", cluster.StepStorage},
	} {
		if strings.HasPrefix(status, known.prefix) {
			return known.step, true
		}
	}
	return "", false
}

func (l stepLogger) line(text string) {
	text = strings.TrimSpace(text)
	mark, status, _ := strings.Cut(text, " ")
	step, known := stepOf(status)
	switch {
	case !known:
	case mark == "•":
		l.steps.Start(step)
		if l.began != nil {
			l.began(step)
		}
	// The node is prepared when its configuration is written, too.
	case mark == "✓" && !strings.HasPrefix(status, "Preparing nodes"):
		l.steps.Done(step)
	case mark == "✗":
		l.steps.Fail(step, "")
	}
}

// note passes on what kind has to say beside its status, such as warnings.
func (l stepLogger) note(text string) { l.steps.Note(cluster.StepNode, strings.TrimSpace(text)) }

func (l stepLogger) Warn(m string)                { l.note(m) }
func (l stepLogger) Warnf(f string, a ...any)     { l.note(fmt.Sprintf(f, a...)) }
func (l stepLogger) Error(m string)               { l.note(m) }
func (l stepLogger) Errorf(f string, a ...any)    { l.note(fmt.Sprintf(f, a...)) }
func (l stepLogger) V(v log.Level) log.InfoLogger { return infoLogger{l, v == 0} }

type infoLogger struct {
	stepLogger
	on bool
}

func (i infoLogger) Info(m string) {
	if i.on {
		i.line(m)
	}
}

func (i infoLogger) Infof(f string, a ...any) {
	if i.on {
		i.line(fmt.Sprintf(f, a...))
	}
}

func (i infoLogger) Enabled() bool { return i.on }

// output returns what a command of kind or of the engine said before it
// failed. kind's errors wrap in their own way, which errors.As does not follow.
func output(err error) string {
	if err == nil {
		return ""
	}
	if run := exec.RunErrorForError(err); run != nil {
		return strings.TrimSpace(string(run.Output))
	}
	var failed *cluster.Error
	if errors.As(err, &failed) && failed.Output != "" {
		return failed.Output
	}
	return engine.Output(err)
}

// reason is an error in one line: the last one of what the command said, if
// it said anything.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if said := cluster.LastLine(output(err)); said != "" {
		return said
	}
	return err.Error()
}
