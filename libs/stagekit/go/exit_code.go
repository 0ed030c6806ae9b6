package stagekit

import (
	"context"
	"log/slog"
)

// Exit codes of every stage.
const (
	ExitDone     = 0
	ExitBug      = 1
	ExitBadInput = 2
	ExitTryAgain = 75 // EX_TEMPFAIL of sysexits.h
)

const bugMessage = "a bug in sq, please report it with this line"

// exitCode logs the error that ended the stage and returns the code for it.
func exitCode(ctx context.Context, err error, log *slog.Logger) int {
	if err == nil {
		return ExitDone
	}
	if context.Cause(ctx) == error(ErrStopped) {
		log.Error(ErrStopped.Error())
		return ExitTryAgain
	}
	if input, is := asInputError(err); is {
		log.Error(input.Error(), "field", input.Field, "fix", input.Fix)
		return ExitBadInput
	}
	if isRetryable(ctx, err) {
		log.Error(err.Error())
		return ExitTryAgain
	}
	log.Error(bugMessage, "error", err.Error())
	return ExitBug
}

// outcomeOf is the value of the attribute sq.outcome for an exit code.
func outcomeOf(code int) string {
	switch code {
	case ExitDone:
		return "done"
	case ExitBadInput:
		return "bad input"
	case ExitTryAgain:
		return "try again"
	}
	return "bug"
}
