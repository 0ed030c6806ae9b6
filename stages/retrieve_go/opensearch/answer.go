package opensearch

import (
	"encoding/json"
	"fmt"

	"sq/stages/retrieve_go/search"
)

type wireAnswer struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Total  int `json:"total"`
		Failed int `json:"failed"`
	} `json:"_shards"`
	Hits *struct {
		Total json.RawMessage `json:"total"`
		Hits  []wireHit       `json:"hits"`
	} `json:"hits"`
}

// ParseAnswer implements search.Protocol. Errors: search.ErrTimedOut, *search.ShardsFailedError, *search.MalformedError.
func (p *Protocol) ParseAnswer(body []byte) (*search.Answer, error) {
	var wire wireAnswer
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, &search.MalformedError{Problem: "the answer is not a JSON search response: " + search.WithoutValue(err)}
	}
	if wire.Hits == nil {
		return nil, &search.MalformedError{Problem: "the answer has no hits"}
	}
	if wire.TimedOut {
		return nil, search.ErrTimedOut
	}
	if wire.Shards.Failed > 0 {
		return nil, &search.ShardsFailedError{Failed: wire.Shards.Failed, Total: wire.Shards.Total}
	}
	answer := &search.Answer{}
	for i, hit := range wire.Hits.Hits {
		document, err := hit.document()
		if err != nil {
			return nil, &search.MalformedError{Problem: fmt.Sprintf("hit %d: %v", i+1, err)}
		}
		if _, there := document[IDField]; p.idFromHit && !there {
			document[IDField] = hit.ID
		}
		answer.Hits = append(answer.Hits, search.Hit{Score: hit.score(), Document: document})
	}
	return answer, setTotal(answer, wire.Hits.Total)
}
