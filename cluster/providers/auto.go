package providers

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"podlab/cluster"
	"podlab/cluster/embedded"
	"podlab/cluster/kind"
	"podlab/content"
)

// auto is the provider of a cluster that is not there yet. It is kind where an
// engine answers and has or gets the node image, else embedded. It decides when
// it is first asked for something that depends on it.
type auto struct {
	kind     *kind.Provider
	embedded *embedded.Provider

	choosing sync.Mutex
	// chosen is nil until there is a choice. Whoever draws a frame reads it, and
	// must not wait for an engine.
	chosen atomic.Pointer[choice]
}

// choice is the provider that auto has taken.
type choice struct {
	cluster.Provider
	why error // that it is not kind
}

var (
	_ cluster.Provider = (*auto)(nil)
	_ cluster.Keeper   = (*auto)(nil)
)

// choose looks for an engine, once. Without one, and without the program of
// embedded clusters, it stays with kind, whose errors say what to install.
func (a *auto) choose(ctx context.Context) cluster.Provider {
	a.choosing.Lock()
	defer a.choosing.Unlock()
	if c := a.chosen.Load(); c != nil {
		return c.Provider
	}
	c := &choice{Provider: a.kind}
	if err := a.kind.Usable(ctx); err != nil && ctx.Err() == nil && a.embedded.CanRun() == nil {
		c = &choice{a.embedded, err}
	}
	if ctx.Err() == nil { // else it is not known
		a.chosen.Store(c)
	}
	return c.Provider
}

// fallBack turns to the embedded cluster after kind has failed, where that
// cannot be mended here.
func (a *auto) fallBack(err error) bool {
	var failed *cluster.Error
	if !errors.As(err, &failed) || failed.Problem.Key != "pull" || a.embedded.CanRun() != nil {
		return false
	}
	a.chosen.Store(&choice{a.embedded, err})
	return true
}

// known is what was chosen so far, kind before that.
func (a *auto) known() cluster.Provider {
	if c := a.chosen.Load(); c != nil {
		return c.Provider
	}
	return a.kind
}

// Name implements cluster.Provider.
func (a *auto) Name() string { return a.known().Name() }

// Capabilities implements cluster.Provider.
func (a *auto) Capabilities() cluster.Capabilities { return a.known().Capabilities() }

// KubeconfigPath implements cluster.Provider; it is the same for all.
func (a *auto) KubeconfigPath() string { return a.kind.KubeconfigPath() }

// Status implements cluster.Provider.
func (a *auto) Status(ctx context.Context) (cluster.Status, error) {
	chosen := a.choose(ctx)
	status, err := chosen.Status(ctx)
	if chosen == a.embedded {
		status.Choice = a.reason()
	}
	return status, err
}

// Delete implements cluster.Provider.
func (a *auto) Delete(ctx context.Context) error { return a.choose(ctx).Delete(ctx) }

// LoadImages implements cluster.Provider.
func (a *auto) LoadImages(ctx context.Context, o cluster.CreateOptions) error {
	return a.choose(ctx).LoadImages(ctx, o)
}

// Create implements cluster.Provider. It says why it does not take kind.
func (a *auto) Create(ctx context.Context, o cluster.CreateOptions) error {
	if a.choose(ctx) == a.kind {
		err := a.kind.Create(ctx, o)
		if err == nil || !a.fallBack(err) {
			return err
		}
	}
	cluster.NewSteps(o.Listener).Decide(cluster.StepProvider, a.reason())
	return a.embedded.Create(ctx, o)
}

// Keep implements cluster.Keeper. A kind cluster is kept by its engine.
func (a *auto) Keep(ctx context.Context, trouble func(error)) error {
	if k, ok := a.choose(ctx).(cluster.Keeper); ok {
		return k.Keep(ctx, trouble)
	}
	return nil
}

// reason says why it is an embedded cluster, and what kind would add.
func (a *auto) reason() content.Message {
	var failed *cluster.Error
	if c := a.chosen.Load(); c != nil && errors.As(c.why, &failed) {
		switch failed.Problem.Key {
		case "no-engine":
			return content.Say("auto.no-engine")
		case "pull":
			return content.Say("auto.no-image", "image", failed.Problem.Args["image"])
		}
		if engine := failed.Problem.Args["engine"]; engine != "" {
			return content.Say("auto.engine", "engine", engine)
		}
	}
	return content.Say("auto.no-engine")
}
