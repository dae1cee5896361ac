package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Labels that kind puts on node containers.
const (
	clusterLabel = "io.x-k8s.kind.cluster"
	roleLabel    = "io.x-k8s.kind.role"
)

// Container is a node container.
type Container struct {
	Name string
	// Status is the engine's word: running, exited, paused, created, dead.
	Status string
	// StartedAt by the clock of the engine's machine; zero if never started.
	StartedAt time.Time
	// Image reference that it was made from.
	Image string
	// Role is kind's: control-plane, worker, external-load-balancer.
	Role string
	// APIAddress is the host address that leads to its API server, from the
	// container's configuration: it is known while the container is stopped.
	APIAddress string
}

// Running says whether the container runs.
func (c Container) Running() bool { return c.Status == "running" }

// Nodes returns the node containers of a kind cluster by name, running or not.
func (e *Engine) Nodes(ctx context.Context, clusterName string) ([]Container, error) {
	names, err := e.output(ctx, "ps", "-a", "--filter", "label="+clusterLabel+"="+clusterName, "--format", "{{.Names}}")
	if err != nil {
		return nil, e.failed(ctx, "ps", err)
	}
	if names == "" {
		return nil, nil
	}
	fields := strings.Fields(names)
	slices.Sort(fields)
	out, err := e.output(ctx, append([]string{"container", "inspect"}, fields...)...)
	if err != nil {
		return nil, e.failed(ctx, "container inspect", err)
	}
	return parseContainers([]byte(out))
}

func parseContainers(data []byte) ([]Container, error) {
	var raw []struct {
		Name      string
		Image     string
		ImageName string // podman
		State     struct {
			Status    string
			StartedAt time.Time
		}
		Config struct {
			Image  string
			Labels map[string]string
		}
		HostConfig struct {
			PortBindings map[string][]struct{ HostIP, HostPort string }
		}
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("read the engine's description of node containers: %w", err)
	}
	nodes := make([]Container, len(raw))
	for i, r := range raw {
		image := r.Config.Image
		for _, other := range []string{r.ImageName, r.Image} {
			if image == "" {
				image = other
			}
		}
		nodes[i] = Container{
			Name: strings.TrimPrefix(r.Name, "/"), Status: r.State.Status, StartedAt: r.State.StartedAt,
			Image: image, Role: r.Config.Labels[roleLabel],
		}
		for _, binding := range r.HostConfig.PortBindings["6443/tcp"] {
			host := binding.HostIP
			if host == "" {
				host = "127.0.0.1"
			}
			nodes[i].APIAddress = host + ":" + binding.HostPort
		}
	}
	return nodes, nil
}

// Start starts containers that are stopped or paused.
func (e *Engine) Start(ctx context.Context, nodes []Container) error {
	for _, n := range nodes {
		command := "start"
		switch n.Status {
		case "running":
			continue
		case "paused":
			command = "unpause"
		}
		if _, err := e.output(ctx, command, n.Name); err != nil {
			return e.failed(ctx, command+" "+n.Name, err)
		}
	}
	return nil
}

// Restart restarts containers; processes get a few seconds to end.
func (e *Engine) Restart(ctx context.Context, nodes []Container) error {
	for _, n := range nodes {
		if _, err := e.output(ctx, "restart", "--time", "5", n.Name); err != nil {
			return e.failed(ctx, "restart "+n.Name, err)
		}
	}
	return nil
}

// Exec runs a program in a container and returns what it prints.
func (e *Engine) Exec(ctx context.Context, container string, argv ...string) (string, error) {
	out, err := e.output(ctx, append([]string{"exec", container}, argv...)...)
	return out, e.failed(ctx, "exec "+container+" "+strings.Join(argv, " "), err)
}

// HasNetwork says whether the engine has a network of that name.
func (e *Engine) HasNetwork(ctx context.Context, name string) (bool, error) {
	out, err := e.output(ctx, "network", "ls", "--format", "{{.Name}}")
	if err != nil {
		return false, e.failed(ctx, "network ls", err)
	}
	return slices.Contains(strings.Fields(out), name), nil
}

// RemoveNetwork removes a network; the engine refuses while it is in use.
func (e *Engine) RemoveNetwork(ctx context.Context, name string) error {
	_, err := e.output(ctx, "network", "rm", name)
	return e.failed(ctx, "network rm "+name, err)
}
