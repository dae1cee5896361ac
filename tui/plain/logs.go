package plain

import (
	"context"
	"errors"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"podlab/tui/texts"
)

// tailLines is how much of a log is read out: its end says what is wrong now.
const tailLines = 30

// containerLog is a log that can be asked for.
type containerLog struct {
	pod, container string
	previous       bool // of the run before the last restart
}

// tail reads out the end of a log.
func (l *openLab) tail(which string) error {
	if err := l.firstLook(); err != nil {
		return err
	}
	t := l.Texts.Plain
	logs := containerLogs(l.objects.Pods)
	if len(logs) == 0 {
		l.say(t.NoContainers)
		return nil
	}
	if which == "" {
		for i, c := range logs {
			l.fact(itoa(i+1), l.nameOf(c))
		}
	}
	at := 0
	if len(logs) > 1 {
		var err error
		if at, err = l.pick(t.WhichOne, which, len(logs)); err != nil {
			return err
		}
	}
	log := logs[at]
	text := ""
	err := l.work(func(ctx context.Context) (err error) {
		text, err = l.practice.Tail(ctx, l.lab.ID, log.pod, log.container, log.previous, tailLines)
		return err
	})
	if turned := turn(""); errors.As(err, &turned) {
		return err
	}
	switch name := l.nameOf(log); {
	case err != nil:
		l.fail(t.WhileLog, err)
	case text == "":
		l.say(texts.Fill(t.LogEmpty, "log", name))
	default:
		l.say(texts.Fill(t.LogBegins, "log", name, "n", itoa(tailLines)))
		l.verbatim(text)
		l.say(t.LogEnds)
	}
	return nil
}

// containerLogs lists the logs of Pods, in the order in which their containers
// start.
func containerLogs(pods []*corev1.Pod) []containerLog {
	var logs []containerLog
	for _, p := range pods {
		statuses := slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
		for _, c := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
			logs = append(logs, containerLog{pod: p.Name, container: c.Name})
			restarted := slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool {
				return s.Name == c.Name && s.RestartCount > 0
			})
			if restarted {
				logs = append(logs, containerLog{p.Name, c.Name, true})
			}
		}
	}
	return logs
}

func (l *openLab) nameOf(log containerLog) string {
	template := l.Texts.Plain.LogOf
	if log.previous {
		template = l.Texts.Plain.LogBefore
	}
	return texts.Fill(template, "container", log.container, "pod", log.pod)
}
