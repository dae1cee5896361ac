package grader

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"podlab/grader/cellib"
)

// costLimit bounds one evaluation; the checks of a large lab need some
// thousand units, a runaway comprehension over a 256 KiB log millions.
const costLimit = 500_000

// baseEnv is what all expressions share. Building it takes several
// milliseconds, so that it is built once and extended per lab.
var baseEnv = sync.OnceValues(func() (*cel.Env, error) {
	opts := append(cellib.Library(),
		cel.OptionalTypes(),
		ext.Strings(), ext.Lists(), ext.Sets(), ext.Math(),
		cel.Variable("params", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("namespace", cel.StringType),
		cel.Variable("setup", cel.MapType(cel.StringType, cel.DynType)),
	)
	return cel.NewEnv(opts...)
})

// compiler collects what Compile finds.
type compiler struct {
	spec     Spec
	base     *cel.Env
	problems []error
	program  *Program
}

// Compile checks spec and compiles its expressions. The values of params are
// available to expressions as params.<name>, and the objects of the lab's setup
// as setup['Kind/name']. All problems are reported, as CompileErrors joined by
// errors.Join.
func Compile(spec Spec, params map[string]string, setup map[string]any) (*Program, error) {
	base, err := baseEnv()
	if err != nil {
		return nil, fmt.Errorf("prepare CEL: %w", err)
	}
	c := &compiler{spec: spec, base: base, program: &Program{
		spec:     spec,
		params:   params,
		setup:    setup,
		probes:   make(map[string]*compiledProbe, len(spec.Probes)),
		vars:     make(map[string]*expression, len(spec.Vars)),
		messages: map[string][]string{},
	}}
	c.checkProbes()
	env := c.environment()
	if len(c.problems) > 0 {
		return nil, errors.Join(c.problems...) // expressions would only fail over the same mistakes
	}
	c.compileUntils()
	c.compileVars(env)
	c.compileChecks(env)
	if len(c.problems) == 0 { // else what looks unused may be used where it did not compile
		c.findUnused()
	}
	c.program.groups = c.groupProbes()
	if len(c.problems) > 0 {
		return nil, errors.Join(c.problems...)
	}
	return c.program, nil
}

func (c *compiler) problem(path []string, format string, args ...any) {
	c.problems = append(c.problems, &CompileError{Path: path, Problem: fmt.Sprintf(format, args...)})
}

// environment declares probes and vars.
func (c *compiler) environment() *cel.Env {
	var opts []cel.EnvOption
	seen := map[string]string{"params": "a built-in name", "namespace": "a built-in name", "setup": "a built-in name"}
	declare := func(path []string, name, what string) {
		switch {
		case !isIdentifier(name):
			c.problem(path, "name %q: use a letter, then letters and digits", name)
		case seen[name] != "":
			c.problem(path, "name %q is %s already: choose another", name, seen[name])
		default:
			seen[name] = what
			opts = append(opts, cel.Variable(name, cel.DynType))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.spec.Probes)) {
		declare([]string{"probes", name}, name, "a probe")
	}
	for i, v := range c.spec.Vars {
		declare([]string{"vars", strconv.Itoa(i), "name"}, v.Name, "a probe or var")
	}
	if len(c.problems) > 0 {
		return nil
	}
	env, err := c.base.Extend(opts...)
	if err != nil {
		c.problem(nil, "prepare CEL: %v", err)
	}
	return env
}

// expression compiles source, which must yield one of the types want.
func (c *compiler) expression(env *cel.Env, path []string, source, yields string, want ...*cel.Type) (*expression, *celast.AST) {
	if strings.TrimSpace(source) == "" {
		c.problem(path, "the expression is missing: it must yield %s", yields)
		return nil, nil
	}
	parsed, issues := env.Compile(source)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			c.problem(path, "CEL: %s (at %d:%d of the expression)", e.Message, e.Location.Line(), e.Location.Column()+1)
		}
		return nil, nil
	}
	if !slices.ContainsFunc(want, parsed.OutputType().IsExactType) {
		c.problem(path, "the expression yields %s: it must yield %s", parsed.OutputType(), yields)
		return nil, nil
	}
	program, err := env.Program(parsed, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit), cel.InterruptCheckFrequency(1000))
	if err != nil {
		c.problem(path, "CEL: %v", err)
		return nil, nil
	}
	c.checkSetup(path, parsed.NativeRep())
	e := &expression{source: source, program: program, doubtful: doubtful(env, parsed), uses: uses{probes: map[string]bool{}, vars: map[string]bool{}}}
	c.findUses(parsed.NativeRep(), e)
	return e, parsed.NativeRep()
}

