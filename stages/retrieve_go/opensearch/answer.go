package opensearch

import (
	"encoding/json"
	"fmt"

	"sq/stages/retrieve_go/search"
)

// wireAnswer has raw values, so that only what is needed must have the expected type.
type wireAnswer struct {
	TimedOut json.RawMessage `json:"timed_out"`
	Shards   json.RawMessage `json:"_shards"`
	Clusters json.RawMessage `json:"_clusters"`
	Hits     *struct {
		Total json.RawMessage `json:"total"`
		Hits  []wireHit       `json:"hits"`
	} `json:"hits"`
}

// ParseAnswer implements search.Protocol. Errors: search.ErrTimedOut, *search.ShardsFailedError,
// *search.ClustersMissingError, *search.MalformedError.
func (p *Protocol) ParseAnswer(body []byte) (*search.Answer, error) {
	var wire wireAnswer
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, &search.MalformedError{Problem: "the answer is not a JSON search response: " + search.WithoutValue(err)}
	}
	if wire.Hits == nil {
		return nil, &search.MalformedError{Problem: "the answer has no hits" + p.errorIn(body)}
	}
	if err := wire.incomplete(); err != nil {
		return nil, err
	}
	answer := &search.Answer{}
	for i, hit := range wire.Hits.Hits {
		document, err := hit.document()
		if err != nil {
			return nil, &search.MalformedError{Problem: fmt.Sprintf("hit %d: %v", i+1, err)}
		}
		if _, there := document[IDField]; p.idFromHit && !there {
			document[IDField] = hit.id()
		}
		answer.Hits = append(answer.Hits, search.Hit{Score: search.Score(string(hit.Score)), Document: document})
	}
	return answer, setTotal(answer, wire.Hits.Total)
}

// errorIn names the error that an answer has in place of hits.
func (p *Protocol) errorIn(body []byte) string {
	if kind := p.ErrorKind(body); kind != "" {
		return ", but the error " + kind
	}
	return ""
}

// incomplete returns an error if the engine says that parts of the index did not answer. Counts of another type are ignored.
func (w *wireAnswer) incomplete() error {
	var shards struct{ Total, Failed int }
	var clusters struct{ Total, Skipped, Partial, Failed int }
	_ = json.Unmarshal(w.Shards, &shards)
	_ = json.Unmarshal(w.Clusters, &clusters)
	switch {
	case string(w.TimedOut) == "true":
		return search.ErrTimedOut
	case shards.Failed > 0:
		return &search.ShardsFailedError{Failed: shards.Failed, Total: shards.Total}
	case clusters.Skipped+clusters.Partial+clusters.Failed > 0:
		return &search.ClustersMissingError{Missing: clusters.Skipped + clusters.Partial + clusters.Failed, Total: clusters.Total}
	}
	return nil
}
