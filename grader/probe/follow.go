package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"podlab/grader/printable"
)

// MaxLine is the most bytes of a line that Follow hands on.
const MaxLine = 8 << 10

const (
	// batchPause lies between two batches at least: a talkative container must
	// not cost whoever shows its log a frame per line.
	batchPause = 40 * time.Millisecond
	// maxBatch is how many bytes are read ahead of a batch. While as many wait,
	// nothing more is read, and the API server holds the rest: a container that
	// prints more than some 12 MB a second is seen late, but costs no more.
	maxBatch = 512 << 10
	// openPause is how long the beginning of a line waits for its end before it
	// is handed on as it is.
	openPause = 200 * time.Millisecond
)

// noLogText begins what the kubelet sends in place of a log that it has deleted,
// with the status of success. Unlike a line of the log, it has no time.
const noLogText = "unable to retrieve container logs for "

// ErrNoLog is that a container has no log to read: it has not started, its Pod
// is not there, it had no previous run, or its log was deleted. The error that wraps it has the API
// server's words.
var ErrNoLog = errors.New("no log")

// FollowRequest asks for the log of a container, as a person reads it.
type FollowRequest struct {
	Namespace, Pod, Container string
	// Previous asks for the run before the present one, which has ended.
	Previous bool
	// TailLines is how many lines that are already there come first; 0 for all.
	TailLines int64
	// Since, where set, leaves out all lines up to this moment: the Time of the
	// last line that is known, to go on after it.
	Since time.Time
}

// Line is a line of a log, without its newline.
type Line struct {
	// Time at which the container runtime took the line; zero where the API
	// server does not say.
	Time time.Time
	// Text is printable, see package printable; tabs stay.
	Text string
	// Cut is how many bytes of a line longer than MaxLine were left out.
	Cut int
	// Open says that the line has no end yet. The next line stands in its place.
	Open bool
}

