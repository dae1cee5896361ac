package backend

import (
	"podlab/cluster"
	"podlab/cluster/existing"
)

// Foreign reports whether the cluster was there before podlab, which neither
// creates nor repairs it.
func Foreign(s cluster.Status) bool { return s.Provider == existing.ProviderName }

// Silent is what is wrong with such a cluster that does not answer; nil of all
// others.
func Silent(s cluster.Status) error {
	if !Foreign(s) || s.State != cluster.Broken {
		return nil
	}
	return cluster.Fail("existing-unreachable", nil, "", "server", s.Server, "reason", s.Detail)
}

// Unchosen reports whether nobody has said yet which cluster that is.
func Unchosen(s cluster.Status) bool {
	return Foreign(s) && s.State == cluster.Absent && len(s.Plan) == 0
}
