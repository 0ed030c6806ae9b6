package stagekit

import (
	"context"
	"errors"

	"sq/libs/handoff/go/store"
)

// TryAgainError is a problem outside the stage that may pass. The same command may succeed later, so the stage exits with 75.
type TryAgainError struct{ Problem string }

func (e *TryAgainError) Error() string { return e.Problem }

// ErrStopped is the cause of a stage's context after SIGTERM or SIGINT.
var ErrStopped = &TryAgainError{"stopped by a signal; run the same command again to continue"}

func isRetryable(ctx context.Context, err error) bool {
	var again *TryAgainError
	var storage *store.Error
	stopped := errors.Is(err, context.Canceled) && context.Cause(ctx) == error(ErrStopped)
	return stopped || errors.As(err, &again) || errors.As(err, &storage)
}
