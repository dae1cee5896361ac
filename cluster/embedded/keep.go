package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"podlab/cluster"
)

var _ cluster.Keeper = (*Provider)(nil)

// A process that dies more often than mostDeaths within deathWindow is given up.
const (
	mostDeaths  = 3
	deathWindow = time.Minute
)

// A start that fails is tried again after a pause that doubles from the first
// to the last.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// Keep implements cluster.Keeper. It does not poll: the system tells the end of
// the process by its lock.
func (p *Provider) Keep(ctx context.Context, trouble func(error)) error {
	var deaths []time.Time
	for {
		if err := p.awaitEnd(ctx); err != nil {
			return err
		}
		if deaths = append(deaths, time.Now()); len(deaths) > mostDeaths {
			if time.Since(deaths[0]) < deathWindow {
				return cluster.Fail("not-running", nil, "", "name", p.name)
			}
			deaths = deaths[1:]
		}
		if again, err := p.persist(ctx, trouble); err != nil || !again {
			return err
		}
	}
}

// persist tries to revive until that does not fail, or ctx ends.
func (p *Provider) persist(ctx context.Context, trouble func(error)) (again bool, err error) {
	failed := false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		again, err := p.revive(ctx, failed)
		if err == nil {
			return again, nil
		}
		if ctx.Err() == nil {
			trouble(err)
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(pause):
			failed = true
		}
	}
}

// awaitEnd waits until no process holds the lock on the data, or there is none.
func (p *Provider) awaitEnd(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { // where ctx ends first, until the process does, or this one
		lock := p.lock()
		err := lock.RLock()
		if err == nil {
			err = lock.Unlock()
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("wait for the end of %s: %w", Program, err)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// revive starts the process on the data of one that died. It reports false for
// one that was stopped or deleted. What revive itself started before and failed
// counts as neither.
func (p *Provider) revive(ctx context.Context, failed bool) (again bool, err error) {
	unlock, err := cluster.Lock(ctx, p.dir())
	if err != nil {
		return false, err
	}
	defer unlock()
	if lives, err := p.lives(); err != nil || lives { // somebody else was faster
		return lives, err
	}
	last, err := p.state()
	if errors.Is(err, fs.ErrNotExist) || err == nil && last.Phase == phaseStopped && !failed {
		return false, nil
	}
	program, err := p.find()
	if err != nil {
		return false, err
	}
	if said := p.output(); !failed {
		if err := os.Rename(said, said+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("keep what %s said: %w", Program, err)
		}
	}
	return true, p.start(ctx, program, cluster.NewSteps(nil), cluster.StepRepair)
}
