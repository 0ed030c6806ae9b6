package store

import (
	"errors"
	"fmt"
	"os"

	"gocloud.dev/gcerrors"
)

// Error is a storage operation that failed, with the object it was about.
type Error struct {
	URI  string
	Verb string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("cannot %s %s: %v", e.Verb, e.URI, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Permanent reports that the same operation will fail again: nothing there, or no permission.
func (e *Error) Permanent() bool {
	if errors.Is(e.Err, ErrNotFound) || errors.Is(e.Err, os.ErrPermission) {
		return true
	}
	switch gcerrors.Code(e.Err) {
	case gcerrors.NotFound, gcerrors.PermissionDenied, gcerrors.InvalidArgument:
		return true
	}
	return false
}
