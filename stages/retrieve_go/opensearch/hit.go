package opensearch

import (
	"encoding/json"
	"errors"

	"sq/stages/retrieve_go/mapping"
)

// wireHit has raw values, so that only what is needed must have the expected type.
type wireHit struct {
	ID     json.RawMessage `json:"_id"`
	Score  json.RawMessage `json:"_score"`
	Source json.RawMessage `json:"_source"`
	Fields json.RawMessage `json:"fields"`
}

// document is the _source. Without one it is the fields that the request asked for, whose values are lists.
func (h *wireHit) document() (mapping.Document, error) {
	if len(h.Source) == 0 && len(h.Fields) == 0 {
		return nil, errors.New("_source is missing")
	}
	source, err := mapping.Parse(h.Source)
	if len(h.Source) > 0 && (err != nil || source == nil) {
		return nil, errors.New("_source is not an object")
	}
	if len(source) == 0 && len(h.Fields) > 0 {
		fields, err := mapping.Parse(h.Fields)
		if err != nil || fields == nil {
			return nil, errors.New("fields is not an object")
		}
		return fields, nil
	}
	return source, nil
}

// id is a text or a number, as engines that speak this protocol send it.
func (h *wireHit) id() any {
	var text string
	if json.Unmarshal(h.ID, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(h.ID, &number) == nil {
		return number
	}
	return nil
}
