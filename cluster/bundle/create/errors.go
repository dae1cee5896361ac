package create

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"podlab/cluster"
)

// imageError is what went wrong with an image at a registry.
type imageError struct {
	ref string
	error
}

func (e imageError) Unwrap() error { return e.error }

// packError is what went wrong while an archive was written.
type packError struct {
	file string
	error
}

func (e packError) Unwrap() error { return e.error }

// explain turns an error into one that says what to do, and what an unfinished
// creation has kept.
func (c *creation) explain(ctx context.Context, err error) error {
	var (
		known   *cluster.Error
		image   imageError
		limited limitError
		plain   plainError
		status  *transport.Error
		pack    packError
		local   localError
	)
	kept := megabytes(c.kept())
	if ctx.Err() != nil {
		return cluster.Fail("bundle-cancelled", context.Cause(ctx), "", "dir", c.Dir, "kept", kept)
	}
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return cluster.Fail("bundle-disk-full", err, "", "dir", c.Dir, "kept", kept)
	}
	if errors.As(err, &local) {
		return cluster.Fail("bundle-write", err, "", "dir", c.Dir, "reason", err.Error())
	}
	if errors.As(err, &pack) {
		return cluster.Fail("bundle-pack", err, "", "file", pack.file, "reason", err.Error())
	}
	if !errors.As(err, &image) {
		return cluster.Fail("bundle-write", err, "", "dir", c.Dir, "reason", err.Error())
	}
	registry := registryOf(image.ref)
	if source, sourceErr := c.registries.source(image.ref); sourceErr == nil {
		if _, mirrored := c.Mirrors[registry]; mirrored {
			registry = source.Context().RegistryStr()
		}
	}
	switch {
	case errors.As(err, &limited) && limited.wait > 0:
		return cluster.Fail("bundle-rate-limit", err, limited.said, "registry", registry, "image", image.ref, "wait", limited.wait.String(), "kept", kept)
	case errors.As(err, &limited):
		return cluster.Fail("bundle-rate-limit-open", err, limited.said, "registry", registry, "image", image.ref, "kept", kept)
	case errors.As(err, &plain):
		return cluster.Fail("bundle-plain-http", err, "", "registry", plain.host)
	case errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return cluster.Fail("bundle-unknown-image", err, "", "registry", registry, "image", image.ref)
	case errors.As(err, &status) && (status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden):
		return cluster.Fail("bundle-unauthorised", err, err.Error(), "registry", registry, "image", image.ref)
	}
	return cluster.Fail("bundle-broken", err, "", "registry", registry, "image", image.ref, "reason", err.Error(), "kept", kept)
}

// megabytes writes bytes as people count them.
func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
