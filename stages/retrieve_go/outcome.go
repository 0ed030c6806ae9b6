package retrieve

import (
	"errors"
	"fmt"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/client"
	"sq/stages/retrieve_go/search"
)

// outcome is the result of one query with its products, or its failure.
type outcome struct {
	products []*sqv1.Product // in the order of the hits
	result   *sqv1.SearchResult
	failure  *sqv1.RetrievalFailure
	note     string // about a failure, for the log only
	field    string // of the configuration, if the query failed because the answer does not fit it
	isProbe  bool
}

// isAsked reports whether a failed query was sent. Some probes cannot be expressed in the endpoint's protocol.
func (o *outcome) isAsked() bool {
	const refused = sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_REFUSED
	return o.failure.GetReason() != refused || o.failure.GetHttpStatus() != 0
}

// failureOf converts a *client.Failure or a *search.ProbeError to an outcome. It returns any other error.
func failureOf(query *sqv1.Query, err error) (*outcome, error) {
	var unprobed *search.ProbeError
	if errors.As(err, &unprobed) {
		err = &client.Failure{Reason: sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_REFUSED, Detail: unprobed.Problem}
	}
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

// resultOf converts an answer to an outcome: at most topK hits, each product once, ranks without gaps.
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
		made.result.Hits = append(made.result.Hits, hitOf(product, len(made.products), hit.Score))
		made.products = append(made.products, product)
	}
	boosts := query.GetProbe().GetRequest().GetBoosts()
	if protocol, is := s.protocol.(search.Reorderer); is && protocol.Reorders() && len(boosts) > 0 {
		if err := reorder(made, boosts); err != nil {
			return failureOf(query, err)
		}
	}
	return made, nil
}

// hitOf makes the hit of a product at a place of the results, from 0.
func hitOf(product *sqv1.Product, place int, score float64) *sqv1.Hit {
	return &sqv1.Hit{
		Rank:    uint32(place + 1),
		Product: &sqv1.ProductRef{ProductId: product.GetProductId(), ContentHash: product.GetContentHash()},
		Score:   score,
	}
}
