package engine

import (
	"context"
	"io"
	"strings"

	"github.com/distribution/reference"

	"podlab/cluster"
)

// HasImage says whether the engine has the image ref.
func (e *Engine) HasImage(ctx context.Context, ref string) (bool, error) {
	_, err := e.output(ctx, "image", "inspect", "--format", "{{.Id}}", e.reference(ref))
	if err == nil {
		return true, nil
	}
	said := strings.ToLower(Output(err))
	for _, absent := range []string{"no such image", "image not known", "not found", "no such object"} {
		if strings.Contains(said, absent) {
			return false, nil
		}
	}
	return false, e.failed(ctx, "image inspect "+ref, err)
}

// LoadImages loads a docker-archive into the engine.
func (e *Engine) LoadImages(ctx context.Context, archive io.Reader) error {
	err := e.run.Run(ctx, Command{Name: e.Binary, Args: []string{"load"}, Stdin: archive})
	return e.failed(ctx, "load", err)
}

// Pull pulls ref and writes the engine's progress lines to out. It tries
// once: the engine itself repeats a broken download, and a learner without a
// network should not wait for retries that cannot succeed.
func (e *Engine) Pull(ctx context.Context, ref string, out io.Writer) error {
	err := e.run.Run(ctx, Command{Name: e.Binary, Args: []string{"pull", e.reference(ref)}, Stdout: out})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	answer := cluster.LastLine(Output(err))
	if answer == "" {
		answer = err.Error()
	}
	return cluster.Fail("pull", err, Output(err), "engine", e.Binary, "image", ref, "answer", answer)
}

// reference is ref as the engine wants it: podman asks which registry a short
// name means, docker and nerdctl know that it is docker.io.
func (e *Engine) reference(ref string) string {
	if e.Name != Podman {
		return ref
	}
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return ref
	}
	return named.String()
}
