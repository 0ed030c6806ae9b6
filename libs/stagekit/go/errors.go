package stagekit

import (
	"context"
	"errors"
	"fmt"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
)

// Exit codes of every stage.
const (
	ExitDone     = 0
	ExitBug      = 1
	ExitBadInput = 2
	ExitTryAgain = 75 // EX_TEMPFAIL of sysexits.h
)

// InputError is bad input or configuration: never worth a retry (exit 2).
type InputError struct {
	Field   string // what is wrong, as the user wrote it: a flag, a path in the configuration, a file
	Problem string // what is wrong with it, with the value
	Fix     string // what to do
}

func (e *InputError) Error() string { return fmt.Sprintf("%s: %s; %s", e.Field, e.Problem, e.Fix) }

// TryAgainError is something outside that may pass: the same command may succeed later (exit 75).
type TryAgainError struct{ Problem string }

func (e *TryAgainError) Error() string { return e.Problem }

// ErrStopped is the cause of a stage's context after SIGTERM (exit 75).
var ErrStopped = &TryAgainError{"stopped by a signal; run the same command again to continue"}

// asInputError translates what libraries report about bad input.
func asInputError(err error) (*InputError, bool) {
	var input *InputError
	if errors.As(err, &input) {
		return input, true
	}
	var damaged *artefact.Error
	if errors.As(err, &damaged) {
		return &InputError{Field: damaged.URI, Problem: damaged.Problem, Fix: damaged.Fix()}, true
	}
	var storage *store.Error
	if errors.As(err, &storage) && storage.Permanent() {
		return &InputError{Field: storage.URI, Problem: err.Error(), Fix: "check the URI and what it may be used for"}, true
	}
	return nil, false
}

func isWorthAnotherTry(ctx context.Context, err error) bool {
	var again *TryAgainError
	var storage *store.Error
	stopped := errors.Is(err, context.Canceled) && context.Cause(ctx) == error(ErrStopped)
	return stopped || errors.As(err, &again) || errors.As(err, &storage)
}
