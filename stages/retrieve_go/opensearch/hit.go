package opensearch

import (
	"encoding/json"
	"errors"
	"math"

	"sq/stages/retrieve_go/mapping"
)

type wireHit struct {
	ID     string          `json:"_id"`
	Score  *float64        `json:"_score"`
	Source json.RawMessage `json:"_source"`
}

func (h *wireHit) document() (mapping.Document, error) {
	if len(h.Source) == 0 {
		return nil, errors.New("_source is missing")
	}
	document, err := mapping.Parse(h.Source)
	if err != nil || document == nil {
		return nil, errors.New("_source is not an object")
	}
	return document, nil
}

// score is 0 if the engine gives none, as it does for results that are sorted by a field.
func (h *wireHit) score() float64 {
	if h.Score == nil || math.IsNaN(*h.Score) || math.IsInf(*h.Score, 0) {
		return 0
	}
	return *h.Score
}
