package search

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrTimedOut: the engine gave what it had when its own deadline passed.
var ErrTimedOut = errors.New("the engine's own deadline passed: its answer is not whole")

// ShardsFailedError: a part of the index did not answer.
type ShardsFailedError struct{ Failed, Total int }

func (e *ShardsFailedError) Error() string {
	return fmt.Sprintf("%d of %d shards failed: the answer is not whole", e.Failed, e.Total)
}

// MalformedError: the answer is not what the protocol promises.
type MalformedError struct{ Problem string }

func (e *MalformedError) Error() string { return e.Problem }

// MappingError: the answer is JSON, and a path of the configuration does not fit it.
type MappingError struct {
	Field   string // of the configuration
	Path    string
	Problem string // what is wrong, and what stands there instead
}

func (e *MappingError) Error() string { return fmt.Sprintf("%s: %s %s", e.Field, e.Path, e.Problem) }

// WithoutValue says what is wrong with JSON without its text, which may differ from run to run.
func WithoutValue(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("%s is of another type", kind.Field)
	}
	return "it breaks off or is not JSON"
}
