package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
)

// defaultTimeout applies where a request names none.
const defaultTimeout = 2 * time.Second

// Uses of a Client that NewClient did not make.
var (
	errNoTransport = errors.New("this client has no connection to the API server: make it with probe.NewClient")
	errNoTyped     = errors.New("this client has no typed clientset: make it with probe.NewClient")
)

// learnersFault reports whether an API error is about what the learner built
// (no such Pod, its container is still waiting), and not about podlab's
// access to the cluster or the cluster's health.
func learnersFault(status metav1.Status) bool {
	switch status.Code {
	case http.StatusNotFound, http.StatusConflict, http.StatusGone:
		return true
	case http.StatusBadRequest:
		return true // "container is waiting to start", "does not have a host assigned"
	}
	return false
}

// words returns what the API server said, without client-go's wrapping.
func words(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return err.Error()
}

// statusOf returns the API error in err's chain, if there is one.
func statusOf(err error) (metav1.Status, bool) {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status(), true
	}
	return metav1.Status{}, false
}

// kubeletText returns what the kubelet said, where it is about the Pod (it
// holds one of phrases); anything else is a fault. The API server relays the
// kubelet's refusals without a code that would tell them apart.
func kubeletText(err error, phrases ...string) (text string, fault error) {
	message := words(err)
	for _, phrase := range phrases {
		if strings.Contains(message, phrase) {
			return strings.TrimPrefix(message, "unable to upgrade connection: "), nil
		}
	}
	return "", err
}

// refusals keeps what the API server said when it refused an upgrade to
// WebSocket: SPDY, which is tried next, tells the words of a refusal but not
// that it is one.
type refusals struct{ first error }

// fallBack is shouldFallBack, and notes the error.
func (r *refusals) fallBack(err error) bool {
	r.first = upgradeCause(err)
	return shouldFallBack(err)
}

// of returns the API server's own error where both ways were forbidden, else err.
func (r *refusals) of(err error) error {
	status, ok := statusOf(r.first)
	if err == nil || !ok || status.Code != http.StatusForbidden {
		return err
	}
	message := strings.TrimPrefix(err.Error(), "unable to upgrade connection: ")
	if said := strings.ToLower(message); !strings.Contains(said, "forbidden") && !strings.Contains(said, "denied") {
		return err // the right to "create" was given, and the Pod is the matter
	}
	status.Message = message
	return &apierrors.StatusError{ErrStatus: status}
}

// silent keeps client-go from writing to the terminal about connections that
// podlab closes on purpose. The zero Logger discards.
func silent() klog.Logger { return klog.Logger{} }

// sent notices whether a request has reached the API server, which tells a
// container that is slow to answer from an API server that is not there.
type sent struct{ done atomic.Bool }

// watch returns a context that makes net/http report to s.
func (s *sent) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				s.done.Store(true)
			}
		},
	})
}

// errTimeout is the cause of a context that ended because a probe's own time
// was up, and not because its caller gave up.
var errTimeout = errors.New("the probe's time is up")

// withTimeout bounds a probe.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, errTimeout)
}

// timedOut reports whether a context made by withTimeout ended on its own.
func timedOut(ctx context.Context) bool {
	return ctx.Err() != nil && errors.Is(context.Cause(ctx), errTimeout)
}

// refused reports whether a message of the kubelet, the container runtime or
// the API server's proxy says that nobody listens.
func refused(message string) bool {
	return strings.Contains(message, "connection refused")
}

// orDefault returns d, or the default timeout where d is not positive.
func orDefault(d time.Duration) time.Duration {
	if d <= 0 {
		return defaultTimeout
	}
	return d
}

// noAnswer is what a result says when a deadline passed.
func noAnswer(what string, timeout time.Duration) string {
	return fmt.Sprintf("%s within %s", what, timeout)
}
