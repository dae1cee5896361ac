package grader

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// EventTime returns when an event last happened, whichever of its fields the
// reporter filled.
func EventTime(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil && !e.Series.LastObservedTime.IsZero():
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	}
	return e.CreationTimestamp.Time
}

// eventValue is an event as expressions see it.
func eventValue(e *corev1.Event) map[string]any {
	first := e.FirstTimestamp.Time
	if first.IsZero() {
		first = EventTime(e)
	}
	count := int64(max(e.Count, 1))
	if e.Series != nil {
		count = int64(e.Series.Count)
	}
	return map[string]any{
		"type":    e.Type,
		"reason":  e.Reason,
		"message": e.Message,
		"count":   count,
		"first":   first.UTC().Format(time.RFC3339),
		"last":    EventTime(e).UTC().Format(time.RFC3339),
	}
}
