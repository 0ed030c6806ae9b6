package opensearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"

	"sq/stages/retrieve_go/mapping"
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

type wireHit struct {
	ID     string          `json:"_id"`
	Score  *float64        `json:"_score"`
	Source json.RawMessage `json:"_source"`
}

// ParseAnswer implements search.Protocol. Errors: search.ErrTimedOut, *search.ShardsFailedError, *search.MalformedError.
func (p *Protocol) ParseAnswer(body []byte) (*search.Answer, error) {
	var wire wireAnswer
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, &search.MalformedError{Problem: "the answer is no JSON of a search: " + search.WithoutValue(err)}
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
		if _, there := document[IDField]; p.idIsBeside && !there {
			document[IDField] = hit.ID
		}
		answer.Hits = append(answer.Hits, search.Hit{Score: hit.score(), Document: document})
	}
	return answer, setTotal(answer, wire.Hits.Total)
}

func (h *wireHit) document() (mapping.Document, error) {
	if len(h.Source) == 0 {
		return nil, errors.New("it has no _source")
	}
	document, err := mapping.Parse(h.Source)
	if err != nil || document == nil {
		return nil, errors.New("its _source is no object")
	}
	return document, nil
}

// score is 0 where the engine gives none, as it does when results are sorted by something else.
func (h *wireHit) score() float64 {
	if h.Score == nil || math.IsNaN(*h.Score) || math.IsInf(*h.Score, 0) {
		return 0
	}
	return *h.Score
}

// setTotal takes the object of today's versions, the number of Elasticsearch 6, or where there is none the hits themselves.
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

var errorType = regexp.MustCompile(`^[a-z_]{1,80}$`)

// Refusal implements search.Protocol: the kind is a type such as parsing_exception.
func (p *Protocol) Refusal(body []byte) (kind, reason string) {
	var wire struct {
		Error struct {
			Type      string
			Reason    string
			RootCause []struct{ Type, Reason string } `json:"root_cause"`
		}
	}
	if json.Unmarshal(body, &wire) != nil {
		return "", ""
	}
	kind, reason = wire.Error.Type, wire.Error.Reason
	if causes := wire.Error.RootCause; len(causes) > 0 {
		kind, reason = causes[0].Type, causes[0].Reason
	}
	if !errorType.MatchString(kind) {
		kind = ""
	}
	return kind, reason
}
