package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/aws/smithy-go"
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

func (e *Error) Error() string { return fmt.Sprintf("cannot %s %s: %s", e.Verb, e.URI, e.problem()) }

// problem is one sentence, without the request that the service may repeat.
func (e *Error) problem() string {
	if e.Full() {
		return "there is no space left"
	}
	if status, said := answer(e.Err); said != nil {
		return fmt.Sprintf("HTTP %d: %s: %s", status, said.ErrorCode(), said.ErrorMessage())
	}
	return e.Err.Error()
}

// Full reports whether there is no room left. Somebody may make some, so it is not permanent.
func (e *Error) Full() bool {
	return errors.Is(e.Err, syscall.ENOSPC) || errors.Is(e.Err, syscall.EDQUOT)
}

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
	status, said := answer(e.Err)
	return said != nil && status >= 400 && status < 500 && !passingStatus[status] && !passingCode[said.ErrorCode()]
}

// Answers of 4xx that pass: time-outs, too many requests, and credentials that the machine renews.
var (
	passingStatus = map[int]bool{408: true, 409: true, 425: true, 429: true}
	passingCode   = map[string]bool{"ExpiredToken": true, "RequestTimeout": true, "SlowDown": true, "RequestTimeTooSkewed": true}
)

// answer returns the status and the error of an S3 service's answer; 0 and nil for any other error.
func answer(err error) (int, smithy.APIError) {
	var said smithy.APIError
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &said) || !errors.As(err, &response) {
		return 0, nil
	}
	return response.HTTPStatusCode(), said
}
