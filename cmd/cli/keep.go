package cli

import (
	"context"
	"sync/atomic"

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
		_ = kept.Keep(ctx)
	}()
}
