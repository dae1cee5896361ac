package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"

	"podlab/cluster/doctor"
	"podlab/cluster/existing"
	"podlab/labs"
	"podlab/labs/exam"
	"podlab/labs/practice"
)

// mostNamed is how many labs a finding names.
const mostNamed = 6

// needs lists what podlab asks of a cluster, with what goes without it: of the
// cluster as a whole, for labs to start, for their checks, and for exams.
func (a *App) needs(catalog *labs.Catalog) ([]doctor.Need, error) {
	say := a.say.Doctor.Effects
	var all []doctor.Need
	add := func(r existing.Right, effect string) {
		if !slices.ContainsFunc(all, func(n doctor.Need) bool { return n.Right == r }) {
			all = append(all, doctor.Need{Right: r, Effect: effect})
		}
	}
	for _, r := range existing.Essential() {
		add(r, say.NoLab.with())
	}
	add(existing.Right{Verb: "list", Resource: "namespaces"}, say.NoDown.with())

	starts, checks := map[existing.Right][]string{}, map[existing.Right][]string{}
	for _, lab := range catalog.Labs() {
		inst, err := lab.Instantiate(practice.DefaultPrefix+lab.ID, lab.Defaults())
		if err != nil {
			return nil, err
		}
		for _, m := range inst.Setup {
			objects, err := m.Objects()
			if err != nil {
				return nil, err
			}
			for _, o := range objects {
				resource, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
				for _, verb := range []string{"create", "patch"} {
					r := existing.Right{Verb: verb, Group: resource.Group, Resource: resource.Resource}
					if !slices.Contains(starts[r], lab.ID) {
						starts[r] = append(starts[r], lab.ID)
					}
				}
			}
		}
		for _, n := range inst.Program.Needs() {
			r := existing.Right{Verb: n.Verb, Group: n.Group, Resource: n.Resource, Subresource: n.Subresource}
			checks[r] = append(checks[r], fmt.Sprintf("%s (%s)", lab.ID, strings.Join(n.Checks, ", ")))
		}
	}
	// Whether a right is given may depend on the namespace; the first lab stands
	// for all.
	namespace := ""
	if first := catalog.Labs(); len(first) > 0 {
		namespace = practice.DefaultPrefix + first[0].ID
	}
	in := func(r existing.Right, namespace string) existing.Right {
		r.Namespace = namespace
		return r
	}
	for _, r := range slices.SortedFunc(maps.Keys(starts), compareRights) {
		add(in(r, namespace), say.NoStart.with("labs", someOf(starts[r], ", ")))
	}
	add(existing.Right{Verb: "create", Resource: "pods", Namespace: namespace}, say.NoLab.with())
	for _, r := range slices.SortedFunc(maps.Keys(checks), compareRights) {
		add(in(r, namespace), say.Unverifiable.with("checks", someOf(checks[r], "; ")))
	}
	for _, r := range exam.Rights() {
		add(existing.Right{Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace}, say.NoExam.with())
	}
	return all, nil
}

// someOf joins the first of some names, and says how many more there are.
func someOf(names []string, between string) string {
	if more := len(names) - mostNamed; more > 0 {
		return strings.Join(names[:mostNamed], between) + fmt.Sprintf(" … +%d", more)
	}
	return strings.Join(names, between)
}

func compareRights(a, b existing.Right) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.Subresource, b.Subresource), cmp.Compare(a.Verb, b.Verb))
}
