package solr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

// scoreField is the pseudo-field that select adds to each document.
const scoreField = "score"

type wireAnswer struct {
	Header   any             `json:"responseHeader"`
	Grouped  json.RawMessage `json:"grouped"`
	Response *struct {
		Found json.RawMessage    `json:"numFound"`
		Exact any                `json:"numFoundExact"` // absent before Solr 8.6, whose counts are exact
		Docs  []mapping.Document `json:"docs"`
	} `json:"response"`
}

// ParseAnswer implements search.Protocol. Errors: search.ErrTimedOut, *search.MalformedError.
func (p *Protocol) ParseAnswer(body []byte) (*search.Answer, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var wire wireAnswer
	if err := decoder.Decode(&wire); err != nil {
		return nil, &search.MalformedError{Problem: "the answer is not a JSON select response: " + search.WithoutValue(err)}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, &search.MalformedError{Problem: "the answer has text after its JSON object"}
	}
	switch {
	case isPartial(wire.Header):
		return nil, search.ErrTimedOut
	case wire.Response == nil && wire.Grouped != nil:
		return nil, &search.MalformedError{Problem: "the answer is grouped: add {name: group.main, value: \"true\"} to parameters, which gives one list, or turn grouping off with group=false"}
	case wire.Response == nil:
		return nil, &search.MalformedError{Problem: p.noResponse(body)}
	case wire.Response.Found == nil:
		return nil, &search.MalformedError{Problem: "the answer has no field response.numFound"}
	}
	total, is := search.Count(string(wire.Response.Found))
	if !is {
		return nil, &search.MalformedError{Problem: "response.numFound is not a number of at least 0"}
	}
	answer := &search.Answer{Total: total, TotalIsLowerBound: wire.Response.Exact == false}
	for i, document := range wire.Response.Docs {
		if document == nil {
			return nil, &search.MalformedError{Problem: fmt.Sprintf("hit %d: is not an object", i+1)}
		}
		answer.Hits = append(answer.Hits, search.Hit{Score: takeScore(document), Document: document})
	}
	return answer, nil
}

// isPartial reads responseHeader.partialResults: true, or in later versions "omitted".
func isPartial(header any) bool {
	fields, _ := header.(map[string]any)
	partial := fields["partialResults"]
	return partial != nil && partial != false
}

// noResponse says what an answer without a list of documents has in its place.
func (p *Protocol) noResponse(body []byte) string {
	if kind := p.ErrorKind(body); kind != "" {
		return "the answer has no field response, but the error " + kind
	}
	return "the answer has no field response: check that the handler is a search handler"
}

// takeScore returns the score and removes it from the fields of the document. Without a score it returns 0.
func takeScore(document mapping.Document) float64 {
	number, is := document[scoreField].(json.Number)
	if !is {
		return 0
	}
	delete(document, scoreField)
	score, err := number.Float64()
	if err != nil {
		return 0
	}
	return score
}
