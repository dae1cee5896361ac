package kind

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sigs.k8s.io/kind/pkg/log"

	"podlab/cluster"
	"podlab/cluster/engine"
)

// reuse makes the cluster that is there usable: as it is when healthy, else
// by starting or restarting its node containers. It reports false where that
// did not help and the cluster has to be made anew. It fails where making it
// anew would not help either, and where something outside keeps its nodes from
// starting, so that what is in the cluster can be kept.
func (p *Provider) reuse(ctx context.Context, j *job) (usable bool, err error) {
	lib := p.library(j.engine, log.NoopLogger{})
	stopped := false
	for _, n := range j.nodes {
		stopped = stopped || !n.Running()
	}
	if !stopped {
		err := p.adopt(ctx, j, lib)
		if err == nil || isEngineTrouble(err) || ctx.Err() != nil {
			return err == nil, err
		}
		j.steps.Skip(cluster.StepReady, reason(err))
	}
	j.steps.Start(cluster.StepRepair)
	if err := p.repair(ctx, j, lib, stopped); err != nil {
		if isEngineTrouble(err) || isOutside(err) || ctx.Err() != nil {
			return false, err
		}
		j.steps.Fail(cluster.StepRepair, "cannot be repaired and is made anew: "+reason(err))
		return false, nil
	}
	j.steps.Done(cluster.StepRepair)
	return true, nil
}

// adopt takes over a cluster whose nodes run.
func (p *Provider) adopt(ctx context.Context, j *job, lib library) error {
	for _, step := range []cluster.StepID{
		cluster.StepNodeImage, cluster.StepNode, cluster.StepControl, cluster.StepNetwork, cluster.StepStorage,
	} {
		j.steps.Skip(step, "")
	}
	if err := p.refreshKubeconfig(lib); err != nil {
		return err
	}
	return p.waitReady(ctx, j, reuseTimeout)
}

// repair starts the nodes that do not run, or restarts those that do not do
// their work, and waits until the cluster is ready.
func (p *Provider) repair(ctx context.Context, j *job, lib library, stopped bool) error {
	act := j.engine.Restart
	if stopped {
		act = j.engine.Start
	}
	for _, n := range j.nodes {
		j.steps.Note(cluster.StepRepair, fmt.Sprintf("%s is %s: starting it", n.Name, n.Status))
	}
	if err := act(ctx, j.nodes); err != nil {
		return p.explainStart(err)
	}
	found, err := j.engine.Nodes(ctx, p.name)
	if err != nil {
		return err
	}
	j.nodes = found
	// The engine may have given the API server another port.
	if err := p.refreshKubeconfig(lib); err != nil {
		return err
	}
	return p.waitReady(ctx, j, repairTimeout)
}

// explainStart turns the engine's error into one that says what keeps the nodes
// from starting, where that is outside the cluster.
func (p *Provider) explainStart(err error) error {
	key := "start-disk-full"
	switch causeOf(err) {
	case diskFull:
	case portTaken:
		key = "start-port-taken"
	default:
		return err
	}
	return cluster.Fail(key, err, output(err), "name", p.name, "reason", reason(err))
}

// isOutside tells what explainStart found to be outside the cluster.
func isOutside(err error) bool {
	var failed *cluster.Error
	return errors.As(err, &failed) && (failed.Problem.Key == "start-disk-full" || failed.Problem.Key == "start-port-taken")
}

// refreshKubeconfig writes the kubeconfig if it is not what the node says.
func (p *Provider) refreshKubeconfig(lib library) error {
	text, err := lib.KubeConfig(p.name)
	if err != nil {
		return fmt.Errorf("read the kubeconfig of cluster %s from its node: %w", p.name, err)
	}
	if old, err := os.ReadFile(p.KubeconfigPath()); err == nil && string(old) == text {
		if info, err := os.Stat(p.KubeconfigPath()); err == nil && info.Mode().Perm() == 0o600 {
			return nil
		}
	}
	return p.writeKubeconfig(text)
}

// isEngineTrouble tells errors of the engine itself from those of a cluster.
func isEngineTrouble(err error) bool {
	var failed *cluster.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Problem.Key {
	case "no-engine", "chosen-engine", "engine-down", "engine-forbidden":
		return true
	}
	return false
}

// internal returns the nodes that run Pods.
func internal(found []engine.Container) []engine.Container {
	var nodes []engine.Container
	for _, n := range found {
		if n.Role != "external-load-balancer" {
			nodes = append(nodes, n)
		}
	}
	return nodes
}
