package grader

import (
	"context"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	corev1 "k8s.io/api/core/v1"

	"podlab/content"
	"podlab/grader/cellib"
)

// On a cluster that runs no containers, or cannot pull an image of the lab, what
// they would say and do is unknown, and what the cluster shows of it is assumed.
// CEL counts with unknown values: "false && unknown" is false, "true && unknown"
// is unknown. So a check fails for what its objects say, passes if they decide
// it, and is unverifiable else.

// simulated decides on a check that looks at containers where none run. Stuck and
// hindered say why its Pods cannot go on.
func (r *round) simulated(ctx context.Context, c *compiledCheck, stuck, hindered []content.Message) (Status, []content.Message) {
	if said, absent := r.noContainer(c); absent {
		return Failed, said
	}
	if len(stuck) > 0 {
		return Failed, stuck
	}
	if len(hindered) > 0 {
		return r.hinderedVerdict(ctx, c, nil, hindered)
	}
	said := []content.Message{content.Say("unverifiable")}
	switch status, found := r.doubt(ctx, c); {
	case status == Passed:
		return Passed, nil
	case status == Failed && len(found) > 0:
		return Failed, found
	case r.starting(c):
		return Pending, said // the image of what starts may not be there
	}
	return Unverifiable, said
}

// hinderedVerdict decides on a check that is not true because of something about
// the cluster, as hindered says: that is no mistake of the learner's.
// Said is what the check found, if it could look.
func (r *round) hinderedVerdict(ctx context.Context, c *compiledCheck, said, hindered []content.Message) (Status, []content.Message) {
	if absent, missing := r.noContainer(c); missing {
		return Failed, absent
	}
	switch status, found := r.doubt(ctx, c); {
	case status == Passed:
		return Passed, nil
	case status == Failed && len(found) > 0:
		return Failed, found
	case status == Failed && len(said) > 0:
		return Failed, said
	}
	return Unverifiable, hindered
}

// doubt decides on a check as far as its objects decide it: Passed, Failed or
// Unverifiable. What a failed one has to say may depend on containers, too, and
// is then empty.
func (r *round) doubt(ctx context.Context, c *compiledCheck) (Status, []content.Message) {
	d := &doubts{round: r, ctx: ctx, vars: map[string]ref.Val{}}
	switch d.eval(c.expr) {
	case types.True:
		if c.Steady == 0 {
			return Passed, nil
		}
	case types.False:
		said, err := cellib.Messages(d.eval(c.actual))
		if err != nil {
			said = nil
		}
		return Failed, said
	}
	return Unverifiable, nil
}

// starting reports whether a Pod that a check involves has yet to start, or to
// be made. A Job that goes on is none that starts: here it may go on for good.
func (r *round) starting(c *compiledCheck) bool {
	for _, pod := range r.program.involved(r.world, c.probes) {
		if pod.Status.Phase == corev1.PodPending {
			return true
		}
	}
	for _, name := range c.probes {
		objects := []object{r.world.objects[name]}
		if owner := r.program.probes[name].podOf(); owner != nil {
			objects = append(objects, r.world.owners[*owner])
		}
		for _, o := range objects {
			if o["kind"] != "Job" && rollingOut(o) {
				return true
			}
		}
	}
	return false
}

// doubts resolves the names of expressions where what containers did is unknown.
type doubts struct {
	*round
	ctx  context.Context
	vars map[string]ref.Val
}

// Parent implements cel.Activation.
func (d *doubts) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (d *doubts) ResolveName(name string) (any, bool) {
	if probe, ok := d.program.probes[name]; ok && (probe.runtime() || probe.Events != nil) {
		return unknown(0), true
	}
	if e, ok := d.program.vars[name]; ok {
		if _, seen := d.vars[name]; !seen {
			d.vars[name] = d.eval(e)
		}
		return d.vars[name], true
	}
	return scope{d.ctx, d.round}.ResolveName(name)
}

// eval evaluates an expression; an error is as good as an unknown value.
func (d *doubts) eval(e *expression) ref.Val {
	program, err := e.doubtful()
	if err != nil {
		return unknown(0)
	}
	value, _, err := program.ContextEval(d.ctx, d)
	if err != nil || value == nil {
		return unknown(0)
	}
	return value
}

func unknown(id int64) ref.Val { return types.NewUnknown(id, nil) }

// doubtful returns how to plan an expression so that whatever reads the status
// of containers yields an unknown value. It is planned when it is first needed.
func doubtful(env *cel.Env, parsed *cel.Ast) func() (cel.Program, error) {
	return sync.OnceValues(func() (cel.Program, error) {
		return env.Program(parsed, cel.CostLimit(costLimit), cel.InterruptCheckFrequency(1000), cel.CustomDecorator(veil))
	})
}

// veil hides what reads the status of containers.
func veil(i interpreter.Interpretable) (interpreter.Interpretable, error) {
	if a, ok := i.(interpreter.InterpretableAttribute); ok && takesStatus(a.Attr()) {
		return veiled{i.ID()}, nil
	}
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	hidden := cellib.ReadsStatus(call.Function())
	if args := call.Args(); call.Function() == "get" && len(args) > 1 {
		path, literal := args[1].(interpreter.InterpretableConst)
		if literal {
			text, _ := path.Value().Value().(string)
			hidden = cellib.ReadsContainers(text)
		}
	}
	if hidden {
		return veiled{i.ID()}, nil
	}
	return i, nil
}

// takesStatus reports whether an attribute ends with pod['status'] or pod.status;
// it is seen once for each step on its way.
func takesStatus(a interpreter.Attribute) bool {
	named, ok := a.(interpreter.NamespacedAttribute)
	if !ok || len(named.Qualifiers()) == 0 {
		return false
	}
	last, ok := named.Qualifiers()[len(named.Qualifiers())-1].(interpreter.ConstantQualifier)
	return ok && last.Value().Equal(types.String("status")) == types.True
}

// veiled is an expression whose value is unknown.
type veiled struct{ id int64 }

// ID implements interpreter.Interpretable.
func (v veiled) ID() int64 { return v.id }

// Eval implements interpreter.Interpretable.
func (v veiled) Eval(interpreter.Activation) ref.Val { return unknown(v.id) }
