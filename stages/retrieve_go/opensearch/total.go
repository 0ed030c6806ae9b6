package opensearch

import (
	"encoding/json"

	"sq/stages/retrieve_go/search"
)

// setTotal reads hits.total: an object, or a number as in Elasticsearch 6. Without a total, the hits are a lower bound.
func setTotal(a *search.Answer, text json.RawMessage) error {
	var total struct {
		Value    *uint64
		Relation string
	}
	var number uint64
	switch {
	case len(text) == 0 || string(text) == "null":
		a.Total, a.TotalIsLowerBound = uint64(len(a.Hits)), true
	case json.Unmarshal(text, &number) == nil:
		a.Total = number
	case json.Unmarshal(text, &total) == nil && total.Value != nil:
		a.Total, a.TotalIsLowerBound = *total.Value, total.Relation == "gte"
	default:
		return &search.MalformedError{Problem: "hits.total is neither a number nor an object with a value"}
	}
	return nil
}