// checkSetup refuses setup['Kind/name'] of an object that setup does not make.
func (c *compiler) checkSetup(path []string, ast *celast.AST) {
	celast.PreOrderVisit(ast.Expr(), celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() != celast.CallKind || x.AsCall().FunctionName() != operators.Index {
			return
		}
		args := x.AsCall().Args()
		if args[0].Kind() != celast.IdentKind || args[0].AsIdent() != "setup" {
			return
		}
		if key, ok := literal(args[1]); ok && c.program.setup[key] == nil {
			known := slices.Sorted(maps.Keys(c.program.setup))
			c.problem(path, "setup[%q]: the lab's setup makes no such object: it makes %s", key, orNone(known))
		}
	}))
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// findUses notes what the expression refers to; vars that it uses must be
// compiled before it.
func (c *compiler) findUses(ast *celast.AST, e *expression) {
	celast.PreOrderVisit(ast.Expr(), celast.NewExprVisitor(func(x celast.Expr) {
		switch x.Kind() {
		case celast.IdentKind:
			name := x.AsIdent()
			if _, ok := c.spec.Probes[name]; ok {
				e.probes[name] = true
			}
			if v, ok := c.program.vars[name]; ok {
				e.vars[name] = true
				maps.Copy(e.probes, v.probes)
				e.status = e.status || v.status
				e.assumed = e.assumed || v.assumed
			}
		case celast.SelectKind:
			e.status = e.status || x.AsSelect().FieldName() == "status"
		case celast.CallKind:
			call := x.AsCall()
			if call.FunctionName() == operators.Index {
				p, _ := literal(call.Args()[1])
				e.assumed = e.assumed || p == "status"
			}
			e.status = e.status || cellib.ReadsStatus(call.FunctionName())
			if call.FunctionName() == "get" && len(call.Args()) > 1 {
				p, _ := literal(call.Args()[1])
				e.status = e.status || p == "status" || strings.HasPrefix(p, "status.")
			}
		}
	}))
}

func literal(x celast.Expr) (string, bool) {
	if x.Kind() != celast.LiteralKind {
		return "", false
	}
	s, ok := x.AsLiteral().(types.String)
	return string(s), ok
}

func (c *compiler) compileUntils() {
	for name, p := range c.spec.Probes {
		compiled := &compiledProbe{name: name, Probe: p}
		c.program.probes[name] = compiled
		if p.Logs == nil || p.Logs.Until == "" {
			continue
		}
		opts := []cel.EnvOption{cel.Variable("output", cel.StringType)}
		for _, before := range p.Logs.After {
			opts = append(opts, cel.Variable(before, cel.DynType))
		}
		path := []string{"probes", name, "logs", "until"}
		env, err := c.base.Extend(opts...)
		if err != nil {
			c.problem(path, "CEL: %v", err)
			continue
		}
		compiled.until, _ = c.expression(env, path, p.Logs.Until, "true or false", cel.BoolType, cel.DynType)
	}
}

func (c *compiler) compileVars(env *cel.Env) {
	for i, v := range c.spec.Vars {
		path := []string{"vars", strconv.Itoa(i), "expr"}
		parsed, issues := env.Compile(v.Expr)
		if issues.Err() == nil {
			for _, later := range c.spec.Vars[i:] {
				if mentions(parsed.NativeRep(), later.Name) {
					c.problem(path, "var %q uses %q, which is not above it: change the order", v.Name, later.Name)
				}
			}
		}
		e, _ := c.anyExpression(env, path, v.Expr)
		if e != nil {
			c.program.vars[v.Name] = e
		}
	}
}

// anyExpression compiles an expression that may yield anything.
func (c *compiler) anyExpression(env *cel.Env, path []string, source string) (*expression, *celast.AST) {
	if parsed, issues := env.Compile(source); issues.Err() == nil {
		return c.expression(env, path, source, "a value", parsed.OutputType())
	}
	return c.expression(env, path, source, "a value")
}

func mentions(ast *celast.AST, name string) bool {
	found := false
	celast.PreOrderVisit(ast.Expr(), celast.NewExprVisitor(func(x celast.Expr) {
		found = found || x.Kind() == celast.IdentKind && x.AsIdent() == name
	}))
	return found
}

