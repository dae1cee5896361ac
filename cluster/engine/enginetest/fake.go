// Package enginetest is a container engine for tests: it answers docker's
// command line from a state in memory.
package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"podlab/cluster/engine"
)

// Fake is an engine. Its fields may be set before it is used.
type Fake struct {
	// Binaries that are installed, with their answer to -v; docker if nil.
	Binaries map[string]string
	// Info is what "info" prints; a healthy amd64 engine if empty.
	Info string
	// Images that the engine has.
	Images []string
	// Networks that the engine has.
	Networks []string
	// LoadsImage is what "load" brings.
	LoadsImage string
	// NodeImages are what the containerd of each node has.
	NodeImages []string
	// Fails makes a command fail that starts with the key ("info", "pull",
	// "start"), with the value as what the engine says.
	Fails map[string]string

	mu    sync.Mutex
	nodes map[string]*engine.Container
	calls []string
}

// Healthy is the answer of a healthy engine to "info".
const Healthy = `{"ServerVersion":"28.0.0","Architecture":"x86_64","MemTotal":8589934592,"NCPU":4,"DockerRootDir":"/var/lib/docker","CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=default"]}`

// Run implements engine.Runner.
func (f *Fake) Run(ctx context.Context, c engine.Command) error {
	command := strings.Join(c.Args, " ")
	fail := func(said string) error {
		return &engine.RunError{Command: append([]string{c.Name}, c.Args...), Output: said, Err: errors.New("exit status 1")}
	}
	if c.Stdin != nil { // an engine reads what it is given, without the lock
		if _, err := io.Copy(io.Discard, c.Stdin); err != nil {
			return fail("unexpected EOF")
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c.Name+" "+command)
	if ctx.Err() != nil {
		return fail("")
	}
	installed := f.Binaries
	if installed == nil {
		installed = map[string]string{"docker": "Docker version 28.0.0, build 1234567"}
	}
	version, ok := installed[c.Name]
	if !ok {
		return &engine.RunError{Command: []string{c.Name}, Err: errors.New("executable file not found in $PATH")}
	}
	for _, prefix := range slices.Sorted(maps.Keys(f.Fails)) {
		if strings.HasPrefix(command, prefix) {
			return fail(f.Fails[prefix])
		}
	}
	out, err := f.answer(command, c.Args, version)
	if err != nil {
		return fail(err.Error())
	}
	if c.Stdout != nil {
		_, err = io.WriteString(c.Stdout, out)
	}
	return err
}

func (f *Fake) answer(command string, args []string, version string) (string, error) {
	last := args[len(args)-1]
	switch words := strings.Fields(command + " x x"); words[0] + " " + words[1] {
	case "-v x":
		return version, nil
	case "info --format":
		if f.Info != "" {
			return f.Info, nil
		}
		return Healthy, nil
	case "image inspect":
		if slices.Contains(f.Images, last) {
			return "sha256:0", nil
		}
		return "", errors.New("Error response from daemon: no such image: " + last)
	case "load x":
		f.Images = append(f.Images, f.LoadsImage)
		return "Loaded image: " + f.LoadsImage, nil
	case "network ls":
		return strings.Join(f.Networks, "\n"), nil
	case "network rm":
		f.Networks = slices.DeleteFunc(f.Networks, func(n string) bool { return n == last })
		return last, nil
	case "ps -a":
		return strings.Join(slices.Sorted(maps.Keys(f.nodes)), "\n"), nil
	case "container inspect":
		return f.inspect(args[2:])
	}
	switch args[0] {
	case "pull":
		f.Images = append(f.Images, last)
		return "", nil
	case "start", "restart", "unpause":
		f.nodes[last].Status = "running"
		f.nodes[last].StartedAt = time.Now()
		return last, nil
	case "exec":
		if n := f.nodes[args[1]]; n == nil || !n.Running() {
			return "", errors.New("Error response from daemon: container " + args[1] + " is not running")
		}
		return strings.Join(f.NodeImages, "\n"), nil
	}
	return "", fmt.Errorf("enginetest: unknown command %q", command)
}

func (f *Fake) inspect(names []string) (string, error) {
	var all []map[string]any
	for _, name := range names {
		n := f.nodes[name]
		if n == nil {
			return "", errors.New("Error: No such container: " + name)
		}
		host, port, _ := strings.Cut(n.APIAddress, ":")
		all = append(all, map[string]any{
			"Name":  "/" + n.Name,
			"Image": "sha256:0",
			"State": map[string]any{"Status": n.Status, "StartedAt": n.StartedAt},
			"Config": map[string]any{
				"Image": n.Image, "Labels": map[string]string{"io.x-k8s.kind.role": n.Role},
			},
			"HostConfig": map[string]any{"PortBindings": map[string]any{
				"6443/tcp": []map[string]string{{"HostIp": host, "HostPort": port}},
			}},
		})
	}
	data, err := json.Marshal(all)
	return string(data), err
}

// SetNode adds a node container or changes it.
func (f *Fake) SetNode(n engine.Container) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.nodes == nil {
		f.nodes = map[string]*engine.Container{}
	}
	f.nodes[n.Name] = &n
}

// RemoveNodes removes all node containers.
func (f *Fake) RemoveNodes() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes = nil
}

// AddNetwork adds a network if there is none of that name.
func (f *Fake) AddNetwork(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.Networks, name) {
		f.Networks = append(f.Networks, name)
	}
}

// AddNodeImages gives the nodes images.
func (f *Fake) AddNodeImages(refs ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.NodeImages = append(f.NodeImages, refs...)
}

// NodeNames returns the names of the node containers there are.
func (f *Fake) NodeNames() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.nodes))
}

// Called says whether a command was run that starts so ("docker pull").
func (f *Fake) Called(prefix string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.calls, func(c string) bool { return strings.HasPrefix(c, prefix) })
}
