package stagekit

import (
	"errors"
	"fmt"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
)

// InputError is bad input or configuration. A retry cannot succeed, so the stage exits with 2.
type InputError struct {
	Field   string // what is wrong, as the user wrote it: a flag, a path in the configuration, a file
	Problem string // what is wrong with it, with the value
	Fix     string // what to do
}

func (e *InputError) Error() string { return fmt.Sprintf("%s: %s; %s", e.Field, e.Problem, e.Fix) }

// asInputError converts the library errors that mean bad input.
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
		return &InputError{Field: storage.URI, Problem: err.Error(), Fix: "check the URI and its permissions"}, true
	}
	return nil, false
}
