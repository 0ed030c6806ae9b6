package opensearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"

	"sq/stages/retrieve_go/mapping"
)

// IDField is the name by which a mapping asks for a document's own _id, which stands beside its fields.
const IDField = "_id"

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

// Answer is a whole answer to one query.
type Answer struct {
	Hits              []Hit // best first
	Total             uint64
	TotalIsLowerBound bool
}

// Hit is one document of an answer.
type Hit struct {
	ID       string
	Score    float64
	Document mapping.Document
}

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

// ParseAnswer reads the body of an answer. Errors: ErrTimedOut, *ShardsFailedError, *MalformedError.
func ParseAnswer(body []byte) (*Answer, error) {
	var wire wireAnswer
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, &MalformedError{"the answer is no JSON of a search: " + withoutValue(err)}
	}
	if wire.Hits == nil {
		return nil, &MalformedError{"the answer has no hits"}
	}
	if wire.TimedOut {
		return nil, ErrTimedOut
	}
	if wire.Shards.Failed > 0 {
		return nil, &ShardsFailedError{wire.Shards.Failed, wire.Shards.Total}
	}
	answer := &Answer{}
	for i, hit := range wire.Hits.Hits {
		document, err := hit.document()
		if err != nil {
			return nil, &MalformedError{fmt.Sprintf("hit %d: %v", i+1, err)}
		}
		answer.Hits = append(answer.Hits, Hit{hit.ID, hit.score(), document})
	}
	return answer, answer.setTotal(wire.Hits.Total)
}

// withoutValue says what is wrong with JSON without its text, which may differ from run to run.
func withoutValue(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return "it breaks off or is not JSON"
	case errors.As(err, &kind):
		return fmt.Sprintf("%s is of another type", kind.Field)
	}
	return "it cannot be read"
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
func (a *Answer) setTotal(text json.RawMessage) error {
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
		return &MalformedError{"hits.total is neither a number nor an object with a value"}
	}
	return nil
}

var errorType = regexp.MustCompile(`^[a-z_]{1,80}$`)

// ErrorType gives the type of the error that a refusal holds, such as parsing_exception; empty where it holds none. The
// reason beside it often names nodes and times, and is for logs alone.
func ErrorType(body []byte) (kind, reason string) {
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
