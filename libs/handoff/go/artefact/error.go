package artefact

import (
	"errors"
	"fmt"
)

// Kinds of *Error, for errors.Is.
var (
	// ErrNotFound: the URI has no manifest, so nothing is published there.
	ErrNotFound = errors.New("not found")
	// ErrWrongType: the records have another message type, or another version of it.
	ErrWrongType = errors.New("wrong type")
	// ErrCorrupt: the stored bytes do not match the digests.
	ErrCorrupt = errors.New("corrupt")
	// ErrConflict: other records are already published under this URI.
	ErrConflict = errors.New("conflict")
)

var fixes = map[error]string{
	ErrNotFound:  "give the URI of a published artefact: a folder with a manifest.json",
	ErrWrongType: "give the output of a stage that writes this type and was built from the same contracts",
	ErrCorrupt:   "run the stage that wrote it again, with a new run ID",
	ErrConflict:  "write to another URI, for example with a new run ID",
}

// Error is a problem with the artefact at a URI.
type Error struct {
	Kind    error // one of the Err variables of this package
	URI     string
	Problem string
}

func problem(kind error, uri, format string, arguments ...any) *Error {
	return &Error{Kind: kind, URI: uri, Problem: fmt.Sprintf(format, arguments...)}
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.URI, e.Problem) }

func (e *Error) Unwrap() error { return e.Kind }

// Fix tells a person what to do about the error.
func (e *Error) Fix() string { return fixes[e.Kind] }
