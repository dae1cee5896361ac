package probe

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// clock knows how far the cluster's clock is ahead of ours, from the Date of the
// API server's answers. That tells whole seconds, so that each answer gives two
// bounds, and several narrow it down.
type clock struct {
	mu        sync.Mutex
	known     bool
	low, high time.Duration
}

// note takes the Date of an answer to a request that was sent, and answered, at
// those moments of our clock.
func (c *clock) note(date, sent, answered time.Time) {
	low, high := date.Sub(answered), date.Add(time.Second).Sub(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known {
		if l, h := max(low, c.low), min(high, c.high); l <= h {
			low, high = l, h
		} // else one of the clocks was set
	}
	c.known, c.low, c.high = true, low, high
}

// ahead is how far the cluster's clock is ahead; 0 where it may be the same.
func (c *clock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || c.low <= 0 && c.high >= 0 {
		return 0
	}
	return c.low + (c.high-c.low)/2
}

// timed is a transport that shows a clock the answers of the API server. What
// it relays of Pods carries their Date.
type timed struct {
	http.RoundTripper
	clock *clock
}

// RoundTrip implements http.RoundTripper.
func (t timed) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil || strings.Contains(r.URL.Path, "/proxy") {
		return resp, err
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		// without the monotonic clocks, which stand still while a machine sleeps
		t.clock.note(date, sent.Round(0), time.Now().Round(0))
	}
	return resp, nil
}

// ClockAhead is how far the clock of the cluster is ahead of this machine's, as
// far as the API server's answers told; 0 where they agree to a second.
func (c *Client) ClockAhead() time.Duration {
	if c == nil || c.clock == nil {
		return 0
	}
	return c.clock.ahead()
}
