// Package search is what the protocols of search endpoints share: requests, answers, and what can be wrong with them.
package search

import (
	"net/http"
	"net/url"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

// Protocol speaks to one kind of endpoint, without network. It is safe for concurrent use.
type Protocol interface {
	// Request makes the search for one query.
	Request(query *sqv1.Query) (*Request, error)
	// ParseAnswer reads the body of an answer of status 200. Errors: ErrTimedOut, *ShardsFailedError, *MalformedError,
	// *MappingError.
	ParseAnswer(body []byte) (*Answer, error)
	// Refusal reads the body of another status: the kind of error, empty where it holds none, which is the same in equal
	// runs; and what it says beside, which often names nodes and times and is for logs alone.
	Refusal(body []byte) (kind, reason string)
	// Unmatched are the fields of the configuration, of those that a hit may lack, that no hit had so far.
	Unmatched() []string
}

// Request is a search, ready to be sent as often as need be.
type Request struct {
	Method string
	URL    *url.URL // without credentials
	Header http.Header
	Body   []byte
}

// Answer is a whole answer to one query.
type Answer struct {
	Hits              []Hit // best first
	Total             uint64
	TotalIsLowerBound bool
}

// Hit is one document of an answer.
type Hit struct {
	Score    float64 // 0 where the endpoint gives none
	Document mapping.Document
}
