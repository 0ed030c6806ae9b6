package opensearch

import (
	"encoding/json"
	"fmt"
	"path"
)

// SourceFilter lists the fields of a document to return, with * as wildcard. nil means all fields.
type SourceFilter []string

// parseSource parses _source: true, a name, or a list of names.
func parseSource(text json.RawMessage) (SourceFilter, error) {
	var shown bool
	var one string
	var several []string
	switch {
	case len(text) == 0 || string(text) == "null":
		return nil, nil
	case json.Unmarshal(text, &shown) == nil && shown:
		return nil, nil
	case json.Unmarshal(text, &one) == nil:
		return SourceFilter{one}, nil
	case json.Unmarshal(text, &several) == nil:
		return several, nil
	}
	return nil, fmt.Errorf("_source: %s: use true, a name or a list of names", text)
}

// Apply removes the other fields of a document.
func (f SourceFilter) Apply(document json.RawMessage) (json.RawMessage, error) {
	if f == nil {
		return document, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(document, &fields); err != nil {
		return nil, err
	}
	for name := range fields {
		if !f.shows(name) {
			delete(fields, name)
		}
	}
	return json.Marshal(fields)
}

func (f SourceFilter) shows(name string) bool {
	for _, pattern := range f {
		if shown, _ := path.Match(pattern, name); shown {
			return true
		}
	}
	return false
}
