// Package search has what the protocols of search endpoints share: requests, answers and errors.
package search

import (
	"net/http"
	"net/url"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/mapping"
)

// Protocol makes requests and parses answers for one kind of endpoint. It does not use the network. It is safe for concurrent
// use.
type Protocol interface {
	// Request makes the request for one query.
	Request(query *sqv1.Query) (*Request, error)
	// ParseAnswer parses the body of an answer with status 200. Errors: ErrTimedOut, *ShardsFailedError, *ClustersMissingError,
	// *MalformedError, *MappingError.
	ParseAnswer(body []byte) (*Answer, error)
	// ErrorKind returns the kind of error in the body of an answer with another status, or nothing. It is the same in equal runs.
	// Reason has the words for people.
	ErrorKind(body []byte) string
	// Unmatched lists the optional paths of the configuration that matched nothing in any hit so far.
	Unmatched() []string
}

// Authorizer is a Protocol whose requests may carry an Authorization header of their own.
type Authorizer interface {
	SetsAuthorization() bool
}

// Reorderer is a Protocol whose requests carry no boosts. The stage puts the results of such probes in another order itself.
type Reorderer interface {
	Reorders() bool
}

// Request is one search. It can be sent several times.
type Request struct {
	Method string
	URL    *url.URL // without credentials
	Header http.Header
	Body   []byte
}

// Answer is the complete answer to one query.
type Answer struct {
	Hits              []Hit // best first
	Total             uint64
	TotalIsLowerBound bool
}

// Hit is one document of an answer.
type Hit struct {
	Score    float64 // 0 if the endpoint gives none
	Document mapping.Document
}
