package artefact

import (
	"errors"
	"fmt"
)

// What can be wrong with an artefact, for errors.Is.
var (
	// ErrNotFound: no manifest; nothing was published there, or not yet.
	ErrNotFound = errors.New("not found")
	// ErrWrongType: the records are of another message type, or of another version of it.
	ErrWrongType = errors.New("wrong type")
	// ErrCorrupt: stored bytes are not those the manifest promises.
	ErrCorrupt = errors.New("corrupt")
	// ErrConflict: other records were published under this URI before.
	ErrConflict = errors.New("conflict")
)

var fixes = map[error]string{
	ErrNotFound:  "give the URI of a published artefact: a folder with a manifest.json",
	ErrWrongType: "give the output of a stage that writes this type and was built from the same contracts",
	ErrCorrupt:   "run the stage that wrote it again, with a new run ID",
	ErrConflict:  "write to another URI, for example with a new run ID",
}

// Error says what is wrong with the artefact at a URI.
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

// Fix says what a person can do about it.
func (e *Error) Fix() string { return fixes[e.Kind] }
