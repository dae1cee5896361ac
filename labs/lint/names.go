package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
	"k8s.io/apimachinery/pkg/labels"

	"podlab/grader"
)

// GradedNames returns what a check grades and a learner could have chosen
// otherwise, sorted: the names that its probes look for (objects, containers,
// Services, ports, labels and fixed HTTP paths), the string literals and port
// numbers of its expression and of the vars that it uses, and the values of
// params that these use.
//
// Not among them are literals that name nothing of the learner's: field paths
// and defaults of get, patterns of matches, separators of split and join,
// messages, durations and timestamps; nor what a probe runs, sends or waits
// for; nor what is one character long. A concatenation of literals and params
// is one name. Spec must be expanded. An expression
// that does not parse is an error.
func GradedNames(spec grader.Spec, params map[string]string, check grader.Check) ([]string, error) {
	c := &nameCollector{spec: spec, params: params, names: map[string]bool{}, visited: map[string]bool{}}
	if err := c.expression("check "+check.ID, check.Expr); err != nil {
		return nil, err
	}
	maps.DeleteFunc(c.names, func(name string, _ bool) bool { return len([]rune(strings.TrimSpace(name))) < 2 })
	return slices.Sorted(maps.Keys(c.names)), nil
}

type nameCollector struct {
	spec    grader.Spec
	params  map[string]string
	names   map[string]bool
	visited map[string]bool // probes and vars
	muted   bool            // literals are no names where the walk is
}

func (c *nameCollector) add(names ...string) {
	for _, name := range names {
		c.names[name] = true
	}
}

func (c *nameCollector) expression(what, source string) error {
	// The same syntax as grader.Compile accepts; macros may stay unexpanded.
	p, err := parser.NewParser(parser.Macros(parser.AllMacros...), parser.EnableOptionalSyntax(true), parser.EnableIdentEscapeSyntax(true))
	if err != nil {
		return fmt.Errorf("prepare the CEL parser: %w", err)
	}
	parsed, issues := p.Parse(common.NewTextSource(source))
	if len(issues.GetErrors()) > 0 {
		return fmt.Errorf("%s: parse CEL: %s", what, issues.ToDisplayString())
	}
	return c.walk(parsed.Expr())
}

// walk collects from an expression and all below it.
func (c *nameCollector) walk(e celast.Expr) error {
	switch e.Kind() {
	case celast.LiteralKind:
		if s, ok := e.AsLiteral().(types.String); ok && !c.muted {
			c.add(string(s))
		}
	case celast.IdentKind:
		return c.identifier(e.AsIdent())
	case celast.SelectKind:
		operand := e.AsSelect().Operand()
		if operand.Kind() == celast.IdentKind && operand.AsIdent() == "params" {
			c.add(c.params[e.AsSelect().FieldName()])
			return nil
		}
		return c.walk(operand)
	case celast.CallKind:
		return c.call(e)
	case celast.ListKind:
		return c.walkAll(e.AsList().Elements())
	case celast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			if err := c.walkAll([]celast.Expr{entry.AsMapEntry().Key(), entry.AsMapEntry().Value()}); err != nil {
				return err
			}
		}
	case celast.StructKind:
		for _, field := range e.AsStruct().Fields() {
			if err := c.walk(field.AsStructField().Value()); err != nil {
				return err
			}
		}
	case celast.ComprehensionKind:
		loop := e.AsComprehension()
		return c.walkAll([]celast.Expr{loop.IterRange(), loop.AccuInit(), loop.LoopCondition(), loop.LoopStep(), loop.Result()})
	}
	return nil
}

func (c *nameCollector) walkAll(all []celast.Expr) error {
	for _, e := range all {
		if err := c.walk(e); err != nil {
			return err
		}
	}
	return nil
}

// call collects from a call, leaving out the literals that are no names.
func (c *nameCollector) call(e celast.Expr) error {
	call := e.AsCall()
	args := slices.Clone(call.Args())
	if call.IsMemberFunction() {
		// x.f(y) is f(x, y), but for the place of the arguments.
		args = append([]celast.Expr{call.Target()}, args...)
	}
	keep := len(args)
	switch call.FunctionName() {
	case "say":
		return nil
	case operators.Index: // setup['Kind/name'] is what the lab gave
		if len(args) == 2 && args[0].Kind() == celast.IdentKind && args[0].AsIdent() == "setup" {
			return nil
		}
	case "duration", "timestamp", "quantity":
		if len(args) == 1 && args[0].Kind() == celast.LiteralKind {
			return nil
		}
	case "get", "matches", "split", "join", "replace":
		keep = 1
	case "format": // '%s:%s'.format([a, b])
		if len(args) == 2 && args[0].Kind() == celast.LiteralKind {
			return c.walk(args[1])
		}
	case "servicePort":
		if len(args) == 2 {
			c.addInt(args[1])
		}
	case operators.Equals:
		if len(args) == 2 && isPortField(args[0]) {
			c.addInt(args[1])
		} else if len(args) == 2 && isPortField(args[1]) {
			c.addInt(args[0])
		}
	case operators.Add: // 'my-' + params.name is one name, not two
		if folded, ok := c.constant(e); ok {
			if !c.muted {
				c.add(folded)
			}
			return nil
		}
	case operators.OptSelect: // pod.?spec has the field as its second argument
		keep = 1
	}
	if err := c.walkAll(args[:keep]); err != nil {
		return err
	}
	defer func(before bool) { c.muted = before }(c.muted)
	c.muted = true // but probes, vars and params count there, too
	return c.walkAll(args[keep:])
}

