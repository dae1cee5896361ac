package grader

import (
	"context"
	"sync"
	"time"

	"podlab/content"
	"podlab/grader/probe"
)

// Defaults of the probes' timeouts.
const (
	defaultTimeout = 2 * time.Second
	// followTimeout bounds how long a watched log is followed in one go.
	followTimeout = 10 * time.Minute
)

// outcome is what a runtime probe saw.
type outcome struct {
	// value as expressions see it; nil when the probe was not run.
	value map[string]any
	// gate says why it was not run.
	gate  gate
	fault error
	// began is when it looked, by the cluster's clock; zero while it goes on
	// looking, as at a log that is followed.
	began    time.Time
	duration time.Duration
}

// outcomes by probe name.
type outcomes map[string]outcome

// runGroup runs the probes of a group, each as soon as those it waits for are
// done. A probe whose containers are not there is not run. With follow, logs
// are followed until their until is true instead of for their timeout. Tell,
// if not nil, is told each outcome when it is there, one after the other.
func (p *Program) runGroup(ctx context.Context, g *group, w *world, t Target, follow bool, tell func(name string, o outcome)) outcomes {
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		out  = make(outcomes, len(g.probes))
		done = make(map[string]chan struct{}, len(g.probes))
	)
	for _, name := range g.probes {
		done[name] = make(chan struct{})
	}
	for _, name := range g.probes {
		compiled := p.probes[name]
		wg.Go(func() {
			defer close(done[name])
			before := map[string]any{}
			for _, other := range compiled.after() {
				<-done[other]
				mu.Lock()
				before[other] = valueOf(p.probes[other], out[other])
				mu.Unlock()
			}
			o := outcome{gate: p.gateOf(compiled, w)}
			if o.gate.open {
				o.began = t.now()
				began := time.Now()
				o.value, o.fault = p.runProbe(ctx, compiled, w, t, before, follow)
				need := compiled.need()
				o.fault = denied(o.fault, need.Verb, need.resource())
				o.duration = time.Since(began)
			}
			mu.Lock()
			defer mu.Unlock()
			out[name] = o
			if tell != nil {
				tell(name, o)
			}
		})
	}
	wg.Wait()
	return out
}

// valueOf is the value of a probe for expressions: what it saw, or all fields
// empty when it was not run.
func valueOf(p *compiledProbe, o outcome) map[string]any {
	if o.value != nil {
		return o.value
	}
	switch {
	case p.Logs != nil:
		return logsValue(probe.LogsResult{})
	case p.Exec != nil:
		return execValue(probe.ExecResult{})
	case p.HTTP != nil:
		return httpValue(probe.HTTPResult{})
	default:
		return tcpValue(probe.TCPResult{})
	}
}

// runProbe runs a probe whose gate is open.
func (p *Program) runProbe(ctx context.Context, c *compiledProbe, w *world, t Target, before map[string]any, follow bool) (map[string]any, error) {
	pod := "" // for a Service
	if target := c.podFor(w); target != nil {
		pod = target.Name
	}
	switch {
	case c.Logs != nil:
		r := probe.LogsRequest{
			Namespace: t.Namespace, Pod: pod, Container: c.Logs.Container,
			Previous: c.Logs.Previous, Timeout: c.Logs.Timeout.Or(defaultTimeout),
		}
		if follow {
			r.Timeout = followTimeout
		}
		var untilErr error
		if c.until != nil {
			r.Until = func(output string) bool {
				met, err := p.until(ctx, c.until, output, before, t.Namespace)
				untilErr = err
				return met || err != nil
			}
		}
		res := t.prober().Logs(ctx, r)
		if res.Fault == nil {
			res.Fault = untilErr
		}
		return logsValue(res), res.Fault
	case c.Exec != nil:
		res := t.prober().Exec(ctx, probe.ExecRequest{
			Namespace: t.Namespace, Pod: pod, Container: c.Exec.Container,
			Command: c.Exec.Command, Timeout: time.Duration(c.Exec.Timeout),
		})
		return execValue(res), res.Fault
	case c.HTTP != nil:
		h := c.HTTP
		res := t.prober().HTTP(ctx, probe.HTTPRequest{
			Namespace: t.Namespace, Pod: pod, Service: h.Service, Port: h.Port,
			Forward: h.Via == "forward", Scheme: h.Scheme, Method: h.Method, Path: h.Path, Headers: h.Headers,
			Samples: max(h.Samples, 1), Window: time.Duration(h.Window), Timeout: h.Timeout.Or(defaultTimeout),
		})
		if t.Foreign && res.Fault == nil && h.Via != "forward" && res.Unreached {
			res = c.fromInside(ctx, w, t, res)
		}
		return httpValue(res), res.Fault
	default:
		res := t.prober().TCP(ctx, probe.TCPRequest{
			Namespace: t.Namespace, Pod: pod, Port: c.TCP.Port,
			TLS: c.TCP.TLS, Send: c.TCP.Send, Timeout: c.TCP.Timeout.Or(defaultTimeout),
		})
		return tcpValue(res), res.Fault
	}
}

// until evaluates the condition of a logs probe for the log so far.
func (p *Program) until(ctx context.Context, e *expression, output string, before map[string]any, namespace string) (bool, error) {
	vars := map[string]any{"output": output, "params": p.params, "namespace": namespace, "setup": p.setup}
	for name, value := range before {
		vars[name] = value
	}
	v, _, err := e.program.ContextEval(ctx, vars)
	if err != nil {
		return false, err
	}
	met, _ := v.Value().(bool)
	return met, nil
}

func logsValue(r probe.LogsResult) map[string]any {
	return map[string]any{"ok": r.OK, "output": r.Output, "error": r.Error, "truncated": r.Truncated}
}

func execValue(r probe.ExecResult) map[string]any {
	return map[string]any{
		"ok": r.OK, "output": r.Output, "stderr": r.Stderr, "exitCode": int64(r.ExitCode),
		"error": r.Error, "truncated": r.Truncated,
	}
}

func httpValue(r probe.HTTPResult) map[string]any {
	v := sampleValue(r.HTTPSample)
	v["nonce"] = r.Nonce
	samples := make([]any, len(r.Samples))
	for i, s := range r.Samples {
		samples[i] = sampleValue(s)
	}
	v["samples"] = samples
	return v
}

func sampleValue(s probe.HTTPSample) map[string]any {
	headers := make(map[string]any, len(s.Headers))
	for name, value := range s.Headers {
		headers[name] = value
	}
	return map[string]any{
		"ok": s.OK, "status": int64(s.Status), "body": s.Body, "headers": headers,
		"refused": s.Refused, "error": s.Error,
	}
}

func tcpValue(r probe.TCPResult) map[string]any {
	names := make([]any, len(r.TLS.DNSNames))
	for i, name := range r.TLS.DNSNames {
		names[i] = name
	}
	notAfter := ""
	if !r.TLS.NotAfter.IsZero() {
		notAfter = r.TLS.NotAfter.UTC().Format(time.RFC3339)
	}
	return map[string]any{
		"ok": r.OK, "refused": r.Refused, "error": r.Error, "output": r.Output,
		"tls": map[string]any{
			"ok": r.TLS.OK, "error": r.TLS.Error, "subject": r.TLS.Subject, "issuer": r.TLS.Issuer,
			"dnsNames": names, "notAfter": notAfter, "version": r.TLS.Version, "sha256": r.TLS.SHA256,
		},
	}
}

// faultMessage says that podlab or the cluster, not the learner, is at fault.
func faultMessage(probeName string, err error) content.Message {
	return content.Say("fault", "probe", probeName, "error", short(err.Error()))
}
