package retrieve

import (
	"errors"
	"fmt"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/client"
	"sq/stages/retrieve_go/search"
)

// outcome is what became of one query: a result with the products it names, or a failure.
type outcome struct {
	products []*sqv1.Product // in the order of the hits
	result   *sqv1.SearchResult
	failure  *sqv1.RetrievalFailure
	note     string // of a failure, for the log alone
	field    string // of a failure: that of the configuration which the answer does not fit
}

// failureOf makes a record of a failure of the endpoint; any other error is returned.
func failureOf(query *sqv1.Query, err error) (*outcome, error) {
	var failure *client.Failure
	if !errors.As(err, &failure) {
		return nil, err
	}
	return &outcome{
		failure: &sqv1.RetrievalFailure{
			QueryId:    query.GetQueryId(),
			SegmentId:  query.GetSegmentId(),
			Reason:     failure.Reason,
			HttpStatus: uint32(failure.Status),
			Detail:     failure.Detail,
		},
		note:  failure.Note,
		field: failure.Field,
	}, nil
}

// resultOf makes the records of an answer: each product once, ranks without gaps, at most as many as were asked for.
func (s *settings) resultOf(query *sqv1.Query, answer *search.Answer) (*outcome, error) {
	made := &outcome{result: &sqv1.SearchResult{
		QueryId:           query.GetQueryId(),
		SegmentId:         query.GetSegmentId(),
		TotalHits:         answer.Total,
		TotalIsLowerBound: answer.TotalIsLowerBound,
	}}
	seen := map[string]bool{}
	for i, hit := range answer.Hits[:min(len(answer.Hits), int(s.topK))] {
		product, err := s.mapping.Product(hit.Document)
		if err != nil {
			return failureOf(query, &client.Failure{
				Reason: sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_MALFORMED,
				Status: 200,
				Detail: fmt.Sprintf("hit %d: %v", i+1, err),
			})
		}
		if seen[product.GetProductId()] {
			made.result.DuplicatesRemoved++
			continue
		}
		seen[product.GetProductId()] = true
		made.products = append(made.products, product)
		made.result.Hits = append(made.result.Hits, &sqv1.Hit{
			Rank:    uint32(len(made.products)),
			Product: &sqv1.ProductRef{ProductId: product.GetProductId(), ContentHash: product.GetContentHash()},
			Score:   hit.Score,
		})
	}
	return made, nil
}