func (c *compiler) compileChecks(env *cel.Env) {
	if len(c.spec.Checks) == 0 {
		c.problem([]string{"checks"}, "there are no checks: a lab needs at least one")
	}
	seen := map[string]bool{}
	for i, check := range c.spec.Checks {
		at := func(field string) []string { return []string{"checks", strconv.Itoa(i), field} }
		if !isID(check.ID) {
			c.problem(at("id"), "check id %q: use lower-case words joined by hyphens", check.ID)
		}
		if seen[check.ID] {
			c.problem(at("id"), "check id %q is used twice: choose another", check.ID)
		}
		seen[check.ID] = true
		if check.Points < 1 {
			c.problem(at("points"), "check %q is worth %d points: give it at least 1", check.ID, check.Points)
		}
		compiled := &compiledCheck{Check: check}
		compiled.expr, _ = c.expression(env, at("expr"), check.Expr, "true or false", cel.BoolType, cel.DynType)
		var ast *celast.AST
		compiled.actual, ast = c.expression(env, at("actual"), check.Actual, "a message or a list of messages",
			cellib.MessageType, cel.ListType(cellib.MessageType), cel.DynType, cel.ListType(cel.DynType))
		if ast != nil {
			c.findMessages(at("actual"), ast)
		}
		if compiled.expr != nil {
			compiled.probes = slices.Sorted(maps.Keys(compiled.expr.probes))
			for _, name := range compiled.probes {
				if c.program.probes[name].runtime() {
					compiled.runtime = append(compiled.runtime, name)
				}
			}
			if len(compiled.probes) == 0 {
				c.problem(at("expr"), "check %q uses no probe: it cannot depend on the cluster", check.ID)
			}
		}
		c.program.checks = append(c.program.checks, compiled)
	}
}

// findMessages notes the messages that an expression says.
func (c *compiler) findMessages(path []string, ast *celast.AST) {
	says := false
	celast.PreOrderVisit(ast.Expr(), celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() != celast.CallKind || x.AsCall().FunctionName() != "say" {
			return
		}
		says = true
		args := x.AsCall().Args()
		key, ok := literal(args[0])
		if !ok {
			c.problem(path, "say: the key must be a literal, so that its text can be looked up")
			return
		}
		var names []string
		if len(args) > 1 {
			if args[1].Kind() != celast.MapKind {
				c.problem(path, "say(%q): the arguments must be written as {'name': value}", key)
				return
			}
			for _, entry := range args[1].AsMap().Entries() {
				name, ok := literal(entry.AsMapEntry().Key())
				if !ok {
					c.problem(path, "say(%q): the names of arguments must be literals", key)
					continue
				}
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if before, ok := c.program.messages[key]; ok && !slices.Equal(before, names) {
			c.problem(path, "say(%q): arguments %v here and %v elsewhere: use the same everywhere", key, names, before)
			return
		}
		c.program.messages[key] = names
	}))
	if !says {
		c.problem(path, "the expression says nothing: use say(key, {…})")
	}
}

// findUnused refuses probes and vars that no check needs: they cost time, and
// most often they are a misspelt name.
func (c *compiler) findUnused() {
	used := map[string]bool{}
	note := func(e *expression) {
		if e == nil {
			return
		}
		for name := range e.probes {
			used[name] = true
		}
		for name := range e.vars {
			used[name] = true
		}
	}
	for _, check := range c.program.checks {
		note(check.expr)
		note(check.actual)
	}
	for i := len(c.spec.Vars) - 1; i >= 0; i-- {
		if v := c.spec.Vars[i]; used[v.Name] {
			note(c.program.vars[v.Name])
		} else {
			c.problem([]string{"vars", strconv.Itoa(i), "name"}, "var %q is used by no check: remove it", v.Name)
		}
	}
	for changed := true; changed; {
		changed = false
		for name, p := range c.program.probes {
			for _, before := range p.after() {
				if used[name] && !used[before] {
					used[before], changed = true, true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.spec.Probes)) {
		if !used[name] {
			c.problem([]string{"probes", name}, "probe %q is used by no check: remove it", name)
		}
	}
}

// groupProbes joins runtime probes that wait for one another, each group in
// an order in which its probes may run.
func (c *compiler) groupProbes() []*group {
	groupOf := map[string]*group{}
	var groups []*group
	for _, name := range c.runOrder() {
		joined := &group{probes: []string{name}}
		for _, before := range c.program.probes[name].after() {
			if g := groupOf[before]; g != nil && g != joined {
				joined.probes = append(g.probes, joined.probes...)
				groups = slices.DeleteFunc(groups, func(other *group) bool { return other == g })
				for _, member := range joined.probes {
					groupOf[member] = joined
				}
			}
		}
		groupOf[name] = joined
		groups = append(groups, joined)
	}
	for _, g := range groups {
		g.follows = !slices.ContainsFunc(g.probes, func(name string) bool {
			return c.program.probes[name].until == nil
		})
	}
	return groups
}

// runOrder lists the runtime probes, each behind those it waits for. A cycle
// was refused before.
func (c *compiler) runOrder() []string {
	var order []string
	done := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if done[name] {
			return
		}
		done[name] = true
		for _, before := range c.program.probes[name].after() {
			visit(before)
		}
		order = append(order, name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.program.probes)) {
		if c.program.probes[name].runtime() {
			visit(name)
		}
	}
	return order
}
