package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"
	"k8s.io/klog/v2"
)

// execTimeout applies where an ExecRequest names none: a busy machine takes
// seconds to start a process.
const execTimeout = 8 * time.Second

// Exec runs a command without a shell, stdin or terminal. Output beyond
// MaxOutput is read and thrown away, so that the command can end.
//
// When Timeout passes the connection is closed, which is all that Kubernetes
// offers: it cannot signal the command, and containerd lets it live until its
// container ends. Probes should run commands that end by themselves.
func (c *Client) Exec(ctx context.Context, r ExecRequest) ExecResult {
	target := fmt.Sprintf("container %s of Pod %s/%s", r.Container, r.Namespace, r.Pod)
	var refused refusals
	executor, err := c.executor(r, &refused)
	if err != nil {
		return ExecResult{Fault: fmt.Errorf("run %q in %s: %w", r.Command, target, err)}
	}
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = execTimeout
	}
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()

	var stdout, stderr boundedBuffer
	err = executor.StreamWithContext(klog.NewContext(ctx, silent()), remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr})
	err = refused.of(err)
	result := ExecResult{
		Output:    stdout.text(),
		Stderr:    stderr.text(),
		Truncated: stdout.overflowed() || stderr.overflowed(),
	}
	var exit utilexec.CodeExitError
	switch {
	case err == nil:
		result.OK = true
	case errors.As(err, &exit):
		result.OK, result.ExitCode = true, exit.ExitStatus()
	case timedOut(ctx):
		result.Error = noAnswer("the command did not end", timeout)
		if !c.answersStill(ctx) {
			result.Fault = fmt.Errorf("run %q in %s: %w", r.Command, target, errSilent)
		}
	default:
		text, fault := judgeExec(err)
		result.Error = text
		if fault != nil {
			result.Fault = fmt.Errorf("run %q in %s: %w", r.Command, target, fault)
		}
	}
	return result
}

// errSilent says that it was not the container that gave no answer.
var errSilent = errors.New("the API server does not answer")

// executor prefers WebSocket and falls back to SPDY, as kubectl does.
func (c *Client) executor(r ExecRequest, refused *refusals) (remotecommand.Executor, error) {
	if c == nil || c.Config == nil {
		return nil, errNoTransport
	}
	u, err := podURL(c.Config, r.Namespace, r.Pod, "exec")
	if err != nil {
		return nil, err
	}
	query, err := scheme.ParameterCodec.EncodeParameters(&corev1.PodExecOptions{
		Container: r.Container,
		Command:   r.Command,
		Stdout:    true,
		Stderr:    true,
	}, corev1.SchemeGroupVersion)
	if err != nil {
		return nil, fmt.Errorf("exec options: %w", err)
	}
	u.RawQuery = query.Encode()
	overWebSocket, err := remotecommand.NewWebSocketExecutor(c.Config, http.MethodGet, u.String())
	if err != nil {
		return nil, fmt.Errorf("WebSocket transport: %w", err)
	}
	overSPDY, err := remotecommand.NewSPDYExecutor(c.Config, http.MethodPost, u)
	if err != nil {
		return nil, fmt.Errorf("SPDY transport: %w", err)
	}
	return remotecommand.NewFallbackExecutor(overWebSocket, overSPDY, refused.fallBack)
}

// judgeExec says whether a command could not be run because of the container
// (text) or of podlab or the cluster (fault).
func judgeExec(err error) (text string, fault error) {
	err = upgradeCause(err)
	if status, ok := statusOf(err); ok && learnersFault(status) {
		return status.Message, nil
	}
	message := words(err)
	// The kubelet and the runtime report these as internal errors.
	if i := strings.Index(message, "unable to start container process: "); i >= 0 {
		return message[i+len("unable to start container process: "):], nil
	}
	return kubeletText(err, "container not found", "pod not found", "pod does not exist",
		"cannot exec into a container in a completed pod", "container is not created or running",
		"cannot exec in a stopped state",
		// containerd, of a container that ends at this very moment
		"failed to load task", "failed to create exec", "failed to start exec", "failed to exec in container",
		"no running task found", "process already finished", "task not found")
}

// boundedBuffer keeps the first MaxOutput bytes and takes the rest for written.
type boundedBuffer struct {
	mu       sync.Mutex // the command may write on after a timeout
	buf      bytes.Buffer
	overflow bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keep := p
	if room := MaxOutput - b.buf.Len(); len(keep) > room {
		keep, b.overflow = keep[:room], true
	}
	b.buf.Write(keep)
	return len(p), nil
}

func (b *boundedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.ToValidUTF8(b.buf.String(), "\uFFFD")
}

func (b *boundedBuffer) overflowed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.overflow
}
