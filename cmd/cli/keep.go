package cli

import (
	"context"
	"sync/atomic"
	"time"

	"podlab/cluster"
)

// keeper starts a cluster again that dies while podlab is open, where nobody
// else would.
type keeper struct {
	cluster cluster.Provider
	keeping atomic.Bool
}

// start begins to keep the cluster, which runs, until ctx ends. What keeps the
// cluster from coming back is seen where podlab asks it next.
func (k *keeper) start(ctx context.Context) {
	kept, ok := k.cluster.(cluster.Keeper)
	if !ok || !k.keeping.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer k.keeping.Store(false)
		_ = kept.Keep(ctx, func(error) {})
	}()
}

// lookAgain is how often a cluster that is not kept any more is looked at.
const lookAgain = 5 * time.Second

// stay keeps the cluster until ctx ends: one that was stopped, or died too often,
// again as soon as somebody has brought it up. It logs what goes wrong.
func (k *keeper) stay(ctx context.Context, log func(line string)) {
	kept, ok := k.cluster.(cluster.Keeper)
	if !ok {
		return
	}
	trouble := func(err error) { log("trouble: start the cluster again: " + err.Error()) }
	for {
		err := kept.Keep(ctx, trouble)
		if ctx.Err() != nil || err == nil && k.ready(ctx) {
			return // it ends with podlab, or needs no keeping
		}
		why := "it was stopped"
		if err != nil {
			why = err.Error()
		}
		log("the cluster is not kept any more: " + why)
		for !k.ready(ctx) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(lookAgain):
			}
		}
		log("the cluster is up, and kept again")
	}
}

func (k *keeper) ready(ctx context.Context) bool {
	s, err := k.cluster.Status(ctx)
	return err == nil && s.State == cluster.Ready
}
