package grader

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	corev1 "k8s.io/api/core/v1"

	"podlab/content"
	"podlab/grader/cellib"
	"podlab/grader/printable"
)

// defaultGrace is how long after a container started a false check is pending:
// a server needs a moment until it listens.
const defaultGrace = 3 * time.Second

// round is one evaluation of all checks over what was seen.
type round struct {
	program  *Program
	target   Target
	world    *world
	outcomes outcomes
	now      time.Time
	vars     map[string]ref.Val // results of vars, each evaluated at most once
	// recheck is the earliest moment at which a verdict changes by time alone.
	recheck time.Time
}

// judge evaluates all checks. The second value is when to judge again though
// nothing happened; zero for never.
func (p *Program) judge(ctx context.Context, t Target, w *world, o outcomes, now time.Time) (*Report, time.Time) {
	r := &round{program: p, target: t, world: w, outcomes: o, now: now, vars: map[string]ref.Val{}}
	report := &Report{Namespace: t.Namespace, Results: make([]Result, 0, len(p.checks))}
	for _, c := range p.checks {
		began := time.Now()
		status, actual := r.verdict(ctx, c)
		result := Result{ID: c.ID, Status: status, Points: c.Points, Given: c.Given, Actual: printableMessages(actual)}
		if status == Passed {
			result.Earned, result.Actual = c.Points, nil
		}
		for _, name := range c.runtime {
			result.Duration = max(result.Duration, o[name].duration)
		}
		result.Duration += time.Since(began)
		report.Results = append(report.Results, result)
	}
	return report, r.recheck
}

// verdict decides on one check, see docs/checks.md for the rules.
func (r *round) verdict(ctx context.Context, c *compiledCheck) (Status, []content.Message) {
	if status, said, decided := r.missing(c); decided {
		return status, said
	}
	if status, said, decided := r.podless(c); decided {
		return status, said
	}
	stuck, hindered, moving := r.podStates(c)
	if !r.target.RunsContainers && (len(c.runtime) > 0 || c.expr.status || c.expr.assumed || c.Steady > 0) {
		return r.simulated(ctx, c, stuck, hindered)
	}
	isBlocked := len(stuck)+len(hindered) > 0
	blocked := func(said []content.Message) (Status, []content.Message) {
		if len(stuck) > 0 {
			return Failed, slices.Concat(said, stuck, hindered)
		}
		return r.hinderedVerdict(ctx, c, said, hindered)
	}
	for _, name := range c.runtime {
		o, ran := r.outcomes[name]
		if !ran {
			o.gate = r.program.gateOf(r.program.probes[name], r.world)
		}
		switch {
		case o.gate.open && !ran:
			return Pending, []content.Message{content.Say("looking")}
		case o.gate.open:
		case o.gate.missing:
			return Failed, []content.Message{o.gate.message}
		case isBlocked:
			return blocked(nil)
		case moving:
			return Pending, []content.Message{o.gate.message}
		default:
			return Failed, []content.Message{o.gate.message}
		}
	}
	value, err := r.eval(ctx, c.expr)
	if err != nil {
		return Errored, []content.Message{content.Say("expression", "error", short(err.Error()))}
	}
	if value == types.True {
		switch {
		case c.Steady > 0 && isBlocked:
			return blocked(nil)
		case r.unsteady(c):
			return Pending, []content.Message{content.Say("steady", "seconds", strconv.Itoa(int(time.Duration(c.Steady).Seconds())))}
		}
		return Passed, nil
	}
	if value.Type() != types.BoolType {
		return Errored, []content.Message{content.Say("expression", "error", "the check yields "+value.Type().TypeName())}
	}
	said, err := r.actual(ctx, c)
	if err != nil {
		return Errored, []content.Message{content.Say("expression", "error", short(err.Error()))}
	}
	unseen, hidden := deniedMessage(r.world.podsDenied)
	switch {
	case isBlocked:
		return blocked(said)
	case hidden && c.expr.status:
		// The Pods would say whether it can still become true.
		return Unverifiable, append(said, unseen)
	case moving && (c.expr.status || len(c.runtime) > 0):
		return Pending, said
	default:
		return Failed, said
	}
}

