package cli

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"podlab/cluster"
)

// mortal is a cluster that Keep gives up, with an error at first, and that
// somebody brings up a minute later.
type mortal struct {
	cluster.Provider
	up    time.Time
	kept  int
	needs bool
}

func (m *mortal) Keep(ctx context.Context, trouble func(error)) error {
	m.kept++
	switch {
	case !m.needs:
		return nil
	case m.kept < 3:
		m.up = time.Now().Add(time.Minute)
	default:
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if m.kept == 1 {
		trouble(errors.New("no space left on device"))
		return errors.New("it dies too often")
	}
	return nil
}

func (m *mortal) Status(context.Context) (cluster.Status, error) {
	if time.Now().Before(m.up) {
		return cluster.Status{State: cluster.Stopped}, nil
	}
	return cluster.Status{State: cluster.Ready}, nil
}

// A proctor keeps the cluster again when it is up again, and says what happened.
func TestStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines []string
		m := &mortal{needs: true}
		ctx, stop := context.WithCancel(t.Context())
		go func() { (&keeper{cluster: m}).stay(ctx, func(line string) { lines = append(lines, line) }) }()
		time.Sleep(5 * time.Minute)
		stop()
		synctest.Wait()
		if want := []string{
			"trouble: start the cluster again: no space left on device",
			"the cluster is not kept any more: it dies too often", "the cluster is up, and kept again",
			"the cluster is not kept any more: it was stopped", "the cluster is up, and kept again",
		}; m.kept != 3 || !slices.Equal(lines, want) {
			t.Errorf("it was kept %d times: %q", m.kept, lines)
		}
	})
}

// A cluster that others keep is left to them.
func TestStayWithoutNeed(t *testing.T) {
	m := &mortal{}
	(&keeper{cluster: m}).stay(t.Context(), func(line string) { t.Error(line) })
	if m.kept != 1 {
		t.Errorf("it was kept %d times", m.kept)
	}
}
