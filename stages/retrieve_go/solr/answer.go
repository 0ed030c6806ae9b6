package solr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"

	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

// scoreField is the pseudo-field that select adds to each document.
const scoreField = "score"

type wireAnswer struct {
	Header struct {
		PartialResults any `json:"partialResults"` // true, or in later versions "omitted"
	} `json:"responseHeader"`
	Response *struct {
		Found *uint64            `json:"numFound"`
		Exact *bool              `json:"numFoundExact"` // absent before Solr 8.6, which counted all
		Docs  []mapping.Document `json:"docs"`
	} `json:"response"`
}

// ParseAnswer implements search.Protocol. Errors: search.ErrTimedOut, *search.MalformedError.
func (p *Protocol) ParseAnswer(body []byte) (*search.Answer, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var wire wireAnswer
	if err := decoder.Decode(&wire); err != nil {
		return nil, &search.MalformedError{Problem: "the answer is no JSON of a select: " + search.WithoutValue(err)}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, &search.MalformedError{Problem: "the answer has more after its JSON object"}
	}
	switch {
	case wire.Header.PartialResults != nil && wire.Header.PartialResults != false:
		return nil, search.ErrTimedOut
	case wire.Response == nil:
		return nil, &search.MalformedError{Problem: "the answer has no response: is the handler a search, and its result not grouped?"}
	case wire.Response.Found == nil:
		return nil, &search.MalformedError{Problem: "the answer's response has no numFound"}
	}
	answer := &search.Answer{Total: *wire.Response.Found, TotalIsLowerBound: wire.Response.Exact != nil && !*wire.Response.Exact}
	for i, document := range wire.Response.Docs {
		if document == nil {
			return nil, &search.MalformedError{Problem: fmt.Sprintf("hit %d: it is no object", i+1)}
		}
		answer.Hits = append(answer.Hits, search.Hit{Score: takeScore(document), Document: document})
	}
	return answer, nil
}

// takeScore gives the score and removes it from the document's own fields; 0 where there is none.
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

var errorClass = regexp.MustCompile(`^[A-Za-z0-9_.$]{1,120}$`)

// Refusal implements search.Protocol: the kind is the class of the error that lies at the root, such as
// org.apache.solr.search.SyntaxError.
func (p *Protocol) Refusal(body []byte) (kind, reason string) {
	var wire struct {
		Error struct {
			Metadata json.RawMessage
			Message  string `json:"msg"`
		}
	}
	if json.Unmarshal(body, &wire) != nil {
		return "", ""
	}
	var names []string // names and values in turn
	if json.Unmarshal(wire.Error.Metadata, &names) == nil {
		if at := slices.Index(names, "root-error-class"); at >= 0 && at+1 < len(names) {
			kind = names[at+1]
		}
	}
	if !errorClass.MatchString(kind) {
		kind = ""
	}
	return kind, wire.Error.Message
}
