package record

import (
	"fmt"

	sqv1 "sq/proto/sq/v1"
)

func (c *checker) retrievalRecord(m *sqv1.RetrievalRecord) {
	switch r := m.GetRecord().(type) {
	case *sqv1.RetrievalRecord_Product:
		c.product(r.Product, "product.")
	case *sqv1.RetrievalRecord_Result:
		c.result(r.Result, "result.")
	case *sqv1.RetrievalRecord_Failure:
		c.retrievalFailure(r.Failure, "failure.")
	default:
		c.require(false, "", "record", "must be set")
	}
}

func (c *checker) result(m *sqv1.SearchResult, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	seen := make(map[string]bool, len(m.GetHits()))
	for i, hit := range m.GetHits() {
		id := hit.GetProduct().GetProductId()
		where := fmt.Sprintf("%shits[%d].", at, i)
		c.require(hit.GetRank() == uint32(i+1), where, "rank", fmt.Sprintf("must be %d, because ranks have no gaps", i+1))
		c.ref(hit.GetProduct(), where+"product.")
		c.require(!seen[id], where, "product.product_id", "must be unique")
		seen[id] = true
		c.finite(hit.GetScore(), where, "score")
	}
}

func (c *checker) retrievalFailure(m *sqv1.RetrievalFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.chosen(m.GetReason(), at, "reason")
}
