package probe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

// follow collects the lines of a log as they stand at its end.
func follow(t *testing.T, r FollowRequest, handler http.HandlerFunc) ([]Line, error) {
	t.Helper()
	var got []Line
	err := apiServer(t, handler).Follow(context.Background(), r, func(batch []Line) { got = shown(got, batch) })
	return got, err
}

// shown adds a batch as a reader sees it: a line takes the place of an open one.
func shown(lines, batch []Line) []Line {
	if n := len(lines); n > 0 && len(batch) > 0 && lines[n-1].Open {
		lines = lines[:n-1]
	}
	return append(lines, batch...)
}

func texts(lines []Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return out
}

func says(parts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, p := range parts {
			_, _ = io.WriteString(w, p)
			w.(http.Flusher).Flush()
		}
	}
}

const stamp = "2026-03-01T10:00:00.00000000"

func TestFollowSplitsLines(t *testing.T) {
	at := func(n int) time.Time { return time.Date(2026, 3, 1, 10, 0, 0, n, time.UTC) }
	got, err := follow(t, FollowRequest{Namespace: "n", Pod: "p", Container: "c"}, says(
		stamp+"1Z one\n"+stamp+"2Z t", "wo\n"+stamp+"3Z \n", stamp+"4Z \x1b[31mred\x1b[0m\x07\r\n",
		stamp+"5Z 10%\r20%\n", stamp+"6Z unable to retrieve container logs for fun\n", "failed to watch the file\n"+stamp+"7Z no end"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Line{
		{Time: at(1), Text: "one"}, {Time: at(2), Text: "two"}, {Time: at(3)}, {Time: at(4), Text: "red"},
		{Time: at(5), Text: "10%"}, {Time: at(5), Text: "20%"}, {Time: at(6), Text: "unable to retrieve container logs for fun"},
		{Text: "failed to watch the file"}, {Time: at(7), Text: "no end"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestFollowAsksForWhatIsNeeded(t *testing.T) {
	for name, tt := range map[string]struct {
		request FollowRequest
		want    string
	}{
		"live":     {FollowRequest{TailLines: 5}, "container=c&follow=true&tailLines=5&timestamps=true"},
		"previous": {FollowRequest{Previous: true}, "container=c&previous=true&timestamps=true"},
	} {
		tt.request.Namespace, tt.request.Pod, tt.request.Container = "n", "p", "c"
		_, err := follow(t, tt.request, func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != tt.want || r.URL.Path != "/api/v1/namespaces/n/pods/p/log" {
				t.Errorf("%s: asked for %s", name, r.URL)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFollowGoesOnAfterWhatIsKnown(t *testing.T) {
	since := time.Date(2026, 3, 1, 10, 0, 0, 2, time.UTC)
	got, err := follow(t, FollowRequest{Namespace: "n", Pod: "p", Since: since}, func(w http.ResponseWriter, r *http.Request) {
		if s := r.URL.Query().Get("sinceTime"); s != "2026-03-01T10:00:00Z" {
			t.Errorf("sinceTime %s", s)
		}
		says(stamp+"1Z one\n"+stamp+"2Z two\n"+stamp+"3Z three\n")(w, r)
	})
	if err != nil || !cmp.Equal(texts(got), []string{"three"}) {
		t.Errorf("%v, %v", texts(got), err)
	}
}

// The beginning of a line is handed on before its end is there, and replaced
// when it is.
func TestFollowHandsOnALineWithoutEnd(t *testing.T) {
	release := make(chan struct{})
	c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
		says("before\n", "Your na")(w, r)
		<-release
		says("me? ")(w, r)
	})
	var got []Line
	var opened string
	err := c.Follow(context.Background(), FollowRequest{Namespace: "n", Pod: "p"}, func(batch []Line) {
		got = shown(got, batch)
		if last := got[len(got)-1]; last.Open && opened == "" {
			opened = last.Text
			close(release)
		}
	})
	if err != nil || opened != "Your na" || !cmp.Equal(texts(got), []string{"before", "Your name? "}) {
		t.Errorf("opened as %q, in the end %q, %v", opened, texts(got), err)
	}
}

func TestFollowBoundsALine(t *testing.T) {
	got, err := follow(t, FollowRequest{Namespace: "n", Pod: "p"}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, stamp+"1Z "+strings.Repeat("世", 1<<20)+"\nnext\n")
	})
	if err != nil || len(got) != 2 || got[1].Text != "next" {
		t.Fatalf("%d lines, %v", len(got), err)
	}
	// What is left out may begin in the middle of a character.
	if text := got[0].Text; len(text) > maxRaw || len(text) < MaxLine-4 || strings.Trim(text, "世") != "" {
		t.Errorf("%d bytes are kept, ending %q", len(text), text[len(text)-6:])
	}
	if all := len(got[0].Text) + got[0].Cut; all < 3<<20-3 || all > 3<<20 {
		t.Errorf("%d bytes are accounted for, %d were sent", all, 3<<20)
	}
}

// While the reader takes its time, what is read ahead stays bounded, and
// nothing is lost.
func TestFollowWaitsForItsReader(t *testing.T) {
	const all = 300_000
	c := apiServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for range all {
			_, _ = io.WriteString(w, "0123456789\n")
		}
	})
	lines, largest := 0, 0
	err := c.Follow(context.Background(), FollowRequest{Namespace: "n", Pod: "p"}, func(batch []Line) {
		lines += len(batch)
		largest = max(largest, len(batch))
	})
	if err != nil || lines != all {
		t.Errorf("%d lines, %v", lines, err)
	}
	if bound := (maxBatch + 64<<10) / len("0123456789\n"); largest > bound {
		t.Errorf("a batch of %d lines, at most %d can have been read ahead", largest, bound)
	}
}

func TestFollowErrors(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half a log\n")
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		noLog   bool
		text    string
	}{
		"waiting":     {apiError(400, "BadRequest", "container a is waiting to start: ErrImagePull"), true, "no log: container a is waiting to start: ErrImagePull"},
		"no Pod":      {apiError(404, "NotFound", "pods p not found"), true, "no log: pods p not found"},
		"deleted":     {says("unable to retrieve container logs for containerd://1"), true, "no log: unable to retrieve container logs for containerd://1"},
		"forbidden":   {apiError(403, "Forbidden", "may not get pods/log"), false, "may not get pods/log"},
		"kubelet":     {apiError(500, "InternalError", "dial tcp :10250: connection refused"), false, ":10250"},
		"broken off":  {cut, false, "follow the log of container c of Pod n/p: unexpected EOF"},
		"unreachable": {nil, false, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			c := apiServer(t, tt.handler)
			if tt.handler == nil {
				server := httptest.NewServer(nil)
				server.Close()
				var err error
				if c, err = NewClient(&rest.Config{Host: server.URL}); err != nil {
					t.Fatal(err)
				}
			}
			err := c.Follow(context.Background(), FollowRequest{Namespace: "n", Pod: "p", Container: "c"}, func([]Line) {})
			if err == nil || errors.Is(err, ErrNoLog) != tt.noLog || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Leaving ends following a container that is silent, and one whose reader does
// not come back for more.
func TestFollowEndsWithItsContext(t *testing.T) {
	for name, first := range map[string]string{"silent": "", "talking": "first\n"} {
		t.Run(name, func(t *testing.T) {
			hold := make(chan struct{})
			asked := make(chan struct{})
			c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
				if first != "" {
					says(first)(w, r)
				}
				close(asked)
				<-hold
			})
			t.Cleanup(func() { close(hold) })
			ctx, leave := context.WithCancel(context.Background())
			go func() { <-asked; leave() }()
			err := c.Follow(ctx, FollowRequest{Namespace: "n", Pod: "p"}, func([]Line) {})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}
