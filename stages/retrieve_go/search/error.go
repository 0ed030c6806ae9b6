package search

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrTimedOut means that the engine reached its own time limit and returned partial results.
var ErrTimedOut = errors.New("the engine timed out and returned partial results")

// ShardsFailedError means that some shards of the index did not answer.
type ShardsFailedError struct{ Failed, Total int }

func (e *ShardsFailedError) Error() string {
	return fmt.Sprintf("%d of %d shards failed: the results are incomplete", e.Failed, e.Total)
}

// ClustersMissingError means that some clusters of a search across clusters were skipped, or answered in part.
type ClustersMissingError struct{ Missing, Total int }

func (e *ClustersMissingError) Error() string {
	return fmt.Sprintf("%d of %d clusters were skipped or failed: the results are incomplete", e.Missing, e.Total)
}

// MalformedError means that the answer does not follow the protocol.
type MalformedError struct{ Problem string }

func (e *MalformedError) Error() string { return e.Problem }

// MappingError means that a path of the configuration does not fit the answer, which is valid JSON.
type MappingError struct {
	Field   string // of the configuration
	Path    string
	Problem string // what is wrong, and what the answer has instead
}

func (e *MappingError) Error() string { return fmt.Sprintf("%s: %s %s", e.Field, e.Path, e.Problem) }

// WithoutValue describes a JSON error without the text of the JSON, so that equal runs have equal failure records.
func WithoutValue(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("%s has the wrong type", kind.Field)
	}
	return "it is truncated or not JSON"
}
