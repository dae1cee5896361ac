package probe

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

func TestClock(t *testing.T) {
	began := time.Date(2026, 5, 1, 12, 0, 0, 300e6, time.UTC)
	type answer struct {
		sent time.Duration // after began
		took time.Duration
		date time.Duration // of the whole second after began's
	}
	for name, tt := range map[string]struct {
		answers  []answer
		low, up  time.Duration
		standard bool
	}{
		"none":             {standard: true},
		"same":             {answers: []answer{{0, 10 * time.Millisecond, 0}}, standard: true},
		"within a second":  {answers: []answer{{0, 10 * time.Millisecond, time.Second}}, low: 690 * time.Millisecond, up: 1700 * time.Millisecond},
		"slow, may be so":  {answers: []answer{{0, 5 * time.Second, 4 * time.Second}}, standard: true},
		"a minute ahead":   {answers: []answer{{0, 10 * time.Millisecond, time.Minute}}, low: 59 * time.Second, up: 61 * time.Second},
		"a minute behind":  {answers: []answer{{0, 10 * time.Millisecond, -time.Minute}}, low: -61 * time.Second, up: -59 * time.Second},
		"set in between":   {answers: []answer{{0, 0, time.Hour}, {time.Second, 0, time.Second}}, standard: true},
		"two narrow it":    {answers: []answer{{0, 0, time.Minute}, {600 * time.Millisecond, 0, time.Minute}}, low: 59700 * time.Millisecond, up: 60100 * time.Millisecond},
		"the first slow":   {answers: []answer{{0, 10 * time.Second, time.Minute}, {11 * time.Second, 0, 71 * time.Second}}, low: 59 * time.Second, up: 61 * time.Second},
		"a slow one later": {answers: []answer{{0, 0, time.Minute}, {time.Second, 9 * time.Second, 65 * time.Second}}, low: 59 * time.Second, up: 61 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			for _, a := range tt.answers {
				c.note(began.Truncate(time.Second).Add(a.date), began.Add(a.sent), began.Add(a.sent+a.took))
			}
			switch got := c.ahead(); {
			case tt.standard && got != 0:
				t.Errorf("ahead by %v, want 0", got)
			case !tt.standard && (got < tt.low || got > tt.up):
				t.Errorf("ahead by %v, want %v to %v", got, tt.low, tt.up)
			}
		})
	}
}

func TestClientTellsTheClustersClock(t *testing.T) {
	ahead := time.Hour
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind":"PodList","apiVersion":"v1","items":[]}`))
	}))
	defer server.Close()
	c, err := NewClient(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.ClockAhead(); got != 0 {
		t.Errorf("before any answer: %v", got)
	}
	if _, err := c.Typed.CoreV1().Pods("x").List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := c.ClockAhead(); got < ahead-2*time.Second || got > ahead+2*time.Second {
		t.Errorf("ahead by %v, want an hour", got)
	}
	// The Date of what is relayed is that of the learner's server.
	ahead = 0
	if r := c.HTTP(t.Context(), HTTPRequest{Namespace: "x", Pod: "p", Port: "80"}); !r.OK {
		t.Fatalf("%+v", r)
	}
	if got := c.ClockAhead(); got < time.Hour-2*time.Second {
		t.Errorf("a Pod's Date changed the clock: %v", got)
	}
}
