// Package opensearch serves the part of OpenSearch's search protocol that sq-retrieve needs.
package opensearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"sq/examples/searchd/shop"
)

const (
	defaultSize  = 10
	resultWindow = 10_000
)

// Request is a parsed and checked search.
type Request struct {
	Query          shop.Clause
	Text           string // of the first multi_match
	From, Size     int
	TrackTotalHits bool
	Source         SourceFilter
}

type wireRequest struct {
	Query          wireQuery       `json:"query"`
	From           int             `json:"from"`
	Size           *int            `json:"size"`
	TrackTotalHits json.RawMessage `json:"track_total_hits"`
	Source         json.RawMessage `json:"_source"`
}

// ParseRequest parses the body of a search. Its error names the part of the request that is not supported.
func ParseRequest(body []byte) (*Request, error) {
	var wire wireRequest
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("text after the JSON object")
	}
	query, err := wire.Query.parse()
	if err != nil {
		return nil, err
	}
	request := &Request{Query: query, Text: wire.Query.text(), From: wire.From, Size: defaultSize}
	if wire.Size != nil {
		request.Size = *wire.Size
	}
	if request.From < 0 || request.Size < 0 || request.From > resultWindow-request.Size {
		return nil, fmt.Errorf("from and size must not be negative, and their sum must be at most %d", resultWindow)
	}
	if request.TrackTotalHits, err = tracksTotal(wire.TrackTotalHits); err != nil {
		return nil, err
	}
	request.Source, err = parseSource(wire.Source)
	return request, err
}

// tracksTotal parses true, false or a number. A number, which limits the count in OpenSearch, means true here.
func tracksTotal(text json.RawMessage) (bool, error) {
	switch value := string(text); value {
	case "", "true", "null":
		return true, nil
	case "false":
		return false, nil
	default:
		if _, err := strconv.ParseUint(value, 10, 31); err != nil {
			return false, fmt.Errorf("track_total_hits: %s: use true, false or a number", value)
		}
		return true, nil
	}
}
