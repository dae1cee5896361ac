package picture

import (
	"cmp"
	"slices"
)

// interesting lists the Pods that are drawn in full, the one that matters most
// first: of the Pods of a controller, which look alike, one; and none that are
// over while there are others.
func (m *Model) interesting() []*Pod {
	over := func(p *Pod) bool { return p.Deleted || p.Ended && !p.failing() }
	alive := slices.ContainsFunc(m.Pods, func(p *Pod) bool { return !over(p) })
	byOwner := map[string]*Pod{}
	var chosen []*Pod
	for _, p := range m.Pods {
		switch other := byOwner[p.Owner]; {
		case alive && over(p):
		case p.Owner == "":
			chosen = append(chosen, p)
		case other == nil || less(p, other):
			byOwner[p.Owner] = p
		}
	}
	for _, p := range m.Pods {
		if byOwner[p.Owner] == p {
			chosen = append(chosen, p)
		}
	}
	slices.SortStableFunc(chosen, func(a, b *Pod) int {
		if less(a, b) {
			return -1
		}
		return 1
	})
	return chosen
}

// less reports whether a is more interesting than b: it is in trouble, or not
// ready yet, or has more containers, or is newer.
func less(a, b *Pod) bool {
	rank := func(p *Pod) int {
		switch {
		case p.Deleted:
			return 3
		case p.failing():
			return 0
		case p.Ended:
			return 2
		case !p.ServesTraffic:
			return 0
		default:
			return 1
		}
	}
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(len(b.Containers), len(a.Containers)),
		b.Created.Compare(a.Created),
		cmp.Compare(a.Name, b.Name),
	) < 0
}
