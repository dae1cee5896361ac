package plane

import (
	"context"
	"errors"
	"testing"
)

// What was waited for in vain is the error, not the end of waiting.
func TestWaitFor(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	cause := errors.New("x509: certificate has expired or is not yet valid")
	tries := 0
	err := waitFor(ctx, func(ctx context.Context) error {
		if tries++; tries == 1 {
			return cause
		}
		stop()
		return ctx.Err()
	})
	if !errors.Is(err, cause) {
		t.Errorf("the error is %v", err)
	}
}