// missing decides on a check whose probes failed or whose objects do not exist.
func (r *round) missing(c *compiledCheck) (Status, []content.Message, bool) {
	var absent []content.Message
	add := func(kind, name string) {
		m := content.Say("no-object", "kind", kind, "name", name)
		if !slices.ContainsFunc(absent, func(other content.Message) bool {
			return other.Args["kind"] == kind && other.Args["name"] == name
		}) {
			absent = append(absent, m)
		}
	}
	for _, name := range c.probes {
		probe := r.program.probes[name]
		if err := r.fault(name); err != nil {
			if said, ok := deniedMessage(err); ok {
				return Unverifiable, []content.Message{said}, true
			}
			return Errored, []content.Message{faultMessage(name, err)}, true
		}
		if o := probe.Object; o != nil && r.world.objects[name] == nil {
			add(o.Kind, o.Name)
		}
		if pod := probe.pod(); pod != "" && r.world.pod(pod) == nil {
			add("Pod", pod)
		}
		if owner := probe.podOf(); owner != nil && r.world.owners[*owner] == nil {
			add(owner.Kind, owner.Name)
		}
		if service := probe.service(); service != "" && r.world.services[service] == nil {
			add("Service", service)
		}
	}
	return Failed, absent, len(absent) > 0
}

// podless decides on a check that looks at the Pod of a workload that has none.
func (r *round) podless(c *compiledCheck) (Status, []content.Message, bool) {
	for _, name := range c.probes {
		if owner := r.program.probes[name].podOf(); owner != nil && r.world.podOf(*owner) == nil {
			workload := r.world.owners[*owner]
			status, said, until := withoutPod(*owner, workload, r.now)
			if status == Failed && owner.Kind == "Job" && !r.target.RunsContainers && !suspended(workload) {
				// How a Job ends follows from how its containers do.
				return Unverifiable, []content.Message{content.Say("unverifiable")}, true
			}
			if !until.IsZero() {
				r.wakeAt(until)
			}
			return status, []content.Message{said}, true
		}
	}
	return "", nil, false
}

// unsteady reports whether the containers which a check involves have yet to
// go on running until it has passed.
func (r *round) unsteady(c *compiledCheck) bool {
	if c.Steady == 0 {
		return false
	}
	var until time.Time
	for _, pod := range r.program.involved(r.world, c.probes) {
		for _, s := range pod.Status.ContainerStatuses {
			if s.State.Running == nil {
				if pod.Spec.RestartPolicy == corev1.RestartPolicyAlways {
					return true // it is about to be started again
				}
				continue // it was meant to end
			}
			// startedAt is cut to whole seconds
			if end := s.State.Running.StartedAt.Add(time.Duration(c.Steady) + time.Second); end.After(until) {
				until = end
			}
		}
	}
	if !until.After(r.now) {
		return false
	}
	r.wakeAt(until)
	return true
}

// wakeAt asks for another judgement at that moment.
func (r *round) wakeAt(moment time.Time) {
	if r.recheck.IsZero() || moment.Before(r.recheck) {
		r.recheck = moment
	}
}

func (r *round) fault(probe string) error {
	return errors.Join(r.world.faults[probe], r.outcomes[probe].fault)
}

// podStates joins the states of all Pods that a check involves.
func (r *round) podStates(c *compiledCheck) (stuck, hindered []content.Message, moving bool) {
	seen := r.seenAt(c)
	for _, pod := range r.program.involved(r.world, c.probes) {
		s := r.assess(pod, c.Grace.Or(defaultGrace), seen)
		stuck = append(stuck, s.stuck...)
		hindered = append(hindered, s.hindered...)
		moving = moving || s.moving
		if s.until.After(r.now) {
			r.wakeAt(s.until)
		}
	}
	for _, name := range c.probes {
		if owner := r.program.probes[name].podOf(); owner != nil {
			moving = moving || rollingOut(r.world.owners[*owner])
		}
		moving = moving || rollingOut(r.world.objects[name]) || r.endpointsLag(name)
	}
	return stuck, hindered, moving
}