// constant evaluates what is a text already before the checks run: literals,
// params, and their concatenation.
func (c *nameCollector) constant(e celast.Expr) (string, bool) {
	switch e.Kind() {
	case celast.LiteralKind:
		s, ok := e.AsLiteral().(types.String)
		return string(s), ok
	case celast.SelectKind:
		operand := e.AsSelect().Operand()
		if operand.Kind() == celast.IdentKind && operand.AsIdent() == "params" {
			value, ok := c.params[e.AsSelect().FieldName()]
			return value, ok
		}
	case celast.CallKind:
		call := e.AsCall()
		if call.FunctionName() == operators.Add && len(call.Args()) == 2 {
			left, ok := c.constant(call.Args()[0])
			right, alsoOK := c.constant(call.Args()[1])
			return left + right, ok && alsoOK
		}
	}
	return "", false
}

// isPortField tells port, containerPort, targetPort and their like.
func isPortField(e celast.Expr) bool {
	if e.Kind() == celast.CallKind && e.AsCall().FunctionName() == "get" && len(e.AsCall().Args()) > 1 {
		path := e.AsCall().Args()[1]
		if path.Kind() != celast.LiteralKind {
			return false
		}
		text, _ := path.AsLiteral().(types.String)
		return strings.HasSuffix(strings.ToLower(string(text)), "port")
	}
	return e.Kind() == celast.SelectKind && strings.HasSuffix(strings.ToLower(e.AsSelect().FieldName()), "port")
}

func (c *nameCollector) addInt(e celast.Expr) {
	if e.Kind() != celast.LiteralKind {
		return
	}
	if n, ok := e.AsLiteral().(types.Int); ok {
		c.add(strconv.FormatInt(int64(n), 10))
	}
}

// identifier follows the probes and vars that an expression uses.
func (c *nameCollector) identifier(name string) error {
	if c.visited[name] {
		return nil
	}
	c.visited[name] = true
	if p, ok := c.spec.Probes[name]; ok {
		return c.probe(name, p)
	}
	for _, v := range c.spec.Vars {
		if v.Name == name {
			defer func(before bool) { c.muted = before }(c.muted)
			c.muted = false
			return c.expression("var "+name, v.Expr)
		}
	}
	return nil
}

// probe collects the names that a probe looks for, and those of the probes
// that must have run before it.
func (c *nameCollector) probe(name string, p grader.Probe) error {
	var after []string
	switch {
	case p.Object != nil:
		c.add(p.Object.Name)
	case p.List != nil:
		requirements, err := labels.ParseToRequirements(p.List.Selector)
		if err != nil {
			return fmt.Errorf("probe %s: selector %q: %w", name, p.List.Selector, err)
		}
		for _, r := range requirements {
			c.add(r.Key())
			c.add(r.ValuesUnsorted()...)
		}
	case p.PodOf != nil:
		c.addOwner(p.PodOf)
	case p.Events != nil:
		c.add(p.Events.Name)
	case p.Logs != nil:
		c.add(p.Logs.Pod, p.Logs.Container)
		c.addOwner(p.Logs.PodOf)
		after = p.Logs.After
	case p.Exec != nil:
		c.add(p.Exec.Pod, p.Exec.Container)
		c.addOwner(p.Exec.PodOf)
		after = p.Exec.After
	case p.HTTP != nil:
		c.add(p.HTTP.Pod, p.HTTP.Service, p.HTTP.Port)
		c.addOwner(p.HTTP.PodOf)
		if !strings.Contains(p.HTTP.Path, "{nonce}") {
			c.add(p.HTTP.Path)
		}
		after = p.HTTP.After
	case p.TCP != nil:
		c.add(p.TCP.Pod, p.TCP.Port)
		c.addOwner(p.TCP.PodOf)
		after = p.TCP.After
	}
	for _, before := range after {
		if err := c.identifier(before); err != nil {
			return err
		}
	}
	return nil
}

func (c *nameCollector) addOwner(w *grader.Workload) {
	if w != nil {
		c.add(w.Name)
	}
}

// Unstated returns the names that the rendered task does not mention. A name
// is mentioned where it stands by itself: not within a longer word, a path or
// another of the names. Others are names that need not be mentioned, but
// whose parts mention nothing either: where the task says nginx:1.29-alpine,
// it does not state a container nginx.
func Unstated(task string, names, others []string) []string {
	all := map[string]bool{}
	for _, name := range slices.Concat(names, others) {
		all[oneLine(name)] = true
	}
	delete(all, "")
	// Longer names first, each taken out of the text where it was found, so
	// that no shorter one is found in it.
	byLength := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	text := oneLine(task)
	stated := map[string]bool{}
	for _, name := range byLength {
		text, stated[name] = takeOut(text, name)
	}
	var missing []string
	for _, name := range names {
		if !stated[oneLine(name)] {
			missing = append(missing, name)
		}
	}
	return missing
}

// oneLine makes every run of white space one blank: Markdown may wrap a line
// within a name that has several words.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
