package record

import sqv1 "sq/proto/sq/v1"

func (c *checker) tagDifference(m *sqv1.TagDifference, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	each(m.GetChanges(), at+"changes", func(change *sqv1.TagChange, at string) {
		c.chosen(change.GetKind(), at, "kind")
	})
	each(m.GetUncoveredTerms(), at+"uncovered_terms", func(term *sqv1.UncoveredTerm, at string) {
		c.text(term.GetTerm(), at, "term")
		c.require(term.GetResultsContaining() <= term.GetResultsChecked(), at, "results_containing", "must not exceed results_checked")
	})
	each(m.GetEvidence(), at+"evidence", c.evidence)
}

func (c *checker) evidence(m *sqv1.TagEvidence, at string) {
	c.tag(m.GetTag(), at+"tag.")
	sum := uint64(m.GetResultsMatching()) + uint64(m.GetResultsDiffering()) +
		uint64(m.GetResultsMissing()) + uint64(m.GetResultsConflicting())
	c.require(sum == uint64(m.GetResultsChecked()), at, "results_checked", "must be the sum of the four results_* counts")
}
