package practice

import (
	"context"
	"fmt"
	"slices"

	"podlab/grader/probe"
)

// Logs follows the log of a container of a started lab, see
// probe.Client.Follow. A request without a namespace is for the lab's first
// one; any other than the lab's own is refused.
func (p *Practice) Logs(ctx context.Context, id string, r probe.FollowRequest, onLines func([]probe.Line)) error {
	inst, err := p.Instance(id)
	if err != nil {
		return err
	}
	if r.Namespace == "" {
		r.Namespace = inst.Namespace
	}
	if !slices.Contains(inst.AllNamespaces(), r.Namespace) {
		return fmt.Errorf("read a log of lab %s: namespace %s is not the lab's", id, r.Namespace)
	}
	if err := p.mustBeStarted(ctx, id); err != nil {
		return err
	}
	return p.o.Client.Follow(ctx, r, onLines)
}
