package store

import (
	"errors"
	"fmt"
	"os"

	"gocloud.dev/gcerrors"
)

// ErrNotFound means that an object does not exist. Get and GetRange return it, wrapped.
var ErrNotFound = errors.New("not found")

// Error is a failed storage operation on one object.
type Error struct {
	URI  string
	Verb string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("cannot %s %s: %v", e.Verb, e.URI, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Permanent reports whether the same operation would fail again, because the object does not exist or access is denied.
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