// Follow reads a log and hands it on in batches, until the log ends, which is
// no error, or ctx does. A log ends when the container does; a container that
// is restarted has a new one. Errors are ErrNoLog or the cluster's.
//
// OnLines is called from one goroutine. While it takes its time nothing more is
// read, and what waits is bounded.
func (c *Client) Follow(ctx context.Context, r FollowRequest, onLines func([]Line)) error {
	what := fmt.Sprintf("follow the log of container %s of Pod %s/%s", r.Container, r.Namespace, r.Pod)
	if c == nil || c.Typed == nil {
		return fmt.Errorf("%s: %w", what, errNoTyped)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Typed.CoreV1().Pods(r.Namespace).GetLogs(r.Pod, followOptions(r)).Stream(ctx)
	if err != nil {
		if status, ok := statusOf(err); ok && learnersFault(status) {
			return fmt.Errorf("%w: %s", ErrNoLog, printable.Line(status.Message, 500))
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { _ = stream.Close() }()
	err = handOn(ctx, stream, newSplitter(r.Since), onLines)
	if err != nil && !errors.Is(err, ErrNoLog) {
		err = fmt.Errorf("%s: %w", what, err)
	}
	return err
}

func followOptions(r FollowRequest) *corev1.PodLogOptions {
	o := &corev1.PodLogOptions{Container: r.Container, Previous: r.Previous, Follow: !r.Previous, Timestamps: true}
	if r.TailLines > 0 {
		o.TailLines = &r.TailLines
	}
	if !r.Since.IsZero() {
		// Whole seconds only, so that the splitter has to look again.
		o.SinceTime = &metav1.Time{Time: r.Since}
	}
	return o
}

// handOn reads stream to its end and tells onLines.
func handOn(ctx context.Context, stream io.Reader, lines *splitter, onLines func([]Line)) error {
	chunks, broken := inChunks(ctx, stream)
	var last time.Time // of the last batch
	deliver := func() {
		if batch := lines.take(); len(batch) > 0 {
			onLines(batch)
			last = time.Now()
		}
	}
	for {
		from := chunks
		var due <-chan time.Time
		switch {
		case lines.waiting():
			due = time.After(batchPause - time.Since(last))
			if lines.size >= maxBatch {
				from = nil
			}
		case lines.unfinished():
			due = time.After(openPause)
		}
		select {
		case chunk, more := <-from:
			if !more {
				if broken() == nil {
					lines.end()
				}
				deliver()
				switch {
				case ctx.Err() != nil:
					return context.Cause(ctx)
				case lines.refusal != "":
					return fmt.Errorf("%w: %s", ErrNoLog, printable.Line(lines.refusal, 500))
				}
				return broken()
			}
			lines.add(chunk)
		case <-due:
			if !lines.waiting() {
				lines.open()
			}
			deliver()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// splitter makes lines of the chunks of a log.
type splitter struct {
	since time.Time

	partial []byte // of the line that has not ended, at most maxRaw bytes
	cut     int    // bytes of it that were left out
	shown   bool   // it was handed on as it is

	lines []Line
	size  int // bytes in lines

	refusal string // why the kubelet gives no log, in its words
}

// maxRaw leaves room for the time that comes before each line.
const maxRaw = MaxLine + len(time.RFC3339Nano) + 1

func newSplitter(since time.Time) *splitter { return &splitter{since: since} }

func (s *splitter) add(chunk []byte) {
	for len(chunk) > 0 {
		end := bytes.IndexByte(chunk, '\n')
		if end < 0 {
			s.extend(chunk)
			return
		}
		s.extend(chunk[:end])
		s.end()
		chunk = chunk[end+1:]
	}
}

// extend adds to the line that has not ended.
func (s *splitter) extend(part []byte) {
	n := min(len(part), maxRaw-len(s.partial))
	s.partial = append(s.partial, part[:n]...)
	s.cut += len(part) - n
	s.shown = s.shown && len(part) == 0
}

// end ends the line. One that is empty but for its time is a line too; nothing
// at all is what follows the last newline.
func (s *splitter) end() {
	if len(s.partial) == 0 && s.cut == 0 {
		return
	}
	switch at, text := s.parse(); {
	case at.IsZero() && strings.HasPrefix(text, noLogText):
		s.refusal = text
	case !s.known(at):
		// A program that draws over its own line is shown state by state.
		for piece := range strings.SplitSeq(text, "\n") {
			s.put(Line{Time: at, Text: piece})
		}
		s.lines[len(s.lines)-1].Cut = s.cut
	}
	s.partial, s.cut, s.shown = s.partial[:0], 0, false
}

// open hands on the line that has not ended as it is.
func (s *splitter) open() {
	s.shown = true
	if at, text := s.parse(); !s.known(at) {
		s.put(Line{Time: at, Text: strings.ReplaceAll(text, "\n", " "), Cut: s.cut, Open: true})
	}
}

// known reports whether a line of this time is left out.
func (s *splitter) known(at time.Time) bool { return !at.IsZero() && !at.After(s.since) }

func (s *splitter) put(l Line) {
	s.lines = append(s.lines, l)
	s.size += len(l.Text) + 1
}

// parse takes the time from the beginning of the line. What has none was said
// by the kubelet instead of the container.
func (s *splitter) parse() (at time.Time, text string) {
	raw := string(s.partial)
	if stamp, rest, ok := strings.Cut(raw, " "); ok {
		if t, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
			at, raw = t, rest
		}
	}
	// A carriage return at the very end belongs to the newline.
	return at, printable.Text(strings.TrimSuffix(raw, "\r"))
}

// unfinished reports whether there is a line without an end that was not
// handed on.
func (s *splitter) unfinished() bool { return len(s.partial) > 0 && !s.shown }

func (s *splitter) waiting() bool { return len(s.lines) > 0 }

func (s *splitter) take() []Line {
	lines := s.lines
	s.lines, s.size = nil, 0
	return lines
}
