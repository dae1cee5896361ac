package doctor

import (
	"context"

	"podlab/cluster"
	"podlab/cluster/existing"
	"podlab/content"
)

// Need is a right that the work on labs takes, and what goes without it.
type Need struct {
	existing.Right
	// Effect says in the learner's language what cannot be done.
	Effect string
}

// RunExisting examines a cluster that is there: whether it answers, still is the
// one that was agreed to, and lets its user do what labs need.
func RunExisting(ctx context.Context, p *existing.Provider, needs []Need) []Finding {
	status, err := p.Status(ctx)
	if err != nil {
		return []Finding{failure("cluster", err)}
	}
	where := []string{"context", status.Context, "server", status.Server}
	switch status.State {
	case cluster.Ready:
	case cluster.Absent:
		return trouble("cluster", Fail, content.Say("doctor.existing.absent"), "")
	default:
		return trouble("cluster", Fail, content.Say("doctor.existing.broken", append(where, "detail", status.Detail)...), "")
	}
	found := ok("cluster", content.Say("doctor.existing.ready",
		append(where, "user", status.User, "version", status.KubernetesVersion)...))
	if !status.RunsContainers {
		found = append(found, trouble("containers", Warn, content.Say("doctor.existing.simulated"), "")...)
	}
	rights := make([]existing.Right, len(needs))
	for i, n := range needs {
		rights[i] = n.Right
	}
	missing, err := p.Missing(ctx, rights)
	if err != nil {
		return append(found, failure("rights", cluster.Fail("existing-rights", err, "", "reason", err.Error())))
	}
	if len(missing) == 0 {
		return append(found, ok("rights", content.Say("doctor.existing.rights"))...)
	}
	lacks := map[existing.Right]bool{}
	for _, r := range missing {
		lacks[r] = true
	}
	for _, n := range needs {
		if lacks[n.Right] {
			found = append(found, trouble("rights", Warn, content.Say("doctor.existing.missing", "right", n.String(), "effect", n.Effect), "")...)
		}
	}
	return found
}
