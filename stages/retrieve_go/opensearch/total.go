package opensearch

import (
	"encoding/json"

	"sq/stages/retrieve_go/search"
)

// setTotal reads hits.total: an object, or a number as in Elasticsearch 6. Without a total, the hits are a lower bound.
func setTotal(a *search.Answer, text json.RawMessage) error {
	if len(text) == 0 || string(text) == "null" {
		a.Total, a.TotalIsLowerBound = uint64(len(a.Hits)), true
		return nil
	}
	var total struct{ Value, Relation json.RawMessage }
	if json.Unmarshal(text, &total) == nil {
		text = total.Value
	}
	var is bool
	if a.Total, is = search.Count(string(text)); !is {
		return &search.MalformedError{Problem: "hits.total is neither a number nor an object with a value"}
	}
	a.TotalIsLowerBound = string(total.Relation) == `"gte"`
	return nil
}
