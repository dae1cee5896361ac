package logs

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"podlab/grader"
	"podlab/grader/printable"
	"podlab/tui/components/logview"
	"podlab/tui/layout"
)

// eventHeadWidth has room for the age of an event and its symbol.
const eventHeadWidth = 9

// eventLines says each event on a line, the latest at the end.
func eventLines(events []*corev1.Event) []logview.Line {
	lines := make([]logview.Line, len(events))
	for i, e := range events {
		lines[i] = logview.Line{Time: grader.EventTime(e), Text: eventText(e), Data: e.Type}
	}
	return lines
}

// eventText is type, reason, object, how often, and message.
func eventText(e *corev1.Event) string {
	var b strings.Builder
	b.WriteString(layout.PadRight(printable.Line(e.Type, 20), len(corev1.EventTypeWarning)))
	b.WriteString(" " + printable.Line(e.Reason, 60))
	b.WriteString(" " + printable.Line(object(e.InvolvedObject), 180))
	count := int(e.Count)
	if e.Series != nil {
		count = int(e.Series.Count)
	}
	if count > 1 {
		b.WriteString(" (x" + strconv.Itoa(count) + ")")
	}
	b.WriteString(": " + printable.Line(e.Message, 2000))
	return b.String()
}

// object names what an event is about: Pod/web, or Pod/web/nginx for one of its
// containers, which the messages of the kubelet do not name.
func object(o corev1.ObjectReference) string {
	name := o.Kind + "/" + o.Name
	if _, rest, ok := strings.Cut(o.FieldPath, "{"); ok { // spec.containers{nginx}
		name += "/" + strings.TrimSuffix(rest, "}")
	}
	return name
}

// eventHead is how long ago an event happened, and whether it is a warning,
// which its text says as well.
func (s *Screen) eventHead(l logview.Line) string {
	th := s.ui.Theme
	age := th.Faint.Render(layout.PadLeft(duration.HumanDuration(max(s.env.Now().Sub(l.Time), 0)), eventHeadWidth-3))
	if l.Data == corev1.EventTypeWarning {
		return age + " " + th.Failed.Render(th.Symbols.Errored) + " "
	}
	return age + " " + th.Faint.Render(th.Symbols.Bullet) + " "
}
