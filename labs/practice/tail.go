package practice

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"

	"podlab/grader/printable"
)

// maxTail bounds how many bytes of a log Tail reads: a line has no end that
// one could rely on.
const maxTail = 64 << 10

// Tail returns the last lines of the log of a container of a Pod in the lab's
// namespace, of its previous run if asked for, without control sequences. An
// empty log is "".
func (p *Practice) Tail(ctx context.Context, id, pod, container string, previous bool, lines int) (string, error) {
	last, bytes := int64(lines), int64(maxTail)
	stream, err := p.o.Client.Typed.CoreV1().Pods(p.Namespace(id)).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: previous, TailLines: &last, LimitBytes: &bytes,
	}).Stream(ctx)
	if err != nil {
		return "", fmt.Errorf("read the log of container %s of Pod %s: %w", container, pod, err)
	}
	defer func() { _ = stream.Close() }()
	data, err := io.ReadAll(io.LimitReader(stream, maxTail))
	if err != nil {
		return "", fmt.Errorf("read the log of container %s of Pod %s: %w", container, pod, err)
	}
	return printable.Text(string(data)), nil
}
