package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/grader/printable"
)

// Logs reads or follows a log.
//
// A log that is read once is cut after MaxOutput. Of a log that is followed,
// the first and the last half of MaxOutput are kept, in whole lines: Until can
// see both how the container started and what it has just said, however long
// the log is. Until is called with what is kept, whenever more has arrived,
// and a last time when the log or the time ends.
func (c *Client) Logs(ctx context.Context, r LogsRequest) LogsResult {
	target := fmt.Sprintf("log of container %s of Pod %s/%s", r.Container, r.Namespace, r.Pod)
	if c == nil || c.Typed == nil {
		return LogsResult{Fault: fmt.Errorf("read the %s: %w", target, errNoTyped)}
	}
	ctx, cancel := withTimeout(ctx, orDefault(r.Timeout))
	defer cancel()
	var reached sent
	stream, err := c.Typed.CoreV1().Pods(r.Namespace).GetLogs(r.Pod, logOptions(r)).Stream(reached.watch(ctx))
	if err != nil {
		// The API server answers with the first bytes of a log: a container
		// that is silent keeps a follower waiting right here.
		if reached.done.Load() && timedOut(ctx) && r.Until != nil {
			return LogsResult{OK: true, Met: r.Until("")}
		}
		if status, ok := statusOf(err); ok && learnersFault(status) {
			return LogsResult{Error: status.Message}
		}
		return LogsResult{Fault: fmt.Errorf("read the %s: %w", target, err)}
	}
	defer func() { _ = stream.Close() }()

	var result LogsResult
	if r.Until == nil {
		result = readLog(stream)
	} else {
		result = followLog(ctx, stream, r.Until)
	}
	if ctx.Err() != nil && !timedOut(ctx) && !(r.Until != nil && result.Met) {
		return LogsResult{Fault: fmt.Errorf("read the %s: %w", target, context.Cause(ctx))}
	}
	if result.Output == "" && !r.Previous {
		// The API server gives an unscheduled Pod's log as an empty one.
		if text := c.unscheduled(ctx, r); text != "" {
			return LogsResult{Error: text}
		}
	}
	return result
}

func logOptions(r LogsRequest) *corev1.PodLogOptions {
	options := &corev1.PodLogOptions{Container: r.Container, Previous: r.Previous, Follow: r.Until != nil}
	if r.Until == nil {
		limit := int64(MaxOutput + 1)
		options.LimitBytes = &limit
	}
	return options
}

// readLog reads a log that is not followed.
func readLog(stream io.Reader) LogsResult {
	data, truncated, err := readBounded(stream, MaxOutput)
	result := LogsResult{OK: true, Met: true, Output: printable.Text(string(data)), Truncated: truncated}
	if err != nil {
		result.OK, result.Met, result.Error = false, false, "the log broke off: "+err.Error()
	}
	return result
}

// followLog reads until the log satisfies until, ends, or ctx does.
func followLog(ctx context.Context, stream io.ReadCloser, until func(string) bool) LogsResult {
	chunks, _ := inChunks(ctx, stream)
	var kept headAndTail
	result := LogsResult{OK: true}
	look := func() {
		result.Output, result.Truncated = kept.text()
		result.Met = until(result.Output)
	}
	for {
		select {
		case chunk, more := <-chunks:
			if !more {
				look()
				return result
			}
			kept.add(chunk)
			// Judge what has arrived by now at once: a talkative container
			// must not cost one evaluation per line.
			for more := true; more; {
				select {
				case chunk, ok := <-chunks:
					if more = ok; ok {
						kept.add(chunk)
					}
				default:
					more = false
				}
			}
			if look(); result.Met {
				return result
			}
		case <-ctx.Done():
			look()
			return result
		}
	}
}

// inChunks reads stream in the background until it ends or ctx does. Once chunks
// is closed, broken says why, nil for the end of the stream.
func inChunks(ctx context.Context, stream io.Reader) (chunks <-chan []byte, broken func() error) {
	read := make(chan []byte)
	var why error // set before read is closed
	go func() {
		defer close(read)
		for {
			buf := make([]byte, 32<<10)
			n, err := stream.Read(buf)
			if n > 0 {
				select {
				case read <- buf[:n]:
				case <-ctx.Done():
					why = context.Cause(ctx)
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					why = err
				}
				return
			}
		}
	}()
	return read, func() error { return why }
}

// headAndTail keeps the beginning and the end of a log, in whole lines where
// something between them is left out.
type headAndTail struct {
	head, tail []byte
	dropped    bool
}

func (h *headAndTail) add(chunk []byte) {
	const half = MaxOutput / 2
	if room := half - len(h.head); room > 0 {
		n := min(room, len(chunk))
		h.head = append(h.head, chunk[:n]...)
		chunk = chunk[n:]
	}
	h.tail = append(h.tail, chunk...)
	// Cut in steps of a whole half, so that the copying stays linear.
	if len(h.tail) > 2*half {
		h.tail = append(h.tail[:0], h.tail[len(h.tail)-half:]...)
		h.dropped = true
	}
}

func (h *headAndTail) text() (text string, truncated bool) {
	const half = MaxOutput / 2
	head, tail, truncated := h.head, h.tail, h.dropped
	if len(tail) > half {
		tail, truncated = tail[len(tail)-half:], true
	}
	if truncated {
		if i := bytes.LastIndexByte(head, '\n'); i >= 0 {
			head = head[:i+1]
		}
		if i := bytes.IndexByte(tail, '\n'); i >= 0 {
			tail = tail[i+1:]
		}
	}
	return printable.Text(string(head) + string(tail)), truncated
}

// unscheduled says in the API server's words that a Pod has no node, where it
// has none.
func (c *Client) unscheduled(ctx context.Context, r LogsRequest) string {
	// A follower's time is up by now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultTimeout)
	defer cancel()
	pod, err := c.Typed.CoreV1().Pods(r.Namespace).Get(ctx, r.Pod, metav1.GetOptions{})
	if err != nil || pod.Spec.NodeName != "" {
		return ""
	}
	return fmt.Sprintf("pod %s does not have a host assigned", r.Pod)
}
