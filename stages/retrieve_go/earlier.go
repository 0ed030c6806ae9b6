package retrieve

import (
	"context"
	"fmt"

	"sq/libs/handoff/go/artefact"
	sqv1 "sq/proto/sq/v1"
)

// earlier are the outcomes of an unfinished execution of the same work, by query id. Queries that failed for a reason that may
// pass are not among them, so they are searched again.
type earlier map[string]*outcome

// readEarlier reads the artefact at uri; an empty uri has no outcomes.
func readEarlier(ctx context.Context, uri string) (earlier, error) {
	found := earlier{}
	if uri == "" {
		return found, nil
	}
	reader, err := artefact.Open[*sqv1.RetrievalRecord](ctx, uri)
	if err != nil {
		return nil, err
	}
	products := map[string]*sqv1.Product{}
	for record, err := range reader.All(ctx) {
		if err != nil {
			return nil, err
		}
		switch {
		case record.GetProduct() != nil:
			products[record.GetProduct().GetContentHash()] = record.GetProduct()
		case record.GetResult() != nil:
			if found[record.GetResult().GetQueryId()], err = resultOfEarlier(record.GetResult(), products); err != nil {
				return nil, err
			}
		case record.GetFailure() != nil && !isUnanswered(record.GetFailure().GetReason()):
			found[record.GetFailure().GetQueryId()] = &outcome{failure: record.GetFailure()}
		}
	}
	return found, nil
}

func resultOfEarlier(result *sqv1.SearchResult, products map[string]*sqv1.Product) (*outcome, error) {
	kept := &outcome{result: result}
	for _, hit := range result.GetHits() {
		product, known := products[hit.GetProduct().GetContentHash()]
		if !known {
			return nil, fmt.Errorf("the earlier result of query %s has a product without a record", result.GetQueryId())
		}
		kept.products = append(kept.products, product)
	}
	return kept, nil
}