// noContainer says which container that the check observes its Pod does not have.
func (r *round) noContainer(c *compiledCheck) ([]content.Message, bool) {
	for _, name := range c.runtime {
		if g := r.program.gateOf(r.program.probes[name], r.world); g.missing {
			return []content.Message{g.message}, true
		}
	}
	return nil, false
}

// seenAt is when the evidence of a check was gathered. On a busy machine a
// probe takes seconds, and what it saw while a container was starting says
// nothing about later.
func (r *round) seenAt(c *compiledCheck) time.Time {
	seen := r.now
	for _, name := range c.runtime {
		if began := r.outcomes[name].began; !began.IsZero() && began.Before(seen) {
			seen = began
		}
	}
	return seen
}

// endpointsWait is what the cluster gets to make endpoints of Pods that have
// become ready: milliseconds as a rule, seconds on a busy machine.
const endpointsWait = 10 * time.Second

// endpointsLag reports whether a probe met a Service without endpoints, and a
// Pod behind it has become ready just now.
func (r *round) endpointsLag(name string) bool {
	probe := r.program.probes[name]
	said, _ := r.outcomes[name].value["error"].(string)
	if probe.service() == "" || !strings.Contains(said, "no endpoints available") {
		return false
	}
	for _, pod := range r.program.involved(r.world, []string{name}) {
		for _, c := range pod.Status.Conditions {
			until := c.LastTransitionTime.Add(endpointsWait)
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue && until.After(r.now) {
				r.wakeAt(until)
				return true
			}
		}
	}
	return false
}

func (r *round) actual(ctx context.Context, c *compiledCheck) ([]content.Message, error) {
	value, err := r.eval(ctx, c.actual)
	if err != nil {
		return nil, err
	}
	return cellib.Messages(value)
}

func (r *round) eval(ctx context.Context, e *expression) (ref.Val, error) {
	value, _, err := e.program.ContextEval(ctx, scope{ctx, r})
	return value, err
}

// scope resolves the names of expressions; vars when they are first used.
type scope struct {
	ctx context.Context
	*round
}

// Parent implements cel.Activation.
func (s scope) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (s scope) ResolveName(name string) (any, bool) {
	switch name {
	case "params":
		return s.program.params, true
	case "namespace":
		return s.target.Namespace, true
	case "setup":
		return s.program.setup, true
	}
	if probe, ok := s.program.probes[name]; ok {
		switch {
		case probe.Object != nil || probe.PodOf != nil:
			if obj := s.world.objects[name]; obj != nil {
				return obj, true
			}
			return types.NullValue, true // a nil map would be an empty one
		case probe.List != nil || probe.Events != nil:
			if list := s.world.lists[name]; list != nil {
				return list, true
			}
			return []any{}, true
		default:
			return valueOf(probe, s.outcomes[name]), true
		}
	}
	e, ok := s.program.vars[name]
	if !ok {
		return nil, false
	}
	if value, ok := s.vars[name]; ok {
		return value, true
	}
	value, err := s.eval(s.ctx, e)
	if err != nil {
		value = types.WrapErr(err)
	}
	s.vars[name] = value
	return value, true
}

// printableMessages makes values that came from the cluster safe to show.
func printableMessages(said []content.Message) []content.Message {
	const (
		mostLines = 12
		mostRunes = 400
	)
	for i, m := range said {
		args := make(map[string]string, len(m.Args))
		for name, value := range m.Args {
			text, more := printable.Lines(value, mostLines, mostRunes)
			if more > 0 {
				text += "\n…"
			}
			args[name] = text
		}
		said[i] = content.Message{Key: m.Key, Args: args}
	}
	return said
}
