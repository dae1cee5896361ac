package probe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLogIsFollowedUntilTheConditionHolds(t *testing.T) {
	hold := make(chan struct{})
	c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("follow") != "true" || r.URL.Query().Get("container") != "web" {
			t.Errorf("query %s", r.URL.RawQuery)
		}
		for _, s := range []string{"\x1b[32mfirst\x1b[0m\n", "sec", "ond\n"} {
			_, _ = io.WriteString(w, s)
			w.(http.Flusher).Flush()
		}
		<-hold // a running container's log does not end
	})
	t.Cleanup(func() { close(hold) })
	r := c.Logs(context.Background(), LogsRequest{
		Namespace: "n", Pod: "p", Container: "web", Timeout: 10 * time.Second,
		Until: func(output string) bool { return strings.Contains(output, "second") },
	})
	if !r.OK || !r.Met || !strings.HasPrefix(r.Output, "first\nsecond") || r.Fault != nil {
		t.Errorf("got %+v", r)
	}
	r = c.Logs(context.Background(), LogsRequest{
		Namespace: "n", Pod: "p", Container: "web", Timeout: 50 * time.Millisecond,
		Until: func(string) bool { return false },
	})
	if !r.OK || r.Met || r.Output != "first\nsecond\n" || r.Fault != nil {
		t.Errorf("after the timeout: %+v", r)
	}
}

func TestSilentContainerIsReadAsEmpty(t *testing.T) {
	hold := make(chan struct{})
	c := apiServer(t, func(http.ResponseWriter, *http.Request) { <-hold })
	t.Cleanup(func() { close(hold) })
	r := c.Logs(context.Background(), LogsRequest{
		Namespace: "n", Pod: "p", Timeout: 50 * time.Millisecond, Until: func(output string) bool { return output != "" },
	})
	if !r.OK || r.Met || r.Output != "" || r.Fault != nil {
		t.Errorf("got %+v", r)
	}
}

func TestLogThatEndsIsJudgedOnceMore(t *testing.T) {
	c := apiServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done\n") })
	for _, want := range []bool{true, false} {
		r := c.Logs(context.Background(), LogsRequest{Namespace: "n", Pod: "p", Until: func(string) bool { return want }})
		if !r.OK || r.Met != want || r.Output != "done\n" {
			t.Errorf("got %+v", r)
		}
	}
}

func TestLogErrors(t *testing.T) {
	tests := map[string]struct {
		handler     http.HandlerFunc
		text, fault string
	}{
		"waiting":   {handler: apiError(400, "BadRequest", "container a is waiting to start: ErrImagePull"), text: "container a is waiting to start: ErrImagePull"},
		"no Pod":    {handler: apiError(404, "NotFound", "pods p not found"), text: "pods p not found"},
		"forbidden": {handler: apiError(403, "Forbidden", "may not get pods/log"), fault: "may not get pods/log"},
		"kubelet":   {handler: apiError(500, "InternalError", "dial tcp :10250: connection refused"), fault: ":10250"},
	}
	for name, test := range tests {
		for _, until := range []func(string) bool{nil, func(string) bool { return true }} {
			r := apiServer(t, test.handler).Logs(context.Background(), LogsRequest{Namespace: "n", Pod: "p", Until: until})
			if r.OK || r.Error != test.text || (r.Fault != nil) != (test.fault != "") {
				t.Errorf("%s: %+v", name, r)
			}
			if r.Fault != nil && !strings.Contains(r.Fault.Error(), test.fault) {
				t.Errorf("%s: fault %v", name, r.Fault)
			}
		}
	}
}

func TestUnscheduledPodHasNoLog(t *testing.T) {
	c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/log") {
			return // the API server's answer: 200 and nothing
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}`)
	})
	r := c.Logs(context.Background(), LogsRequest{Namespace: "n", Pod: "p"})
	if r.OK || r.Error != "pod p does not have a host assigned" {
		t.Errorf("got %+v", r)
	}
}

func TestLongLogReadOnceKeepsTheBeginning(t *testing.T) {
	c := apiServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limitBytes") == "" {
			t.Error("the log is asked for without a limit")
		}
		_, _ = io.WriteString(w, "begin\n"+strings.Repeat("x", 2*MaxOutput))
	})
	r := c.Logs(context.Background(), LogsRequest{Namespace: "n", Pod: "p"})
	if !r.OK || !r.Truncated || !strings.HasPrefix(r.Output, "begin\n") || len(r.Output) != MaxOutput {
		t.Errorf("ok %v, truncated %v, %d bytes", r.OK, r.Truncated, len(r.Output))
	}
}

func TestLongLogFollowedKeepsBothEndsInWholeLines(t *testing.T) {
	const lines = 200_000
	c := apiServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range lines {
			_, _ = fmt.Fprintf(w, "line %06d\n", i)
		}
	})
	r := c.Logs(context.Background(), LogsRequest{
		Namespace: "n", Pod: "p", Timeout: time.Minute,
		Until: func(output string) bool { return strings.Contains(output, fmt.Sprintf("line %06d\n", lines-1)) },
	})
	if !r.Met || !r.Truncated || len(r.Output) > MaxOutput || !strings.HasPrefix(r.Output, "line 000000\n") {
		t.Fatalf("met %v, truncated %v, %d bytes", r.Met, r.Truncated, len(r.Output))
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(r.Output, "\n"), "\n") {
		if len(l) != len("line 000000") {
			t.Fatalf("a line was cut: %q", l)
		}
	}
}
